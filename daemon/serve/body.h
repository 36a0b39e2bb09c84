#pragma once
/*
 * serve/body: the JSON bodies of POST requests, read strictly.
 *
 * One object; unknown and double keys, wrong types and texts past their bounds are findings. Texts are valid UTF-8
 * without NUL (jansson refuses both) and borrowed from the body, which lives as long as struct body.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "serve/serve.h"

struct diag;
struct json_t;

enum { BODY_E_INVALID = 1 }; /* what is wrong is in diag */
enum { BODY_TEXT_MAX_BYTES = 256 * 1024, BODY_FIELD_MAX_BYTES = 8 * 1024 };

struct body {
	struct json_t *root;
};
void body_done(struct body *b);

/* {} or nothing */
int body_empty(const char *bytes, size_t len, struct diag *diag) must_use;
/* {"name":TEXT}, or {"all":true}: then *ret_name is NULL */
int body_poll(const char *bytes, size_t len, struct diag *diag, struct body *ret, const char **ret_name) must_use;
/* {"channel":NAME}, and perhaps {"person":NAME}: else *ret_person is NULL */
int body_test_channel(const char *bytes, size_t len, struct diag *diag, struct body *ret, const char **ret_channel,
		      const char **ret_person) must_use;
/* {} or {"within":"10s"}: *ret_ms is 0 where it is not said */
int body_canary(const char *bytes, size_t len, struct diag *diag, int64_t *ret_ms) must_use;
/* {} or {"since":"7d"}; here and below "stream" as in query_outbox_of(): *ret_back_ms is TIME_NONE where it is not said */
int body_requeue(const char *bytes, size_t len, struct diag *diag, enum outbox_stream *ret_which,
		 int64_t *ret_back_ms) must_use;
/* {"ids":["1790000000000-0",…]}, 1 to SERVE_LIMIT_MAX; *ret_ids is to be freed */
int body_ids(const char *bytes, size_t len, struct diag *diag, enum outbox_stream *ret_which,
	     struct stream_id **ret_ids, size_t *ret_n) must_use;
/* {"author":TEXT} and "really" or "welcome", true or false */
int body_forget(const char *bytes, size_t len, struct diag *diag, struct body *ret, const char **ret_who,
		enum serve_forget *ret_what) must_use;
/* {"id":32 hex digits,"label":negative|neutral|positive} */
/* {"do":"pair","person":"ana"}; or "unpair" */
struct serve_pair;
int body_pair(const char *bytes, size_t len, struct diag *diag, struct body *ret, struct serve_pair *ret_ask) must_use;
int body_mute(const char *bytes, size_t len, struct diag *diag, struct body *ret, struct serve_mute *ret_ask) must_use;
int body_tone(const char *bytes, size_t len, struct diag *diag, struct body *ret, const char **ret_id,
	      const char **ret_label) must_use;
/* {"do":VERB,"incident":N,"who":NAME,"text":TEXT}; with open {"topic":NAME} for "incident". who and text may be left out, but
 * for a note's text. */
int body_incident(const char *bytes, size_t len, struct diag *diag, struct body *ret,
		  struct serve_incident *ret_ask) must_use;
int body_add(const char *bytes, size_t len, struct diag *diag, struct body *ret, struct serve_add *ret_add) must_use;
