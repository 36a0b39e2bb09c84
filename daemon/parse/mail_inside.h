#pragma once
/*
 * parse/mail_inside: what mail.c (the headers) and mail_parts.c (the body) of parse/mail share. For them alone.
 */
#include <gmime/gmime.h>
#include <stddef.h>

struct arena;
struct mail;

/* A header's value without what it must not have, in the arena; NULL: nothing is left. len is of value. */
const char *mail_value(const char *value, size_t len, struct arena *a);

/* Sets text, html and attachments. What was not read: why, unless it says something already. */
void mail_parts_read(GMimeMessage *message, struct arena *a, struct mail *ret);
