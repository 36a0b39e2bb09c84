#pragma once
/*
 * store/sql_source: the statements of store/sql that are about names, sources, their keys, and when they were not heard.
 */
/* What store/sources reads; s is source, n its name. */
#define SQL_SOURCE                                                                                                     \
	"n.name, s.flags, s.identity, s.failures, s.polled, s.ok, s.new, s.next, s.body_hash, s.platform, s.title, "   \
	"s.error, s.error_detail"
/* What store/deaf reads; d is deaf, n the name of its source. */
#define SQL_DEAF                                                                                                       \
	"SELECT d.began, d.id, n.name, s.title, d.kind, d.ended, d.why, d.detail FROM deaf d LEFT JOIN name n ON "     \
	"n.id = d.source LEFT JOIN source s ON s.id = d.source "

#define SQL_TABLE_SOURCE(X)                                                                                            \
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
	X(SOURCE_CROWDED, "UPDATE source SET crowded = 1 WHERE id = ? AND NOT crowded")                                \
	/* not one whose first poll has no end yet: what it keeps on the way (a token, a place) can't be had again */   \
	X(SOURCE_OLD, "DELETE FROM source WHERE id IN (SELECT id FROM source WHERE polled < ? LIMIT ?)")               \
	X(NAME_UNUSED, "DELETE FROM name WHERE uses = 0")                                                              \
	X(NAME_USE, "UPDATE name SET uses = uses + ? WHERE id = ?")                                                    \
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
	  "WHERE ended IS NULL AND source > 0 AND (kind <> 'rule' OR began < ?4) AND NOT EXISTS (SELECT 1 FROM "       \
	  "source s WHERE s.id = deaf.source AND (s.polled > ?1 OR s.flags & ?2))")                                                          \
	X(DEAF_OLD, "DELETE FROM deaf WHERE ended < ?")                                                                \
	X(DEAF_CROWD,                                                                                                  \
	  "DELETE FROM deaf WHERE id IN (SELECT id FROM deaf WHERE ended IS NOT NULL ORDER BY began DESC LIMIT -1 "    \
	  "OFFSET ?)")                                                                                                 \
	X(ALIVE, "SELECT at FROM mark WHERE name = 'alive'")                                                           \
	X(ALIVE_SET, "INSERT INTO mark (name, at) VALUES ('alive', ?1) ON CONFLICT (name) DO UPDATE SET at = ?1")
