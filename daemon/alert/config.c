#include "alert/config.h"

#include <string.h>
#include <strings.h>

#include "base/utf8.h"

const char *const channel_by_names[] = {[CHANNEL_SMTP] = "smtp", [CHANNEL_COMMAND] = "command", NULL};
const char *const severity_names[] = {
	[SEVERITY_INFO] = "info", [SEVERITY_WARNING] = "warning", [SEVERITY_CRITICAL] = "critical", NULL};

/* Controls, and what turns the order of letters round or hides between them. */
static bool is_unseen(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || (cp >= 0x200B && cp <= 0x200F) ||
	       (cp >= 0x2028 && cp <= 0x202E) || (cp >= 0x2060 && cp <= 0x206F) || cp == 0xFEFF || cp == 0xFFFD;
}

int address_check(const char *address)
{
	const char *s = address, *end = address + strlen(address), *at = strchr(address, '@'), *p;
	uint32_t cp;

	while (s < end) {
		cp = utf8_next(&s, end);
		if (is_unseen(cp))
			return ADDRESS_E_CONTROL;
	}
	if (strpbrk(address, ",;") || (at && strchr(at + 1, '@')))
		return ADDRESS_E_SEVERAL;
	if (!at || at == address || at - address > ADDRESS_LOCAL_MAX_BYTES || end - address > ADDRESS_MAX_BYTES)
		return ADDRESS_E_SYNTAX;
	if (strpbrk(address, " <>()[]:\\\"") || strstr(address, "..") || *address == '.' || at[-1] == '.')
		return ADDRESS_E_SYNTAX;
	for (p = at + 1; *p && ((*p & 0x80) || strchr(".-", *p) || (*p >= '0' && *p <= '9') ||
				(*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z'));
	     p++)
		;
	return *p || p == at + 1 || at[1] == '.' || at[1] == '-' || p[-1] == '.' || p[-1] == '-' ? ADDRESS_E_SYNTAX : 0;
}

bool channel_is_local(const char *url)
{
	static const char *const hosts[] = {"localhost", "[::1]"};
	const char *host = strstr(url, "://"), *end;
	size_t i;

	if (!host)
		return false;
	host += 3;
	end = *host == '[' ? strchr(host, ']') : NULL;
	end = end ? end + 1 : host + strcspn(host, ":/");
	for (i = 0; i < ARRAY_LEN(hosts); i++)
		if ((size_t)(end - host) == strlen(hosts[i]) && strncasecmp(host, hosts[i], strlen(hosts[i])) == 0)
			return true;
	return strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == (size_t)(end - host);
}
