#pragma once
/*
 * mention/pseudonym: a mention that names nobody, to be shared with who need not know: a spreadsheet, an agency, a colleague.
 *
 * Whoever speaks, and whomever a text names by handle, becomes "u-" and PSEUDONYM_DIGITS digits: by HMAC-SHA-256 under a key of the
 * log's own, so that the same handle is the same pseudonym in all that this log gives out, and nobody without the key can try
 * out names. Letter case and the server of a handle ("@ana@mastodon.social") don't count, nor does the platform: "@ana" is one, as for who
 * asks to be forgotten (store/forget). Who has no handle goes by the address of their page, or by their name.
 *
 *  - Author: handle and name are the pseudonym, the page's address goes. Own accounts, and own posts, stay as they are.
 *  - Title, text: handles (@ana, u/ana, did:plc:…), mail addresses ("[mail]"), telephone numbers ("[tel]", with what has as many digits: a card's, an
 *    identity's), addresses that name somebody, and the author's own name. Spans are moved along.
 *  - Addresses: of who is named by one, what follows goes as well. A post at X stays reachable, as x.com/i/status/ID, which says nothing of
 *    whose it is; the mention's own address, if it can't do without the name, is left out. So are guid and parent.
 *
 * It is no anonymity: who looks up the words, or opens the address of a post, finds who wrote them; and a name in the middle of a
 * sentence stays, if it isn't the author's.
 *
 * Plain scanning, in time linear in the text. Owner: the caller; what is made is in the arena. Blocks: never.
 * Bounds: own accounts as many as there are; a display name is looked for in its text up to PSEUDONYM_NAME_MAX_BYTES.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

struct arena;
struct mention;
struct pseudonym;

enum {
	PSEUDONYM_KEY_BYTES = 32,
	PSEUDONYM_DIGITS = 12, /* 48 bits: of a million people two share one once in 500 logs */
	PSEUDONYM_NAME_MAX_BYTES = 100,
};

struct pseudonym *pseudonym_new(void) must_use;
struct pseudonym *pseudonym_free(struct pseudonym *p); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct pseudonym, pseudonym_free)

/* An account of one's own, '@acme_mx', or a site, 'acme.example.com': kept as it is. Copied; before the first mention. */
void pseudonym_own(struct pseudonym *p, const char *own);
void pseudonym_key(struct pseudonym *p, const uint8_t key[PSEUDONYM_KEY_BYTES]); /* before the first mention */

/* m, whose texts stay what they are, comes to point at others in the arena. */
void pseudonym_mention(const struct pseudonym *p, struct arena *a, struct mention *m);
