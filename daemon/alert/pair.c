#include "alert/pair.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char alphabet[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"; /* no I, O, 0, 1 */
_Static_assert(sizeof(alphabet) - 1 == 32, "five bits a sign");

static bool stands(const struct pair_code *c, int64_t now_ms)
{
	return *c->code && now_ms < c->until_ms;
}

void pair_begin(struct pair *p, const char *person, const uint8_t chance[PAIR_CODE_LEN], int64_t now_ms,
		char ret[PAIR_CODE_SIZE])
{
	struct pair_code *c = &p->codes[0];
	size_t i;

	pair_used(p, person);
	for (i = 0; i < PAIR_CODES_MAX; i++) {
		if (!stands(&p->codes[i], now_ms)) {
			c = &p->codes[i];
			break;
		}
		if (p->codes[i].until_ms < c->until_ms)
			c = &p->codes[i];
	}
	*c = (struct pair_code){.until_ms = now_ms + PAIR_CODE_MS};
	snprintf(c->person, sizeof(c->person), "%s", person);
	for (i = 0; i < PAIR_CODE_LEN; i++)
		c->code[i] = alphabet[chance[i] & 31];
	snprintf(ret, PAIR_CODE_SIZE, "%.4s-%.4s", c->code, c->code + PAIR_CODE_LEN / 2);
}

void pair_used(struct pair *p, const char *person)
{
	size_t i;

	for (i = 0; i < PAIR_CODES_MAX; i++)
		if (strcmp(p->codes[i].person, person) == 0)
			p->codes[i] = (struct pair_code){.code = ""};
}

/* Nothing but a code, with what a bot's chat puts before it. */
static bool read_code(const char *text, char code[PAIR_CODE_LEN + 1])
{
	static const char *const before[] = {"/start", "/pair"};
	size_t n = 0, i;

	text += strspn(text, " \t\r\n");
	for (i = 0; i < sizeof(before) / sizeof(*before); i++)
		if (strncasecmp(text, before[i], strlen(before[i])) == 0)
			text += strcspn(text, " "); /* "/start@our_bot" */
	for (; *text; text++) {
		if (isspace((unsigned char)*text) || *text == '-')
			continue;
		if (n == PAIR_CODE_LEN || !isalnum((unsigned char)*text))
			return false;
		code[n++] = (char)toupper((unsigned char)*text);
	}
	code[n] = '\0';
	return n == PAIR_CODE_LEN;
}

static struct pair_chat *chat_of(struct pair *p, uint64_t chat, int64_t now_ms)
{
	struct pair_chat *c = &p->chats[0];
	size_t i;

	for (i = 0; i < PAIR_CHATS_MAX; i++) {
		if (p->chats[i].chat == chat && now_ms < p->chats[i].until_ms)
			return &p->chats[i];
		if (p->chats[i].until_ms < c->until_ms)
			c = &p->chats[i];
	}
	*c = (struct pair_chat){.chat = chat, .until_ms = now_ms + PAIR_CODE_MS};
	return c;
}

/* All of it is looked at, whatever it begins with. */
static bool same_code(const char *a, const char *b)
{
	unsigned differs = 0;
	size_t i;

	for (i = 0; i < PAIR_CODE_LEN; i++)
		differs |= (unsigned)(a[i] ^ b[i]);
	return !differs;
}

enum pair_heard pair_hear(struct pair *p, uint64_t chat, const char *text, int64_t now_ms, const char **ret_person)
{
	char code[PAIR_CODE_LEN + 1];
	struct pair_chat *c;
	bool waits = false;
	size_t i;

	for (i = 0; i < PAIR_CODES_MAX; i++)
		waits = waits || stands(&p->codes[i], now_ms);
	if (strcasecmp(text, "/start") == 0) {
		c = chat_of(p, chat, now_ms);
		return c->wrong++ < PAIR_TRIES_MAX ? PAIR_HELLO : PAIR_HELD;
	}
	if (!read_code(text, code))
		return PAIR_NO_CODE;
	if (!waits && !strpbrk(text, "-23456789")) /* a word of eight letters, and nobody waits for a code */
		return PAIR_NO_CODE;
	c = chat_of(p, chat, now_ms);
	if (c->wrong >= PAIR_TRIES_MAX)
		return PAIR_HELD;
	for (i = 0; i < PAIR_CODES_MAX; i++)
		if (stands(&p->codes[i], now_ms) && same_code(p->codes[i].code, code)) {
			*ret_person = p->codes[i].person;
			return PAIR_RIGHT;
		}
	c->wrong++;
	for (i = 0; i < PAIR_CODES_MAX; i++)
		if (stands(&p->codes[i], now_ms) && ++p->codes[i].wrong >= PAIR_WRONG_MAX)
			p->codes[i] = (struct pair_code){.code = ""};
	return PAIR_WRONG;
}
