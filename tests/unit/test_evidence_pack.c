/* What is kept raw: without the secrets that it was asked with, compressed, chained; and whom it names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "store/evidence_pack.h"

static const struct {
	const char *url, *want;
} urls[] = {
	{"https://example.com/rss.xml", "https://example.com/rss.xml"},
	{"https://ana:s3cret@example.com/a?q=acme&page=2#top", "https://example.com/a?q=acme&page=2"},
	{"https://a@b@example.com/", "https://example.com/"},
	{"https://example.com/a@b?access_token=xyz&q=acme", "https://example.com/a@b?access_token=***&q=acme"},
	{"https://example.com/?API_KEY=1&Signature=2&x=3", "https://example.com/?API_KEY=***&Signature=***&x=3"},
	{"https://example.com/?user=me&feed=0123456789abcdef0123456789", "https://example.com/?user=me&feed=***"},
	{"https://example.com/?flag&q=", "https://example.com/?flag&q="},
	{"file:/srv/a@b.json", "file:/srv/a@b.json"},
	{"", ""},
};

static void addresses_lose_their_secrets(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(urls); i++) {
		cleanup(buf_done) struct buf b = BUF_INIT(4096);

		evidence_url(urls[i].url, &b);
		assert_string_equal(buf_str(&b), urls[i].want);
	}
}

static void bytes_come_back_as_they_were(void **state)
{
	static const char body[] = "<rss>acme acme acme acme acme \0 acme</rss>";
	size_t packed_len;
	void *packed = evidence_pack(body, sizeof(body), &packed_len), *again;

	(void)state;
	assert_non_null(packed);
	again = evidence_unpack(packed, packed_len, sizeof(body));
	assert_memory_equal(again, body, sizeof(body));
	free(again);
	assert_null(evidence_unpack(packed, packed_len, sizeof(body) - 1));
	((char *)packed)[packed_len / 2] ^= 1;
	assert_null(evidence_unpack(packed, packed_len, sizeof(body)));
	free(packed);
	assert_null(evidence_pack(body, 0, &packed_len));
	assert_null(evidence_pack(body, EVIDENCE_BODY_MAX_BYTES + 1, &packed_len)); /* looks at none of it */
	assert_null(evidence_unpack(body, 4, (size_t)EVIDENCE_BODY_MAX_BYTES + 1));
}

static void what_is_known_of_it_comes_back(void **state)
{
	const struct evidence_about about = {.source = "prensa",
					     .url = "https://example.com/",
					     .status = 200,
					     .at_ms = 1790000000000,
					     .content_type = "text/xml"};
	cleanup(arena_freep) struct arena *a = arena_new(4096);
	cleanup(buf_done) struct buf b = BUF_INIT(4096);
	struct evidence_about got = {.status = -1};

	(void)state;
	evidence_about_put(&about, &b);
	assert_int_equal(evidence_about_get(b.data, b.len - 1, a, &got), EVIDENCE_E_FORMAT);
	assert_int_equal(evidence_about_get("", 0, a, &got), EVIDENCE_E_FORMAT);
	assert_int_equal(got.status, -1);
	assert_int_equal(evidence_about_get(b.data, b.len, a, &got), 0);
	assert_string_equal(got.source, "prensa");
	assert_string_equal(got.url, "https://example.com/");
	assert_string_equal(got.content_type, "text/xml");
	assert_int_equal(got.at_ms, 1790000000000);
	assert_null(got.etag);
}

static void each_part_of_a_link_counts(void **state)
{
	struct evidence_link l = {.incident = 1, .at_ms = 2, .size = 3};
	uint8_t before[EVIDENCE_HASH_BYTES] = {0}, first[EVIDENCE_HASH_BYTES], other[EVIDENCE_HASH_BYTES];
	size_t i;

	(void)state;
	evidence_chain(before, &l, first);
	for (i = 0; i < 6; i++) {
		struct evidence_link changed = l;
		uint8_t link[EVIDENCE_HASH_BYTES] = {0};

		changed.incident += i == 0;
		changed.at_ms += i == 1;
		changed.size += i == 2;
		changed.about[31] ^= i == 3;
		changed.body[0] ^= i == 4;
		link[5] ^= i == 5;
		evidence_chain(link, &changed, other);
		assert_memory_not_equal(first, other, sizeof(first));
	}
}

static const struct {
	const char *text, *who;
	bool names;
} people[] = {
	{"{\"handle\":\"Ana\"}", "@ana", true},
	{"hola @ANA!", "@ana", true},
	{"https://example.com/ana/1", "@ana", true},
	{"<name>ana</name>", "@ana", true},
	{"Ana se queja", "@ana", false},
	{"\"anamar\"", "@ana", false},
	{"@ana_2", "@ana", false},
	{"Mariana", "@ana", false},
	{"@ana", "@ana", true},
	{"\"mu\\u00f1oz\"", "@mu\xC3\xB1oz", true},
	{"@mu\xC3\xB1oz", "@mu", false},
	{"\"https:\\/\\/example.com\\/@Ana\"", "example.com/@ana", true},
	{"https://example.com/@anamar", "example.com/@ana", false},
	{"xexample.com/@ana", "example.com/@ana", false},
	{"\\ud83d\\u00", "@ana", false},
	{"", "@ana", false},
	{"@", "@", false},
};

static void people_are_found_as_they_are_written(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(people); i++)
		if (evidence_names(people[i].text, strlen(people[i].text), people[i].who) != people[i].names)
			fail_msg("%s in %s", people[i].who, people[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_lose_their_secrets),         cmocka_unit_test(bytes_come_back_as_they_were),
		cmocka_unit_test(what_is_known_of_it_comes_back),       cmocka_unit_test(each_part_of_a_link_counts),
		cmocka_unit_test(people_are_found_as_they_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
