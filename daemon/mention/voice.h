#pragma once
/*
 * mention/voice: who speaks in a mention, as one number, and whether it is one of a list.
 *
 * A voice is a platform's handle; without one the address of its page; without that a name at a site. Case and the @ don't
 * count. An article's voice, among others', is its site (voice_in_story): who signs it changes, and half of them nobody does.
 *
 * Owner:  the caller. Blocks: never.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mention;

/* One of a list: '@ana' is a handle, on whatever platform; else the site of the author's page, or of the mention, with those
 * below it. In small letters, without @. */
struct voice_name {
	bool handle;
	const char *value;
};

enum { VOICE_NAMES_MAX = 1000 };
struct voice_names {
	const struct voice_name *v;
	size_t n;
};

uint64_t voice_of(const struct mention *m);       /* 0: nobody is named */
uint64_t voice_in_story(const struct mention *m); /* never 0: where nobody is named, a voice of its own */
uint64_t voice_in_story_of(const struct mention *m, uint64_t voice); /* the same, of one whose voice_of() is known */
bool voice_is_article(const struct mention *m);                      /* it is what sites write, and others take over */
bool voice_among(const struct voice_names *names, const struct mention *m);

/* How far what somebody says may carry, from 0 to 100, in plain figures: 10 × log10(1 + followers + 10 × interactions a
 * mention). Ten points more are ten times as much: 1,000 followers are 30, a million 60; who has 100 likes, shares and replies a
 * mention has 30 without a follower. followers COUNT_NONE: as none. */
int64_t voice_influence(int64_t followers, int64_t interactions, int64_t mentions);

/* The handle without its @, or NULL. */
const char *voice_handle(const struct mention *m);
/* "www.diario.example" of an address; *ret_len 0: none. */
const char *voice_host(const char *url, size_t *ret_len);

/* As people write who is meant: '@ana', a site or an address of it. False: neither. *ret points into value, which is written
 * in small letters. */
bool voice_name_read(char *value, struct voice_name *ret);
