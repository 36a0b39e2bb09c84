#pragma once
/* For store/sql: how people answer, what they muted, and the mention that nobody wrote. */

#define SQL_TABLE_ANSWER(X)                                                                                            \
	X(ANSWER_KEY, "SELECT key FROM link_key")                                                                      \
	X(ANSWER_KEY_PUT, "INSERT INTO link_key (id, key) VALUES (1, ?)")                                              \
	X(ANSWER_USE, "INSERT INTO link_used (mark, until) VALUES (?, ?) ON CONFLICT DO NOTHING")                      \
	X(ANSWER_TAKE, "INSERT INTO link_used (mark, until, said) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")             \
	X(ANSWER_SAID, "SELECT mark, said FROM link_used WHERE said IS NOT NULL LIMIT ?")                              \
	X(ANSWER_DONE, "UPDATE link_used SET said = NULL WHERE mark = ?")                                              \
	X(ANSWER_USED, "SELECT 1 FROM link_used WHERE mark = ?")                                                       \
	X(ANSWER_USED_OLD, "DELETE FROM link_used WHERE until < ?")                                                    \
	X(ANSWER_CHATS, "SELECT channel, person, chat FROM chat_of ORDER BY channel, person LIMIT ?")                  \
	X(ANSWER_CHATS_COUNT, "SELECT count(*) FROM chat_of")                                                          \
	X(ANSWER_CHAT_PUT,                                                                                             \
	  "INSERT INTO chat_of (channel, person, chat, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (channel, person) "     \
	  "DO UPDATE SET chat = ?3, at = ?4")                                                                          \
	X(ANSWER_CHAT_DROP, "DELETE FROM chat_of WHERE channel = ? AND person = ?")                                    \
	X(ANSWER_SENT, "SELECT person, matter FROM notice WHERE key = ? AND kind = 'incident'")                        \
	X(MUTES, "SELECT id, topic, severity, critical, since, until, who, why FROM mute WHERE until > ? ORDER BY id " \
		 "LIMIT ?")                                                                                            \
	X(MUTE_PUT,                                                                                                    \
	  "INSERT INTO mute (topic, severity, critical, since, until, who, why) VALUES (?, ?, ?, ?, ?, ?, ?) "         \
	  "RETURNING id")                                                                                              \
	X(MUTE_END, "UPDATE mute SET until = ?2 WHERE id = ?1")                                                        \
	X(MUTE_OLD, "DELETE FROM mute WHERE until < ?")                                                                \
	X(CANARY, "SELECT last, since, told, failed, mention FROM canary")                                             \
	X(CANARY_PUT,                                                                                                  \
	  "INSERT INTO canary (id, last, since, told, failed, mention) VALUES (1, ?1, ?2, ?3, ?4, ?5) ON CONFLICT "    \
	  "(id) DO UPDATE SET last = ?1, since = ?2, told = ?3, failed = ?4, mention = coalesce(?5, mention)")
