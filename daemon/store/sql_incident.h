#pragma once
/* For store/sql: incidents, and what happened in each. */

/* The newest is never dropped, so that no number is used twice. */
#define SQL_TABLE_INCIDENT(X)                                                                                          \
	X(INCIDENT_PUT,                                                                                                \
	  "INSERT INTO incident (id, topic, alert, state, severity, peak, ended, live, opened, closed, owner, kept) "  \
	  "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT (id) DO UPDATE SET topic = ?2, "     \
	  "alert = ?3, state = ?4, severity = ?5, peak = ?6, ended = ?7, live = ?8, opened = ?9, closed = ?10, owner " \
	  "= "                                                                                                         \
	  "?11, kept = ?12")                                                                                           \
	X(DOSSIERS_OWED,                                                                                               \
	  "SELECT DISTINCT i.id, l.who FROM incident i JOIN incident_line l ON l.incident = i.id AND l.what = 'told' " \
	  "AND l.who IS NOT NULL WHERE i.closed > ? AND i.ended IN (1, 2) AND i.alert <> '@drill' AND NOT EXISTS "     \
	  "(SELECT 1 FROM notice n WHERE n.matter = 'dossier ' || i.id || ' ' || l.who) ORDER BY i.id LIMIT ?")        \
	X(INCIDENT_LINE, "INSERT INTO incident_line (incident, at, what, who, text) VALUES (?, ?, ?, ?, ?)")           \
	X(INCIDENT_READ,                                                                                               \
	  "SELECT id, topic, alert, state, severity, peak, ended, live, opened, closed, owner, kept FROM incident "    \
	  "WHERE (?1 = 0 OR id = ?1) AND (?2 = 0 OR live) ORDER BY id DESC LIMIT ?3")                                  \
	X(INCIDENT_SINCE,                                                                                              \
	  "SELECT id, topic, alert, peak, ended, opened, closed FROM incident WHERE coalesce(closed, ?1) >= ?1 ORDER " \
	  "BY id DESC LIMIT ?2")                                                                                       \
	X(INCIDENT_LINES, "SELECT at, what, who, text FROM incident_line WHERE incident = ? ORDER BY id DESC LIMIT ?") \
	X(INCIDENT_TEXTS, "SELECT id, text FROM incident_line WHERE text IS NOT NULL")                                 \
	X(INCIDENT_TEXT_SET, "UPDATE incident_line SET text = ? WHERE id = ?")                                         \
	X(INCIDENT_TOLD,                                                                                               \
	  "SELECT i.id, n.person, n.state FROM incident i JOIN notice n ON n.kind = 'incident' AND n.matter = i.id "   \
	  "|| ' ' || n.person WHERE i.live ORDER BY n.created, n.rowid")                                               \
	X(INCIDENT_LAST, "SELECT coalesce(max(id), 0) FROM incident")                                                  \
	X(INCIDENT_LINES_OLD,                                                                                          \
	  "DELETE FROM incident_line WHERE incident IN (SELECT id FROM incident WHERE NOT live AND closed < ?1 AND "   \
	  "id < (SELECT max(id) FROM incident))")                                                                      \
	X(INCIDENT_OLD, "DELETE FROM incident WHERE NOT live AND closed < ?1 AND id < (SELECT max(id) FROM incident)")
