#pragma once
/*
 * main/app_means: what the sources of platforms live on, as the API says it: tokens that end, budgets that are stretched.
 */
struct json;
struct app;
struct means;

enum { APP_MEANS_MAX = 20 /* of the status' list */ };

void app_means_put(struct json *j, const struct means *means); /* of one source; NULL is fine */
void app_means_status(struct json *j, const struct app *a); /* "short": of those alone that somebody should know of */
