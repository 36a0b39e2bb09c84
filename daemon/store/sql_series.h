#pragma once
/*
 * store/sql_series: the statements of store/sql that are about what is counted over time.
 */
#define SQL_TABLE_SERIES(X)                                                                                            \
	X(SERIES_FIND, "SELECT id FROM series WHERE topic = ? AND kind = ? AND name = ?")                              \
	X(SERIES_ADD, "INSERT INTO series (topic, kind, name) VALUES (?, ?, ?) RETURNING id")                          \
	X(BIN_ADD,                                                                                                     \
	  "INSERT INTO bin (series, minutes, at, n) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n") \
	X(BIN_READ,                                                                                                    \
	  "SELECT s.topic, s.kind, s.name, b.at, b.minutes, b.n FROM bin b INDEXED BY bin_at JOIN series s ON s.id = " \
	  "b.series WHERE b.minutes = ? AND b.at >= ? AND b.at < ? ORDER BY b.at LIMIT ?")                             \
	X(BIN_READ_ONE,                                                                                                \
	  "SELECT s.topic, s.kind, s.name, b.at, b.minutes, b.n FROM series s JOIN bin b ON b.series = s.id WHERE "    \
	  "s.topic = ? AND s.kind = ? AND s.name = ? AND b.at >= ? AND b.at < ? ORDER BY b.at LIMIT ?")                \
	X(BIN_FOLD,                                                                                                    \
	  "INSERT INTO bin (series, minutes, at, n) SELECT series, ?1, at / (?1 * 60000) * (?1 * 60000), sum(n) FROM " \
	  "bin WHERE minutes = ?2 AND at < ?3 GROUP BY 1, 3 ON CONFLICT DO UPDATE SET n = n + excluded.n")             \
	X(BIN_DROP, "DELETE FROM bin WHERE minutes = ? AND at < ?")                                                    \
	X(SERIES_DROP, "DELETE FROM series WHERE NOT EXISTS (SELECT 1 FROM bin WHERE series = series.id)")             \
	X(TOPIC_STATE_PUT, "INSERT OR REPLACE INTO topic_state (topic, at, state) VALUES (?, ?, ?)")                   \
	X(TOPIC_STATES, "SELECT topic, at, state FROM topic_state ORDER BY topic LIMIT ?")                             \
	X(TOPIC_STATE_OLD, "DELETE FROM topic_state WHERE at < ?")
