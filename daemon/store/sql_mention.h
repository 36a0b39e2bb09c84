#pragma once
/*
 * store/sql_mention: the statements of store/sql that are about mentions: what became of them, the search in
 * them, and their being judged once more.
 */
/* What mention_row_read() reads, in its order; m is mention, n the name of its source. */
#define SQL_MENTION                                                                                                    \
	"m.id, m.key, m.stream, m.seen, m.published, m.source, n.name, m.flags, m.likes, m.shares, m.replies, "        \
	"m.views, "                                                                                                    \
	"m.rating, m.author_followers, m.platform, m.kind, m.lang, m.country, m.author_name, m.author_handle, "        \
	"m.author_url, m.guid, m.url, m.parent, m.title, m.hits, m.text"

#define SQL_TABLE_MENTION(X)                                                                                           \
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
	X(MENTION_SET_COUNTS, "UPDATE mention SET likes = ?, shares = ?, replies = ?, views = ? WHERE id = ?")         \
	X(MENTION_SET_STREAM, "UPDATE mention SET stream = ? WHERE id = ?")                                            \
	X(MENTION_PLAIN, "SELECT id, stream, seen FROM mention WHERE id > ? ORDER BY id LIMIT ?")                      \
	X(MENTION_DROP, "DELETE FROM mention WHERE id = ?")                                                            \
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
	  "INSERT INTO counts (mention, at, likes, shares, replies, views, judged) VALUES (?1, ?2, ?3, ?4, ?5, ?6, "   \
	  "?7) ON CONFLICT DO UPDATE SET likes = ?3, shares = ?4, replies = ?5, views = ?6, judged = ?7")              \
	X(COUNTS_FIRST,                                                                                                \
	  "INSERT INTO counts (mention, at, likes, shares, replies, views, judged) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 " \
	  "WHERE NOT EXISTS (SELECT 1 FROM counts WHERE mention = ?1)")                                                \
	X(COUNTS_N, "SELECT count(*) FROM counts WHERE mention = ?")                                                   \
	X(COUNTS_THIN, "DELETE FROM counts WHERE mention = ?1 AND at IN (SELECT at FROM (SELECT at, row_number() "     \
		       "OVER (ORDER BY at) AS "                                                                        \
		       "nth FROM counts WHERE mention = ?1) WHERE nth % 2 = 0)")                                       \
	X(COUNTS, "SELECT at, likes, shares, replies, views FROM counts WHERE mention = ? ORDER BY at")                \
	X(COUNTS_DROP, "DELETE FROM counts WHERE mention = ?")                                                         \
	X(MENTION_OLDEST,                                                                                              \
	  "SELECT m.id, coalesce(m.stream, 0) FROM mention m LEFT JOIN stream s ON s.id = m.stream WHERE s.id IS "     \
	  "NULL OR (s.id < ?1 AND (s.state <> 0 OR s.id <= ?2) AND s.state <> ?3) ORDER BY m.id LIMIT ?4")             \
	X(SEARCH_MARK, "SELECT at FROM mark WHERE name = 'search'")                                                    \
	X(SEARCH_SET_MARK, "UPDATE mark SET at = ? WHERE name = 'search'")                                             \
	X(SEARCH_ADD, "INSERT INTO search (rowid, title, text, author) VALUES (?, ?, ?, ?)")                           \
	X(SEARCH_DROP, "INSERT INTO search (search, rowid, title, text, author) VALUES ('delete', ?, ?, ?, ?)")        \
	X(SEARCH_BEHIND,                                                                                               \
	  "SELECT id, title, text, author_name, author_handle FROM mention WHERE id > ? ORDER BY id LIMIT ?")          \
	X(SEARCH_SETTING, "SELECT v FROM search_config WHERE k = ?")                                                   \
	X(SEARCH_SET, "INSERT INTO search (search, rank) VALUES (?, ?)")                                               \
	X(SEARCH_MERGE, "INSERT INTO search (search, rank) VALUES ('merge', ?)")                                       \
	X(EXPORT_ALL, "SELECT " SQL_MENTION " FROM mention m JOIN name n ON n.id = m.source WHERE m.id > ? ORDER BY m.id LIMIT ?") \
	X(EXPORT_SEEN, "SELECT seen FROM mention WHERE id >= ? ORDER BY id LIMIT 1")                                   \
	X(SCRUB, "SELECT at FROM mark WHERE name = 'scrub'")                                                           \
	X(SCRUB_SET, "INSERT INTO mark (name, at) VALUES ('scrub', ?1) ON CONFLICT (name) DO UPDATE SET at = ?1")      \
	X(SCRUB_DONE, "DELETE FROM mark WHERE name = 'scrub'")                                                         \
	X(SEARCH,                                                                                                      \
	  "SELECT " SQL_MENTION " FROM search f JOIN mention m ON m.id = f.rowid JOIN name n ON n.id = m.source "      \
	  "WHERE search MATCH ? ORDER BY f.rowid DESC LIMIT ?")                                                        \
	X(REPLAY,                                                                                                      \
	  "SELECT " SQL_MENTION " FROM mention m JOIN name n ON n.id = m.source WHERE m.id < ? AND m.seen >= ? ORDER " \
	  "BY m.id DESC LIMIT ?")                                                                                      \
	X(REPLAY_COUNTS, /* as they were when it was judged last: at its first sight, its last edit, or by them */     \
	  "SELECT likes, shares, replies, views FROM counts WHERE mention = ?1 AND at <= max(?2, coalesce((SELECT "    \
	  "max(until) FROM version WHERE mention = ?1), 0), coalesce((SELECT max(at) FROM counts WHERE mention = ?1 "  \
	  "AND judged), 0)) ORDER BY at DESC LIMIT 1")                                                                 \
	X(GROWTH, /* one post after another, its looks as they came */                                                 \
	  "SELECT s.mention, c.at, coalesce(c.likes, 0) + coalesce(c.shares, 0) + coalesce(c.replies, 0), m.key FROM " \
	  "hit h CROSS JOIN stream s ON s.id = h.stream CROSS JOIN counts c ON c.mention = s.mention CROSS JOIN "      \
	  "mention m ON m.id = s.mention WHERE h.topic = (SELECT id FROM name WHERE name = ?) AND h.stream > ? "       \
	  "ORDER BY h.stream, c.at")                                                                                   \
	X(AGAIN_DUE, /* the stream's order leads: a source has few of them */                                          \
	  "SELECT " SQL_MENTION " FROM stream s CROSS JOIN mention m ON m.id = s.mention JOIN name n ON n.id = "       \
	  "m.source WHERE s.id > ? AND s.id <= ? AND n.name = ? ORDER BY s.id LIMIT ?")                                \
	X(REPLAY_COUNT, "SELECT count(*) FROM mention WHERE seen >= ?")                                                \
	X(REPLAY_FIRST, "SELECT seen FROM mention ORDER BY id LIMIT 1")                                                \
	X(REPLAY_FIRST_PLAIN, "SELECT seen FROM mention WHERE stream IS NULL ORDER BY id LIMIT 1")                     \
	X(REPLAY_DEAF, /* overlapping lines of a source count twice: the sum is for the order alone, but for 0's */    \
	  "SELECT d.source, sum(min(coalesce(d.ended, ?2), ?2) - max(d.began, ?1)), n.name FROM deaf d LEFT JOIN "     \
	  "name n ON n.id = d.source WHERE d.began < ?2 AND coalesce(d.ended, ?2) > ?1 AND d.kind NOT IN ('rule', "   \
	  "'field') GROUP BY d.source ORDER BY 2 DESC, 3")                                                                                                   \
	X(REPLAY_DOWN,                                                                                                 \
	  "SELECT began, min(coalesce(ended, ?2), ?2) FROM deaf WHERE source = 0 AND began < ?2 AND coalesce(ended, "  \
	  "?2) > ?1 AND kind NOT IN ('rule', 'field') ORDER BY began LIMIT ?3")                                        \
	X(SEARCH_CHECK, "INSERT INTO search (search) VALUES ('integrity-check')")
