#pragma once
/*
 * serve/serve: escuchad's HTTP: over the Unix socket that escuchactl speaks to, and over TCP where the configuration
 * says so. conf/openapi.yaml describes it to the letter, and a test holds both together.
 *
 *   GET  /healthz                                    {"alive":true}: the loop turns; nobody else is asked
 *   GET  /readyz                                     {"ready":true}; 503 with "reasons"
 *   GET  /metrics                                    Prometheus' text format
 *   GET  /v1/status                                  one JSON object (serve_ops.status)
 *   GET  /v1/sources?limit=&after=NAME&state=&name=  JSON lines, by name
 *   GET  /v1/coverage?since=7d&source=&after=CURSOR&limit=  JSON lines: what was not heard, as it began
 *   GET  /v1/topics                            {"topics":[…]}: what is said of each now, against what is usual
 *   GET  /v1/incidents?open=1&limit=                 JSON lines: crises, the newest last
 *   GET  /v1/incidents/N                             one, with all that happened in it
 *   GET  /v1/dossiers/N                              {"subject","markdown","html"}: all that is known of a crisis
 *   POST /v1/incidents {"do":"ack","incident":N,"who":"ana"}  {"incident":N,"state":…}: also note (with "text"), close and
 *                                                    false-alarm; open, with "topic" for "incident";
 *                                                    pass, with "to":"luis"; merge, with "into":N, the one that goes on;
 *                                                    drill, with "topic" and "for":"30m", or without;
 *                                                    and step, with "step":K of its playbook that is done, or with "undo" is not
 *   POST /v1/mutes {"do":"mute","topic":"acme","for":"2h","who":"ana"}  {"message":TEXT}: also "severity", "why", "critical" and
 *                                                    "long"; {"do":"unmute","topic","who"}
 *   POST /v1/pairs {"do":"pair","person":"ana"}      {"message":TEXT,"code":"ABCD-EFGH"}: what ties a chat to a person; {"do":"unpair"}
 *   POST /v1/sources/poll {"name":"prensa"}          {"all":true} polls every source
 *   POST /v1/reload                                  answers when it is done: 200, or 422, with {"findings":[…]}
 *   GET  /v1/hits?limit=&after=CURSOR&topic=&follow=1  JSON lines, oldest first; with follow=1 as they come
 *   GET  /v1/search?q=&limit=                        JSON lines, best first
 *   GET  /v1/export?topic=&rule=&sentiment=&since=&until=&all=1&names=1&after=CURSOR&limit=  JSON lines as /v1/hits, from the oldest, whose
 *                                                    authors are pseudonyms; {"next":CURSOR} ends a page that has one behind
 *                                                    it. names=1, which takes the role admin, gives them as they are
 *   GET  /v1/mentions/ID                             one JSON object
 *   GET  /v1/digest?of=ana&since=1d                  {"subject","text","html"}: what a person, or of a topic, would be sent now
 *   GET  /v1/stories?since=7d&limit=                 JSON lines: stories, the largest first (store/ledger)
 *   GET  /v1/authors?since=7d&topic=&limit=          JSON lines: who speaks, who says most first; of a topic a sum before them
 *   POST /v1/forget {"author":"@ana","really":true}  {"mentions":N,…}: what goes of them, or with really false would go;
 *                                                    {"author","welcome":true}: they are heard again
 *   POST /v1/tone {"id":ID,"label":"negative"}       {"was":"neutral"}: a tone set right
 *   GET  /v1/tones?after=ID&limit=                   JSON lines: those that were, by id
 *   GET  /v1/outbox?limit=&after=CURSOR&stream=      JSON lines as /v1/hits: what waits for Redis, oldest first; stream: hits,
 *                                                    or incidents: of these each as its stream has it. Below alike
 *   POST /v1/outbox/requeue {"since":"7d"}           {"requeued":N,"older":N}: what was sent is sent again, but for older
 *   POST /v1/outbox/drop {"ids":[CURSOR,…]}          {"dropped":N}: they wait no more
 *   POST /v1/channels/test {"channel":"correo","person":"ana"}  {"sent":true,"result":…,"code":250,"answer":…}: as the
 *                                                    server answered; person may be left out
 *   POST /v1/canary {"within":"10s"}                 {"ok":false,"stages":[{"stage","ms"}],"failed","why"}: a mention that nobody wrote goes
 *                                                    through the whole chain; within: that each stage may take
 *   POST /v1/mentions {"text":…,"title","url","author","topic"}  201: the mention that was added, with its hits
 *
 *   GET  /a/LINK                                     a page for a person, with a button; it does nothing by itself
 *   POST /a/LINK (a form)                            what the button does: the same page, and what became of it
 *   POST /in/NAME (any body)                         200, once it stands in the log: what a platform sends to the source NAME
 *   GET  /in/NAME?hub.challenge=…                    its handshake, as it wants it answered
 *
 * Whoever opens the Unix socket may do everything. /a/ is for who was sent the link: it says by itself who may do what
 * (alert/links), so that no token is asked for. /in/ is for strangers who sign what they send: neither a host nor a token is
 * asked of them. By TCP a request must name a host that is ours (421), and, but for
 * /healthz and /readyz, bear a token (401; ten wrong ones a minute from one address: 429) whose role is enough (403):
 * read for what is a GET, ack to add a mention and to answer a crisis, admin to poll and to reload. Without any token configured, which the
 * configuration allows on the machine's own addresses alone, everybody there is admin.
 *
 * serve knows no store, source or reader: main gives it struct serve_ops. Each op answers its struct reply once, at
 * once or later; the client may be gone by then, which the op needs not know.
 *
 * An error is {"error":CODE,"message":TEXT}, CODE for programs, TEXT for people. JSON lines are application/x-ndjson; a
 * hit's line is the mention (DESIGN §5) with "cursor" as its first field; {"heartbeat":TIME} comes every
 * SERVE_HEARTBEAT_MS to a follower; {"more":true} ends an answer that was cut at REPLY_MAX_BYTES.
 *
 * What escuchactl shows of a status (any field may be absent, more may be there):
 *   {"version","pid","started","now":TIME,"state":FOLDER,
 *    "rules":{"topics":N,"loaded":TIME,"failed":true},       failed: the last reload, until one succeeds
 *    "readers":{"alive","busy","waiting","restarts"},
 *    "sources":{"all","ok","new","failing","gone"},
 *    "deaf":[{"source","since":TIME,"why"}],                 at most 20
 *    "unheard":[{"what","why","takes"}],                     where nobody listens
 *    "gap":{"from","to","why"}, "paused":TIME,               when escuchad itself did not listen; does not
 *    "log":{"mentions","hits","pending","bytes","search_behind"},
 *    "queue":{"connected":BOOL,"pending","why"}}             left out: no queue is configured
 * and of a source, one object a line:
 *   {"name","platform","url","state":"ok|new|failing|gone","last":TIME,"next":TIME,"every_s","failures","why",
 *    "mentions","hits"}
 *
 * Owner:  main. Everything runs on the loop's thread.
 * Blocks: never. Bounds: below; FAULTS A1 to A6.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "base/text.h"
#include "mention/outbox_row.h" /* struct stream_id */

struct diag;
struct loop;
struct reply;
struct serve;
struct http_address;
struct http_config;

enum {
	SERVE_CONNECTIONS_MAX = 64,      /* of the socket, and of the port; then a further one takes the place of … */
	SERVE_GRACE_MS = 100,            /* … who sent no whole request for longest, but at least so long */
	SERVE_FOLLOWERS_MAX = 16,        /* more get 503 */
	SERVE_HEAD_MAX_BYTES = 8 * 1024, /* more: 400 */
	SERVE_BODY_MAX_BYTES = 512 * 1024,  /* more: 413 */
	SERVE_HOOK_MAX_BYTES = 1024 * 1024, /* the same, of what is sent to /in/ */
	SERVE_REQUEST_MS = 10000, /* to send a whole request, or be idle: then the connection is closed (A1) */
	SERVE_ANSWER_MS = 120000, /* an op that has not answered: 504 */
	SERVE_WRITE_MS = 15000,   /* nothing was taken off a full socket for so long: closed (A3) */
	SERVE_HEARTBEAT_MS = 15000,
	SERVE_FOLLOWER_MAX_BYTES = 6 * 1024 * 1024, /* waiting for one follower; past it the follower is cut (A3) */
	SERVE_LIMIT_DEFAULT = 20,
	SERVE_MS_DIGITS = 15, /* of a time in milliseconds */
	SERVE_LIMIT_MAX = 1000,
	SERVE_WITHIN_LEAST_MS = 1000, /* what a canary's stage may be given */
	SERVE_WITHIN_MOST_MS = 60 * 1000,
	REPLY_MAX_BYTES = 4 * 1024 * 1024, /* one answer; a page that is longer ends early, with {"more":true} */
	SERVE_WAITING_MAX_BYTES =
		64 * 1024 * 1024, /* of all answers that wait to be taken: then new requests get 503 */
};

#define SERVE_DIGEST_MAX_MS (90 * INT64_C(86400000)) /* as far back as a digest is asked for */

struct serve_config {
	int fd;                                      /* listens at socket already (systemd's), and is taken; 0: none */
	const char *socket;                          /* path; an absolute one is best. At most SERVE_PATH_MAX bytes */
	enum text_lang lang;                         /* of messages */
	int64_t request_ms, answer_ms, heartbeat_ms; /* 0: as above. Tests shorten them */
	const struct http_config *http; /* NULL: no TCP. Borrowed until serve_configure() or serve_free() */
	int http_fd;                    /* with http: of serve_listen(); taken, in any case */
};
enum { SERVE_PATH_MAX = 107 }; /* sun_path less its NUL */

struct serve_page {
	size_t limit;      /* 1 to SERVE_LIMIT_MAX */
	const char *after; /* the last name that the client has; NULL: from the start */
	const char *state; /* of sources: as their "state" says; NULL: any */
	const char *name;  /* this one alone, or this list and its feeds; NULL: any */
};

struct serve_coverage {
	int64_t back_ms;        /* how far back; TIME_NONE: all that is kept */
	const char *source;     /* of this one or of this list's feeds, and of escuchad itself; NULL: any */
	struct stream_id after; /* the last cursor that the client has; {0, 0}: from the start */
	size_t limit;
};

struct serve_ledger {
	int64_t back_ms;   /* TIME_NONE: all that is kept */
	const char *topic; /* of authors; NULL: any */
	size_t limit;
};

enum serve_verb {
	SERVE_ACK,
	SERVE_NOTE,
	SERVE_CLOSE,
	SERVE_FALSE_ALARM,
	SERVE_OPEN,
	SERVE_PASS,
	SERVE_MERGE,
	SERVE_STEP,
	SERVE_DRILL,
	SERVE_VERBS,
};
extern const char
	*const serve_verb_names[]; /* "ack", "note", "close", "false-alarm", "open", "pass", "merge", "step", "drill" */
struct serve_incident {
	enum serve_verb verb;
	uint64_t id;       /* but of open and drill */
	const char *topic; /* of open; of drill, where NULL is any */
	int64_t for_ms;    /* of drill: it ends by itself; 0: not said */
	const char *who;   /* says so; never NULL or empty */
	const char *text;  /* NULL: none */
	const char *to;    /* of pass: the person who is to take it */
	uint64_t into;     /* of merge: the crisis that goes on */
	uint64_t step;     /* of step: its number in the playbook, from 1 */
	bool undo;         /* of step: it is not done after all */
};

struct serve_mute {
	const char *topic, *who, *why; /* why NULL: not said */
	int severity;                  /* number in "info", "warning", "critical"; -1: not said */
	int64_t for_ms;                /* 0: of an end */
	bool critical, is_long, end;
};

/* Of a person, or the end of theirs. */
struct serve_pair {
	const char *person; /* never NULL or empty */
	bool end;
};

enum serve_forget { SERVE_FORGET_LOOK, SERVE_FORGET_REALLY, SERVE_FORGET_WELCOME };

struct serve_hits {
	size_t limit;
	bool has_after; /* those after it, oldest first, at most limit; else the newest limit, oldest first */
	struct stream_id after;
	const char *topic; /* NULL: any */
	bool follow;       /* for information: serve does the following */
};

enum serve_names { SERVE_NAMES_DEFAULT, SERVE_NAMES_HIDDEN, SERVE_NAMES_KEPT };
struct serve_export {
	const char *topic, *rule, *sentiment; /* NULL: any */
	int64_t since_ms, until_ms;           /* wall; TIME_NONE: no bound */
	bool all;                             /* what is no hit, too */
	enum serve_names names;               /* default: as the configuration's privacy says */
	struct stream_id after;               /* the last cursor that the client has; {0, 0}: from the start */
	size_t limit;
};

struct serve_add {
	const char *text;                         /* never NULL or empty */
	const char *title, *url, *author, *topic; /* NULL: not said. url is http or https; topic is [a-z0-9_-]+ */
};

/* What came to /in/NAME. header and query: the value of the only one of that name; NULL: there is none, or several. */
struct serve_hook {
	const char *source; /* [a-z0-9_-]+ */
	bool post;          /* else a handshake */
	const char *body;
	size_t len;
	const char *from; /* the address, for the log */
	const char *(*header)(const void *request, const char *name);
	const char *(*query)(const void *request, const char *name);
	const void *request;
};

#define SERVE_ANSWER_ROUTE "/a/"
enum { SERVE_FORM_MAX_BYTES = 16 * 1024, SERVE_LINK_MAX_BYTES = 400 };
struct serve_answer {
	const char *link;      /* what stands behind SERVE_ANSWER_ROUTE: [A-Za-z0-9_-]+ */
	bool post;             /* the button was pressed */
	const char *note, *to; /* as the form says; NULL: nothing. Valid UTF-8 */
};

/* Arguments are borrowed for the call. Each op must answer its reply exactly once, now or later:
 *   one object    reply_json()
 *   JSON lines    reply_line() or reply_hit() any number of times, then reply_end()
 *   anything else reply_error(), reply_findings()
 * These take the reply: it may be gone when they return. */
struct serve_ops {
	void (*status)(void *arg, struct reply *reply);
	void (*sources)(void *arg, const struct serve_page *page, struct reply *reply);
	void (*coverage)(void *arg, const struct serve_coverage *coverage, struct reply *reply);
	void (*topics)(void *arg, struct reply *reply);
	void (*incidents)(void *arg, bool open, size_t limit, struct reply *reply);            /* open: those alone */
	void (*incident)(void *arg, uint64_t id, struct reply *reply);                         /* 404 not_found */
	void (*dossier)(void *arg, uint64_t id, struct reply *reply);                          /* 404 not_found */
	void (*incident_do)(void *arg, const struct serve_incident *ask, struct reply *reply); /* 404; 409 closed */
	void (*mute)(void *arg, const struct serve_mute *ask, struct reply *reply); /* {"message"}; 409 mute */
	void (*pair)(void *arg, const struct serve_pair *ask,
		     struct reply *reply); /* {"message","code"}; 404; 409 pair */
	void (*poll)(void *arg, const char *name,
		     struct reply *reply);              /* NULL: all. 404 not_found, else {"polled":N} */
	void (*reload)(void *arg, struct reply *reply); /* reply_findings() */
	void (*hits)(void *arg, const struct serve_hits *hits, struct reply *reply);
	void (*search)(void *arg, const char *text, size_t limit, struct reply *reply);
	void (*export)(void *arg, const struct serve_export *ask, struct reply *reply);
	void (*mention)(void *arg, const char *id, struct reply *reply); /* 32 lower-case hex */
	void (*add)(void *arg, const struct serve_add *add, struct reply *reply);
	/* back_ms TIME_NONE: of a day. 404 not_found. */
	void (*digest)(void *arg, const char *name, int64_t back_ms, struct reply *reply);
	void (*stories)(void *arg, const struct serve_ledger *ledger, struct reply *reply);
	void (*authors)(void *arg, const struct serve_ledger *ledger, struct reply *reply);
	void (*forget)(void *arg, const char *who, enum serve_forget what, struct reply *reply);
	void (*tone)(void *arg, const char *id, const char *label, struct reply *reply); /* 404 not_found */
	void (*tones)(void *arg, const char *after, size_t limit, struct reply *reply); /* after NULL: from the first */
	/* The outbox. back_ms: how far back; TIME_NONE: as far as the stream is sure to be kept. */
	void (*outbox)(void *arg, enum outbox_stream which, struct stream_id after, size_t limit, struct reply *reply);
	void (*requeue)(void *arg, enum outbox_stream which, int64_t back_ms, struct reply *reply);
	void (*drop)(void *arg, enum outbox_stream which, const struct stream_id *ids, size_t n, struct reply *reply);
	/* A marked message by a channel; person NULL: whoever it reaches first. 404 not_found. */
	void (*test_channel)(void *arg, const char *channel, const char *person, struct reply *reply);
	void (*canary)(void *arg, int64_t patience_ms, struct reply *reply);         /* 0: not said */
	void (*hook)(void *arg, const struct serve_hook *hook, struct reply *reply); /* may be NULL: 404 */
	void (*answer)(void *arg, const struct serve_answer *ask,
		       struct reply *reply); /* reply_text(); may be NULL: 404 */
	void (*ready)(void *arg, struct reply *reply);
	void (*metrics)(void *arg, struct reply *reply); /* reply_text() */
	/* An answer goes out: to count it. route is one of a few texts. May be NULL. */
	void (*on_answer)(void *arg, const char *route, int status);
};

enum {
	SERVE_E_BUSY = 1, /* a live process answers on this socket */
	SERVE_E_PATH,     /* too long, or something there that is no socket */
};
/* Listens, mode 0660. The socket of a process that died is replaced. config's texts are copied. */
int serve_new(struct loop *loop, const struct serve_config *config, const struct serve_ops *ops, void *arg,
	      struct serve **ret) must_use;
/* A TCP socket that listens there, and is heard by nobody yet: so that a reload knows, before it changes anything, whether
 * it may. -errno: EADDRINUSE, EACCES, EADDRNOTAVAIL … */
int serve_listen(const struct http_address *a, int *ret_fd) must_use;
bool serve_listens(const struct serve *s, const struct http_address *a); /* there, now */
/* Another configuration. http_fd (taken) is of its address; -1: it stays as it is, or http is NULL. At an address that is
 * left, connections get the answers that they wait for. */
int serve_configure(struct serve *s, enum text_lang lang, const struct http_config *http, int http_fd) must_use;

/* The end is near: nobody is let in any more; at a socket of systemd they wait for whoever comes next. serve_draining():
 * how many are still owed an answer, or have come so lately that they may be about to ask. */
enum { SERVE_DRAIN_MS = 500 };
void serve_drain(struct serve *s);
size_t serve_draining(const struct serve *s);

/* Stops listening, cuts every connection, removes the socket. Replies still owed stay valid, and go nowhere. NULL is
 * fine; returns NULL. */
struct serve *serve_free(struct serve *s);
DEFINE_CLEANUP(struct serve, serve_free)

/* A hit was committed: to everyone who follows. In the order of ids. topics is comma-joined, json one object. */
void serve_hit(struct serve *s, struct stream_id id, const char *topics, const char *json, size_t len);
size_t serve_followers(const struct serve *s); /* nobody: the JSON needs not be made */

/* Takes the reply. */
void reply_json(struct reply *r, int status, const char *json, size_t len);
void reply_text(struct reply *r, int status, const char *type, const char *text, size_t len);
void reply_error(struct reply *r, int status, const char *code, const char *message);
void reply_findings(struct reply *r, int status, const struct diag *diag); /* {"findings":[…]}: 200, or 422 */
void reply_end(struct reply *r);
/* Adds a line (one JSON object, without a line break). False: the answer is full or nobody waits for it any more; add
 * no more, and end it. */
bool reply_line(struct reply *r, const char *json, size_t len);
bool reply_hit(struct reply *r, struct stream_id id, const char *json, size_t len);
