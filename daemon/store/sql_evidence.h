#pragma once
/* For store/sql: answers that are kept raw, and the chain of those that are evidence. */

#define SQL_TABLE_EVIDENCE(X)                                                                                          \
	X(ANSWER_ADD, "INSERT INTO answer (at, size, about, about_hash, body, body_hash) VALUES (?, ?, ?, ?, ?, ?)")   \
	X(ANSWER_HIT, "INSERT OR IGNORE INTO answer_hit (answer, topic, key) VALUES (?, ?, ?)")                        \
	X(ANSWER_OLD, "DELETE FROM answer WHERE held = 0 AND (at < ?1 OR at > ?2)")                                    \
	X(ANSWER_CROWD,                                                                                                \
	  "DELETE FROM answer WHERE held = 0 AND id <= (SELECT id FROM (SELECT id, row_number() OVER w AS rows, "      \
	  "sum(length(body)) OVER w AS bytes FROM answer WHERE held = 0 WINDOW w AS (ORDER BY id DESC)) WHERE rows > " \
	  "?1 OR bytes > ?2 ORDER BY id DESC LIMIT 1)")                                                                \
	X(ANSWER_OF_TOPIC,                                                                                             \
	  "SELECT a.id, a.size, a.about_hash, a.body_hash FROM answer a WHERE a.id IN (SELECT answer FROM "            \
	  "answer_hit WHERE topic = ?1) AND a.at >= ?2 AND a.forgotten IS NULL AND NOT EXISTS (SELECT 1 FROM "         \
	  "evidence WHERE incident = ?3 AND answer = a.id) ORDER BY a.at DESC, a.id DESC LIMIT ?4")                    \
	X(ANSWER_HELD, "UPDATE answer SET held = held + 1 WHERE id = ?")                                               \
	X(ANSWER_EXPIRED, "DELETE FROM answer WHERE held > 0 AND id NOT IN (SELECT answer FROM evidence WHERE at >= "  \
			  "?1) AND at < ?1")                                                                           \
	X(ANSWER_HELD_CROWD,                                                                                           \
	  "DELETE FROM answer WHERE held > 0 AND id <= (SELECT id FROM (SELECT id, sum(length(body)) OVER (ORDER BY "  \
	  "id DESC) AS bytes FROM answer WHERE held > 0) WHERE bytes > ?1 ORDER BY id DESC LIMIT 1)")                  \
	X(ANSWER_FORGET,                                                                                               \
	  "UPDATE answer SET about = NULL, body = NULL, forgotten = ?2 WHERE id = ?1 AND forgotten IS NULL")           \
	X(ANSWER_OF_MENTION,                                                                                           \
	  "SELECT DISTINCT answer FROM answer_hit WHERE key IN (SELECT key FROM mention WHERE id = ?1 UNION SELECT "   \
	  "key FROM alias WHERE mention = ?1)")                                                                        \
	X(ANSWER_NEXT,                                                                                                 \
	  "SELECT id, size, about, body FROM answer WHERE id > ? AND forgotten IS NULL ORDER BY id LIMIT ?")           \
	X(EVIDENCE_ADD,                                                                                                \
	  "INSERT INTO evidence (incident, at, answer, size, about_hash, body_hash, link) VALUES (?, ?, ?, ?, ?, ?, "  \
	  "?)")                                                                                                        \
	X(EVIDENCE_LAST, "SELECT link FROM evidence ORDER BY id DESC LIMIT 1")                                         \
	X(EVIDENCE_COUNT, "SELECT count(*) FROM evidence WHERE incident = ?")                                          \
	X(EVIDENCE_OPEN, "SELECT id FROM incident WHERE live AND closed IS NULL AND opened > ?2 AND alert <> "         \
			 "'@drill' AND topic IN (SELECT topic FROM "                                                   \
			 "answer_hit WHERE answer = ?1)")                                                              \
	X(EVIDENCE_LIST,                                                                                               \
	  "SELECT e.id, e.at, e.size, e.body_hash, e.link, a.id, a.about, a.body IS NOT NULL, a.forgotten FROM "       \
	  "evidence e LEFT JOIN answer a ON a.id = e.answer WHERE e.incident = ? ORDER BY e.id LIMIT ?")               \
	X(EVIDENCE_BODY,                                                                                               \
	  "SELECT e.size, e.body_hash, a.body FROM evidence e LEFT JOIN answer a ON a.id = e.answer WHERE "            \
	  "e.incident = ? AND e.id = ?")                                                                               \
	X(EVIDENCE_CHAIN,                                                                                              \
	  "SELECT e.id, e.incident, e.at, e.size, e.about_hash, e.body_hash, e.link, a.about, a.body FROM evidence e " \
	  "LEFT JOIN answer a ON a.id = e.answer WHERE e.id > ? ORDER BY e.id LIMIT ?")
