#include "main/source_why.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"

enum { FIELDS_WORDS_MAX_BYTES = 256 };

static const struct {
	const char *name;
	enum text_id text;
} classes[] = {
	{"gone", TEXT_WHY_GONE},
	{"limited", TEXT_WHY_LIMITED},
	{"unauthorized", TEXT_WHY_UNAUTHORIZED},
	{"budget", TEXT_WHY_BUDGET},
	{"empty", TEXT_WHY_EMPTY},
	{"bad_url", TEXT_WHY_BAD_URL},
	{"ssrf_blocked", TEXT_WHY_PRIVATE},
	{"dns", TEXT_WHY_DNS},
	{"dns_timeout", TEXT_WHY_DNS_TIMEOUT},
	{"connect", TEXT_WHY_CONNECT},
	{"timeout", TEXT_WHY_TIMEOUT},
	{"too_slow", TEXT_WHY_TIMEOUT},
	{"tls", TEXT_WHY_TLS},
	{"tls_expired", TEXT_WHY_TLS_EXPIRED},
	{"tls_host", TEXT_WHY_TLS_HOST},
	{"tls_untrusted", TEXT_WHY_TLS_UNTRUSTED},
	{"too_large", TEXT_WHY_TOO_LARGE},
	{"redirect_loop", TEXT_WHY_REDIRECTS},
	{"redirects_many", TEXT_WHY_REDIRECTS},
	{"redirect_scheme", TEXT_WHY_REDIRECT_SCHEME},
	{"decode", TEXT_WHY_BROKEN_OFF},
	{"aborted", TEXT_WHY_BROKEN_OFF},
	{"protocol", TEXT_WHY_BROKEN_OFF},
	{"not_a_feed", TEXT_WHY_NOT_A_FEED},
	{"malformed", TEXT_WHY_MALFORMED},
	{"refused", TEXT_WHY_REFUSED},
	{"not_opml", TEXT_WHY_NOT_OPML},
	{"set_aside", TEXT_WHY_SET_ASIDE},
	{"silent", TEXT_WHY_SILENT}, /* health's own: of sources that answer */
	{"changed", TEXT_WHY_CHANGED},
	{"rule", TEXT_WHY_RULE},
	{"unreachable", TEXT_WHY_UNREACHABLE},
	{"down", TEXT_WHY_DOWN}, /* of escuchad itself */
	{"asleep", TEXT_WHY_ASLEEP},
	{"paused", TEXT_WHY_PAUSED},
};

/* Of mailboxes: what can be done, and the server's own words. */
static const struct {
	const char *name;
	enum text_id text;
} mail_classes[] = {
	{"login", TEXT_WHY_MAIL_LOGIN},   {"no_login", TEXT_WHY_MAIL_NO_LOGIN},  {"no_tls", TEXT_WHY_MAIL_NO_TLS},
	{"folder", TEXT_WHY_MAIL_FOLDER}, {"mail_server", TEXT_WHY_MAIL_SERVER},
};

/* The error number that a text of strerror() stands for, in the detail's end ("feeds/a.xml: Permission denied"); 0: none. */
static int errno_in(const char *said)
{
	static const int known[] = {ENOENT, EACCES, EPERM, EISDIR, ENOTDIR, EFBIG, EIO, ECONNREFUSED, ENOSPC, EROFS};
	size_t len = said ? strlen(said) : 0, i;

	for (i = 0; i < ARRAY_LEN(known); i++) {
		const char *text = strerrordesc_np(known[i]);
		size_t n = strlen(text);

		if (len >= n && strcasecmp(said + len - n, text) == 0)
			return known[i];
	}
	return 0;
}

char *system_why(enum text_lang lang, const char *said)
{
	int error = errno_in(said);

	return error ? text_errno(lang, error) : xstrdup(said ? said : "-");
}

static char *file_why(enum text_lang lang, enum text_id id, const char *detail)
{
	cleanup(freep) char *why = system_why(lang, detail);

	return TEXT(lang, id, why);
}

static enum text_id text_of_status(const char *status)
{
	if (strcmp(status, "404") == 0)
		return TEXT_WHY_HTTP_MISSING;
	if (strcmp(status, "401") == 0 || strcmp(status, "403") == 0 || strcmp(status, "451") == 0)
		return TEXT_WHY_HTTP_FORBIDDEN;
	return status[0] == '5' ? TEXT_WHY_HTTP_SERVER : TEXT_WHY_HTTP;
}

/* detail: names as source/fields has them, with commas between. */
static char *field_why(enum text_lang lang, const char *detail)
{
	static const struct {
		const char *name;
		enum text_id text;
	} fields[] = {{"author", TEXT_FIELD_AUTHOR},
		      {"date", TEXT_FIELD_DATE},
		      {"text", TEXT_FIELD_TEXT},
		      {"url", TEXT_FIELD_URL},
		      {"counts", TEXT_FIELD_COUNTS}};
	struct buf b = BUF_INIT(FIELDS_WORDS_MAX_BYTES);
	const char *p = detail ? detail : "";
	char *why;
	size_t i, n;

	for (; *p; p += n + (p[n] == ',')) {
		n = strcspn(p, ",");
		for (i = 0; i < ARRAY_LEN(fields); i++)
			if (strlen(fields[i].name) == n && !strncmp(fields[i].name, p, n))
				buf_printf(&b, "%s%s", b.len ? ", " : "", text_raw(lang, fields[i].text));
	}
	why = TEXT(lang, TEXT_WHY_FIELD, b.len ? buf_str(&b) : "-");
	buf_done(&b);
	return why;
}

char *source_why(enum text_lang lang, const char *class_name, const char *detail)
{
	size_t i;

	if (!class_name)
		return xstrdup("-");
	if (strcmp(class_name, "file") == 0)
		return file_why(lang, TEXT_WHY_FILE, detail);
	if (strcmp(class_name, "log") == 0)
		return file_why(lang, TEXT_WHY_LOG, detail);
	if (strcmp(class_name, "field") == 0)
		return field_why(lang, detail);
	if (strcmp(class_name, "redis") == 0)
		return system_why(lang, detail);
	if (strncmp(class_name, "http_", 5) == 0)
		return TEXT(lang, text_of_status(class_name + 5), class_name + 5);
	for (i = 0; i < ARRAY_LEN(mail_classes); i++)
		if (strcmp(mail_classes[i].name, class_name) == 0)
			return TEXT(lang, mail_classes[i].text, detail && *detail ? detail : "-");
	for (i = 0; i < ARRAY_LEN(classes); i++)
		if (strcmp(classes[i].name, class_name) == 0)
			return xstrdup(text_raw(lang, classes[i].text));
	return detail ? xasprintf("%s (%s)", class_name, detail) : xstrdup(class_name);
}
