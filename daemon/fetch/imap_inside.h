#pragma once
/*
 * fetch/imap_inside: what the files of fetch/imap share; nobody else includes it. A session is in one of them at a time:
 *
 *   imap.c       begins and ends it
 *   imap_login.c the way in, which is libcurl's
 *   imap_ask.c   questions and their answers
 */
#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "fetch/imap.h"
#include "fetch/imap_text.h"
#include "fetch/place.h"
#include "fetch/resolver.h"

struct loop;
struct loop_timer;
struct loop_watch;
struct multi;
struct transfer_settings;

enum imap_doing { IMAP_LOOKUP, IMAP_LOGIN, IMAP_IDLE, IMAP_EXAMINE, IMAP_SEARCH, IMAP_SIZES, IMAP_FETCH };
enum { IMAP_COMMAND_MAX_BYTES = 16 * 1024, IMAP_TAG_SIZE = 16 };

struct imap {
	struct loop *loop;
	struct resolver *resolver;
	const struct transfer_settings *settings;
	void (*on_done)(void *arg, const struct imap_result *result);
	void *arg;

	/* the request */
	struct place place;
	enum imap_tls tls;
	char *url, *user, *password, *token, *folder, *ca_file;
	struct cidr *allow;
	size_t n_allow;
	uint32_t connect_ms, silent_ms, answer_ms;

	/* the connection */
	struct asking asking;
	struct addresses *addresses;
	struct curl_slist *resolve;
	struct multi *multi;
	CURL *easy;
	char error[CURL_ERROR_SIZE];
	struct loop_watch *watch;
	bool guard_refused, not_local, connected;
	size_t greeting_bytes;

	/* what is asked now, and what came of it */
	enum imap_doing doing;
	struct loop_timer *deadline, *silence, *tell, *more;
	struct buf out; /* what could not be sent yet */
	unsigned questions;
	char tag[IMAP_TAG_SIZE];
	struct imap_reader reader;
	size_t answer_bytes;
	struct imap_search search;
	uint32_t asked[IMAP_PAGE];
	size_t n_asked;
	uint32_t *uids;
	size_t n_uids, cap_uids;
	struct imap_mail mails[IMAP_PAGE];
	size_t at[IMAP_PAGE]; /* where a mail's bytes begin */
	struct buf bodies;
	char words[IMAP_WORDS_MAX + 1]; /* the server's last, of those that say why not */
	struct imap_result result;
};

/* imap_ask.c */
void imap_examine(struct imap *s);
void imap_failed(struct imap *s, const char *class_name,
		 const char *detail); /* class_name is a literal; detail stays */
void imap_lost(struct imap *s, const char *class_name, const char *detail);
void imap_note_words(struct imap *s, const char *words); /* the server's, of those that say why not */
bool imap_says_later(const char *words);
void imap_on_ready(int fd, unsigned what, void *arg);
void imap_on_more(void *arg);

/* imap_login.c */
void imap_connect(struct imap *s); /* its addresses are known */
