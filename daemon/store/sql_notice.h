#pragma once
/*
 * store/sql_notice: the statements of store/sql that are about notices, and what was sent to us and
 * waits to be read.
 */

#define SQL_TABLE_NOTICE(X)                                                                                             \
	X(NOTICE_PUT, /* one that was made before somebody was forgotten leaves no words of theirs when it has ended */ \
	  "INSERT INTO notice (key, kind, matter, facts, person, channel, state, tries, tries_here, rounds, "           \
	  "maybe, created, next, ended, why, thread) VALUES (?1, ?2, ?3, CASE WHEN ?7 >= 2 AND ?12 <= (SELECT "         \
	  "coalesce(max(at), -1) FROM forgotten) THEN '{}' ELSE ?4 END, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, "       \
	  "?14, ?15, (SELECT coalesce(thread, key) FROM notice WHERE kind = ?2 AND matter = ?3 AND created "            \
	  "> ?16 ORDER BY created DESC LIMIT 1)) ON CONFLICT (key) DO UPDATE SET facts = excluded.facts, person = "     \
	  "?5, channel = ?6, state = ?7, tries = ?8, tries_here = ?9, rounds = ?10, maybe = ?11, next = ?13, ended "    \
	  "= ?14, why = ?15 RETURNING thread")                                                                          \
	X(NOTICE_REDACT, "UPDATE notice SET facts = '{}' WHERE state >= 2")                                             \
	X(NOTICE_OPEN,                                                                                                  \
	  "SELECT key, kind, matter, facts, person, channel, state, tries, tries_here, rounds, maybe, created, "        \
	  "next, ended, why, thread FROM notice WHERE state < 2 AND kind = ? ORDER BY created LIMIT ?")                 \
	X(NOTICE_RECENT, "SELECT created FROM notice WHERE kind = ? ORDER BY created DESC LIMIT ?")                     \
	X(NOTICE_LOST, "SELECT count(*) FROM notice WHERE state = 3 AND kind = ? AND ended > ?")                        \
	X(NOTICE_OLD, "DELETE FROM notice WHERE state >= 2 AND ended < ?")                                              \
	X(INBOX_FORGET, "DELETE FROM inbox_seen WHERE at < ? OR at > ?")                                                \
	X(INBOX_OLD, "DELETE FROM inbox WHERE at < ?")                                                                  \
	X(SENT_AS, "SELECT channel, address, matter, id FROM sent_as ORDER BY at DESC LIMIT ?")                         \
	X(SENT_AS_PUT,                                                                                                  \
	  "INSERT INTO sent_as (channel, address, matter, id, at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (channel, "   \
	  "address, matter) DO UPDATE SET id = ?4, at = ?5")                                                            \
	X(SENT_AS_OLD, "DELETE FROM sent_as WHERE at < ?")                                                              \
	X(INBOX_COUNT, "SELECT count(*), coalesce(sum(size), 0) FROM inbox WHERE source = ?")                           \
	X(INBOX_NOTE, "INSERT INTO inbox_seen (digest, at) VALUES (?, ?) ON CONFLICT DO NOTHING")                       \
	X(INBOX_PUT, "INSERT INTO inbox (source, at, size, body) VALUES (?, ?, ?, ?)")                                  \
	X(INBOX_NEXT,                                                                                                   \
	  "SELECT id, body, at FROM inbox WHERE id = (SELECT min(id) FROM inbox WHERE source = ? AND id > ?)")          \
	X(INBOX_DROP, "DELETE FROM inbox WHERE id = ? AND source = ?")
