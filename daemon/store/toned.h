#pragma once
/*
 * store/toned: tones that a person set right: the mention has the new one from then on ("by":"hand"), and what it said is kept
 * as an example to learn from, for as long as nobody takes it back or asks to be forgotten.
 */
#include "store/store.h"

/* label: negative, neutral, positive. -ENOENT: there is no such mention. was: what it had; NULL: none. */
typedef void store_tone_cb(void *arg, int r, const char *was);
void store_tone(struct store *s, const uint8_t id[MENTION_ID_BYTES], const char *label, store_tone_cb *cb, void *arg);

/* {"id","label","was","lang","title","text"} in the order of their ids, behind one of them (NULL: from the first). */
void store_toned(struct store *s, const uint8_t *after, size_t limit, store_rows_cb *cb, void *arg);
