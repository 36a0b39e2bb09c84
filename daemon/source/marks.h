#pragma once
/*
 * source/marks: polls that changed nothing but when they were: noted in the record, and written to the log together, so that
 * a 304 costs no transaction. What a crash takes of them costs one question more (DESIGN §6 promises what was found).
 *
 * Owner:  source/sources. Blocks: never.
 * Bounds: what was noted is written within MARKS_WAIT_MS, MARKS_MAX at a time.
 */
struct source;
struct sources;

enum { MARKS_WAIT_MS = 5000, MARKS_MAX = 4096 };

void marks_open(struct sources *s);
void marks_close(struct sources *s); /* writes nothing */
void marks_note(struct source *x);
void marks_drop(struct source *x); /* the log has it, or it goes */
void marks_write(struct sources *s);
