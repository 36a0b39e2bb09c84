/* A line of escuchactl match: the record as JSON; and the texts that init and the tables clean. */
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "base/yaml.h"
#include "main/ctl_name.h"
#include "main/ctl_output.h"
#include "main/ctl_record.h"
#include "mention/mention.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* escuchactl.c's */
void ctl_complain(const struct ctl *c, enum text_id id, const char *const args[])
{
	(void)c;
	(void)id;
	(void)args;
}
void ctl_say(const struct ctl *c, enum text_id id, const char *const args[])
{
	ctl_complain(c, id, args);
}

/* Whatever a name was, its quoted form is YAML that gives it back. */
static void quote(const char *name)
{
	cleanup(arena_freep) struct arena *a = arena_new(SIZE_MAX);
	cleanup(diag_freep) struct diag *d = diag_new();
	struct buf b = BUF_INIT(4096);
	struct yaml_doc *doc;

	buf_puts(&b, "name: ");
	name_yaml(&b, name);
	buf_putc(&b, '\n');
	if (yaml_parse("x", buf_str(&b), b.len, a, d, &doc) != 0 ||
	    strcmp(yaml_get(doc->root, "name")->text, name) != 0)
		abort();
	buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup(arena_freep) struct arena *a = arena_new(SIZE_MAX);
	cleanup(freep) char *name = name_clean((const char *)data, size), *slug = name_slug(name);
	const char *why;
	struct mention m;

	mention_init(&m);
	if (record_read((const char *)data, size, 0, a, &m, &why) == 0 && m.text &&
	    !utf8_valid_text(m.text, strlen(m.text)))
		abort();
	if (!utf8_valid_text(name, strlen(name)) || strlen(name) > NAME_TEXT_MAX_BYTES)
		abort();
	if (strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(slug))
		abort();
	quote(name);
	return 0;
}
