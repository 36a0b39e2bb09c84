#pragma once
/*
 * fetch/options: what libcurl is told. Everything not set here is libcurl's default for a fresh handle. What holds for all
 * transfers is set once a handle, since it costs as much as the rest of a transfer: some are texts that libcurl parses.
 */
#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

enum { OPTIONS_IDLE_S = 60 }; /* connections that were idle for longer aren't trusted */

struct transfer;
struct transfer_settings;

/* One piece: transfer_drop(). */
struct curl_slist *options_headers(struct transfer *t, const struct transfer_settings *settings);
/* What libcurl needs to know of addresses: those of the transfer's place, and what the settings say. The same for both. */
struct curl_slist *options_resolve(const struct transfer *t, const struct transfer_settings *settings);
bool options_resolves(const struct transfer_settings *settings, const char *name, uint16_t port); /* they say it */
CURLcode options_set_once(CURL *easy, const struct transfer_settings *settings);
CURLcode options_set(CURL *easy, struct transfer *t);
void options_forget(CURL *easy, const struct transfer *t); /* what it has of t, which was the last to be set */

const char *options_ca_file(void); /* libcurl's own default; NULL: none is built in */
