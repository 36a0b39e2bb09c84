#include "pool/words.h"

#include <unistd.h>

#include "base/log.h"
#include "loop/loop.h"

struct words {
	struct loop_watch *watch;
	struct loop_timer *rest;
	int fd;
	pid_t nursery;
};

void words_tell(int fd, pid_t nursery)
{
	char bytes[WORDS_BYTES + 1], *const said = bytes;
	ssize_t n = fd < 0 ? 0 : read(fd, said, WORDS_BYTES), i;

	while (n > 0 && said[n - 1] == '\n')
		n--;
	if (n <= 0)
		return;
	for (i = 0; i < n; i++) /* it would end the text */
		if (!said[i])
			said[i] = ' ';
	said[n] = '\0';
	LOG_LIMITED("reader.said", LOG_I("nursery", nursery), LOG_S("words", said));
}

/* A piece, and then a rest: or a flood would be all that the loop hears. */
static void on_words(int fd, unsigned what, void *arg)
{
	struct words *w = arg;

	(void)what;
	words_tell(fd, w->nursery);
	(void)!loop_watch_set(w->watch, 0);
	loop_timer_set(w->rest, WORDS_REST_MS);
}

/* Where it can't be watched nobody is heard, and who says much waits: late, not lost. */
static void hear(void *arg)
{
	struct words *w = arg;

	(void)!loop_watch_set(w->watch, LOOP_READ);
}

struct words *words_new(struct loop *loop, int fd, pid_t nursery)
{
	struct words *w;

	if (fd < 0)
		return NULL;
	w = NEW(struct words);
	w->fd = fd;
	w->nursery = nursery;
	w->watch = loop_watch_new(loop, fd, on_words, w);
	w->rest = loop_timer_new(loop, hear, w);
	hear(w);
	return w;
}

struct words *words_free(struct words *w)
{
	if (!w)
		return NULL;
	words_tell(w->fd, w->nursery);
	loop_watch_free(w->watch);
	loop_timer_free(w->rest);
	free(w);
	return NULL;
}
