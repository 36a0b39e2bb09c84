#pragma once
/*
 * main/app_answers_inside: what the files of app_answers share. Nobody else includes it.
 */
#include "alert/links.h"
#include "main/app_answers.h"
#include "main/app_crisis.h"
#include "main/app_inside.h"

struct app_answers {
	struct app *app;
	void (*on_known)(struct app *a);
	bool known; /* the key is */
	uint8_t key[LINK_KEY_BYTES];
};

/* app_answers.c */
enum text_lang answers_lang(const struct app *a, const char *person); /* of whoever reads it */
/* "La crisis n.º 3 (acme): abierta; no la tiene nadie." */
char *answers_state(enum text_lang lang, const struct crisis_said *how) must_use;
