#pragma once
/*
 * fetch/extra: what a request to an API has beside an address: a body, headers of its own, headers that it wants back.
 *
 * Owner: the transfer. Bounds: FETCH_WANTED_MAX headers back, FETCH_WANTED_BYTES each.
 */
#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

struct fetch_request;

struct extra {
	char **lines; /* "Name: value", NULL at the end; NULL: none */
	size_t n_lines;
	bool post, stay;
	const char *method; /* of a post; NULL: POST. Borrowed for good */
	char *body;
	size_t body_len;
	char **names;        /* of the headers that are wanted back, with their colons */
	const char **values; /* of the last answer */
	size_t n;
};

void extra_init(struct extra *x, const struct fetch_request *r);
void extra_done(struct extra *x);  /* what may be secret is overwritten */
void extra_reset(struct extra *x); /* another answer begins */
void extra_on_header(struct extra *x, const char *line, size_t len);
CURLcode extra_set(const struct extra *x, CURL *easy); /* also undoes what the handle's last transfer set */
