#include "parse/charset_names.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "parse/charset.h"

/* The allow-list. Aliases are lower case, letters and digits alone, behind any "x" or "cs". What a web browser reads wider
 * than its name is wider here: iso-8859-1 and ASCII as windows-1252, GB 2312 as GB 18030 (WHATWG Encoding §4.2). */
const struct charset charsets[] = {
	[CHARSET_ROW_UTF8] = {"utf-8", NULL, CHARSET_UTF8, 1, "utf8 unicode11utf8 unicode20utf8 utf8mb4 utf"},
	[CHARSET_ROW_UTF7] = {"utf-7", NULL, CHARSET_REFUSED, 1, "utf7 unicode11utf7 unicode20utf7 utf7imap"},
	[CHARSET_ROW_UTF16LE] = {"utf-16le", "UTF-16LE", CHARSET_WIDE, 2, "utf16le ucs2le unicodelittle"},
	[CHARSET_ROW_UTF16BE] = {"utf-16be", "UTF-16BE", CHARSET_WIDE, 2, "utf16be ucs2be unicodebig"},
	[CHARSET_ROW_UTF32LE] = {"utf-32le", "UTF-32LE", CHARSET_WIDE, 4, "utf32le ucs4le"},
	[CHARSET_ROW_UTF32BE] = {"utf-32be", "UTF-32BE", CHARSET_WIDE, 4, "utf32be ucs4be"},
	[CHARSET_ROW_WINDOWS_1252] =
		{"windows-1252", "WINDOWS-1252", CHARSET_BYTE, 1,
		 "windows1252 win1252 cp1252 1252 ansi iso88591 88591 latin1 l1 isolatin1 ascii usascii iso646us us "
		 "ansix341968"},
	{"utf-16", NULL, CHARSET_WIDE_UNSURE, 2, "utf16 u16 ucs2 iso10646ucs2 unicode"},
	{"utf-32", NULL, CHARSET_WIDE_UNSURE, 4, "utf32 u32 ucs4 iso10646ucs4"},
	{"iso-8859-2", "ISO-8859-2", CHARSET_BYTE, 1, "iso88592 88592 latin2 l2 isolatin2"},
	{"iso-8859-3", "ISO-8859-3", CHARSET_BYTE, 1, "iso88593 latin3 l3 isolatin3"},
	{"iso-8859-4", "ISO-8859-4", CHARSET_BYTE, 1, "iso88594 latin4 l4 isolatin4"},
	{"iso-8859-5", "ISO-8859-5", CHARSET_BYTE, 1, "iso88595 cyrillic isolatincyrillic"},
	{"iso-8859-6", "ISO-8859-6", CHARSET_BYTE, 1, "iso88596 arabic isolatinarabic"},
	{"iso-8859-7", "ISO-8859-7", CHARSET_BYTE, 1, "iso88597 greek greek8 isolatingreek"},
	{"iso-8859-8", "ISO-8859-8", CHARSET_BYTE, 1, "iso88598 iso88598i hebrew isolatinhebrew"},
	{"iso-8859-10", "ISO-8859-10", CHARSET_BYTE, 1, "iso885910 latin6 l6 isolatin6"},
	{"iso-8859-13", "ISO-8859-13", CHARSET_BYTE, 1, "iso885913 latin7 l7"},
	{"iso-8859-14", "ISO-8859-14", CHARSET_BYTE, 1, "iso885914 latin8 l8"},
	{"iso-8859-15", "ISO-8859-15", CHARSET_BYTE, 1, "iso885915 885915 latin9 l9"},
	{"iso-8859-16", "ISO-8859-16", CHARSET_BYTE, 1, "iso885916 latin10 l10"},
	{"windows-874", "CP874", CHARSET_BYTE, 1, "windows874 cp874 iso885911 tis620 dos874"},
	{"windows-1250", "WINDOWS-1250", CHARSET_BYTE, 1, "windows1250 win1250 cp1250 1250"},
	{"windows-1251", "WINDOWS-1251", CHARSET_BYTE, 1, "windows1251 win1251 cp1251 1251"},
	{"windows-1253", "WINDOWS-1253", CHARSET_BYTE, 1, "windows1253 win1253 cp1253"},
	{"windows-1254", "WINDOWS-1254", CHARSET_BYTE, 1, "windows1254 win1254 cp1254 iso88599 latin5 l5 isolatin5"},
	{"windows-1255", "WINDOWS-1255", CHARSET_BYTE, 1, "windows1255 win1255 cp1255"},
	{"windows-1256", "WINDOWS-1256", CHARSET_BYTE, 1, "windows1256 win1256 cp1256"},
	{"windows-1257", "WINDOWS-1257", CHARSET_BYTE, 1, "windows1257 win1257 cp1257"},
	{"windows-1258", "WINDOWS-1258", CHARSET_BYTE, 1, "windows1258 win1258 cp1258"},
	{"koi8-r", "KOI8-R", CHARSET_BYTE, 1, "koi8r koi8 koi"},
	{"koi8-u", "KOI8-U", CHARSET_BYTE, 1, "koi8u koi8ru"},
	{"macintosh", "MACINTOSH", CHARSET_BYTE, 1, "macintosh mac macroman"},
	{"mac-cyrillic", "MAC-CYRILLIC", CHARSET_BYTE, 1, "maccyrillic macukrainian"},
	{"mac-centraleurope", "MAC-CENTRALEUROPE", CHARSET_BYTE, 1, "maccentraleurope macce maclatin2"},
	{"gb18030", "GB18030", CHARSET_MULTIBYTE, 1,
	 "gb18030 gb2312 gb231280 gbk euccn cp936 ms936 windows936 chinese isoir58"},
	{"big5", "BIG5-HKSCS", CHARSET_MULTIBYTE, 1, "big5 big5hkscs cp950 cnbig5 big5tw"},
	{"euc-kr", "UHC", CHARSET_MULTIBYTE, 1,
	 "euckr ksc5601 ksc56011987 ksc56011989 ks korean uhc cp949 windows949 isoir149"},
	{"euc-jp", "EUC-JP-MS", CHARSET_MULTIBYTE, 1, "eucjp ujis eucpkdfmtjapanese"},
	{"shift_jis", "CP932", CHARSET_MULTIBYTE, 1, "shiftjis sjis mskanji windows31j cp932 ms932"},
	{"iso-2022-jp", "ISO-2022-JP", CHARSET_MULTIBYTE, 1, "iso2022jp"},
};

const size_t n_charsets = ARRAY_LEN(charsets);
_Static_assert(ARRAY_LEN(charsets) <= CHARSETS_MAX, "room for every descriptor");

static bool in_list(const char *list, const char *word, size_t len)
{
	const char *p;

	for (p = list; *p; p += strcspn(p, " "), p += *p == ' ')
		if (strcspn(p, " ") == len && memcmp(p, word, len) == 0)
			return true;
	return false;
}

const struct charset *charset_find(const char *name, size_t len)
{
	char key[CHARSET_NAME_MAX];
	size_t n = 0, i, from = 0;

	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)name[i];

		if (!isalnum(c)) /* of ASCII: the locale is C */
			continue;
		if (n == sizeof(key))
			return NULL;
		key[n++] = (char)tolower(c);
	}
	for (;;) {
		for (i = 0; i < n_charsets && n > from; i++)
			if (in_list(charsets[i].aliases, key + from, n - from))
				return &charsets[i];
		if (n - from > 2 && from == 0 && memcmp(key, "cs", 2) == 0)
			from = 2;
		else if (n - from > 1 && from == 0 && key[0] == 'x')
			from = 1;
		else
			return NULL;
	}
}
