#include "store/migrations.h"

#include "base/err.h"
#include "store/sql.h"

/* The columns of mention behind its number, the same since the first version. stream is stream.id, NULL where it
 * never entered; source is name.id, where it was first seen. */
#define MENTION_COLUMNS                                                                                                \
	" key BLOB NOT NULL CHECK (length(key) = 16),"                                                                 \
	" stream INTEGER,"                                                                                             \
	" seen INTEGER NOT NULL, published INTEGER,"                                                                   \
	" source INTEGER NOT NULL,"                                                                                    \
	" flags INTEGER NOT NULL,"                                                                                     \
	" likes INTEGER, shares INTEGER, replies INTEGER, views INTEGER, rating REAL, author_followers INTEGER,"       \
	" platform TEXT, kind TEXT, lang TEXT, country TEXT,"                                                          \
	" author_name TEXT, author_handle TEXT, author_url TEXT,"                                                      \
	" guid TEXT, url TEXT, parent TEXT, title TEXT, hits BLOB, text TEXT) STRICT;"

/*
 * Times are wall milliseconds; NULL is an absent fact.
 *
 * mention: columns and not one JSON text, since search, backtests and later facts (language, tone, story) each want their
 *   own, and a JSON text is 40 % larger. What retention and questions look at stands before the long texts, so that they
 *   don't read overflow pages. hits is a blob (a version byte and mention_hits_put()), since it is only ever read with
 *   its mention; hit is the index of it. A number is never used again, since search and former versions refer to it: total
 *   holds the largest that was given.
 * stream: what entered the stream, in its order. id is ms << 20 | seq, one integer (see store/stream_id.h), so that the
 *   rowid itself is the order, and the largest is the mark that the next one must pass: retention never deletes it.
 * search: contentless, since its text is folded in a way of our own (store/search.h).
 */
static const char first[] =
	"CREATE TABLE name ("
	" id INTEGER PRIMARY KEY,"
	" name TEXT NOT NULL UNIQUE) STRICT;"

	"CREATE TABLE source ("
	" id INTEGER PRIMARY KEY," /* name.id */
	" flags INTEGER NOT NULL, identity INTEGER NOT NULL, failures INTEGER NOT NULL,"
	" polled INTEGER, ok INTEGER, new INTEGER, next INTEGER,"
	" body_hash INTEGER NOT NULL,"
	" platform TEXT, title TEXT, error TEXT, error_detail TEXT, address TEXT, etag TEXT, last_modified TEXT) "
	"STRICT;"

	"CREATE TABLE seen ("
	" source INTEGER PRIMARY KEY," /* name.id */
	" keys BLOB NOT NULL) STRICT;"

	"CREATE TABLE mention ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT," MENTION_COLUMNS "CREATE UNIQUE INDEX mention_key ON mention (key);"

	"CREATE TABLE sighting (" /* further sources of a mention */
	" mention INTEGER NOT NULL, source INTEGER NOT NULL, at INTEGER NOT NULL,"
	" PRIMARY KEY (mention, source)) STRICT, WITHOUT ROWID;"

	"CREATE TABLE version (" /* former texts, and when they were replaced */
	" mention INTEGER NOT NULL, until INTEGER NOT NULL, title TEXT, text TEXT,"
	" PRIMARY KEY (mention, until)) STRICT;"

	"CREATE TABLE counts (" /* of mentions whose counts changed: first and each after */
	" mention INTEGER NOT NULL, at INTEGER NOT NULL,"
	" likes INTEGER, shares INTEGER, replies INTEGER, views INTEGER,"
	" PRIMARY KEY (mention, at)) STRICT, WITHOUT ROWID;"

	"CREATE TABLE stream ("
	" id INTEGER PRIMARY KEY,"
	" mention INTEGER NOT NULL,"
	" state INTEGER NOT NULL," /* enum stream_state */
	" crc INTEGER NOT NULL) STRICT;"
	"CREATE INDEX stream_pending ON stream (state) WHERE state = 0;"

	"CREATE TABLE hit ("
	" topic INTEGER NOT NULL," /* name.id */
	" stream INTEGER NOT NULL,"
	" PRIMARY KEY (topic, stream)) STRICT, WITHOUT ROWID;"

	"CREATE TABLE mark (" /* how far those that work behind have come */
	" name TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"INSERT INTO mark VALUES ('search', 0);"

	"CREATE VIRTUAL TABLE search USING fts5 (title, text, author,"
	" content = '', columnsize = 0, tokenize = 'unicode61 remove_diacritics 2');"

	"PRAGMA application_id = 0x65736375;"; /* "escu", for file(1) */

/*
 * total: how many rows there are, kept by triggers, so that they are exact after every transaction and no question counts
 *   them: 0 to 3 rows of stream by their state, 4 mentions, 5 sources; and 6, no count, the largest id that was sent.
 * name.uses: rows that speak of it; one without any may go.
 * alias: further keys of a mention, whose source is told apart in another way since (ITEM_MOVED). The mention keeps the
 *   key that it entered the stream with: by that one a copy there is known again.
 * source.crowded, past: a source with more keys than STORE_SEEN_MAX may show a mention that retention has let go, and
 *   there is no seen key to know it by: so its hits' keys are kept here, and don't enter the stream again.
 */
static const char second[] =
	"CREATE TABLE total (id INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT;"
	"INSERT INTO total VALUES (0, (SELECT count(*) FROM stream WHERE state = 0)),"
	" (1, (SELECT count(*) FROM stream WHERE state = 1)), (2, (SELECT count(*) FROM stream WHERE state = 2)),"
	" (3, (SELECT count(*) FROM stream WHERE state = 3)),"
	" (4, (SELECT count(*) FROM mention)), (5, (SELECT count(*) FROM source)),"
	" (6, (SELECT coalesce(max(id), 0) FROM stream WHERE state = 1));"

	"ALTER TABLE name ADD COLUMN uses INTEGER NOT NULL DEFAULT 0;"
	"UPDATE name SET uses = uses + u.n FROM (SELECT id, count(*) AS n FROM (SELECT id FROM source UNION ALL"
	" SELECT source FROM mention UNION ALL SELECT source FROM sighting UNION ALL SELECT topic FROM hit)"
	" GROUP BY id) AS u WHERE u.id = name.id;"

	"CREATE TRIGGER stream_in AFTER INSERT ON stream BEGIN"
	" UPDATE total SET n = n + 1 WHERE id = NEW.state; END;"
	"CREATE TRIGGER stream_out AFTER DELETE ON stream BEGIN"
	" UPDATE total SET n = n - 1 WHERE id = OLD.state; END;"
	"CREATE TRIGGER stream_state AFTER UPDATE OF state ON stream WHEN OLD.state <> NEW.state BEGIN"
	" UPDATE total SET n = n - 1 WHERE id = OLD.state; UPDATE total SET n = n + 1 WHERE id = NEW.state; END;"
	"CREATE TRIGGER stream_sent AFTER UPDATE OF state ON stream WHEN NEW.state = 1 BEGIN"
	" UPDATE total SET n = NEW.id WHERE id = 6 AND n < NEW.id; END;"
	"CREATE TRIGGER mention_in AFTER INSERT ON mention BEGIN"
	" UPDATE total SET n = n + 1 WHERE id = 4; UPDATE name SET uses = uses + 1 WHERE id = NEW.source; END;"
	"CREATE TRIGGER mention_out AFTER DELETE ON mention BEGIN"
	" UPDATE total SET n = n - 1 WHERE id = 4; UPDATE name SET uses = uses - 1 WHERE id = OLD.source; END;"
	"CREATE TRIGGER source_in AFTER INSERT ON source BEGIN"
	" UPDATE total SET n = n + 1 WHERE id = 5; UPDATE name SET uses = uses + 1 WHERE id = NEW.id; END;"
	"CREATE TRIGGER source_out AFTER DELETE ON source BEGIN"
	" UPDATE total SET n = n - 1 WHERE id = 5; UPDATE name SET uses = uses - 1 WHERE id = OLD.id;"
	" DELETE FROM seen WHERE source = OLD.id; END;"
	"CREATE TRIGGER sighting_in AFTER INSERT ON sighting BEGIN"
	" UPDATE name SET uses = uses + 1 WHERE id = NEW.source; END;"
	"CREATE TRIGGER sighting_out AFTER DELETE ON sighting BEGIN"
	" UPDATE name SET uses = uses - 1 WHERE id = OLD.source; END;"
	"CREATE TRIGGER hit_in AFTER INSERT ON hit BEGIN"
	" UPDATE name SET uses = uses + 1 WHERE id = NEW.topic; END;"
	"CREATE TRIGGER hit_out AFTER DELETE ON hit BEGIN"
	" UPDATE name SET uses = uses - 1 WHERE id = OLD.topic; END;"

	"CREATE TABLE alias (key BLOB PRIMARY KEY CHECK (length(key) = 16), mention INTEGER NOT NULL) STRICT,"
	" WITHOUT ROWID;"
	"CREATE INDEX alias_mention ON alias (mention);"

	"ALTER TABLE source ADD COLUMN crowded INTEGER NOT NULL DEFAULT 0;"
	"CREATE TABLE past (key BLOB PRIMARY KEY, shown INTEGER NOT NULL) STRICT, WITHOUT ROWID;";

/*
 * source.habits: the bytes of source/habits.
 * deaf: the coverage ledger. source 0: nothing at all was heard, since escuchad stood still. Of each source at most one line
 *   of a kind is open. Lines outlive the sources that they speak of.
 * mark 'alive': when escuchad last said that it listens; absent before the first time.
 */
static const char third[] = "ALTER TABLE source ADD COLUMN habits BLOB;"
			    "CREATE TABLE deaf ("
			    " id INTEGER PRIMARY KEY,"
			    " source INTEGER NOT NULL," /* name.id */
			    " kind TEXT NOT NULL,"
			    " began INTEGER NOT NULL, ended INTEGER CHECK (ended >= began)," /* NULL: it goes on */
			    " why TEXT, detail TEXT,"
			    " UNIQUE (source, kind, began)) STRICT;"
			    "CREATE UNIQUE INDEX deaf_open ON deaf (source, kind) WHERE ended IS NULL;"
			    "CREATE INDEX deaf_began ON deaf (began);"
			    "CREATE TRIGGER deaf_in AFTER INSERT ON deaf BEGIN"
			    " UPDATE name SET uses = uses + 1 WHERE id = NEW.source; END;"
			    "CREATE TRIGGER deaf_out AFTER DELETE ON deaf BEGIN"
			    " UPDATE name SET uses = uses - 1 WHERE id = OLD.source; END;";

/*
 * notice: messages to people (mention/notice_row.h). A row is there before its message first leaves, with the key that
 *   every try of it bears.
 */
static const char fourth[] =
	"CREATE TABLE notice ("
	" key TEXT PRIMARY KEY,"
	" thread TEXT,"
	" kind TEXT NOT NULL, matter TEXT NOT NULL, facts TEXT NOT NULL,"
	" person TEXT, channel TEXT,"
	" state INTEGER NOT NULL, tries INTEGER NOT NULL, tries_here INTEGER NOT NULL, rounds INTEGER NOT NULL,"
	" maybe INTEGER NOT NULL,"
	" created INTEGER NOT NULL, next INTEGER, ended INTEGER,"
	" why TEXT) STRICT;"
	"CREATE INDEX notice_created ON notice (kind, created);"
	"CREATE INDEX notice_open ON notice (kind, created) WHERE state < 2;";

/*
 * What each hit adds to the counts is added up by the writer (store/tally), and no longer by triggers.
 * mention: without AUTOINCREMENT, which kept its own count at every row; total 7 is the largest number that was given.
 */
static const char fifth[] =
	"INSERT INTO total VALUES (7, max((SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'mention'),"
	" (SELECT coalesce(max(id), 0) FROM mention)));"
	"DROP TRIGGER stream_in;"
	"DROP TRIGGER stream_state;"
	"DROP TRIGGER stream_sent;"
	"DROP TRIGGER hit_in;"
	"CREATE TABLE mention_new ("
	" id INTEGER PRIMARY KEY," MENTION_COLUMNS "INSERT INTO mention_new SELECT * FROM mention ORDER BY id;"
	"DROP TABLE mention;" /* with its triggers */
	"ALTER TABLE mention_new RENAME TO mention;"
	"CREATE UNIQUE INDEX mention_key ON mention (key);"
	"CREATE TRIGGER mention_out AFTER DELETE ON mention BEGIN"
	" UPDATE total SET n = n - 1 WHERE id = 4; UPDATE name SET uses = uses - 1 WHERE id = OLD.source; END;";

/*
 * stream.state 0: sent if its id is not above the mark, total 6, the largest id that was sent; else it waits. So a group is
 *   noted as sent by one number, however many rows it has. 4: it waits, though it is not above the mark; no such row ever is.
 *   No row is 1 any more: this is what the view has for those that were sent.
 * mark 'sent': total 6 once more, on another page: with no mark at all nothing would be known to be sent.
 * outbox: what has become of each row, as total counts it: 0 waits, 1 was sent, 2 stays in the log alone, 3 set aside.
 */
static const char sixth[] =
	"DROP INDEX stream_pending;" SQL_STREAM_BY_MARK "CREATE INDEX stream_again ON stream (state) WHERE state = 4;"
	"INSERT INTO mark (name, at) VALUES ('sent', coalesce((SELECT n FROM total WHERE id = 6), 0));"
	"CREATE VIEW outbox AS SELECT id, mention, crc, CASE WHEN state = 4 THEN 0 WHEN state = 0 AND id <= (SELECT n "
	"FROM "
	"total WHERE id = 6) THEN 1 ELSE state END AS state FROM stream;"
	"DROP TRIGGER stream_out;"
	"CREATE TRIGGER stream_out AFTER DELETE ON stream BEGIN UPDATE total SET n = n - 1 WHERE id = CASE WHEN "
	"OLD.state = 4 THEN 0 WHEN OLD.state = 0 AND OLD.id <= (SELECT n FROM total WHERE id = 6) THEN 1 ELSE "
	"OLD.state "
	"END; END;";

/*
 * inbox: what was sent to us and waits for a reader (store/inbox). A number is never used again: two who speak of one row mean
 *   the same one, though it is gone.
 * inbox_seen: the digest of a source's name and a body that came lately.
 */
static const char seventh[] = "CREATE TABLE inbox ("
			      " id INTEGER PRIMARY KEY AUTOINCREMENT,"
			      " source TEXT NOT NULL, at INTEGER NOT NULL, size INTEGER NOT NULL,"
			      " body BLOB NOT NULL) STRICT;"
			      "CREATE INDEX inbox_source ON inbox (source, size);"
			      "CREATE TABLE inbox_seen ("
			      " digest BLOB PRIMARY KEY CHECK (length(digest) = 32),"
			      " at INTEGER NOT NULL) STRICT, WITHOUT ROWID;";

/* counts.judged: its mention was judged again by these (store/raise). */
static const char eighth[] = "ALTER TABLE counts ADD COLUMN judged INTEGER NOT NULL DEFAULT 0;";

/*
 * story: hits that are of one story (store/story), by the order of their leaders. key: its number for people; leader: the
 *   mention's number, which may be gone by now; voice, source: the leader's, hashed.
 * story_print: the leaders that something may still be like; story_part: who else spoke in those, and where (kind 0, 1).
 * author: who spoke of a topic, by mention/voice's number.
 * forgotten: whose mentions are not taken any more: a keyed hash of the voice, and of the handle (store/forget).
 * secret: keys of this log, made by it.
 * toned: tones that a person set right, with what they were of: it stays when the mention goes.
 */
static const char ninth[] =
	"CREATE TABLE story ("
	" id INTEGER PRIMARY KEY, key INTEGER NOT NULL, leader INTEGER NOT NULL,"
	" first INTEGER NOT NULL, last INTEGER NOT NULL,"
	" mentions INTEGER NOT NULL, counted INTEGER NOT NULL, voices INTEGER NOT NULL, sources INTEGER NOT NULL,"
	" articles INTEGER NOT NULL, reach INTEGER NOT NULL, known INTEGER NOT NULL,"
	" voice INTEGER NOT NULL, source INTEGER NOT NULL) STRICT;"
	"CREATE INDEX story_leader ON story (leader);"
	"CREATE TABLE story_print (story INTEGER PRIMARY KEY, first INTEGER NOT NULL, print BLOB NOT NULL) STRICT;"
	"CREATE TABLE story_part ("
	" story INTEGER NOT NULL, kind INTEGER NOT NULL, what INTEGER NOT NULL,"
	" PRIMARY KEY (story, kind, what)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE author ("
	" id INTEGER PRIMARY KEY, platform TEXT, handle TEXT, name TEXT, url TEXT, verified INTEGER,"
	" mentions INTEGER NOT NULL, negative INTEGER NOT NULL, neutral INTEGER NOT NULL, positive INTEGER NOT NULL,"
	" followers INTEGER, interactions INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL) STRICT;"
	"CREATE TABLE forgotten (digest BLOB PRIMARY KEY CHECK (length(digest) = 32), at INTEGER NOT NULL) STRICT,"
	" WITHOUT ROWID;"
	"CREATE TABLE secret (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE toned ("
	" key BLOB PRIMARY KEY CHECK (length(key) = 16), at INTEGER NOT NULL,"
	" label TEXT NOT NULL, was TEXT, lang TEXT, title TEXT, text TEXT, voice INTEGER) STRICT, WITHOUT ROWID;";

/*
 * series: what is counted of a topic (mention/series.h). bin: how many, and of how many minutes; at: when it begins.
 * topic_state: what was learnt of a topic's series up to a bin's end (stats/topic).
 */
static const char tenth[] =
	"CREATE TABLE series ("
	" id INTEGER PRIMARY KEY,"
	" topic TEXT NOT NULL, kind INTEGER NOT NULL, name TEXT NOT NULL,"
	" UNIQUE (topic, kind, name)) STRICT;"
	"CREATE TABLE bin ("
	" series INTEGER NOT NULL, minutes INTEGER NOT NULL, at INTEGER NOT NULL, n INTEGER NOT NULL,"
	" PRIMARY KEY (series, minutes, at)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX bin_at ON bin (minutes, at);"
	"CREATE TABLE topic_state ("
	" topic TEXT PRIMARY KEY, at INTEGER NOT NULL, state BLOB NOT NULL) STRICT, WITHOUT ROWID;";

/*
 * incident: one crisis as it stands (store/incident). live: something is still due; alert: the one that opened it; kept: what it is
 *   inside (alert/crisis). incident_line: what happened in it.
 */
static const char eleventh[] =
	"CREATE TABLE incident ("
	" id INTEGER PRIMARY KEY, topic TEXT NOT NULL, alert TEXT NOT NULL,"
	" state INTEGER NOT NULL, severity INTEGER NOT NULL, peak INTEGER NOT NULL, ended INTEGER NOT NULL,"
	" live INTEGER NOT NULL, opened INTEGER NOT NULL, closed INTEGER, owner TEXT, kept BLOB NOT NULL) STRICT;"
	"CREATE INDEX incident_live ON incident (id) WHERE live;"
	"CREATE TABLE incident_line ("
	" id INTEGER PRIMARY KEY, incident INTEGER NOT NULL, at INTEGER NOT NULL,"
	" what TEXT NOT NULL, who TEXT, text TEXT) STRICT;"
	"CREATE INDEX incident_line_of ON incident_line (incident);";

/*
 * story: of two mentions or more; its id is the number of the mention that it began with, which may be gone by now. What was
 *   begun by one that had to be forgotten has a number below 0.
 * story_leader, for story_print: also what a story of it would begin with (store/story).
 */
static const char twelfth[] =
	"DROP INDEX story_leader;"
	"CREATE TABLE story_new ("
	" id INTEGER PRIMARY KEY, key INTEGER NOT NULL,"
	" first INTEGER NOT NULL, last INTEGER NOT NULL,"
	" mentions INTEGER NOT NULL, counted INTEGER NOT NULL, voices INTEGER NOT NULL, sources INTEGER NOT NULL,"
	" articles INTEGER NOT NULL, reach INTEGER NOT NULL, known INTEGER NOT NULL,"
	" voice INTEGER NOT NULL, source INTEGER NOT NULL) STRICT;"
	"INSERT OR IGNORE INTO story_new SELECT CASE leader WHEN 0 THEN -id ELSE leader END, key, first, last, "
	"mentions,"
	" counted, voices, sources, articles, reach, known, voice, source FROM story WHERE mentions > 1;"
	"CREATE TABLE story_leader ("
	" story INTEGER PRIMARY KEY, first INTEGER NOT NULL, key INTEGER NOT NULL,"
	" voice INTEGER NOT NULL, source INTEGER NOT NULL, reach INTEGER NOT NULL,"
	" counted INTEGER NOT NULL, article INTEGER NOT NULL, known INTEGER NOT NULL, print BLOB NOT NULL) STRICT;"
	"INSERT OR IGNORE INTO story_leader SELECT s.leader, p.first, s.key, s.voice, s.source, s.reach, s.counted > 0,"
	" s.articles > 0, s.known > 0, p.print FROM story_print p JOIN story s ON s.id = p.story WHERE s.leader <> 0"
	" ORDER BY s.leader;"
	"CREATE TABLE story_part_new ("
	" story INTEGER NOT NULL, kind INTEGER NOT NULL, what INTEGER NOT NULL,"
	" PRIMARY KEY (story, kind, what)) STRICT, WITHOUT ROWID;"
	"INSERT OR IGNORE INTO story_part_new SELECT CASE s.leader WHEN 0 THEN -s.id ELSE s.leader END, p.kind, p.what"
	" FROM story_part p JOIN story s ON s.id = p.story;"
	"DROP TABLE story_print;"
	"DROP TABLE story_part;"
	"DROP TABLE story;"
	"ALTER TABLE story_part_new RENAME TO story_part;"
	"ALTER TABLE story_new RENAME TO story;";

/*
 * answer: what came raw and had hits (store/evidence). body: compressed; NULL: too long, or forgotten. held: so many links are of it.
 *   A number is never used again: a link outlives its answer.
 * evidence: the chain, a link a row; none ever goes.
 */
static const char thirteenth[] =
	"CREATE TABLE answer ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, size INTEGER NOT NULL,"
	" held INTEGER NOT NULL DEFAULT 0, forgotten INTEGER,"
	" about BLOB, about_hash BLOB NOT NULL, body_hash BLOB NOT NULL, body BLOB) STRICT;"
	"CREATE INDEX answer_late ON answer (at) WHERE held = 0;"
	"CREATE INDEX answer_held ON answer (at) WHERE held > 0;"
	"CREATE TABLE answer_hit ("
	" answer INTEGER NOT NULL, topic TEXT NOT NULL, key BLOB NOT NULL CHECK (length(key) = 16),"
	" PRIMARY KEY (answer, topic, key)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX answer_hit_topic ON answer_hit (topic, answer);"
	"CREATE INDEX answer_hit_key ON answer_hit (key);"
	"CREATE TRIGGER answer_out AFTER DELETE ON answer BEGIN"
	" DELETE FROM answer_hit WHERE answer = OLD.id; END;"
	"CREATE TABLE evidence ("
	" id INTEGER PRIMARY KEY, incident INTEGER NOT NULL, at INTEGER NOT NULL, answer INTEGER NOT NULL,"
	" size INTEGER NOT NULL, about_hash BLOB NOT NULL, body_hash BLOB NOT NULL, link BLOB NOT NULL) STRICT;"
	"CREATE INDEX evidence_of ON evidence (incident);"
	"CREATE INDEX evidence_answer ON evidence (answer);";

/* delivery: one row: how far deliveries have read the stream, and what waits (kept). */
static const char fourteenth[] = "CREATE TABLE delivery ("
				 " id INTEGER PRIMARY KEY CHECK (id = 1), ms INTEGER NOT NULL, seq INTEGER NOT NULL, "
				 "kept BLOB NOT NULL) STRICT;";

/*
 * link_key: what signs the links of messages; link_used: those that were followed, until they would have run out anyhow. chat_of: whose
 *   a chat of a channel is; chat_place: how far a bot's messages were read. mute: what somebody silenced (store/mutes).
 */
static const char fifteenth[] =
	"CREATE TABLE link_key (id INTEGER PRIMARY KEY CHECK (id = 1), key BLOB NOT NULL CHECK (length(key) = 32)) "
	"STRICT;"
	"CREATE TABLE link_used ("
	" mark BLOB PRIMARY KEY CHECK (length(mark) = 16), until INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE chat_of ("
	" channel TEXT NOT NULL, person TEXT NOT NULL, chat TEXT NOT NULL, at INTEGER NOT NULL,"
	" PRIMARY KEY (channel, person)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE chat_place (channel TEXT PRIMARY KEY, place INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE mute ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, severity INTEGER NOT NULL, critical INTEGER NOT "
	"NULL,"
	" since INTEGER NOT NULL, until INTEGER NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL) STRICT;";

/* sent_as: what channels called the first message about a matter to an address. */
static const char sixteenth[] =
	"CREATE TABLE sent_as ("
	" channel TEXT NOT NULL, address TEXT NOT NULL, matter TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL,"
	" PRIMARY KEY (channel, address, matter)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX sent_as_at ON sent_as (at);";

/*
 * erase: entries of the Redis stream that are to go from it (store/erase); mention: whose key it must be; done: when it was. former: where
 *   a mention stood in the stream before it was sent again.
 */
static const char seventeenth[] =
	"CREATE TABLE erase ("
	" stream INTEGER PRIMARY KEY, mention BLOB NOT NULL CHECK (length(mention) = 16), done INTEGER) STRICT;"
	"CREATE INDEX erase_waiting ON erase (stream) WHERE done IS NULL;"
	"CREATE TABLE former ("
	" mention INTEGER NOT NULL, stream INTEGER NOT NULL, PRIMARY KEY (mention, stream)) STRICT, WITHOUT ROWID;";

/* said: what somebody said that is not done yet (store/answers); NULL: done, or a link. */
static const char eighteenth[] = "ALTER TABLE link_used ADD COLUMN said TEXT;";

/* canary: the mention that nobody wrote (store/canary), and how it fared. */
static const char nineteenth[] =
	"CREATE TABLE canary ("
	" id INTEGER PRIMARY KEY CHECK (id = 1), last INTEGER, since INTEGER, told INTEGER, failed INTEGER NOT NULL,"
	" mention BLOB) STRICT;";

/*
 * incident_change: what happened to incidents, as the stream of them has it (store/change): rows as those of stream, their mark in
 *   mark. json: the incident as it stood then. incident_erase: as erase.
 */
static const char twentieth[] =
	"CREATE TABLE incident_change ("
	" id INTEGER PRIMARY KEY, state INTEGER NOT NULL, crc INTEGER NOT NULL, key BLOB NOT NULL CHECK (length(key) = "
	"16),"
	" incident INTEGER NOT NULL, at INTEGER NOT NULL, drill INTEGER NOT NULL, topic TEXT NOT NULL,"
	" severity TEXT NOT NULL, stage TEXT NOT NULL, what TEXT NOT NULL, person TEXT NOT NULL, who TEXT, text TEXT,"
	" json TEXT NOT NULL) STRICT;"
	"CREATE INDEX incident_change_again ON incident_change (id) WHERE state = 4;"
	"CREATE TABLE incident_erase ("
	" stream INTEGER PRIMARY KEY, mention BLOB NOT NULL CHECK (length(mention) = 16), done INTEGER) STRICT;"
	"CREATE INDEX incident_erase_waiting ON incident_erase (stream) WHERE done IS NULL;"
	"INSERT INTO mark VALUES ('incidents', 0);";

static const char *const migrations[] = {first,     second,      third,      fourth,     fifth,
					 sixth,     seventh,     eighth,     ninth,      tenth,
					 eleventh,  twelfth,     thirteenth, fourteenth, fifteenth,
					 sixteenth, seventeenth, eighteenth, nineteenth, twentieth};

size_t migrations_count(void)
{
	return ARRAY_LEN(migrations);
}

const char *migration_sql(size_t n)
{
	return migrations[n];
}
