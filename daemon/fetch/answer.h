#pragma once
/*
 * fetch/answer: the callbacks that libcurl enters while a transfer runs: the guard, the bounds, and what is noted of an
 * answer. Each gets the transfer as its last argument; none calls out or enters libcurl but to read a handle.
 */
#include <curl/curl.h>
#include <stddef.h>
#include <stdint.h>

struct transfer;

size_t answer_on_header(char *line, size_t size, size_t n, void *arg);
size_t answer_on_body(char *bytes, size_t size, size_t n, void *arg);
int answer_on_progress(void *arg, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now);
curl_socket_t answer_on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address);
int answer_on_connected(void *arg, char *address, char *local, int port, int local_port); /* reused ones too */
int answer_on_lookup(void *resolver, void *reserved, void *arg);

/* When the server's certificate ends; TIME_NONE: no TLS, or libcurl doesn't tell it any more. */
int64_t answer_certificate_until(CURL *easy);

struct answer_head;
int64_t answer_fresh_ms(const struct answer_head *head); /* fetch_result's */
