#pragma once
/*
 * fetch/http_value: what single header values mean. Pure.
 */
#include <stdint.h>

#include "base/err.h"

enum { HTTP_VALUE_E_SYNTAX = 1 };

/* A date as RFC 9110 §5.6.7 has it, all three forms ("Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
 * "Sun Nov  6 08:49:37 1994"), and as OpenSSL prints it ("Nov  6 08:49:37 1994 GMT"); always UTC. The weekday isn't
 * checked; a day that doesn't exist is no date. now_ms settles the century of two digits: at most 50 years ahead. */
int http_date_parse(const char *text, int64_t now_ms, int64_t *ret_ms) must_use;

/* Retry-After, seconds or a date, as milliseconds from now_ms on: negative, past and unreadable ones are 0, and nothing is
 * more than max_ms. Servers do send -5, 1e20 and prose. */
int64_t http_retry_after(const char *text, int64_t now_ms, int64_t max_ms);

/* The seconds of max-age in one line of Cache-Control (RFC 9111 §5.2), at most max_s; 0 where no-cache or no-store stand
 * beside it; -1: it doesn't say, or not as a number. s-maxage is for shared caches, and we are none. */
int64_t http_max_age(const char *text, int64_t max_s);
