#pragma once
/*
 * store/sql: every statement that the log runs, on one page (sql.c). Each connection prepares one when it is first used
 * and keeps it.
 *
 * OR FAIL, in what each mention and hit runs: a statement that fires triggers and may fail half-way keeps a copy of every
 * page that it changes, to undo itself. Ours need not: a failure undoes the request that it belongs to (store/group).
 */

/* What mention_row_read() reads, in its order; m is mention, n the name of its source. */
#define SQL_MENTION                                                                                                    \
	"m.id, m.key, m.stream, m.seen, m.published, m.source, n.name, m.flags, m.likes, m.shares, m.replies, "        \
	"m.views, "                                                                                                    \
	"m.rating, m.author_followers, m.platform, m.kind, m.lang, m.country, m.author_name, m.author_handle, "        \
	"m.author_url, m.guid, m.url, m.parent, m.title, m.hits, m.text"
/* What store/sources reads; s is source, n its name. */
#define SQL_SOURCE                                                                                                     \
	"n.name, s.flags, s.identity, s.failures, s.polled, s.ok, s.new, s.next, s.body_hash, s.platform, s.title, "   \
	"s.error, s.error_detail"
/* What store/deaf reads; d is deaf, n the name of its source. */
#define SQL_DEAF                                                                                                       \
	"SELECT d.began, d.id, n.name, s.title, d.kind, d.ended, d.why, d.detail FROM deaf d LEFT JOIN name n ON "     \
	"n.id = d.source LEFT JOIN source s ON s.id = d.source "

/* Rows of stream as they were up to version 5 of the schema (0 waits, 1 was sent) become what they are since. */
#define SQL_STREAM_BY_MARK                                                                                             \
	"UPDATE stream SET state = 4 WHERE state = 0 AND id <= (SELECT n FROM total WHERE id = 6);"                    \
	"UPDATE stream SET state = 0 WHERE state = 1;"

/* What the table total counts, and name.uses, as they are. */
#define SQL_TRUE_TOTALS                                                                                                \
	"SELECT 0 AS id, (SELECT count(*) FROM outbox WHERE state = 0) AS n UNION ALL SELECT 1, (SELECT count(*) "     \
	"FROM outbox WHERE state = 1) UNION ALL SELECT 2, (SELECT count(*) FROM outbox WHERE state = 2) UNION ALL "    \
	"SELECT 3, (SELECT count(*) FROM outbox WHERE state = 3) UNION ALL SELECT 4, (SELECT count(*) FROM mention) "  \
	"UNION ALL SELECT 5, (SELECT count(*) FROM source)"
#define SQL_TRUE_USES                                                                                                  \
	"SELECT id, count(*) AS n FROM (SELECT id FROM source UNION ALL SELECT source FROM mention UNION ALL SELECT "  \
	"source FROM sighting UNION ALL SELECT topic FROM hit UNION ALL SELECT source FROM deaf) GROUP BY id"

#define SQL_TABLE(X)                                                                                                   \
	X(BEGIN_WRITE, "BEGIN IMMEDIATE")                                                                              \
	X(BEGIN_READ, "BEGIN")                                                                                         \
	X(COMMIT, "COMMIT")                                                                                            \
	X(ROLLBACK, "ROLLBACK")                                                                                        \
	X(SAVEPOINT, "SAVEPOINT request")                                                                              \
	X(RELEASE, "RELEASE request")                                                                                  \
	X(ROLLBACK_TO, "ROLLBACK TO request")                                                                          \
	X(NAME_FIND, "SELECT id FROM name WHERE name = ?")                                                             \
	X(NAME_ADD, "INSERT INTO name (name) VALUES (?)")                                                              \
	X(SOURCE_PUT,                                                                                                  \
	  "INSERT INTO source (id, flags, identity, failures, polled, ok, new, next, body_hash, platform, title, "     \
	  "error, "                                                                                                    \
	  "error_detail, address, etag, last_modified, habits) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, " \
	  "?12, ?13, "                                                                                                 \
	  "?14, ?15, ?16, ?17) ON CONFLICT (id) DO UPDATE SET flags = ?2, identity = ?3, failures = ?4, polled = ?5, " \
	  "ok = "                                                                                                      \
	  "?6, "                                                                                                       \
	  "new = ?7, next = ?8, body_hash = ?9, platform = ?10, title = ?11, error = ?12, error_detail = ?13, "        \
	  "address = ?14, etag = ?15, last_modified = ?16, habits = ?17")                                              \
	X(SOURCE_MARK,                                                                                                 \
	  "UPDATE source SET polled = ?2, ok = ?2, next = ?3 WHERE id = (SELECT id FROM name WHERE name = ?1)")        \
	X(SOURCE_LOAD,                                                                                                 \
	  "SELECT " SQL_SOURCE                                                                                         \
	  ", s.address, s.etag, s.last_modified, s.habits, s.id FROM name n JOIN source s ON s.id = n.id "             \
	  "WHERE n.name = ?")                                                                                          \
	X(SOURCE_ALL, "SELECT " SQL_SOURCE " FROM source s JOIN name n ON n.id = s.id")                                \
	X(SEEN_LOAD, "SELECT keys FROM seen WHERE source = ?")                                                         \
	X(SEEN_PUT, "INSERT INTO seen (source, keys) VALUES (?1, ?2) ON CONFLICT (source) DO UPDATE SET keys = ?2")    \
	X(MENTION_ADD,                                                                                                 \
	  "INSERT OR FAIL INTO mention (id, key, stream, seen, published, source, flags, likes, shares, replies, "     \
	  "views, "                                                                                                    \
	  "rating, "                                                                                                   \
	  "author_followers, platform, kind, lang, country, author_name, author_handle, author_url, guid, url, "       \
	  "parent, "                                                                                                   \
	  "title, hits, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "  \
	  "ON CONFLICT (key) DO NOTHING")                                                                              \
	X(MENTION_SET,                                                                                                 \
	  "UPDATE mention SET key = ?, stream = ?, seen = ?, published = ?, source = ?, flags = ?, likes = ?, shares " \
	  "= ?, "                                                                                                      \
	  "replies = ?, views = ?, rating = ?, author_followers = ?, platform = ?, kind = ?, lang = ?, country = ?, "  \
	  "author_name = ?, author_handle = ?, author_url = ?, guid = ?, url = ?, parent = ?, title = ?, hits = ?, "   \
	  "text = ? WHERE id = ?")                                                                                     \
	X(MENTION_FIND, "SELECT " SQL_MENTION " FROM mention m JOIN name n ON n.id = m.source WHERE m.key = ?")        \
	X(MENTION_BY_ID, "SELECT " SQL_MENTION " FROM mention m JOIN name n ON n.id = m.source WHERE m.id = ?")        \
	X(MENTION_BEHIND,                                                                                              \
	  "SELECT " SQL_MENTION " FROM mention m JOIN name n ON n.id = m.source WHERE m.id > ? ORDER BY m.id LIMIT ?") \
	X(MENTION_COUNTS, "SELECT id, seen, likes, shares, replies, views, stream FROM mention WHERE id = "            \
			  "coalesce((SELECT mention FROM "                                                             \
			  "alias WHERE key = ?1), (SELECT id FROM mention WHERE key = ?1)) AND source = ?2")           \
	X(ALIAS_ANY, "SELECT EXISTS (SELECT 1 FROM alias)")                                                            \
	X(PAST_ANY, "SELECT EXISTS (SELECT 1 FROM past)")                                                              \
	X(ALIAS_FIND, "SELECT mention FROM alias WHERE key = ?")                                                       \
	X(ALIAS_ADD,                                                                                                   \
	  "INSERT INTO alias (key, mention) SELECT ?1, id FROM mention WHERE id = coalesce((SELECT mention FROM "      \
	  "alias WHERE key = ?2), (SELECT id FROM mention WHERE key = ?2)) AND NOT EXISTS (SELECT 1 FROM mention "     \
	  "WHERE key = ?1) ON CONFLICT DO NOTHING")                                                                    \
	X(ALIAS_DROP, "DELETE FROM alias WHERE mention = ?")                                                           \
	X(PAST_ADD,                                                                                                    \
	  "INSERT OR IGNORE INTO past (key, shown) SELECT k.key, ?2 FROM (SELECT key FROM mention WHERE id = ?1 "      \
	  "UNION ALL SELECT key FROM alias WHERE mention = ?1) AS k WHERE EXISTS (SELECT 1 FROM mention m JOIN "       \
	  "source s ON s.id = m.source WHERE m.id = ?1 AND m.stream IS NOT NULL AND s.crowded)")                       \
	X(PAST_SHOWN, "UPDATE past SET shown = max(shown, ?) WHERE key = ?")                                           \
	X(PAST_MOVED, "INSERT OR IGNORE INTO past (key, shown) SELECT ?1, shown FROM past WHERE key = ?2")             \
	X(PAST_OLD, "DELETE FROM past WHERE shown < ?")                                                                \
	X(SOURCE_CROWDED, "UPDATE source SET crowded = 1 WHERE id = ? AND NOT crowded")                                \
	X(SOURCE_OLD, "DELETE FROM source WHERE id IN (SELECT id FROM source WHERE coalesce(polled, 0) < ? LIMIT ?)")  \
	X(NAME_UNUSED, "DELETE FROM name WHERE uses = 0")                                                              \
	X(MENTION_SET_COUNTS, "UPDATE mention SET likes = ?, shares = ?, replies = ?, views = ? WHERE id = ?")         \
	X(MENTION_SET_STREAM, "UPDATE mention SET stream = ? WHERE id = ?")                                            \
	X(MENTION_PLAIN, "SELECT id, stream, seen FROM mention WHERE id > ? ORDER BY id LIMIT ?")                      \
	X(MENTION_DROP, "DELETE FROM mention WHERE id = ?")                                                            \
	X(TOTAL_ADD, "UPDATE total SET n = n + ? WHERE id = ?")                                                        \
	X(TOTAL_SET, "UPDATE total SET n = ? WHERE id = ?")                                                            \
	X(TOTAL_LAST_MENTION, "SELECT n FROM total WHERE id = 7")                                                      \
	X(MARK_SENT, "UPDATE mark SET at = ? WHERE name = 'sent'")                                                     \
	X(NAME_USE, "UPDATE name SET uses = uses + ? WHERE id = ?")                                                    \
	X(TOTALS, "SELECT n FROM total ORDER BY id")                                                                   \
	X(MENTION_ENDS, "SELECT (SELECT max(id) FROM mention), (SELECT seen FROM mention ORDER BY id LIMIT 1)")        \
	X(SIGHTING_ADD, "INSERT INTO sighting (mention, source, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")          \
	X(SIGHTINGS, "SELECT n.name FROM sighting s JOIN name n ON n.id = s.source WHERE s.mention = ? ORDER BY s.at") \
	X(SIGHTING_DROP, "DELETE FROM sighting WHERE mention = ?")                                                     \
	X(VERSION_ADD, "INSERT INTO version (mention, until, title, text) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING") \
	X(VERSION_THIN, "DELETE FROM version WHERE mention = ?1 AND (SELECT count(*) FROM version WHERE mention = "    \
			"?1) > ?2 AND until = "                                                                        \
			"(SELECT until FROM version WHERE mention = ?1 ORDER BY until LIMIT 1 OFFSET 1)")              \
	X(VERSIONS, "SELECT until, title, text FROM version WHERE mention = ? ORDER BY until")                         \
	X(VERSION_DROP, "DELETE FROM version WHERE mention = ?")                                                       \
	X(COUNTS_ADD,                                                                                                  \
	  "INSERT INTO counts (mention, at, likes, shares, replies, views) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "           \
	  "ON CONFLICT DO UPDATE SET likes = ?3, shares = ?4, replies = ?5, views = ?6")                               \
	X(COUNTS_FIRST,                                                                                                \
	  "INSERT INTO counts (mention, at, likes, shares, replies, views) SELECT ?1, ?2, ?3, ?4, ?5, ?6 "             \
	  "WHERE NOT EXISTS (SELECT 1 FROM counts WHERE mention = ?1)")                                                \
	X(COUNTS_N, "SELECT count(*) FROM counts WHERE mention = ?")                                                   \
	X(COUNTS_THIN, "DELETE FROM counts WHERE mention = ?1 AND at IN (SELECT at FROM (SELECT at, row_number() "     \
		       "OVER (ORDER BY at) AS "                                                                        \
		       "nth FROM counts WHERE mention = ?1) WHERE nth % 2 = 0)")                                       \
	X(COUNTS, "SELECT at, likes, shares, replies, views FROM counts WHERE mention = ? ORDER BY at")                \
	X(COUNTS_DROP, "DELETE FROM counts WHERE mention = ?")                                                         \
	X(STREAM_LAST, "SELECT max(id) FROM stream")                                                                   \
	X(STREAM_ADD, "INSERT OR FAIL INTO stream (id, mention, state, crc) VALUES (?, ?, ?, ?)")                      \
	X(STREAM_ADD_BATCH, "INSERT OR FAIL INTO stream (id, mention, state, crc) VALUES (?, ?, ?, ?), (?, ?, ?, ?), " \
			    "(?, ?, ?, ?), (?, ?, ?, ?), (?, ?, ?, ?), (?, ?, ?, ?), (?, ?, ?, ?), (?, ?, ?, ?)")      \
	X(STREAM_FIND, "SELECT mention, state FROM outbox WHERE id = ?")                                               \
	X(STREAM_MOVE, "UPDATE stream SET id = ?, state = 0, crc = ? WHERE id = ?")                                    \
	X(STREAM_SET_CRC, "UPDATE stream SET crc = ? WHERE id = ?")                                                    \
	X(STREAM_LEAVE, "UPDATE stream SET state = 2 WHERE id = ?")                                                    \
	X(STREAM_SET_STATE, "UPDATE OR FAIL stream SET state = ? WHERE id = ? AND state = ?")                          \
	X(STREAM_WAITS_BETWEEN, "UPDATE stream SET state = 4 WHERE id > ? AND id <= ? AND state = 0")                  \
	X(STREAM_WAITS_BEHIND, "UPDATE stream INDEXED BY stream_again SET state = 0 WHERE state = 4 AND id > ?")       \
	X(STREAM_IDS_BETWEEN, "SELECT id FROM stream WHERE id > ? AND id <= ? AND state = 0 ORDER BY id")              \
	X(STREAM_MARK, "SELECT n FROM total WHERE id = 6")                                                             \
	X(STREAM_WAITING, "SELECT id FROM stream WHERE id > ? AND state = 0 ORDER BY id LIMIT ?")                      \
	X(STREAM_AGAIN,                                                                                                \
	  "SELECT id FROM stream INDEXED BY stream_again WHERE state = 4 AND id > ? ORDER BY id LIMIT ?")              \
	X(STREAM_ROW,                                                                                                  \
	  "SELECT s.crc, " SQL_MENTION " FROM stream s LEFT JOIN mention m ON m.id = s.mention LEFT JOIN name n ON "   \
	  "n.id = m.source WHERE s.id = ?")                                                                            \
	X(STREAM_SENT_BETWEEN, "SELECT count(*) FROM stream WHERE id > ? AND id <= ? AND state = 0")                   \
	X(STREAM_SENT_UP_TO, "SELECT id FROM stream WHERE id <= ? AND state = 0 ORDER BY id DESC LIMIT 1")             \
	X(STREAM_OLD,                                                                                                  \
	  "SELECT id, mention FROM stream WHERE id < ?1 AND (state <> 0 OR id <= ?2) AND state <> ?3 ORDER BY id "     \
	  "LIMIT ?4")                                                                                                  \
	X(MENTION_OLDEST,                                                                                              \
	  "SELECT m.id, coalesce(m.stream, 0) FROM mention m LEFT JOIN stream s ON s.id = m.stream WHERE s.id IS "     \
	  "NULL OR (s.id < ?1 AND (s.state <> 0 OR s.id <= ?2) AND s.state <> ?3) ORDER BY m.id LIMIT ?4")             \
	X(STREAM_DROP, "DELETE FROM stream WHERE id = ?")                                                              \
	X(STREAM_OLDEST_WAITING,                                                                                       \
	  "SELECT coalesce((SELECT id FROM stream INDEXED BY stream_again WHERE state = 4 ORDER BY id LIMIT 1), "      \
	  "(SELECT id FROM stream WHERE id > (SELECT n FROM total WHERE id = 6) AND state = 0 ORDER BY id LIMIT 1))")  \
	X(HIT_ADD, "INSERT OR FAIL INTO hit (topic, stream) VALUES (?, ?) ON CONFLICT DO NOTHING")                     \
	X(HIT_ADD_BATCH, "INSERT OR FAIL INTO hit (topic, stream) VALUES (?, ?), (?, ?), (?, ?), (?, ?), (?, ?), "     \
			 "(?, ?), (?, ?), (?, ?)")                                                                     \
	X(HIT_MOVE, "UPDATE hit SET stream = ? WHERE topic = ? AND stream = ?")                                        \
	X(HIT_DROP, "DELETE FROM hit WHERE topic = ? AND stream = ?")                                                  \
	X(HITS_SINCE,                                                                                                  \
	  "SELECT " SQL_MENTION " FROM stream s JOIN mention m ON m.id = s.mention JOIN name n ON n.id = m.source "    \
	  "WHERE s.id > ? ORDER BY s.id LIMIT ?")                                                                      \
	X(HITS_NEWEST,                                                                                                 \
	  "SELECT " SQL_MENTION " FROM stream s JOIN mention m ON m.id = s.mention JOIN name n ON n.id = m.source "    \
	  "ORDER BY s.id DESC LIMIT ?")                                                                                \
	X(HITS_SINCE_TOPIC,                                                                                            \
	  "SELECT " SQL_MENTION " FROM hit h JOIN stream s ON s.id = h.stream JOIN mention m ON m.id = s.mention "     \
	  "JOIN name n ON n.id = m.source WHERE h.topic = (SELECT id FROM name WHERE name = ?) AND h.stream > ? "      \
	  "ORDER BY h.stream LIMIT ?")                                                                                 \
	X(HITS_NEWEST_TOPIC,                                                                                           \
	  "SELECT " SQL_MENTION " FROM hit h JOIN stream s ON s.id = h.stream JOIN mention m ON m.id = s.mention "     \
	  "JOIN name n ON n.id = m.source WHERE h.topic = (SELECT id FROM name WHERE name = ?) "                       \
	  "ORDER BY h.stream DESC LIMIT ?")                                                                            \
	X(SEARCH_MARK, "SELECT at FROM mark WHERE name = 'search'")                                                    \
	X(SEARCH_SET_MARK, "UPDATE mark SET at = ? WHERE name = 'search'")                                             \
	X(SEARCH_ADD, "INSERT INTO search (rowid, title, text, author) VALUES (?, ?, ?, ?)")                           \
	X(SEARCH_DROP, "INSERT INTO search (search, rowid, title, text, author) VALUES ('delete', ?, ?, ?, ?)")        \
	X(SEARCH,                                                                                                      \
	  "SELECT " SQL_MENTION " FROM search f JOIN mention m ON m.id = f.rowid JOIN name n ON n.id = m.source "      \
	  "WHERE search MATCH ? ORDER BY f.rowid DESC LIMIT ?")                                                        \
	X(REPLAY,                                                                                                      \
	  "SELECT " SQL_MENTION " FROM mention m JOIN name n ON n.id = m.source WHERE m.id < ? AND m.seen >= ? ORDER " \
	  "BY m.id DESC LIMIT ?")                                                                                      \
	X(REPLAY_COUNTS, /* as they were when it was judged last: at its first sight, or at its last edit */           \
	  "SELECT likes, shares, replies, views FROM counts WHERE mention = ?1 AND at <= max(?2, coalesce((SELECT "    \
	  "max(until) FROM version WHERE mention = ?1), 0)) ORDER BY at DESC LIMIT 1")                                 \
	X(REPLAY_COUNT, "SELECT count(*) FROM mention WHERE seen >= ?")                                                \
	X(REPLAY_FIRST, "SELECT seen FROM mention ORDER BY id LIMIT 1")                                                \
	X(REPLAY_FIRST_PLAIN, "SELECT seen FROM mention WHERE stream IS NULL ORDER BY id LIMIT 1")                     \
	X(REPLAY_DEAF, /* overlapping lines of a source count twice: the sum is for the order alone, but for 0's */    \
	  "SELECT d.source, sum(min(coalesce(d.ended, ?2), ?2) - max(d.began, ?1)), n.name FROM deaf d LEFT JOIN "     \
	  "name n ON n.id = d.source WHERE d.began < ?2 AND coalesce(d.ended, ?2) > ?1 GROUP BY d.source ORDER BY 2 "  \
	  "DESC, 3")                                                                                                   \
	X(DEAF_END_OTHERS,                                                                                             \
	  "UPDATE deaf SET ended = max(began, ?3) WHERE source = ?1 AND kind = ?2 AND ended IS NULL AND began <> ?3")  \
	X(DEAF_PUT,                                                                                                    \
	  "INSERT INTO deaf (source, kind, began, ended, why, detail) VALUES (?1, ?2, ?3, max(?3, ?4), ?5, ?6) "       \
	  "ON CONFLICT (source, kind, began) DO UPDATE SET "                                                           \
	  "ended = CASE WHEN excluded.ended IS NULL THEN NULL ELSE coalesce(ended, excluded.ended) END, "              \
	  "why = coalesce(excluded.why, why), detail = CASE WHEN excluded.why IS NULL THEN detail ELSE "               \
	  "excluded.detail END")                                                                                       \
	X(DEAF_END_OPEN, "UPDATE deaf SET ended = max(began, ?) WHERE source = ? AND kind = ? AND ended IS NULL")      \
	X(DEAF_LIST, SQL_DEAF "WHERE (d.began, d.id) > (?1, ?2) AND d.began < ?4 AND coalesce(d.ended, ?4) > ?3 "      \
			      "ORDER BY d.began, d.id")                                                                \
	X(DEAF_LOST,                                                                                                   \
	  "UPDATE deaf SET ended = max(began, coalesce((SELECT polled FROM source s WHERE s.id = deaf.source), ?3)) "  \
	  "WHERE ended IS NULL AND source > 0 AND NOT EXISTS (SELECT 1 FROM source s WHERE s.id = "                    \
	  "deaf.source AND (s.polled > ?1 OR s.flags & ?2))")                                                          \
	X(DEAF_OLD, "DELETE FROM deaf WHERE ended < ?")                                                                \
	X(DEAF_CROWD,                                                                                                  \
	  "DELETE FROM deaf WHERE id IN (SELECT id FROM deaf WHERE ended IS NOT NULL ORDER BY began DESC LIMIT -1 "    \
	  "OFFSET ?)")                                                                                                 \
	X(ALIVE, "SELECT at FROM mark WHERE name = 'alive'")                                                           \
	X(ALIVE_SET, "INSERT INTO mark (name, at) VALUES ('alive', ?1) ON CONFLICT (name) DO UPDATE SET at = ?1")      \
	X(NOTICE_PUT,                                                                                                  \
	  "INSERT INTO notice (key, kind, matter, facts, person, channel, state, tries, tries_here, rounds, "          \
	  "maybe, created, next, ended, why, thread) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "      \
	  "?13, ?14, ?15, (SELECT coalesce(thread, key) FROM notice WHERE kind = ?2 AND matter = ?3 AND created "      \
	  "> ?16 ORDER BY created DESC LIMIT 1)) ON CONFLICT (key) DO UPDATE SET facts = ?4, person = ?5, "            \
	  "channel = ?6, state = ?7, tries = ?8, tries_here = ?9, rounds = ?10, maybe = ?11, next = ?13, ended "       \
	  "= ?14, why = ?15 RETURNING thread")                                                                         \
	X(NOTICE_OPEN,                                                                                                 \
	  "SELECT key, kind, matter, facts, person, channel, state, tries, tries_here, rounds, maybe, created, "       \
	  "next, ended, why, thread FROM notice WHERE state < 2 AND kind = ? ORDER BY created LIMIT ?")                \
	X(NOTICE_RECENT, "SELECT created FROM notice WHERE kind = ? ORDER BY created DESC LIMIT ?")                    \
	X(NOTICE_LOST, "SELECT count(*) FROM notice WHERE state = 3 AND kind = ? AND ended > ?")                       \
	X(NOTICE_OLD, "DELETE FROM notice WHERE state >= 2 AND ended < ?")                                             \
	X(INBOX_FORGET, "DELETE FROM inbox_seen WHERE at < ? OR at > ?")                                               \
	X(INBOX_OLD, "DELETE FROM inbox WHERE at < ?")                                                                 \
	X(INBOX_COUNT, "SELECT count(*), coalesce(sum(size), 0) FROM inbox WHERE source = ?")                          \
	X(INBOX_NOTE, "INSERT INTO inbox_seen (digest, at) VALUES (?, ?) ON CONFLICT DO NOTHING")                      \
	X(INBOX_PUT, "INSERT INTO inbox (source, at, size, body) VALUES (?, ?, ?, ?)")                                 \
	X(INBOX_NEXT, "SELECT id, body FROM inbox WHERE id = (SELECT min(id) FROM inbox WHERE source = ?)")            \
	X(INBOX_DROP, "DELETE FROM inbox WHERE id = ? AND source = ?")                                                 \
	X(TABLES,                                                                                                      \
	  "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'shadow') ORDER BY name")    \
	X(STREAM_INSPECT,                                                                                              \
	  "SELECT s.id, s.crc, s.state, coalesce(m.id, 0), " SQL_MENTION " FROM outbox s LEFT JOIN mention m ON "      \
	  "m.id = s.mention LEFT JOIN name n ON n.id = m.source WHERE s.id > ? ORDER BY s.id LIMIT ?")                 \
	X(HIT_LOST,                                                                                                    \
	  "SELECT id FROM mention m WHERE id > ? AND stream IS NOT NULL AND NOT EXISTS (SELECT 1 FROM stream WHERE "   \
	  "id = m.stream) ORDER BY id LIMIT 1")                                                                        \
	X(SEARCH_CHECK, "INSERT INTO search (search) VALUES ('integrity-check')")                                      \
	X(VACUUM, "PRAGMA incremental_vacuum(256)")

#define SQL_ENUM(name, text) SQL_##name,
enum sql { SQL_TABLE(SQL_ENUM) SQLS };
#undef SQL_ENUM

extern const char *const sql_text[SQLS];
