#pragma once
/* For store/sql: what happened to incidents, on its way to the stream of them. */
#include "store/sql_stream.h" /* SQL_TABLE_OUTBOX */

#define SQL_CHANGE_COLUMNS "key, incident, at, drill, topic, severity, stage, what, person, who, text, json"

#define SQL_TABLE_CHANGE(X)                                                                                            \
	SQL_TABLE_OUTBOX(X, CHANGE, "incident_change", "incident_change_again", "incident_erase",                      \
			 "SELECT at FROM mark WHERE name = 'incidents'")                                               \
	X(CHANGE_MARK_SET,                                                                                             \
	  "INSERT INTO mark (name, at) VALUES ('incidents', ?1) ON CONFLICT (name) DO UPDATE SET at = ?1")             \
	X(CHANGE_ADD, "INSERT INTO incident_change (id, state, crc, " SQL_CHANGE_COLUMNS                               \
		      ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")                                        \
	X(CHANGE_READ, "SELECT crc, " SQL_CHANGE_COLUMNS " FROM incident_change WHERE id = ?")                         \
	X(CHANGE_MOVE, "UPDATE incident_change SET id = ?, state = ?, crc = ? WHERE id = ?")                           \
	X(CHANGE_TEXTS, "SELECT id, state, text FROM incident_change WHERE text IS NOT NULL")                          \
	X(CHANGE_TEXT_SET, "UPDATE incident_change SET text = ?, crc = ? WHERE id = ?")                                \
	X(CHANGE_ERASE_ADD,                                                                                            \
	  "INSERT OR IGNORE INTO incident_erase (stream, mention) SELECT id, key FROM incident_change WHERE id = ?")   \
	X(CHANGE_WAIT, "SELECT count(*) FROM incident_change WHERE state = 4 OR (state = 0 AND id > (SELECT "          \
		       "coalesce((SELECT at FROM mark WHERE name = 'incidents'), 0)))")                                \
	X(CHANGE_ASIDE, "SELECT count(*) FROM incident_change WHERE state = 3")                                        \
	X(CHANGE_PAST, "SELECT id FROM incident_change ORDER BY id DESC LIMIT 1 OFFSET ?")                             \
	X(CHANGE_DROP, "DELETE FROM incident_change WHERE id <= ?")                                                    \
	X(CHANGE_OLD, "DELETE FROM incident_change WHERE id < ?1 AND (state IN (2, 3) OR state = 0 AND id <= ?2)")
