/* What the log keeps so that people can answer: a key that stays, links that are used once, chats, places, mutes (FAULTS A7). */
#include "store_box.h"

#include <errno.h>

#include "store/answers.h"
#include "store/mutes.h"

struct got {
	bool done;
	int r;
	uint8_t key[ANSWERS_KEY_BYTES];
	char text[1000]; /* chats and places, mutes, or to whom a message went */
	int64_t id;
};

static void on_found(void *arg, int r, const struct store_answers *f)
{
	struct got *g = arg;
	size_t i, n = 0;

	assert_int_equal(r, 0);
	memcpy(g->key, f->key, sizeof(g->key));
	g->text[0] = '\0';
	for (i = 0; i < f->n_chats; i++)
		n += (size_t)snprintf(g->text + n, sizeof(g->text) - n, "%s/%s=%s ", f->chats[i].channel,
				      f->chats[i].person, f->chats[i].chat);
	for (i = 0; i < f->n_said; i++)
		n += (size_t)snprintf(g->text + n, sizeof(g->text) - n, "%.16s:%s ", (const char *)f->said[i].mark,
				      f->said[i].text);
	g->done = true;
}

static void on_answer(void *arg, int r)
{
	struct got *g = arg;

	g->r = r;
	g->done = true;
}

static struct got load(struct box *b)
{
	struct got g = {.done = false};

	store_answers(b->store, on_found, &g);
	box_wait(b, &g.done);
	return g;
}

static int use(struct box *b, const char *mark, int64_t until_ms)
{
	struct got g = {.done = false};

	store_answer_use(b->store, (const uint8_t *)mark, until_ms, on_answer, &g);
	box_wait(b, &g.done);
	return g.r;
}

static int look(struct box *b, const char *mark)
{
	struct got g = {.done = false};

	store_answer_look(b->store, (const uint8_t *)mark, on_answer, &g);
	box_wait(b, &g.done);
	return g.r;
}

static int chat(struct box *b, const char *person, const char *as)
{
	struct got g = {.done = false};

	store_answer_chat(b->store, &(struct store_chat){"bot", person, as}, on_answer, &g);
	box_wait(b, &g.done);
	return g.r;
}

static void the_key_stays(void **state)
{
	struct box b;
	struct got first, second;

	(void)state;
	box_init(&b);
	first = load(&b);
	box_reopen(&b);
	second = load(&b);
	assert_memory_equal(first.key, second.key, ANSWERS_KEY_BYTES);
	box_done(&b);
	box_init(&b); /* another log has another */
	second = load(&b);
	assert_memory_not_equal(first.key, second.key, ANSWERS_KEY_BYTES);
	box_done(&b);
}

/* FAULTS A7 */
static void a_link_is_used_once(void **state)
{
	static const char a[] = "0123456789abcdeX", c[] = "0123456789abcdeY";
	struct box b;

	(void)state;
	box_init(&b);
	assert_int_equal(look(&b, a), 0);
	assert_int_equal(use(&b, a, INT64_MAX / 2), 0);
	assert_int_equal(use(&b, a, INT64_MAX / 2), -EEXIST);
	assert_int_equal(look(&b, a), -EEXIST);
	assert_int_equal(use(&b, c, INT64_MAX / 2), 0);
	box_reopen(&b);
	assert_int_equal(use(&b, a, INT64_MAX / 2), -EEXIST);
	box_done(&b);
}

static void what_ran_out_goes(void **state)
{
	struct box b;

	(void)state;
	box_init(&b);
	assert_int_equal(use(&b, "0123456789abcdeX", 5), 0); /* ran out in 1970 */
	assert_int_equal(look(&b, "0123456789abcdeX"), 0);
	box_done(&b);
}

static void chats(void **state)
{
	struct box b;

	(void)state;
	box_init(&b);
	assert_int_equal(chat(&b, "ana", "17"), 0);
	assert_int_equal(chat(&b, "luis", "18"), 0);
	assert_int_equal(chat(&b, "ana", "19"), 0); /* another phone */
	assert_int_equal(chat(&b, "luis", NULL), 0);
	box_reopen(&b);
	assert_string_equal(load(&b).text, "bot/ana=19 ");
	box_done(&b);
}

static int take(struct box *b, const char *mark, const char *text)
{
	struct store_said said = {.text = text};
	struct got g = {.done = false};

	memcpy(said.mark, mark, sizeof(said.mark));
	store_answer_take(b->store, &said, INT64_MAX / 2, on_answer, &g);
	box_wait(b, &g.done);
	return g.r;
}

/* FAULTS D3: what was said and not done is found by the next start, once. */
static void what_is_not_done_is_found(void **state)
{
	static const char one[] = "0123456789abcdeX", two[] = "0123456789abcdeY";
	struct got g = {.done = false};
	struct box b;

	(void)state;
	box_init(&b);
	assert_int_equal(take(&b, one, "la tomo"), 0);
	assert_int_equal(take(&b, one, "la cierro"), -EEXIST);
	assert_int_equal(take(&b, two, "nota"), 0);
	store_answer_done(b.store, (const uint8_t *)two, on_answer, &g);
	box_wait(&b, &g.done);
	box_reopen(&b);
	assert_string_equal(load(&b).text, "0123456789abcdeX:la tomo ");
	assert_int_equal(take(&b, two, "nota"), -EEXIST);
	box_done(&b);
}

static void on_mutes(void *arg, int r, const struct store_mute *v, size_t n)
{
	struct got *g = arg;
	size_t i, len = 0;

	assert_int_equal(r, 0);
	g->text[0] = '\0';
	for (i = 0; i < n; i++)
		len += (size_t)snprintf(g->text + len, sizeof(g->text) - len, "%s %d %d %s: %s|", v[i].topic,
					v[i].severity, v[i].critical, v[i].who, v[i].why);
	g->done = true;
}

static void on_mute(void *arg, int r, int64_t id)
{
	struct got *g = arg;

	g->r = r;
	g->id = id;
	g->done = true;
}

static int64_t mute(struct box *b, struct store_mute m)
{
	struct got g = {.done = false};

	store_mute_put(b->store, &m, on_mute, &g);
	box_wait(b, &g.done);
	assert_int_equal(g.r, 0);
	return g.id;
}

static const char *mutes(struct box *b)
{
	static struct got g;

	g.done = false;
	store_mutes(b->store, on_mutes, &g);
	box_wait(b, &g.done);
	return g.text;
}

static void mutes_last_until_their_end(void **state)
{
	const int64_t far_ms = INT64_C(4102444800000); /* 2100 */
	struct box b;
	int64_t id;

	(void)state;
	box_init(&b);
	id = mute(&b, (struct store_mute){0, "acme", 1, false, 1, far_ms, "ana", "obras"});
	(void)mute(&b, (struct store_mute){0, "beta", 2, true, 1, far_ms, "luis", "feria"});
	(void)mute(&b, (struct store_mute){0, "gama", 2, true, 1, 2, "luis", "ya pasó"});
	box_reopen(&b);
	assert_string_equal(mutes(&b), "acme 1 0 ana: obras|beta 2 1 luis: feria|");
	assert_int_equal(mute(&b, (struct store_mute){.id = id, .until_ms = 5}), id);
	assert_string_equal(mutes(&b), "beta 2 1 luis: feria|");
	box_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_key_stays),
		cmocka_unit_test(a_link_is_used_once),
		cmocka_unit_test(what_ran_out_goes),
		cmocka_unit_test(chats),
		cmocka_unit_test(what_is_not_done_is_found),
		cmocka_unit_test(mutes_last_until_their_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
