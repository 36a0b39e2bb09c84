/* Incidents in the log: kept with their lines and messages in one step, found again by the next start, let go after a year. */
#include "store_box.h"

#include "store/incident.h"
#include "store/notice.h"

struct put_got {
	bool done;
	int r;
	size_t n;
	char thread[NOTICE_KEY_SIZE];
};

static void on_put(void *arg, int r, const struct notice_row *notices, size_t n)
{
	struct put_got *got = arg;

	got->r = r;
	got->n = n;
	snprintf(got->thread, sizeof(got->thread), "%s", n && notices[0].thread ? notices[0].thread : "");
	got->done = true;
}

static struct put_got put(struct box *b, const struct store_incident_put *p)
{
	struct put_got got = {.done = false};

	store_incident_put(b->store, p, on_put, &got);
	box_wait(b, &got.done);
	return got;
}

struct got {
	bool done;
	size_t n, n_told, n_lines;
	int64_t last_id, alive_ms;
	char text[2048], told[1024], lines[2048];
	size_t longest;
};

static void on_found(void *arg, int r, const struct store_incidents *f)
{
	struct got *got = arg;
	size_t i, len = 0;

	assert_int_equal(r, 0);
	*got = (struct got){
		.n = f->n, .n_told = f->n_told, .n_lines = f->n_lines, .last_id = f->last_id, .alive_ms = f->alive_ms};
	for (i = 0; i < f->n && i < 20; i++)
		len += (size_t)snprintf(got->text + len, sizeof(got->text) - len, "%lld %s %s %d/%d/%d/%d %d %s %.*s|",
					(long long)f->rows[i].id, f->rows[i].topic, f->rows[i].alert, f->rows[i].state,
					f->rows[i].severity, f->rows[i].peak, f->rows[i].end, f->rows[i].live,
					f->rows[i].owner ? f->rows[i].owner : "-", (int)f->rows[i].len,
					(const char *)f->rows[i].kept);
	for (i = len = 0; i < f->n_told && i < 20; i++)
		len += (size_t)snprintf(got->told + len, sizeof(got->told) - len, "%lld %s %d|",
					(long long)f->told[i].id, f->told[i].person, f->told[i].state);
	for (i = len = 0; i < f->n_lines && i < 20; i++)
		len += (size_t)snprintf(got->lines + len, sizeof(got->lines) - len, "%s %s %s|", f->lines[i].what,
					f->lines[i].who ? f->lines[i].who : "-",
					f->lines[i].text ? f->lines[i].text : "-");
	got->done = true;
}

static const struct got *ask(struct box *b, struct store_incidents_ask a)
{
	static struct got got;

	got.done = false;
	store_incidents(b->store, &a, on_found, &got);
	box_wait(b, &got.done);
	return &got;
}

static struct store_incident row(int64_t id)
{
	return (struct store_incident){.id = id,
				       .topic = "acme",
				       .alert = "ola",
				       .state = 0,
				       .severity = 1,
				       .peak = 2,
				       .live = true,
				       .opened_ms = box_wall_ms,
				       .closed_ms = TIME_NONE,
				       .kept = "ab\0c",
				       .len = 2};
}

static struct notice_row notice(const char *key, const char *matter, const char *person, enum notice_state state)
{
	return (struct notice_row){.key = key,
				   .kind = STORE_INCIDENT_NOTICES,
				   .matter = matter,
				   .facts = "{}",
				   .person = person,
				   .state = state,
				   .created_ms = box_wall_ms,
				   .next_ms = TIME_NONE,
				   .ended_ms = TIME_NONE};
}

static void a_step_is_kept_whole(void **state)
{
	const struct store_incident_line lines[] = {{box_wall_ms, "opened", NULL, "ola"},
						    {box_wall_ms, "told", "ana", NULL}};
	struct store_incident_put p = {.lines = lines, .n_lines = 2};
	struct notice_row n;
	struct put_got got;
	struct box b;

	(void)state; /* FAULTS D3 */
	box_init(&b);
	assert_int_equal(ask(&b, (struct store_incidents_ask){.live = true})->last_id, 0);
	p.row = row(1);
	n = notice("aa", "1 ana", "ana", NOTICE_NEW);
	p.notices = &n;
	p.n_notices = 1;
	got = put(&b, &p);
	assert_int_equal(got.r, 0);
	assert_int_equal(got.n, 1);
	assert_string_equal(got.thread, "");
	box_wall_ms += 1000;
	p.row.state = 1;
	p.row.owner = "ana";
	p.n_lines = 1;
	n = notice("bb", "1 ana", "ana", NOTICE_SENT);
	assert_string_equal(put(&b, &p).thread, "aa"); /* it goes on with what she was told first */
	box_reopen(&b);
	assert_string_equal(ask(&b, (struct store_incidents_ask){.live = true})->text, "1 acme ola 1/1/2/0 1 ana ab|");
	assert_string_equal(ask(&b, (struct store_incidents_ask){.live = true})->told, "1 ana 0|1 ana 2|");
	assert_string_equal(ask(&b, (struct store_incidents_ask){.id = 1})->lines,
			    "opened - ola|told ana -|opened - ola|");
	assert_int_equal(ask(&b, (struct store_incidents_ask){.id = 2})->n, 0);
	box_done(&b);
}

/* One part that can't be kept: nothing of the step is. */
static void half_a_step_is_none(void **state)
{
	const struct store_incident_line line = {box_wall_ms, "opened", NULL, NULL}, broken = {.what = NULL};
	struct store_incident_put p = {.lines = &line, .n_lines = 1};
	struct box b;
	struct notice_row n;

	(void)state;
	box_init(&b);
	p.row = row(1);
	p.lines = &broken;
	n = notice("aa", "1 ana", "ana", NOTICE_NEW);
	p.notices = &n;
	p.n_notices = 1;
	assert_true(put(&b, &p).r < 0); /* its message is given back */
	assert_int_equal(ask(&b, (struct store_incidents_ask){.id = 0})->n, 0);
	p.lines = &line;
	p.row.len = STORE_INCIDENT_KEPT_MAX_BYTES + 1;
	p.row.kept = calloc(1, p.row.len);
	assert_int_equal(put(&b, &p).r, -EMSGSIZE);
	free((void *)p.row.kept);
	assert_int_equal(ask(&b, (struct store_incidents_ask){.id = 0})->n, 0);
	box_done(&b);
}

static void what_ended_long_ago_goes(void **state)
{
	const struct store_incident_line line = {box_wall_ms, "opened", NULL, NULL};
	struct store_incident_put p = {.lines = &line, .n_lines = 1};
	struct box b;
	int64_t id;

	(void)state;
	box_init(&b);
	for (id = 1; id <= 3; id++) {
		p.row = row(id);
		p.row.live = id == 2;
		p.row.closed_ms = box_wall_ms;
		assert_int_equal(put(&b, &p).r, 0);
	}
	box_wall_ms += (STORE_INCIDENT_KEEP_DAYS - 1) * DAY_MS;
	p.row = row(4);
	p.row.live = false;
	p.row.closed_ms = box_wall_ms;
	assert_int_equal(put(&b, &p).r, 0);
	assert_int_equal(ask(&b, (struct store_incidents_ask){.id = 0})->n, 4);
	box_wall_ms += 2 * DAY_MS;
	assert_int_equal(put(&b, &p).r, 0);
	assert_int_equal(ask(&b, (struct store_incidents_ask){.id = 0})->n, 2); /* 2 lives */
	assert_int_equal(ask(&b, (struct store_incidents_ask){.id = 1})->n_lines, 0);
	assert_int_equal(ask(&b, (struct store_incidents_ask){.limit = 1})->last_id, 4);
	box_wall_ms += 2 * STORE_INCIDENT_KEEP_DAYS * DAY_MS;
	assert_int_equal(put(&b, &p).r, 0);
	assert_int_equal(ask(&b, (struct store_incidents_ask){.limit = 1})->last_id, 4); /* no number comes twice */
	box_done(&b);
}

static void answers_are_bounded(void **state)
{
	struct store_incident_line lines[100];
	struct store_incident_put p = {.lines = lines, .n_lines = ARRAY_LEN(lines)};
	static struct put_got ignored;
	struct box b;
	size_t i;

	(void)state;
	box_init(&b);
	for (i = 0; i < ARRAY_LEN(lines); i++)
		lines[i] = (struct store_incident_line){box_wall_ms, "note", NULL, i ? "later" : "first"};
	p.row = row(1);
	for (i = 0; i <= STORE_INCIDENT_LINES_MAX / ARRAY_LEN(lines); i++)
		assert_int_equal(put(&b, &p).r, 0);
	assert_int_equal(ask(&b, (struct store_incidents_ask){.id = 1})->n_lines, STORE_INCIDENT_LINES_MAX);
	p.n_lines = 0;
	for (i = 2; i <= STORE_INCIDENTS_MAX + 1; i++) {
		p.row = row((int64_t)i);
		store_incident_put(b.store, &p, on_put, &ignored);
	}
	assert_int_equal(ask(&b, (struct store_incidents_ask){.id = 0})->last_id > 0, 1);
	p.row = row(STORE_INCIDENTS_MAX + 1);
	assert_int_equal(put(&b, &p).r, 0);
	assert_int_equal(ask(&b, (struct store_incidents_ask){.live = true})->n, STORE_INCIDENTS_MAX);
	box_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_step_is_kept_whole),
		cmocka_unit_test(half_a_step_is_none),
		cmocka_unit_test(what_ended_long_ago_goes),
		cmocka_unit_test(answers_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
