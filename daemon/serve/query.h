#pragma once
/*
 * serve/query: the parameters behind the "?" of an address, read strictly.
 *
 * What is not exactly right is a finding: a bad escape, NUL or other control, ill-formed UTF-8, a name twice, a name that
 * the route doesn't know.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "mention/outbox_row.h"

struct diag;

enum { QUERY_PARAMETERS_MAX = 10, QUERY_MAX_BYTES = 8 * 1024, QUERY_NAME_MAX_BYTES = 100 };

enum { QUERY_E_INVALID = 1 }; /* what is wrong is in diag */

struct query {
	char *bytes; /* owns the texts */
	struct {
		const char *name, *value;
	} v[QUERY_PARAMETERS_MAX];
	size_t n;
};

/* text: behind the "?", or NULL. allowed ends with NULL. */
int query_parse(const char *text, const char *const allowed[], struct diag *diag, struct query *ret) must_use;
void query_done(struct query *q);

const char *query_text(const struct query *q, const char *name); /* NULL: not given */
/* These leave *ret alone where the parameter is not given. */
int query_number(const struct query *q, const char *name, size_t max, struct diag *diag,
		 size_t *ret) must_use;                                                                /* 1 to max */
int query_flag(const struct query *q, const char *name, struct diag *diag, bool *ret) must_use;        /* 0 or 1 */
int query_name(const struct query *q, const char *name, struct diag *diag, const char **ret) must_use; /* [a-z0-9_-]+ */
/* "<ms>-<seq>". *ret_given tells whether it was there. */
/* Of which stream: hits (also if nothing is said), or incidents. */
bool query_outbox_of(const char *text, enum outbox_stream *ret);
int query_outbox(const struct query *q, const char *name, struct diag *diag, enum outbox_stream *ret) must_use;
bool query_id(const char *text, struct stream_id *ret); /* <ms>-<seq> */
int query_cursor(const struct query *q, const char *name, struct diag *diag, bool *ret_given,
		 struct stream_id *ret) must_use;

bool name_is_valid(const char *s); /* [a-z0-9_-]+, at most QUERY_NAME_MAX_BYTES */
