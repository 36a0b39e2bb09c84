#pragma once
/*
 * store/sql_stream: the statements of store/sql that are about hits, what waits for Redis, and what is counted.
 */
#include "store/sql_mention.h" /* SQL_MENTION */

/* What either stream's outbox is asked, K being how its statements are called: of its table of rows, the index of those that wait
 * though they are not above the mark, what is to go from the stream, and how its mark is read. */
#define SQL_TABLE_OUTBOX(X, K, ROWS, AGAIN, GOES, MARK)                                                                \
	X(K##_LAST, "SELECT max(id) FROM " ROWS)                                                                       \
	X(K##_MARK, MARK)                                                                                              \
	X(K##_SET_STATE, "UPDATE OR FAIL " ROWS " SET state = ? WHERE id = ? AND state = ?")                           \
	X(K##_WAITS_BETWEEN, "UPDATE " ROWS " SET state = 4 WHERE id > ? AND id <= ? AND state = 0")                   \
	X(K##_WAITS_BEHIND, "UPDATE " ROWS " INDEXED BY " AGAIN " SET state = 0 WHERE state = 4 AND id > ?")           \
	X(K##_IDS_BETWEEN, "SELECT id FROM " ROWS " WHERE id > ? AND id <= ? AND state = 0 ORDER BY id")               \
	X(K##_WAITING, "SELECT id FROM " ROWS " WHERE id > ? AND state = 0 ORDER BY id LIMIT ?")                       \
	X(K##_AGAIN, "SELECT id FROM " ROWS " INDEXED BY " AGAIN " WHERE state = 4 AND id > ? ORDER BY id LIMIT ?")    \
	X(K##_SENT_BETWEEN, "SELECT count(*) FROM " ROWS " WHERE id > ? AND id <= ? AND state = 0")                    \
	X(K##_SENT_UP_TO, "SELECT id FROM " ROWS " WHERE id <= ? AND state = 0 ORDER BY id DESC LIMIT 1")              \
	X(K##_OLDEST_WAITING, "SELECT coalesce((SELECT id FROM " ROWS " INDEXED BY " AGAIN                             \
			      " WHERE state = 4 ORDER BY id LIMIT 1), (SELECT id FROM " ROWS " WHERE id > (" MARK      \
			      ") AND state = 0 ORDER BY id LIMIT 1))")                                                 \
	X(K##_ERASE_READ,                                                                                              \
	  "SELECT stream, mention FROM " GOES " WHERE stream > ?1 AND (?2 OR done IS NULL) ORDER BY stream LIMIT ?3")  \
	X(K##_ERASE_DONE, "UPDATE " GOES " SET done = coalesce(done, ?2) WHERE stream = ?1")                           \
	X(K##_ERASE_OLD, "DELETE FROM " GOES " WHERE done < ?")                                                        \
	X(K##_ERASE_WAITING, "SELECT count(*) FROM " GOES " WHERE done IS NULL")

#define SQL_TABLE_STREAM(X)                                                                                            \
	SQL_TABLE_OUTBOX(X, STREAM, "stream", "stream_again", "erase", "SELECT n FROM total WHERE id = 6")             \
	X(ERASE_ADD, "INSERT OR IGNORE INTO erase (stream, mention) SELECT ?1, key FROM mention WHERE id = ?2")        \
	X(ERASE_ADD_FORMER, "INSERT OR IGNORE INTO erase (stream, mention) SELECT f.stream, m.key FROM former f JOIN " \
			    "mention m ON m.id = f.mention WHERE f.mention = ?1 AND m.id = ?2")                        \
	X(FORMER_ADD, "INSERT OR IGNORE INTO former (mention, stream) VALUES (?, ?)")                                  \
	X(FORMER_N, "SELECT count(*) FROM former WHERE mention = ?")                                                   \
	X(FORMER_DROP, "DELETE FROM former WHERE mention = ?")                                                         \
	X(TOTAL_ADD, "UPDATE total SET n = n + ? WHERE id = ?")                                                        \
	X(TOTAL_SET, "UPDATE total SET n = ? WHERE id = ?")                                                            \
	X(TOTAL_LAST_MENTION, "SELECT n FROM total WHERE id = 7")                                                      \
	X(MARK_SENT, "UPDATE mark SET at = ? WHERE name = 'sent'")                                                     \
	X(TOTALS, "SELECT n FROM total ORDER BY id")                                                                   \
	X(STREAM_ADD, "INSERT OR FAIL INTO stream (id, mention, state, crc) VALUES (?, ?, ?, ?)")                      \
	X(STREAM_ADD_BATCH, "INSERT OR FAIL INTO stream (id, mention, state, crc) VALUES (?, ?, ?, ?), (?, ?, ?, ?), " \
			    "(?, ?, ?, ?), (?, ?, ?, ?), (?, ?, ?, ?), (?, ?, ?, ?), (?, ?, ?, ?), (?, ?, ?, ?)")      \
	X(STREAM_FIND, "SELECT mention, state FROM outbox WHERE id = ?")                                               \
	X(STREAM_MOVE, "UPDATE stream SET id = ?, state = ?, crc = ? WHERE id = ?")                                    \
	X(STREAM_SET_CRC, "UPDATE stream SET crc = ? WHERE id = ?")                                                    \
	X(STREAM_LEAVE, "UPDATE stream SET state = 2 WHERE id = ?")                                                    \
	X(STREAM_ROW,                                                                                                  \
	  "SELECT s.crc, " SQL_MENTION " FROM stream s LEFT JOIN mention m ON m.id = s.mention LEFT JOIN name n ON "   \
	  "n.id = m.source WHERE s.id = ?")                                                                            \
	X(STREAM_OLD,                                                                                                  \
	  "SELECT id, mention FROM stream WHERE id < ?1 AND (state <> 0 OR id <= ?2) AND state <> ?3 ORDER BY id "     \
	  "LIMIT ?4")                                                                                                  \
	X(STREAM_DROP, "DELETE FROM stream WHERE id = ?")                                                              \
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
	X(STREAM_INSPECT,                                                                                              \
	  "SELECT s.id, s.crc, s.state, coalesce(m.id, 0), " SQL_MENTION " FROM outbox s LEFT JOIN mention m ON "      \
	  "m.id = s.mention LEFT JOIN name n ON n.id = m.source WHERE s.id > ? ORDER BY s.id LIMIT ?")                 \
	X(HIT_LOST,                                                                                                    \
	  "SELECT id FROM mention m WHERE id > ? AND stream IS NOT NULL AND NOT EXISTS (SELECT 1 FROM stream WHERE "   \
	  "id = m.stream) ORDER BY id LIMIT 1")
