#pragma once
/*
 * parse/prescan_scan: the state of one prescan(), shared by its three files and nobody else: prescan.c walks,
 * prescan_text.c puts characters and references, prescan_tag.c puts tags.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parse/prescan.h"

struct buf;

struct name {
	const char *s;
	size_t len;
};

struct scan {
	const char *p, *end;
	struct buf *out;
	struct name open[PRESCAN_DEPTH_MAX];
	size_t depth;
	bool rooted;     /* the root was met */
	bool odd;        /* perhaps U+FFFE or U+FFFF somewhere: valid UTF-8, and no XML */
	bool open_ended; /* some "-->", "?>" or ">" is not there any more: looked for once, or it is O(n²) */
	const char *why; /* the first mend */
};

/* Both remember why; only the first mend counts. */
int scan_refuse(struct scan *sc, const char *why); /* PRESCAN_E_REFUSED */
void scan_mend(struct scan *sc, const char *why);

static inline bool scan_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static inline bool scan_is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' || (unsigned char)c >= 0x80;
}

/* Where the next needle, of a few bytes, ends; NULL: there is none. */
const char *scan_behind(const char *p, const char *end, const char *needle);
const char *scan_skip_space(const char *p, const char *end);
const char *scan_skip_name(const char *p, const char *end);

/* Characters as they are, but for the two that no XML may hold. */
void scan_put_raw(struct scan *sc, const char *from, const char *to);
/* One character, escaped where XML needs it. */
void scan_put_char(struct scan *sc, uint32_t cp);
/* Where the text from sc->p on ends: at a '<', or at the end. */
const char *scan_text_end(const struct scan *sc);
/* Text inside an element, its references read. */
void scan_put_text(struct scan *sc, const char *from, const char *to);
/* At an '&': puts what it begins, escaped. Returns behind what it took. */
const char *scan_reference(struct scan *sc, const char *p, const char *end);

int scan_start_tag(struct scan *sc) must_use; /* at a '<' and a letter */
void scan_end_tag(struct scan *sc);           /* at a "</" */
void scan_close_to(struct scan *sc, size_t depth);
