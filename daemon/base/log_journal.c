#include "base/log_journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#if HAVE_LIBSYSTEMD
#define SD_JOURNAL_SUPPRESS_LOCATION /* log_event()'s own would say nothing */
#include <systemd/sd-journal.h>
#endif

#include "base/buf.h"
#include "base/log_line.h"

/* Once given, an event keeps its id: people's searches and the catalogue know it by that. */
static const struct {
	const char *event, *id;
} ids[] = {
	{"started", "e1dea884a5364c95bb86c4638a1227c3"},          {"stopped", "f6b023c0182d4951a13d569f1b4e0038"},
	{"reload.done", "5012cebdab644299aa7560dc8a553ef0"},      {"reload.failed", "55bda85ac51d4e8f9ab4b8b1bbb56cc3"},
	{"rules.failed", "9a2c9e1e86ec48ae864aa92491f3a75c"},     {"poll.failed", "01bbc878e1d64bb4a03d0e0570e6e4d1"},
	{"log.failed", "246137f566d74815ac71d1793cdb26ba"},       {"store.corrupt", "ee5674b92a274cb7b757bb62b5f3989d"},
	{"queue.away", "cced4703523a4bf08472a8797d27ab59"},       {"reader.died", "c14f964d75fe4363baecad4bda312d49"},
	{"reader.set_aside", "aacaf19cb5b6420b91f16b85044d5d2d"},
};

const char *log_journal_message_id(const char *event)
{
	size_t i;

	for (i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		if (strcmp(ids[i].event, event) == 0)
			return ids[i].id;
	}
	return NULL;
}

/* $JOURNAL_STREAM is "DEVICE:INODE" of the socket that systemd gave for standard error. Compared, since a child may have
 * inherited the variable and write elsewhere. */
bool log_journal_reads(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char ours[64];
	struct stat st;

	if (!stream || fstat(fd, &st) < 0)
		return false;
	snprintf(ours, sizeof(ours), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return strcmp(stream, ours) == 0;
}

static void put_name(struct buf *b, const char *key)
{
	if (strcmp(key, "source") == 0) {
		buf_puts(b, "SOURCE_ID=");
		return;
	}
	buf_puts(b, "ESCUCHAD_");
	for (; *key; key++)
		buf_putc(b, *key >= 'a' && *key <= 'z' ? (char)(*key - 'a' + 'A') : *key);
	buf_putc(b, '=');
}

static size_t end_field(struct buf *b)
{
	buf_putc(b, '\0');
	return 1;
}

size_t log_journal_fields(const struct log_entry *e, struct buf *b)
{
	static const int priorities[] = {7, 6, 4, 3}; /* syslog's */
	const char *id = log_journal_message_id(e->event);
	size_t n = 0, i;

	buf_puts(b, "MESSAGE=");
	log_line_message(b, e);
	n += end_field(b);
	buf_printf(b, "PRIORITY=%d", priorities[e->level]);
	n += end_field(b);
	buf_printf(b, "ESCUCHAD_EVENT=%s", e->event);
	n += end_field(b);
	if (id) {
		buf_printf(b, "MESSAGE_ID=%s", id);
		n += end_field(b);
	}
	if (e->held) {
		buf_printf(b, "HELD_BACK=%" PRIu64, e->held);
		n += end_field(b);
	}
	for (i = 0; i < e->n && n < LOG_JOURNAL_FIELDS_MAX; i++) {
		put_name(b, e->fields[i].key);
		log_line_value(b, &e->fields[i]);
		n += end_field(b);
	}
	return n;
}

#if HAVE_LIBSYSTEMD
static bool send_entry(const struct log_entry *e)
{
	struct buf b = BUF_INIT(LOG_LINE_MAX_BYTES * 2);
	struct iovec iov[LOG_JOURNAL_FIELDS_MAX];
	size_t n = log_journal_fields(e, &b), i;
	char *s = b.data;
	bool sent;

	if (b.full) { /* no entry in halves */
		buf_done(&b);
		return false;
	}
	for (i = 0; i < n; i++) {
		iov[i] = (struct iovec){s, strlen(s)};
		s += iov[i].iov_len + 1;
	}
	sent = sd_journal_sendv(iov, (int)n) == 0;
	buf_done(&b);
	return sent;
}
#endif

bool log_journal_start(void)
{
#if HAVE_LIBSYSTEMD
	log_sink(send_entry);
	return true;
#else
	return false;
#endif
}
