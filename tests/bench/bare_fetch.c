/*
 * The bare program that fetching is held against: libcurl's multi interface on libevent, as lean as it gets: 64 handles that
 * are set up once, nothing kept of an answer but its ETag, no bounds, no guard, no queue by host, nothing stored.
 *
 *   bare_fetch URLS [CA_FILE]
 *
 * URLS: an address a line. Handle k asks for the addresses k, k + 64, k + 128, ... in turn, so that where addresses go round
 * 64 hosts or fewer each handle stays with one, and its connection. Asks for all of them once, then once more for each line of its input, with the ETags of the
 * time before; after each round it prints "cpu_us=… ok=… not_modified=… failed=…".
 */
#include <curl/curl.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>

enum { FLIGHT_MAX = 64, LINE_MAX_BYTES = 4096 };

struct feed {
	char *url;
	struct curl_slist *headers; /* the ETag's; NULL: none yet */
};

struct slot {
	CURL *easy;
	size_t next;
};

struct bare {
	struct event_base *base;
	struct event timer;
	CURLM *multi;
	struct slot slots[FLIGHT_MAX];
	struct feed *feeds;
	size_t n, left;
	long ok, not_modified, failed;
};

static void die(const char *what)
{
	fprintf(stderr, "bare_fetch: %s\n", what);
	exit(1);
}

static size_t on_body(char *bytes, size_t size, size_t n, void *arg)
{
	(void)bytes;
	(void)arg;
	return size * n;
}

static size_t on_header(char *line, size_t size, size_t n, void *arg)
{
	static const char name[] = "etag:";
	struct feed *f = arg;
	size_t len = size * n;

	if (f->headers || len < sizeof(name) || strncasecmp(line, name, sizeof(name) - 1) != 0)
		return len;
	char text[LINE_MAX_BYTES];
	int value = (int)(len - (sizeof(name) - 1));

	snprintf(text, sizeof(text), "If-None-Match:%.*s", value, line + sizeof(name) - 1);
	text[strcspn(text, "\r\n")] = '\0';
	f->headers = curl_slist_append(NULL, text);
	return len;
}

static void begin(struct bare *b, struct slot *slot)
{
	struct feed *f = &b->feeds[slot->next];

	if (slot->next >= b->n)
		return;
	slot->next += FLIGHT_MAX;
	curl_easy_setopt(slot->easy, CURLOPT_URL, f->url);
	curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, f->headers);
	curl_easy_setopt(slot->easy, CURLOPT_HEADERDATA, f);
	curl_multi_add_handle(b->multi, slot->easy);
}

static void reap(struct bare *b)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(b->multi, &left))) {
		CURL *easy = msg->easy_handle;
		CURLcode code = msg->data.result;
		struct slot *slot = NULL;
		long status = 0;

		curl_easy_getinfo(easy, CURLINFO_PRIVATE, &slot);
		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
		curl_multi_remove_handle(b->multi, easy);
		b->ok += !code && status == 200;
		b->not_modified += !code && status == 304;
		b->failed += code || (status != 200 && status != 304);
		b->left--;
		begin(b, slot);
	}
	if (!b->left)
		event_base_loopbreak(b->base);
}

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct bare *b = arg;
	int running;

	curl_multi_socket_action(b->multi, fd,
				 (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0),
				 &running);
	reap(b);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct bare *b = arg;
	int running;

	(void)fd;
	(void)what;
	curl_multi_socket_action(b->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	reap(b);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	struct bare *b = arg;
	struct event *e = socket_arg;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (e)
			event_free(e);
		curl_multi_assign(b->multi, fd, NULL);
		return 0;
	}
	if (e) {
		event_del(e);
		event_assign(e, b->base, fd,
			     (short)(EV_PERSIST | (what & CURL_POLL_IN ? EV_READ : 0) |
				     (what & CURL_POLL_OUT ? EV_WRITE : 0)),
			     on_ready, b);
	} else {
		e = event_new(b->base, fd,
			      (short)(EV_PERSIST | (what & CURL_POLL_IN ? EV_READ : 0) |
				      (what & CURL_POLL_OUT ? EV_WRITE : 0)),
			      on_ready, b);
		curl_multi_assign(b->multi, fd, e);
	}
	event_add(e, NULL);
	return 0;
}

static int on_timeout(CURLM *multi, long ms, void *arg)
{
	struct bare *b = arg;
	const struct timeval tv = {ms / 1000, ms % 1000 * 1000};

	(void)multi;
	if (ms < 0)
		evtimer_del(&b->timer);
	else
		evtimer_add(&b->timer, &tv);
	return 0;
}

static void read_feeds(struct bare *b, const char *path)
{
	FILE *file = fopen(path, "re");
	char line[LINE_MAX_BYTES];

	if (!file)
		die(path);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		b->feeds = realloc(b->feeds, (b->n + 1) * sizeof(*b->feeds));
		b->feeds[b->n++] = (struct feed){.url = strdup(line)};
	}
	fclose(file);
}

static void set_up(struct bare *b, const char *ca_file)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
	b->base = event_base_new();
	evtimer_assign(&b->timer, b->base, on_timer, b);
	b->multi = curl_multi_init();
	curl_multi_setopt(b->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(b->multi, CURLMOPT_SOCKETDATA, b);
	curl_multi_setopt(b->multi, CURLMOPT_TIMERFUNCTION, on_timeout);
	curl_multi_setopt(b->multi, CURLMOPT_TIMERDATA, b);
	curl_multi_setopt(b->multi, CURLMOPT_MAXCONNECTS, (long)FLIGHT_MAX);
	for (int i = 0; i < FLIGHT_MAX; i++) {
		CURL *easy = curl_easy_init();

		b->slots[i].easy = easy;
		curl_easy_setopt(easy, CURLOPT_PRIVATE, &b->slots[i]);
		curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
		curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
		curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
		curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL); /* else each handshake reads all authorities anew */
		if (ca_file)
			curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
	}
}

static long long cpu_us(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000LL + u.ru_utime.tv_usec + u.ru_stime.tv_usec;
}

int main(int argc, char **argv)
{
	struct bare b = {.n = 0};
	char line[LINE_MAX_BYTES];

	if (argc < 2)
		die("bare_fetch URLS [CA_FILE]");
	read_feeds(&b, argv[1]);
	set_up(&b, argc > 2 ? argv[2] : NULL);
	do {
		long long before = cpu_us();

		b.left = b.n;
		b.ok = b.not_modified = b.failed = 0;
		for (size_t i = 0; i < FLIGHT_MAX; i++) {
			b.slots[i].next = i;
			begin(&b, &b.slots[i]);
		}
		event_base_loop(b.base, EVLOOP_NO_EXIT_ON_EMPTY);
		printf("cpu_us=%lld ok=%ld not_modified=%ld failed=%ld\n", cpu_us() - before, b.ok, b.not_modified,
		       b.failed);
		fflush(stdout);
	} while (fgets(line, sizeof(line), stdin));
	return 0;
}
