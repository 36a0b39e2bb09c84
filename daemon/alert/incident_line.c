#include "alert/incident_line.h"

#include <stdbool.h>
#include <string.h>

#include "alert/incident.h"
#include "base/mem.h"

const char *severity_text(const char *name, enum text_lang lang)
{
	static const struct {
		const char *name;
		enum text_id text;
	} severities[] = {
		{"info", TEXT_CTL_TOPICS_INFO},
		{"warning", TEXT_CTL_TOPICS_WARNING},
		{"critical", TEXT_CTL_TOPICS_CRITICAL},
	};
	size_t i;

	for (i = 0; name && i < ARRAY_LEN(severities); i++)
		if (strcmp(name, severities[i].name) == 0)
			return text_raw(lang, severities[i].text);
	return name ? name : "";
}

const char *incident_state_text(const char *name, enum text_lang lang)
{
	static const struct {
		const char *name;
		enum text_id text;
	} states[] = {
		{"open", TEXT_CTL_INCIDENTS_OPEN},         {"acknowledged", TEXT_CTL_INCIDENTS_ACKNOWLEDGED},
		{"receding", TEXT_CTL_INCIDENTS_RECEDING}, {"closed", TEXT_CTL_INCIDENTS_CLOSED},
		{"false_alarm", TEXT_CTL_INCIDENTS_FALSE},
	};
	size_t i;

	for (i = 0; name && i < ARRAY_LEN(states); i++)
		if (strcmp(name, states[i].name) == 0)
			return text_raw(lang, states[i].text);
	return name ? name : "";
}

/* What a person said, by the word that it was kept as; NULL: another word. */
static char *said_text(enum text_lang lang, const char *who, const char *text)
{
	static const struct {
		const char *word;
		enum text_id text;
	} said[] = {
		{"ack", TEXT_CTL_INCIDENT_SAID_ACK},     {"pass", TEXT_CTL_INCIDENT_SAID_PASS}, /* to whom */
		{"close", TEXT_CTL_INCIDENT_SAID_CLOSE}, {"false-alarm", TEXT_CTL_INCIDENT_SAID_FALSE},
		{"merge", TEXT_CTL_INCIDENT_SAID_MERGE}, /* which, into which */
	};
	size_t len = strcspn(text, " "), i;
	const char *last = strrchr(text, ' ');

	for (i = 0; i < ARRAY_LEN(said); i++)
		if (strlen(said[i].word) == len && strncmp(text, said[i].word, len) == 0)
			return TEXT(lang, said[i].text, who, last ? last + 1 : "");
	return NULL;
}

/* An alert's name, behind its brand's where that is another one; the alerts that every topic has bear none. */
static char *alert_text(enum text_lang lang, const char *alert)
{
	const char *at = strchr(alert, '@');

	return at ? xasprintf("%.*s%s", (int)(at - alert), alert, text_raw(lang, TEXT_CTL_INCIDENT_USUAL_ALERTS))
		  : xstrdup(alert);
}

/* Whom a message went to, and what for. */
static char *told_text(enum text_lang lang, const char *who, const char *reason)
{
	static const enum text_id reasons[INCIDENT_REASONS] = {
		[INCIDENT_BEGINS] = TEXT_CTL_INCIDENT_FOR_BEGINS,   [INCIDENT_RISES] = TEXT_CTL_INCIDENT_FOR_RISES,
		[INCIDENT_REPEATS] = TEXT_CTL_INCIDENT_FOR_REPEATS, [INCIDENT_LAPSED] = TEXT_CTL_INCIDENT_FOR_LAPSED,
		[INCIDENT_BACK] = TEXT_CTL_INCIDENT_BACK,           [INCIDENT_GREW] = TEXT_CTL_INCIDENT_FOR_GREW,
		[INCIDENT_TAKEN_BY] = TEXT_CTL_INCIDENT_FOR_TAKEN,  [INCIDENT_ASKED] = TEXT_CTL_INCIDENT_FOR_ASKED,
		[INCIDENT_RECEDES] = TEXT_CTL_INCIDENT_RECEDES,     [INCIDENT_ENDS] = TEXT_CTL_INCIDENT_FOR_ENDS,
		[INCIDENT_HELD] = TEXT_CTL_INCIDENT_FOR_HELD,       [INCIDENT_SHIFT] = TEXT_CTL_INCIDENT_FOR_SHIFT};
	size_t i;

	for (i = 0; i < INCIDENT_REASONS; i++)
		if (strcmp(reason, incident_reason_names[i]) == 0)
			return TEXT(lang, TEXT_CTL_INCIDENT_TOLD_FOR, who, text_raw(lang, reasons[i]));
	return NULL;
}

char *incident_line_text(enum text_lang lang, const char *what, const char *who, const char *text)
{
	static const struct {
		const char *what;
		enum text_id text;
		bool who, text_too, severity;
	} lines[] = {
		{"opened", TEXT_CTL_INCIDENT_OPENED, false, false, false},
		{"told", TEXT_CTL_INCIDENT_TOLD, true, false, false},
		{"delivered", TEXT_CTL_INCIDENT_DELIVERED, true, false, false},
		{"undelivered", TEXT_CTL_INCIDENT_UNDELIVERED, true, false, false},
		{"nobody", TEXT_CTL_INCIDENT_NOBODY, false, false, false},
		{"rises", TEXT_CTL_INCIDENT_RISES, false, true, true},
		{"falls", TEXT_CTL_INCIDENT_FALLS, false, true, true},
		{"taken", TEXT_CTL_INCIDENT_TAKEN, true, false, false},
		{"recedes", TEXT_CTL_INCIDENT_RECEDES, false, false, false},
		{"back", TEXT_CTL_INCIDENT_BACK, false, false, false},
		{"over", TEXT_CTL_INCIDENT_OVER, false, false, false},
		{"closed", TEXT_CTL_INCIDENT_CLOSED, false, false, false},
		{"false_alarm", TEXT_CTL_INCIDENT_FALSE_ALARM, false, false, false},
		{"merged", TEXT_CTL_INCIDENT_MERGED, false, false, false},
		{"step", TEXT_CTL_INCIDENT_STEP, true, true, false},
		{"unstep", TEXT_CTL_INCIDENT_UNSTEP, true, true, false},
		{"lapsed", TEXT_CTL_INCIDENT_LAPSED, true, false, false},
		{"note", TEXT_CTL_INCIDENT_NOTE, true, true, false},
		{"said", TEXT_CTL_INCIDENT_SAID, true, true, false},
	};
	bool is_said = what && text && strcmp(what, "said") == 0, is_told = what && text && strcmp(what, "told") == 0;
	char *said = is_said   ? said_text(lang, who ? who : "?", text)
		     : is_told ? told_text(lang, who ? who : "?", text)
			       : NULL;
	size_t i;

	if (said)
		return said;
	if (what && text && strcmp(what, "delivered") == 0)
		return TEXT(lang, TEXT_CTL_INCIDENT_DELIVERED_BY, who ? who : "?", text);
	if (what && text && strcmp(what, "joins") == 0) {
		cleanup(freep) char *alert = alert_text(lang, text);

		return TEXT(lang, TEXT_CTL_INCIDENT_JOINS, alert);
	}
	for (i = 0; what && i < ARRAY_LEN(lines); i++) {
		const char *shown = lines[i].severity ? severity_text(text, lang) : text ? text : "";

		if (strcmp(what, lines[i].what) != 0)
			continue;
		if (lines[i].who && lines[i].text_too)
			return TEXT(lang, lines[i].text, who ? who : "?", shown);
		if (lines[i].who)
			return TEXT(lang, lines[i].text, who ? who : "?");
		return lines[i].text_too ? TEXT(lang, lines[i].text, shown) : TEXT(lang, lines[i].text);
	}
	return xstrdup(what ? what : "");
}
