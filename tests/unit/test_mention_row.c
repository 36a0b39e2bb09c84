/* store/mention_row: the checksum of a row is the CRC-32 that it has always been: logs of other versions hold it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "mention/mention.h"
#include "store/mention_row.h"

/* As ISO 3309 has it, a bit at a time. */
static uint32_t crc_by_bits(const char *bytes, size_t len)
{
	uint32_t crc = UINT32_MAX;
	size_t i;
	int bit;

	for (i = 0; i < len; i++) {
		crc ^= (unsigned char)bytes[i];
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xEDB88320) : 0);
	}
	return ~crc;
}

static void a_rows_checksum_is_crc_32(void **state)
{
	cleanup(buf_done) struct buf b = BUF_INIT(MENTION_ROW_PACKED_MAX_BYTES);
	char text[513] = "";
	struct mention m;
	size_t len;

	(void)state;
	assert_int_equal(crc_by_bits("123456789", 9), 0xCBF43926); /* the check value of the standard's catalogues */
	mention_init(&m);
	m.text = text;
	for (len = 0; len + 1 < sizeof(text); len++) { /* each length's own way through vectors and rests */
		uint32_t crc = mention_row_pack((int64_t)len << 20, &m, &b);

		assert_int_equal(crc, crc_by_bits(b.data, b.len));
		assert_int_equal(crc, mention_row_crc((int64_t)len << 20, &m));
		text[len] = (char)('a' + len % 26);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_rows_checksum_is_crc_32)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
