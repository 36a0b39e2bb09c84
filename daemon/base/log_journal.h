#pragma once
/*
 * base/log_journal: events as entries of journald, with fields that can be asked for:
 *
 *   journalctl ESCUCHAD_EVENT=poll.failed SOURCE_ID=prensa      journalctl -x MESSAGE_ID=… explains what it means
 *
 *   MESSAGE         the line, without time and level           PRIORITY      7 debug, 6 info, 4 warn, 3 error
 *   ESCUCHAD_EVENT  the event                                   SOURCE_ID     the field "source"
 *   ESCUCHAD_KEY    any other field                             HELD_BACK     how many of its kind were not written
 *   MESSAGE_ID      of the events that systemd/escuchad.catalog explains
 *
 * Values are masked and escaped as in a line. Nothing of this is linked into a program that doesn't call it.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"

struct buf;

/* Whether what is written to fd goes to journald, as its $JOURNAL_STREAM says. */
bool log_journal_reads(int fd);

/* From now on events go to journald, and lines only where it can't be reached. False: this build knows no journald. */
bool log_journal_start(void);

/* The entry's fields, "NAME=value" each, with a NUL behind each; returns how many. Fields past LOG_JOURNAL_FIELDS_MAX are
 * in MESSAGE alone. */
enum { LOG_JOURNAL_FIELDS_MAX = 16 };
size_t log_journal_fields(const struct log_entry *e, struct buf *b);
const char *log_journal_message_id(const char *event); /* NULL: it has none */
