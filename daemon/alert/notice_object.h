#pragma once
/*
 * alert/notice_object: one message as channels take it: what every kind of notice fills in, and what the programs of
 * conf/channels make their requests' bodies of.
 *
 * Whoever has something to say fills a struct notice_object with words that are ready to be read, in the reader's language; a
 * channel picks what it can show. subject and text alone have to be there, and are whole without the rest. As JSON
 * (notice_object_json(), the document of a channel's program):
 *
 *   {"kind":"incident","key":"32 hex","maybe":false,"quiet":false,"lang":"es","person":"ana","to":"the address there",
 *    "subject":"one line","text":"lines","url":"https://…","time":"2026-11-22T10:01:02Z",
 *    "severity":"critical","reason":"rises","ended":false,"matter":"what all messages about one thing share",
 *    "incident":12,"topic":"acme",
 *    "mentions":[{"title":"…","url":"…","author":"…","source":"…","reach":1200}],
 *    "answers":[{"verb":"ack","label":"La tomo","url":"https://…"}],"playbook_steps":["…"],
 *    "earlier":"what this channel called its first message about the matter to this address"}
 *
 * What is not known is left out; lists, a subject and an answer's label are always there. Texts are cleaned on the way: valid UTF-8 without controls (but line
 * breaks in text) and without what turns the order of what is seen; addresses of mentions and answers are http or https, or left
 * out. Escaping for Slack, HTML and the like is each channel's own.
 *
 * Owner:  all is borrowed for the call. Blocks: never.
 * Bounds: below; a longer text is cut on a character's border, what is beyond a list's bound is left out.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct zone;

enum {
	NOTICE_SUBJECT_MAX_BYTES = 400,
	NOTICE_BODY_MAX_BYTES = 64 * 1024,  /* of the text: no channel shows more */
	NOTICE_HTML_MAX_BYTES = 512 * 1024, /* goes into mail alone */
	NOTICE_MENTIONS_MAX = 10,
	NOTICE_ANSWERS_MAX = 8,
	NOTICE_STEPS_MAX = 20,
	NOTICE_FIELD_MAX_BYTES = 500, /* a title, a label, a step; addresses up to NOTICE_URL_MAX_BYTES */
	NOTICE_URL_MAX_BYTES = 2048,
	NOTICE_FILES_MAX = 4,
	NOTICE_OBJECT_MAX_BYTES = 256 * 1024, /* of the JSON, which has no html */
	NOTICE_EARLIER_MAX_BYTES = 4096,      /* what earlier adds to it at most, escaped */
};

/* NOTICE_PRESSED: what a button did; earlier is what the channel called the pressing. */
enum notice_kind {
	NOTICE_INCIDENT,
	NOTICE_DIGEST,
	NOTICE_CARD,
	NOTICE_OPERATORS,
	NOTICE_DRILL,
	NOTICE_TEST,
	NOTICE_PRESSED,
};
extern const char *const notice_kind_names[]; /* by enum notice_kind: "incident", …; NULL at the end */

struct notice_mention {
	const char *title, *url, *author, *source; /* NULL: not known */
	double reach;                              /* 0: not known */
};

/* How the reader may answer: a button, or a link in a mail. */
struct notice_answer {
	const char *verb;  /* of alert/verbs: "ack" */
	const char *label; /* what the button says */
	const char *url;   /* a link that is theirs alone; NULL: this channel's own way */
};

/* Beside a mail's text; other channels leave it out. */
struct notice_file {
	const char *name;  /* "informe-12.html" */
	const char *type;  /* "text/html", "image/png" */
	const char *cid;   /* its name in html ("cid:chart"); NULL: an attachment */
	const char *bytes; /* binary */
	size_t len;
};

struct notice_object {
	enum notice_kind kind;
	const char *to;     /* the address there */
	const char *person; /* whose it is */
	const char *subject, *text;
	const char *html;    /* the same for mail, with nothing in it that is fetched from elsewhere; NULL: none */
	const char *key;     /* 32 hex, the same over all tries */
	const char *thread;  /* key of the message that this one continues; NULL: it begins one */
	const char *earlier; /* what the channel called its first message about the matter; NULL: none, or not known */
	const char *
		matter; /* what all messages about one thing share, whoever gets them: "incident-12-1790000000"; NULL: none */
	const char *lang;
	const struct zone *zone; /* NULL: UTC */
	bool maybe;              /* it may have arrived before */
	bool quiet; /* nobody has to act: where a channel can, the earlier message is changed instead of a new one */
	const char *severity; /* "info", "warning", "critical"; NULL: none */
	const char *reason;   /* of an incident's message: incident_reason_names; NULL */
	bool dry;          /* as far as its last step: a connection and a login, and nothing is sent (alert/canary) */
	bool ended;        /* what it is about is over */
	uint64_t incident; /* 0: none */
	const char *topic;
	const char *url; /* where more is shown; NULL: nowhere */
	int64_t now_ms;  /* wall */
	const struct notice_mention *mentions;
	size_t n_mentions;
	const struct notice_answer *answers;
	size_t n_answers;
	const char *const *playbook_steps;
	size_t n_playbook_steps;
	const struct notice_file *files;
	size_t n_files;
};

void notice_object_json(const struct notice_object *o, struct buf *b);
/* The same JSON of one that had no earlier, now that there is one. */
void notice_object_json_after(const char *document, const char *earlier, struct buf *b);

/* A text as it may be shown: what nobody sees, and what turns the order of what is seen, is dropped. lines: line breaks stay; else
 * they are spaces. Cut on a character's border at max bytes. */
void notice_clean(struct buf *b, const char *text, size_t max, bool lines);
