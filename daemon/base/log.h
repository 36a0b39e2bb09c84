#pragma once
/*
 * base/log: one event, one line of key=value pairs on standard error, or the same as JSON, or whole to journald.
 *
 *   LOG_WARN("fetch.failed", LOG_S("source", name), LOG_I("retry_s", 40));
 *   2026-11-22T10:00:00.123Z warn event=fetch.failed source=prensa retry_s=40
 *   {"time":"2026-11-22T10:00:00.123Z","level":"warn","event":"fetch.failed","source":"prensa","retry_s":40}
 *
 * Logged once, where the decision falls. Values are quoted where they need it and escaped (controls, ANSI, newlines:
 * FAULTS O3). The same event and first value is written at most once in LOG_REPEAT_MS while it repeats with LOG_LIMITED,
 * and the next line says how many were held back. Secrets never come here; user parts and query values of addresses
 * inside a value are masked on the way out. How a line is made is base/log_line; journald is base/log_journal.
 *
 * Threads: any. Blocks: as writing to standard error does; journald takes 8 MB before a sender waits.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { LOG_REPEAT_MS = 10000 };
enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

struct log_field {
	const char *key;
	const char *text; /* NULL: number counts */
	int64_t number;
};

#define LOG_S(k, v)                                                                                                    \
	{                                                                                                              \
		.key = (k), .text = (v) ? (v) : "-"                                                                    \
	}
#define LOG_I(k, v)                                                                                                    \
	{                                                                                                              \
		.key = (k), .number = (v)                                                                              \
	}

void log_event(enum log_level level, bool limited, const char *event, const struct log_field *fields, size_t n);
#define LOG_AT(level, limited, event, ...)                                                                             \
	do {                                                                                                           \
		const struct log_field fields_[] = {{.key = NULL}, __VA_ARGS__};                                       \
		log_event((level), (limited), (event), fields_ + 1, sizeof(fields_) / sizeof(*fields_) - 1);           \
	} while (0)
#define LOG_DEBUG(event, ...)   LOG_AT(LOG_LEVEL_DEBUG, false, event, __VA_ARGS__)
#define LOG_INFO(event, ...)    LOG_AT(LOG_LEVEL_INFO, false, event, __VA_ARGS__)
#define LOG_WARN(event, ...)    LOG_AT(LOG_LEVEL_WARN, false, event, __VA_ARGS__)
#define LOG_ERROR(event, ...)   LOG_AT(LOG_LEVEL_ERROR, false, event, __VA_ARGS__)
#define LOG_LIMITED(event, ...) LOG_AT(LOG_LEVEL_WARN, true, event, __VA_ARGS__)

void log_threshold(enum log_level least); /* default LOG_LEVEL_INFO */
void log_to(FILE *to);                    /* default stderr */

enum log_format { LOG_FORMAT_PLAIN, LOG_FORMAT_JSON };
void log_format(enum log_format format); /* default LOG_FORMAT_PLAIN */

/* Who takes events whole instead of lines; false: it could not, and the line is written. Under the log's lock: it must
 * not log itself. NULL: nobody. */
struct log_entry;
typedef bool log_sink_fn(const struct log_entry *entry);
void log_sink(log_sink_fn *sink);

/* Appends text with what could break a line, a terminal or a field escaped: \n, \r, \t, \x1b, \\, and ill-formed bytes
 * as \xNN; C1 controls and bidi overrides as \u{…}. */
struct buf;
void log_escape(struct buf *b, const char *text, size_t len);
/* The same, but a backslash stands as it is: for what people read and copy ("use '\bfraude\b'"), where no program reads back. */
void log_escape_shown(struct buf *b, const char *text, size_t len);
/* Appends an address without its user part and with the values of its query as "***". */
void log_address(struct buf *b, const char *url);
