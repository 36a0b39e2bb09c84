#pragma once
/*
 * main/ctl_init: a first configuration, asked for. What was answered, and the files that it becomes.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/text.h"
#include "main/ctl_country.h"

struct ctl;

struct buf;

/* Files: the configuration, its playbook, a channel's secret, the brand, its industry, and a competitor each. */
enum { INIT_LIST_MAX = 50, INIT_FILES_MAX = INIT_LIST_MAX + 5, INIT_FILE_MAX_BYTES = 128 * 1024 };

/* By what people are told. What costs nothing and needs no account stands first. */
enum init_channel { INIT_NO_CHANNEL, INIT_NTFY, INIT_TELEGRAM, INIT_MAIL };

struct init_notify {
	enum init_channel channel;
	char *person; /* a name of [a-z0-9-]+ */
	char *to;     /* the address of a mail, the topic of ntfy; NULL: Telegram's chat is paired later */
	char *server; /* of mail that leaves: smtps://…; else NULL */
	char *secret; /* the bot's token, the mail's password; NULL: none, or not yet known */
};

struct init_list {
	char *v[INIT_LIST_MAX]; /* clean, never empty */
	size_t n;
};

struct init_answers {
	enum text_lang lang;
	char *brand;
	struct init_list handles, competitors, industry, feeds;
	const struct country *country;
	char *opml; /* an absolute path; NULL: none */
	char *zone;
	char *redis; /* an address; NULL: none */
	bool news;   /* Google News' public search for the brand and its competitors */
	struct init_notify notify;
};
void init_answers_done(struct init_answers *a);

/* Adds what stands between commas and line breaks, each cleaned; doubles and what is past INIT_LIST_MAX are left out. */
void init_list_add(struct init_list *l, const char *text);

struct init_file {
	char *path; /* below the folder: "escuchad.yaml", "rules/acme.yaml" */
	char *text;
	bool secret; /* for nobody else's eyes */
};
struct init_files {
	struct init_file v[INIT_FILES_MAX];
	size_t n;
};
/* The configuration and a file for each topic; each rule file has tests, which pass. */
void init_files_make(const struct init_answers *a, struct init_files *ret);
void init_files_done(struct init_files *f);
/* Below folder, which is made; tells each file. CTL_DONE; CTL_NO: something was there already and stayed, or could not be
 * written. */
int init_files_write(const struct ctl *c, const char *folder, const struct init_files *files) must_use;
