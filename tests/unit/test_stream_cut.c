/* source/stream_cut: frames out of bytes, however they come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/mem.h"
#include "source/stream_cut.h"

enum { BATCH_BYTES = 8 << 20 };

struct cutting {
	struct stream_cut cut;
	struct stream_batch batch;
};

static void begin(struct cutting *c, bool sse, const char *const *events, size_t n)
{
	stream_cut_init(&c->cut, sse, events, n);
	stream_batch_init(&c->batch, BATCH_BYTES);
}

static void end(struct cutting *c)
{
	stream_cut_done(&c->cut);
	stream_batch_done(&c->batch);
}

static const struct {
	bool sse;
	const char *in, *lines, *id; /* id NULL: none */
} cases[] = {
	{false, "{\"a\":1}\r\n\r\n{\"b\":2}\n{\"c\"", "{\"a\":1}\n{\"b\":2}\n", NULL},
	{false, "\xEF\xBB\xBF{\"a\":1}\n", "{\"a\":1}\n", NULL},
	{true, "event: update\nid: 7\ndata: {\"a\":\ndata: 1}\n\n", "{\"a\": 1}\n", "7"},
	{true, "data: 1\r\rdata: 2\r\n\r\ndata:3\n\n", "1\n2\n3\n", NULL},
	{true, ":thump\n\n: x\ndata: 1\nretry: 5\nnada\n\n", "1\n", NULL},
	{true, "event: delete\nid: 8\ndata: 1\n\n", "", "8"},       /* nobody wants it, and it says where to go on */
	{true, "id: 9\n\ndata: 1\n\n", "1\n", "9"},                 /* an id holds on */
	{true, "id: 9\ndata: 1\n\nid\ndata: 2\n\n", "1\n2\n", "9"}, /* an empty one is no place to go on from */
	{true, "id: 9\ndata: 1\n\nid: 10\ndata: 2\n", "1\n", "9"},  /* cut before its end */
	{true,
	 "id: a\x01"
	 "b\ndata: 1\n\n",
	 "1\n", NULL}, /* it could not stand in a header */
	{true, "event: updateupdateupdateupdateupdateupdateupdateupdateupdateupdateupdate\ndata: 1\n\n", "", NULL},
};

static void check(size_t i, size_t step)
{
	static const char *const events[] = {"update", "message"};
	size_t len = strlen(cases[i].in), at;
	struct cutting c;

	begin(&c, cases[i].sse, events, cases[i].sse ? 2 : 0);
	for (at = 0; at < len; at += step)
		stream_cut_put(&c.cut, cases[i].in + at, step < len - at ? step : len - at, &c.batch);
	assert_string_equal(buf_str(&c.batch.lines), cases[i].lines);
	assert_int_equal(c.batch.has_id, cases[i].id != NULL);
	if (cases[i].id)
		assert_string_equal(buf_str(&c.batch.id), cases[i].id);
	end(&c);
}

static void bytes_may_come_in_any_pieces(void **state)
{
	size_t i, step;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++)
		for (step = 1; step <= strlen(cases[i].in); step++)
			check(i, step);
}

/* The largest frame is one, and one byte more is none; what comes after it is read again. */
static void check_size(bool sse, size_t size, bool kept)
{
	cleanup(freep) char *frame = xmalloc(size);
	struct cutting c;

	memset(frame, 'a', size);
	begin(&c, sse, NULL, 0);
	if (sse)
		stream_cut_put(&c.cut, "data: ", 6, &c.batch);
	stream_cut_put(&c.cut, frame, size, &c.batch);
	stream_cut_put(&c.cut, "\n\n", 2, &c.batch);
	assert_int_equal(c.batch.frames, kept);
	assert_int_equal(c.cut.too_large, !kept);
	stream_cut_put(&c.cut, sse ? "data: 1\n\n" : "1\n", sse ? 9 : 2, &c.batch);
	assert_int_equal(c.batch.frames, kept + 1);
	assert_int_equal(c.cut.too_large, !kept);
	end(&c);
}

static void frames_have_a_bound(void **state)
{
	(void)state;
	check_size(false, STREAM_FRAME_MAX, true);
	check_size(false, STREAM_FRAME_MAX + 1, false);
	check_size(false, 2 * STREAM_FRAME_MAX, false);
	check_size(true, STREAM_FRAME_MAX - 1, true);
	check_size(true, STREAM_FRAME_MAX, false);
	check_size(true, 2 * STREAM_FRAME_MAX, false);
}

static void many_lines_of_one_event_have_the_same_bound(void **state)
{
	static char line[1 << 16];
	struct cutting c;
	size_t i;

	(void)state;
	memset(line, 'a', sizeof(line));
	memcpy(line, "data: ", 6);
	line[sizeof(line) - 1] = '\n';
	begin(&c, true, NULL, 0);
	for (i = 0; i < 40; i++)
		stream_cut_put(&c.cut, line, sizeof(line), &c.batch);
	assert_true(c.cut.data.len <= STREAM_FRAME_MAX);
	stream_cut_put(&c.cut, "\ndata: 1\n\n", 10, &c.batch);
	assert_int_equal(c.cut.too_large, 1);
	assert_string_equal(buf_str(&c.batch.lines), "1\n");
	end(&c);
}

static void an_id_has_a_bound(void **state)
{
	cleanup(freep) char *id = xmalloc(STREAM_ID_MAX + 2);
	struct cutting c;
	size_t len;

	(void)state;
	memset(id, '7', STREAM_ID_MAX + 2);
	for (len = STREAM_ID_MAX; len <= STREAM_ID_MAX + 1; len++) {
		begin(&c, true, NULL, 0);
		stream_cut_put(&c.cut, "id: ", 4, &c.batch);
		stream_cut_put(&c.cut, id, len, &c.batch);
		stream_cut_put(&c.cut, "\ndata: 1\n\n", 10, &c.batch);
		assert_int_equal(c.batch.has_id, len == STREAM_ID_MAX);
		end(&c);
	}
}

/* Of a WebSocket: a line, whatever breaks stand in it. */
static void a_message_is_a_frame(void **state)
{
	struct cutting c;

	(void)state;
	begin(&c, false, NULL, 0);
	stream_cut_message("{\"a\":\r\n1}", 9, &c.batch);
	stream_cut_message("{}", 2, &c.batch);
	assert_string_equal(buf_str(&c.batch.lines), "{\"a\":  1}\n{}\n");
	assert_int_equal(c.batch.frames, 2);
	end(&c);
}

static void another_connection_begins_anew(void **state)
{
	struct cutting c;

	(void)state;
	begin(&c, true, NULL, 0);
	stream_cut_put(&c.cut, "id: 1\ndata: 1\n\nid: 2\ndata: {\"ha", 32, &c.batch);
	stream_cut_anew(&c.cut);
	stream_cut_put(&c.cut, "data: 2\n\n", 9, &c.batch);
	assert_string_equal(buf_str(&c.batch.lines), "1\n2\n");
	assert_string_equal(buf_str(&c.batch.id), "1");
	end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_may_come_in_any_pieces),
		cmocka_unit_test(frames_have_a_bound),
		cmocka_unit_test(many_lines_of_one_event_have_the_same_bound),
		cmocka_unit_test(an_id_has_a_bound),
		cmocka_unit_test(a_message_is_a_frame),
		cmocka_unit_test(another_connection_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
