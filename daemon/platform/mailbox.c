#include "platform/mailbox.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "platform/params.h"
#include "platform/platform.h"
#include "platform/request.h"

struct making {
	struct arena *arena;
	struct template_values values;
	const char *wrong;
};

/* NULL: the source doesn't say it. */
static const char *text_of(struct making *m, const struct template *t, const char *what)
{
	struct buf b = BUF_INIT(PLATFORM_VALUE_MAX_BYTES * 2);
	int r = t && t->n ? template_put(&b, t, &m->values, TEMPLATE_HEADER, NULL) : TEMPLATE_E_ABSENT;
	const char *text = r == 0 && !b.full && b.len ? arena_memdup0(m->arena, buf_str(&b), b.len) : NULL;

	if (r == TEMPLATE_E_VALUE || b.full)
		m->wrong = m->wrong ? m->wrong : what;
	buf_done(&b);
	return text;
}

/* Who says nothing means TLS, but for the port where it begins in the open. */
static enum mailbox_security security_of(const char *said, const char *server)
{
	const char *port = strrchr(server, ':');

	if (said && strcmp(said, "none") == 0)
		return MAILBOX_NONE;
	if (said)
		return strcmp(said, "starttls") == 0 ? MAILBOX_STARTTLS : MAILBOX_TLS;
	return port && strcmp(port, ":143") == 0 ? MAILBOX_STARTTLS : MAILBOX_TLS;
}

int mailbox_make(const struct params *params, struct arena *a, struct mailbox *ret, const char **ret_why)
{
	const struct platform *p = params->platform;
	const char *values[PLATFORM_PARAMS_MAX];
	struct making m = {.arena = a, .values = {.params = values}};
	struct buf url = BUF_INIT(REQUEST_URL_MAX_BYTES);
	const char *folder, *host;

	params_fill(params, values);
	if (template_put(&url, &p->request->url, &m.values, TEMPLATE_URL, NULL) != 0 || url.full)
		m.wrong = "server";
	host = strstr(buf_str(&url), "://") ? strstr(buf_str(&url), "://") + 3 : "";
	*ret = (struct mailbox){.server = arena_memdup0(a, host, strcspn(host, "/"))};
	buf_done(&url);
	folder = text_of(&m, &p->mailbox->folder, "folder");
	ret->folder = folder ? folder : "INBOX";
	ret->security = security_of(text_of(&m, &p->mailbox->security, "security"), ret->server);
	ret->ca_file = text_of(&m, &p->mailbox->ca_file, "ca_file");
	ret->user = text_of(&m, p->auth->user, "user");
	ret->password = p->auth->kind == PLATFORM_AUTH_BASIC ? text_of(&m, p->auth->password, "password") : NULL;
	if (!ret->user)
		m.wrong = "user";
	*ret_why = m.wrong;
	return m.wrong ? MAILBOX_E_VALUE : 0;
}
