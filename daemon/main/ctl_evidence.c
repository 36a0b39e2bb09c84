/* evidence: what stands behind one crisis, as it came, written to a folder; and whether the chain that proves it holds. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "main/ctl_command.h"
#include "main/ctl_number.h"
#include "main/ctl_log.h"
#include "main/ctl_output.h"
#include "store/evidence_out.h"

enum { OUT_MAX_BYTES = 1 << 20, HEX_SIZE = 2 * EVIDENCE_HASH_BYTES + 1 };

struct evidence_values {
	const char *out;
};

struct writing {
	const struct ctl *c;
	const char *folder; /* NULL: nothing is written */
	json_t *pieces;
	size_t broken; /* of them */
};

/* --- a piece --- */

static const char *ending_of(const char *type)
{
	static const struct {
		const char *part, *ending;
	} endings[] = {{"json", "json"}, {"xml", "xml"}, {"rss", "xml"}, {"atom", "xml"}, {"html", "html"}};
	size_t i;

	for (i = 0; type && i < ARRAY_LEN(endings); i++)
		if (strstr(type, endings[i].part))
			return endings[i].ending;
	return "bin";
}

/* "000012-prensa.xml": nothing of a source's name leads out of the folder. */
static char *file_name(const struct evidence_row *row)
{
	char *name = xasprintf("%06lld-%.64s.%s", (long long)row->id, row->about.source ? row->about.source : "x",
			       ending_of(row->about.content_type));
	char *s;

	for (s = name; *s; s++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789_-", *s) && s != strrchr(name, '.'))
			*s = '_';
	return name;
}

static int write_file(const char *folder, const char *name, const void *bytes, size_t len)
{
	cleanup(freep) char *path = xasprintf("%s/%s", folder, name);
	FILE *f = fopen(path, "we");
	bool done;

	if (!f)
		return -errno;
	done = fwrite(bytes, 1, len, f) == len;
	done = fclose(f) == 0 && done;
	return done ? 0 : -EIO;
}

static const char *state_name(const struct evidence_piece *p)
{
	static const char *const names[] = {[EVIDENCE_KEPT] = "kept",
					    [EVIDENCE_TOO_LONG] = "too_long",
					    [EVIDENCE_FORGOTTEN] = "forgotten",
					    [EVIDENCE_GONE] = "gone"};

	return p->holds ? names[p->row->state] : "changed";
}

static void add_time(json_t *object, const char *key, int64_t ms)
{
	char text[CLOCK_RFC3339_SIZE];

	if (ms != TIME_NONE)
		json_object_set_new(object, key, json_string(clock_rfc3339(ms, false, text)));
}

static int on_piece(void *arg, const struct evidence_piece *p)
{
	struct writing *w = arg;
	const struct evidence_row *row = p->row;
	cleanup(freep) char *name = p->body ? file_name(row) : NULL;
	char body[HEX_SIZE], link[HEX_SIZE];
	json_t *one;
	int r = w->folder && p->body ? write_file(w->folder, name, p->body, p->len) : 0;

	if (r < 0)
		return r;
	hash_hex(row->body, sizeof(row->body), body);
	hash_hex(row->link, sizeof(row->link), link);
	one = json_pack("{s:I,s:s,s:I,s:s,s:s,s:s*,s:s*,s:s*,s:s*,s:s*,s:s*}", "id", (json_int_t)row->id, "state",
			state_name(p), "bytes", (json_int_t)row->size, "sha256", body, "link", link, "source",
			row->about.source, "url", row->about.url, "content_type", row->about.content_type, "etag",
			row->about.etag, "last_modified", row->about.last_modified, "file", w->folder ? name : NULL);
	add_time(one, "taken", row->taken_ms);
	if (row->about.source)
		add_time(one, "fetched", row->about.at_ms);
	json_array_append_new(w->pieces, one);
	w->broken += !p->holds;
	return 0;
}

/* --- shown --- */

static void show_pieces(const struct ctl *c, const json_t *pieces)
{
	struct buf out = BUF_INIT(OUT_MAX_BYTES);
	struct table *t = table_new(5);
	const json_t *one;
	size_t i;

	TABLE_ROW(t, text_raw(c->lang, TEXT_EVIDENCE_NUMBER), text_raw(c->lang, TEXT_EVIDENCE_FETCHED),
		  text_raw(c->lang, TEXT_EVIDENCE_SOURCE), text_raw(c->lang, TEXT_EVIDENCE_BYTES),
		  text_raw(c->lang, TEXT_EVIDENCE_STATE));
	json_array_foreach(pieces, i, one)
	{
		static const struct {
			const char *state;
			enum text_id text;
		} states[] = {{"kept", TEXT_EVIDENCE_KEPT},
			      {"too_long", TEXT_DOSSIER_EVIDENCE_LONG},
			      {"forgotten", TEXT_DOSSIER_EVIDENCE_FORGOTTEN},
			      {"gone", TEXT_DOSSIER_EVIDENCE_GONE},
			      {"changed", TEXT_EVIDENCE_CHANGED}};
		cleanup(freep) char *id = xasprintf("%lld", (long long)json_integer_value(json_object_get(one, "id"))),
				    *at = local_time(c, said_in(one, "fetched")),
				    *bytes = xasprintf("%lld",
						       (long long)json_integer_value(json_object_get(one, "bytes")));
		size_t k = 0;

		while (k + 1 < ARRAY_LEN(states) && strcmp(states[k].state, said_in(one, "state")) != 0)
			k++;
		TABLE_ROW(t, id, at, said_in(one, "source"), bytes, text_raw(c->lang, states[k].text));
	}
	table_print(t, &out);
	fwrite(buf_str(&out), 1, out.len, stdout);
	buf_done(&out);
	table_free(t);
}

static void show_chain(const struct ctl *c, const struct evidence_chain *chain)
{
	cleanup(freep) char *links = xasprintf("%lld", (long long)chain->links),
			    *broken = xasprintf("%lld", (long long)chain->broken),
			    *first = xasprintf("%lld", (long long)chain->first);
	char last[HEX_SIZE];

	hash_hex(chain->last, sizeof(chain->last), last);
	if (chain->broken)
		CTL_COMPLAIN(c, TEXT_EVIDENCE_BROKEN, broken, links, first);
	else
		CTL_SAY(c, TEXT_EVIDENCE_WHOLE, links, last);
}

static json_t *manifest(const char *incident, const struct writing *w, const struct evidence_chain *chain)
{
	char last[HEX_SIZE];

	hash_hex(chain->last, sizeof(chain->last), last);
	return json_pack("{s:s,s:O,s:{s:I,s:I,s:I,s:s}}", "incident", incident, "evidence", w->pieces, "chain", "links",
			 (json_int_t)chain->links, "broken", (json_int_t)chain->broken, "first_broken",
			 (json_int_t)chain->first, "last", last);
}

/* --- the command --- */

static int complain(const struct ctl *c, int r, const char *folder)
{
	if (r == EVIDENCE_OUT_E_NONE)
		CTL_COMPLAIN(c, TEXT_CTL_BACKUP_NONE, c->state);
	else if (r == -EACCES && !folder)
		CTL_COMPLAIN(c, TEXT_CTL_STATE_FORBIDDEN, c->state);
	else
		ctl_complain_errno(c, TEXT_CTL_FILE, folder ? folder : c->state,
				   r == EVIDENCE_OUT_E_CORRUPT ? EBADMSG : -r);
	return CTL_NO;
}

static int tell(const struct ctl_call *call, const struct writing *w, const struct evidence_chain *chain)
{
	json_t *all = manifest(call->args[0], w, chain);
	cleanup(freep) char *text = json_dumps(all, JSON_INDENT(1));
	int r = w->folder ? write_file(w->folder, "evidence.json", text, strlen(text)) : 0;

	if (call->ctl->json) {
		json_print(all);
	} else {
		local_zone(call->ctl);
		show_pieces(call->ctl, w->pieces);
		if (w->folder && r == 0)
			CTL_SAY(call->ctl, TEXT_DOSSIER_WRITTEN, w->folder);
		fflush(stdout);
		show_chain(call->ctl, chain);
	}
	json_decref(all);
	if (r < 0)
		return complain(call->ctl, r, w->folder);
	return chain->broken || w->broken ? CTL_NO : CTL_DONE;
}

static int run(const struct ctl_call *call)
{
	const struct evidence_values *v = call->values;
	const struct ctl *c = call->ctl;
	struct writing w = {.c = c, .folder = v->out};
	cleanup(freep) char *path = NULL;
	struct evidence_chain chain;
	int r;

	if (!ctl_log_quiet(c))
		return CTL_NO;
	if (v->out && mkdir(v->out, 0700) < 0 && errno != EEXIST)
		return complain(c, -errno, v->out);
	path = xasprintf("%s/escuchad.db", c->state);
	w.pieces = json_array();
	r = evidence_out(path, strtoll(call->args[0], NULL, 10), on_piece, &w, &chain);
	if (r)
		r = complain(c, r, r < 0 ? v->out : NULL);
	else if (chain.pieces) {
		r = tell(call, &w, &chain);
	} else {
		CTL_COMPLAIN(c, TEXT_EVIDENCE_NONE, call->args[0]);
		r = CTL_NO;
	}
	json_decref(w.pieces);
	return r;
}

static const struct ctl_option options[] = {{"out", 0, CTL_VALUE, offsetof(struct evidence_values, out)}};
const struct ctl_command ctl_evidence = {
	.name = "evidence",
	.run = run,
	.check = ctl_check_crisis,
	.help = TEXT_CTL_HELP_EVIDENCE,
	.needs = CTL_NEEDS_SETTINGS,
	.min = 1,
	.max = 1,
	.options = options,
	.n_options = ARRAY_LEN(options),
	.values_bytes = sizeof(struct evidence_values),
};
