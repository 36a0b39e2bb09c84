#pragma once
/*
 * base/json: writes JSON (RFC 8259) into a buf. Reading is jansson's.
 *
 * Commas are put by the writer: begin, keys and values in order, end. Text must be valid UTF-8; controls, quotes and
 * backslashes are escaped, and so are U+2028, U+2029 and "</", so that a line can stand in a page or a log. Why our own:
 * jansson builds a tree and costs ten times as much on the way of every hit. No name here is one of jansson's: both are
 * linked into one program.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

struct json {
	struct buf *b;
	bool comma;
};

#define JSON_OUT(buf) {.b = (buf)}

void json_begin_object(struct json *j, const char *key); /* key NULL: a value of an array, or the top */
void json_begin_array(struct json *j, const char *key);
void json_end_object(struct json *j);
void json_end_array(struct json *j);
void json_text(struct json *j, const char *key, const char *value);     /* NULL value: nothing is written */
void json_text_n(struct json *j, const char *key, const char *value, size_t len);
void json_int(struct json *j, const char *key, int64_t value);
void json_double(struct json *j, const char *key, double value);        /* NaN and infinities: nothing */
void json_bool(struct json *j, const char *key, bool value);
void json_put_null(struct json *j, const char *key);
void json_time(struct json *j, const char *key, int64_t wall_ms, bool with_ms); /* RFC 3339; TIME_NONE: nothing */
void json_raw(struct json *j, const char *key, const char *json_value); /* JSON that stands already */
