/* fetch/decode and fetch/decoder: what comes coded, whole, cut, broken, padded, or as a bomb. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <brotli/encode.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "fetch/decoder.h"
#include "loop/loop.h"

enum { PLAIN_MAX = 4 << 20, CODED_MAX = 8 << 20 };

/* --- making what is to be undone --- */

static struct buf packed(const struct buf *plain, int window_bits)
{
	struct buf b = BUF_INIT(CODED_MAX);
	z_stream z = {.next_in = (unsigned char *)plain->data, .avail_in = (uInt)plain->len};
	size_t room = plain->len + 1024;

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_out = (unsigned char *)buf_reserve(&b, room);
	z.avail_out = (uInt)room;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	buf_commit(&b, room - z.avail_out);
	deflateEnd(&z);
	return b;
}

static struct buf in_gzip(const struct buf *plain)
{
	return packed(plain, MAX_WBITS + 16);
}

static struct buf in_zlib(const struct buf *plain)
{
	return packed(plain, MAX_WBITS);
}

static struct buf in_bare(const struct buf *plain)
{
	return packed(plain, -MAX_WBITS);
}

static struct buf in_br(const struct buf *plain)
{
	struct buf b = BUF_INIT(CODED_MAX);
	size_t len = BrotliEncoderMaxCompressedSize(plain->len) + 16;
	unsigned char *to = (unsigned char *)buf_reserve(&b, len);

	assert_true(BrotliEncoderCompress(5, BROTLI_MAX_WINDOW_BITS, BROTLI_MODE_GENERIC, plain->len,
					  (const unsigned char *)plain->data, &len, to));
	buf_commit(&b, len);
	return b;
}

/* As a server does that doesn't know how much will come. */
static struct buf in_window(const struct buf *plain, int log)
{
	struct buf b = BUF_INIT(CODED_MAX);
	size_t room = ZSTD_compressBound(plain->len);
	ZSTD_CCtx *c = ZSTD_createCCtx();
	ZSTD_outBuffer out = {.dst = buf_reserve(&b, room), .size = room};
	ZSTD_inBuffer in = {.src = plain->data, .size = plain->len};

	assert_false(ZSTD_isError(ZSTD_CCtx_setParameter(c, ZSTD_c_windowLog, log)));
	assert_false(ZSTD_isError(ZSTD_compressStream2(c, &out, &in, ZSTD_e_continue)));
	assert_int_equal(ZSTD_compressStream2(c, &out, &in, ZSTD_e_end), 0);
	ZSTD_freeCCtx(c);
	buf_commit(&b, out.pos);
	return b;
}

static struct buf in_zstd(const struct buf *plain)
{
	return in_window(plain, 20);
}

static const struct {
	const char *name;
	struct buf (*make)(const struct buf *plain);
} ways[] = {
	{"gzip", in_gzip},    {"x-gzip", in_gzip}, {"deflate", in_zlib},
	{"DEFLATE", in_bare}, {"br", in_br},       {"zstd", in_zstd},
};

static struct buf news(size_t len)
{
	struct buf b = BUF_INIT(PLAIN_MAX);

	for (int i = 0; b.len < len; i++)
		buf_printf(&b, "<item><title>Nota %d</title><guid>%d</guid></item>\n", i, i * 7919);
	b.len = len;
	return b;
}

static struct buf noise(size_t len)
{
	struct buf b = BUF_INIT(PLAIN_MAX);
	uint64_t x = 88172645463325252u;

	while (b.len < len) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		buf_putc(&b, (char)(x >> 32));
	}
	return b;
}

static struct buf zeros(size_t len)
{
	struct buf b = BUF_INIT(PLAIN_MAX);

	memset(buf_reserve(&b, len), 0, len);
	buf_commit(&b, len);
	return b;
}

static struct buf copy(const struct buf *from, size_t len)
{
	struct buf b = BUF_INIT(CODED_MAX);

	buf_put(&b, from->data, len);
	return b;
}

static struct codings codings(const char *value)
{
	struct codings c = {.n = 0};

	codings_add(&c, value, strlen(value));
	return c;
}

static int undo(const char *value, struct buf *body, size_t max_bytes, char why[static DECODE_WHY_MAX])
{
	struct codings c = codings(value);

	return decode(&c, body, max_bytes, why);
}

static void same(const struct buf *a, const struct buf *b)
{
	assert_int_equal(a->len, b->len);
	if (a->len)
		assert_memory_equal(a->data, b->data, a->len);
}

/* --- whole --- */

static void what_was_packed_comes_out(void **state)
{
	struct buf plain[] = {news(1), news(30000), noise(300000), zeros(PLAIN_MAX - 1)};
	char why[DECODE_WHY_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		for (size_t k = 0; k < ARRAY_LEN(plain); k++) {
			struct buf b = ways[i].make(&plain[k]);

			if (undo(ways[i].name, &b, PLAIN_MAX, why) != 0)
				fail_msg("%s: %s", ways[i].name, why);
			same(&b, &plain[k]);
			assert_string_equal(why, "");
			buf_done(&b);
		}
	}
	for (size_t k = 0; k < ARRAY_LEN(plain); k++)
		buf_done(&plain[k]);
}

/* FAULTS F5 */
static void codings_are_undone_from_the_last(void **state)
{
	static const char *const five[] = {" gzip ,br", "identity, zstd,", "deflate", "none", ", x-gzip,Chunked"};
	static struct buf (*const make[])(const struct buf *) = {in_br, in_zstd, in_bare, in_gzip};
	struct buf plain = news(5000), b = in_gzip(&plain), more;
	struct codings c = {.n = 0};
	char why[DECODE_WHY_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(make); i++) {
		more = make[i](&b);
		buf_done(&b);
		b = more;
	}
	for (size_t i = 0; i < ARRAY_LEN(five); i++) /* as many header lines */
		codings_add(&c, five[i], strlen(five[i]));
	assert_int_equal(c.n, DECODE_NESTED_MAX);
	more = copy(&b, b.len);
	assert_int_equal(decode(&c, &b, PLAIN_MAX, why), 0);
	same(&b, &plain);

	codings_add(&c, "br", 2);
	assert_int_equal(decode(&c, &more, PLAIN_MAX, why), DECODE_E_MANY);
	assert_int_equal(more.len, 0);
	assert_string_equal(why, "more than 5 codings, one in the other");
	buf_done(&more);
	buf_done(&b);
	buf_done(&plain);
}

static void what_nobody_knows_is_named(void **state)
{
	struct buf plain = news(100), b = copy(&plain, plain.len);
	char why[DECODE_WHY_MAX];

	(void)state;
	assert_int_equal(undo("compress", &b, PLAIN_MAX, why), DECODE_E_UNKNOWN);
	assert_string_equal(why, "coded as compress, which was not asked for");
	assert_int_equal(b.len, 0);
	b = copy(&plain, plain.len);
	assert_int_equal(undo("gzip, a-name-of-more-than-thirty-one-letters, pack200", &b, PLAIN_MAX, why),
			 DECODE_E_UNKNOWN);
	assert_string_equal(why, "coded as a-name-of-more-than-thirty-one-, which was not asked for");
	assert_int_equal(undo("compress", &b, PLAIN_MAX, why), 0); /* of nothing, nothing */
	b = copy(&plain, plain.len);
	assert_int_equal(undo(" , identity,\tnone ,", &b, PLAIN_MAX, why), 0);
	same(&b, &plain);
	buf_done(&b);
	buf_done(&plain);
}

/* --- not whole, or more --- */

/* At every length of what came: it is told, and what came out until there is the beginning of what would have come. */
static void a_cut_is_told(void **state)
{
	struct buf plain = news(700);
	char why[DECODE_WHY_MAX], want[DECODE_WHY_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		struct buf whole = ways[i].make(&plain);

		if (strcmp(ways[i].name, "x-gzip") == 0 || strcmp(ways[i].name, "DEFLATE") == 0) {
			buf_done(&whole);
			continue;
		}
		snprintf(want, sizeof(want), "the %s ends in the middle", ways[i].name);
		for (size_t len = 1; len < whole.len; len++) {
			struct buf b = copy(&whole, len);

			if (undo(ways[i].name, &b, PLAIN_MAX, why) != DECODE_E_CUT || strcmp(why, want) != 0)
				fail_msg("%s at %zu: %s", ways[i].name, len, why);
			assert_true(b.len <= plain.len && (!b.len || memcmp(b.data, plain.data, b.len) == 0));
			buf_done(&b);
		}
		buf_done(&whole);
	}
	buf_done(&plain);
}

/* Of gzip, whose sum shows it, nothing wrong comes out; of the others, nothing without end. */
static void a_wrong_bit_is_survived(void **state)
{
	struct buf plain = news(400);
	char why[DECODE_WHY_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		struct buf whole = ways[i].make(&plain);

		for (size_t bit = 0; bit < whole.len * 8; bit++) {
			struct buf b = copy(&whole, whole.len);
			bool summed = ways[i].make == in_gzip;
			int r;

			b.data[bit / 8] ^= (char)(1 << bit % 8);
			r = undo(ways[i].name, &b, 100000, why);
			assert_true(b.len <= 100000 && (r == 0) == !*why);
			if (r == 0 && summed) /* a letter of the header, such as its time */
				same(&b, &plain);
			buf_done(&b);
		}
		buf_done(&whole);
	}
	buf_done(&plain);
}

static void what_follows_the_end(void **state)
{
	static const struct {
		const char *name, *tail;
		size_t len;
		int r;
	} cases[] = {
		{"gzip", "\0\0\0\0", 4, 0},
		{"gzip", "basura", 6, 0},
		{"gzip", "\x1f\x8b", 2, 0},
		{"gzip", "\x1f\x8b\x08", 3, DECODE_E_CUT},
		{"gzip", "\x1f\x8b\xff\xff\xff\xff", 6, DECODE_E_BROKEN},
		{"deflate", "basura", 6, 0},
		{"br", "x", 1, DECODE_E_BROKEN},
		{"zstd", "basura", 6, DECODE_E_BROKEN},
	};
	struct buf plain = news(3000);
	char why[DECODE_WHY_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t k = 0;
		struct buf b;

		while (strcmp(ways[k].name, cases[i].name) != 0)
			k++;
		b = ways[k].make(&plain);
		buf_put(&b, cases[i].tail, cases[i].len);
		if (undo(cases[i].name, &b, PLAIN_MAX, why) != cases[i].r)
			fail_msg("%s, case %zu: %s", cases[i].name, i, why);
		if (cases[i].r == 0)
			same(&b, &plain);
		buf_done(&b);
	}
	buf_done(&plain);
}

static void members_and_frames_are_joined(void **state)
{
	struct buf one = news(3000), both = copy(&one, one.len);
	char why[DECODE_WHY_MAX];

	(void)state;
	buf_put(&both, one.data, one.len);
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		struct buf b, again;

		if (ways[i].make != in_gzip && ways[i].make != in_zstd)
			continue;
		b = ways[i].make(&one);
		again = copy(&b, b.len);
		buf_put(&b, again.data, again.len);
		assert_int_equal(undo(ways[i].name, &b, PLAIN_MAX, why), 0);
		same(&b, &both);
		buf_done(&b);
		buf_done(&again);
	}
	buf_done(&one);
	buf_done(&both);
}

static void what_is_not_coded_is_told(void **state)
{
	struct buf plain = news(3000);
	char why[DECODE_WHY_MAX], start[32];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		struct buf b = copy(&plain, plain.len);

		assert_int_equal(undo(ways[i].name, &b, PLAIN_MAX, why), DECODE_E_BROKEN);
		snprintf(start, sizeof(start), "not %s: ", strcmp(ways[i].name, "x-gzip") == 0 ? "gzip" : ways[i].name);
		assert_int_equal(strncasecmp(why, start, strlen(start)), 0);
		buf_done(&b);
	}
	buf_done(&plain);
}

/* --- bounds: FAULTS F5 --- */

static void the_bound_is_exact(void **state)
{
	static const size_t lens[] = {1, 4095, 4096, 4097, 65536, 1 << 20};
	char why[DECODE_WHY_MAX], want[DECODE_WHY_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		for (size_t k = 0; k < ARRAY_LEN(lens); k++) {
			struct buf plain = news(lens[k]), b = ways[i].make(&plain), c = copy(&b, b.len);

			if (undo(ways[i].name, &b, lens[k], why) != 0)
				fail_msg("%s, %zu: %s", ways[i].name, lens[k], why);
			same(&b, &plain);
			assert_int_equal(undo(ways[i].name, &c, lens[k] - 1, why), DECODE_E_LARGE);
			assert_int_equal(c.len, lens[k] - 1);
			snprintf(want, sizeof(want), "more than %zu bytes", lens[k] - 1);
			assert_string_equal(why, want);
			buf_done(&plain);
			buf_done(&b);
			buf_done(&c);
		}
	}
}

/* The outer coding's bytes are bounded, too. */
static void a_bomb_in_a_bomb_goes_no_further(void **state)
{
	struct buf plain = zeros(3 << 20), once, twice;
	char why[DECODE_WHY_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		once = ways[i].make(&plain);
		twice = ways[i].make(&once);
		assert_int_equal(undo(ways[i].name, &once, 1 << 20, why), DECODE_E_LARGE);
		assert_int_equal(once.len, 1 << 20);
		buf_done(&once);
		once = in_gzip(&plain);
		buf_done(&twice);
		twice = in_gzip(&once);
		assert_int_equal(undo("gzip, gzip", &twice, once.len - 1, why), DECODE_E_LARGE);
		assert_int_equal(twice.len, 0); /* it was coded still */
		buf_done(&once);
		buf_done(&twice);
	}
	buf_done(&plain);
}

static void windows_of_zstd_are_bounded(void **state)
{
	struct buf plain = news(100000);
	char why[DECODE_WHY_MAX];

	(void)state;
	for (int log = DECODE_ZSTD_WINDOW_LOG; log <= DECODE_ZSTD_WINDOW_LOG + 1; log++) {
		struct buf b = in_window(&plain, log);

		assert_int_equal(undo("zstd", &b, PLAIN_MAX, why), log == DECODE_ZSTD_WINDOW_LOG ? 0 : DECODE_E_BROKEN);
		buf_done(&b);
	}
	buf_done(&plain);
}

/* --- on threads --- */

struct bench {
	struct loop *loop;
	struct decoder *decoder;
	size_t told, want;
	struct buf plain;
};

static int bench_setup(void **state)
{
	struct bench *b = NEW(struct bench);

	b->plain = news(200000);
	*state = b;
	return loop_new(&b->loop) || decoder_new(b->loop, &b->decoder);
}

static int bench_teardown(void **state)
{
	struct bench *b = *state;

	decoder_free(b->decoder);
	loop_free(b->loop);
	buf_done(&b->plain);
	free(b);
	return 0;
}

static void note(struct bench *b)
{
	if (++b->told == b->want)
		loop_stop(b->loop);
}

static void on_good(int r, struct buf *body, const char *why, void *arg)
{
	struct bench *b = arg;

	assert_int_equal(r, 0);
	assert_string_equal(why, "");
	same(body, &b->plain);
	note(b);
}

static void on_cut(int r, struct buf *body, const char *why, void *arg)
{
	struct bench *b = arg;

	assert_int_equal(r, DECODE_E_CUT);
	assert_string_equal(why, "the gzip ends in the middle");
	same(body, &b->plain); /* all but its sum had come */
	note(b);
}

static void on_cut_for_nothing(int r, struct buf *body, const char *why, void *arg)
{
	(void)why;
	assert_int_equal(r, DECODE_E_CUT);
	assert_null(body->data);
	note(arg);
}

static void on_never(int r, struct buf *body, const char *why, void *arg)
{
	(void)r;
	(void)body;
	(void)why;
	(void)arg;
	fail_msg("told behind its cancel");
}

static struct decoding *start(struct bench *b, size_t left_out, decoder_done on_decoded)
{
	struct codings c = codings("gzip");
	struct buf body = in_gzip(&b->plain);
	struct decoding *k;

	body.len -= left_out;
	k = decoder_start(
		b->decoder,
		&(struct decoder_job){.codings = c, .body = &body, .max_bytes = PLAIN_MAX, .part = left_out == 1},
		on_decoded, b);
	assert_non_null(k);
	assert_null(body.data); /* taken */
	return k;
}

static void run(struct bench *b, size_t want)
{
	b->want = b->told + want;
	loop_run(b->loop);
	assert_int_equal(b->told, b->want);
}

static void threads_tell_on_the_loop(void **state)
{
	struct bench *b = *state;

	for (int i = 0; i < 20; i++)
		start(b, i % 3, i % 3 == 0 ? on_good : i % 3 == 1 ? on_cut : on_cut_for_nothing);
	assert_int_equal(b->told, 0);
	run(b, 20);
}

/* Waiting, running, and, since packing them takes longer, ended but not yet told. */
static void after_a_cancel_no_word(void **state)
{
	struct bench *b = *state;
	struct decoding *k[40];

	for (size_t i = 0; i < ARRAY_LEN(k); i++)
		k[i] = start(b, 0, on_never);
	for (size_t i = 0; i < ARRAY_LEN(k); i++)
		decoder_cancel(k[i]);
	decoder_cancel(NULL);
	start(b, 0, on_good);
	run(b, 1);
}

static void on_good_start_and_cancel(int r, struct buf *body, const char *why, void *arg)
{
	struct bench *b = arg;

	start(b, 0, on_good);
	decoder_cancel(start(b, 0, on_never));
	on_good(r, body, why, arg);
}

static void a_callback_may_start_and_cancel(void **state)
{
	start(*state, 0, on_good_start_and_cancel);
	run(*state, 2);
	start(*state, 0, on_good);
	run(*state, 1);
}

/* What runs when the decoder goes ends by itself, and is dropped where it is. */
static void it_may_go_in_the_middle(void **state)
{
	struct bench *b = *state;

	for (int i = 0; i < 20; i++)
		start(b, 0, on_never);
	b->decoder = decoder_free(b->decoder);
	assert_int_equal(decoder_new(b->loop, &b->decoder), 0);
	start(b, 0, on_good);
	run(b, 1);
}

#define BENCH(t) cmocka_unit_test_setup_teardown(t, bench_setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_packed_comes_out),
		cmocka_unit_test(codings_are_undone_from_the_last),
		cmocka_unit_test(what_nobody_knows_is_named),
		cmocka_unit_test(a_cut_is_told),
		cmocka_unit_test(a_wrong_bit_is_survived),
		cmocka_unit_test(what_follows_the_end),
		cmocka_unit_test(members_and_frames_are_joined),
		cmocka_unit_test(what_is_not_coded_is_told),
		cmocka_unit_test(the_bound_is_exact),
		cmocka_unit_test(a_bomb_in_a_bomb_goes_no_further),
		cmocka_unit_test(windows_of_zstd_are_bounded),
		BENCH(threads_tell_on_the_loop),
		BENCH(after_a_cancel_no_word),
		BENCH(a_callback_may_start_and_cancel),
		BENCH(it_may_go_in_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
