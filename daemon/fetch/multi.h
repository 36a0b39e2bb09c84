#pragma once
/*
 * fetch/multi: libcurl's multi interface on the loop: its sockets as watches, its time-out as a timer.
 *
 * libcurl must not be entered from its own callbacks, so nothing here calls out from within one: on_activity comes after
 * curl_multi_socket_action() returned, as the last thing done, and may free the multi.
 *
 * Owner:  fetch. Easy handles are the caller's, and are removed before multi_free().
 */
#include <curl/curl.h>
#include <stdbool.h>

#include "base/mem.h"

struct loop;
struct multi;

/* transfers: how many will run at once. */
int multi_new(struct loop *l, unsigned transfers, void (*on_activity)(void *arg), void *arg,
	      struct multi **ret) must_use;
struct multi *multi_free(struct multi *m); /* NULL is fine; returns NULL */
DEFINE_CLEANUP(struct multi, multi_free)

CURLMcode multi_add(struct multi *m, CURL *easy) must_use;
void multi_remove(struct multi *m, CURL *easy);
bool multi_ended(struct multi *m, CURL **ret, CURLcode *ret_code); /* the next that ended; it still has to be removed */
