#pragma once
/*
 * fetch/setter: options of a libcurl handle, and those that every connection of ours has, whatever it speaks.
 *
 * The first option that fails counts, and is logged: each of them may be the one that keeps someone out, or a password from being read.
 * Whoever sets some looks at the code behind the last one, before the handle is used.
 *
 * Blocks: never.
 */
#include <curl/curl.h>
#include <stdbool.h>

#include "base/log.h"

struct setter {
	CURL *easy;
	CURLcode code;
};

#define SET(s, option, value)                                                                                          \
	do {                                                                                                           \
		if ((s)->code == CURLE_OK) {                                                                           \
			(s)->code = curl_easy_setopt((s)->easy, (option), (value));                                    \
			if ((s)->code != CURLE_OK)                                                                     \
				LOG_ERROR("fetch.option", LOG_S("option", #option),                                    \
					  LOG_S("why", curl_easy_strerror((s)->code)));                                \
		}                                                                                                      \
	} while (0)

/* Who is at the other end: TLS 1.2 at least, a certificate of that name, vouched for by one of ca_file; NULL: libcurl's own default. */
void setter_tls(struct setter *s, const char *ca_file);
/* No proxy, no .netrc, no signals; a name server that is dead delays no stop. */
void setter_alone(struct setter *s);
/* Both, for SMTP and IMAP. tls: from the first byte or by STARTTLS, else nothing is said; false: neither, on this very machine. */
void setter_mail(struct setter *s, const char *protocols, bool tls, const char *ca_file);
