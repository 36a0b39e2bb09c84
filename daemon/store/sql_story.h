#pragma once
/*
 * store/sql_story: the statements of store/sql that are about stories and about who speaks.
 */
/* By ?1 a handle, ?2 a page, or ?3 the name of who has no handle. */
#define SQL_AUTHOR_IS                                                                                                  \
	"(?1 IS NOT NULL AND lower(ltrim(handle, '@')) = ?1) OR (?2 IS NOT NULL AND rtrim(lower(CASE instr(url, "      \
	"'://') WHEN 0 THEN url ELSE substr(url, instr(url, '://') + 3) END), '/') = ?2) OR (?3 IS NOT NULL AND "      \
	"handle IS NULL AND lower(name) = ?3)"

#define SQL_TABLE_STORY(X)                                                                                             \
	X(STORY_ADD,                                                                                                   \
	  "INSERT INTO story (id, key, first, last, mentions, counted, voices, sources, articles, reach, known, "      \
	  "voice, source) VALUES (?1, ?2, ?3, ?4, 2, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")                              \
	X(STORY_BEGAN, "SELECT voice, source, articles FROM story WHERE id = ?")                                       \
	X(STORY_JOIN,                                                                                                  \
	  "UPDATE story SET last = max(last, ?2), mentions = mentions + 1, counted = counted + ?3, voices = voices + " \
	  "?4, sources = sources + ?5, articles = articles + ?6, reach = reach + ?7, known = known + ?8 WHERE id = "   \
	  "?1")                                                                                                        \
	X(STORY_PART, "SELECT 1 FROM story_part WHERE story = ? AND kind = ? AND what = ?")                            \
	X(STORY_PART_ADD, "INSERT INTO story_part (story, kind, what) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")        \
	X(STORY_PRINT_ADD, /* a number that is there is of a mention that was lost with what counts them */            \
	  "INSERT OR REPLACE INTO story_leader (story, first, key, voice, source, reach, counted, article, known, "    \
	  "print) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")                                                              \
	X(STORY_LEADERS, /* the newest so many, oldest first */                                                        \
	  "SELECT p.story, p.first, p.key, p.voice, p.source, p.reach, p.counted, p.article, p.known, p.print FROM "   \
	  "(SELECT story, first FROM story_leader WHERE first >= ? ORDER BY first DESC, story DESC LIMIT ?) n JOIN "   \
	  "story_leader p ON p.story = n.story ORDER BY n.first, n.story")                                             \
	X(STORY_PRINT_OLD, "DELETE FROM story_leader WHERE story IN (SELECT story FROM story_leader WHERE first < ? "  \
			   "ORDER BY story LIMIT ?)")                                                                  \
	X(STORY_PART_OLD,                                                                                              \
	  "DELETE FROM story_part WHERE (story, kind, what) IN (SELECT story, kind, what FROM story_part WHERE story " \
	  "< "                                                                                                         \
	  "coalesce((SELECT min(story) FROM story_leader), (SELECT max(id) + 1 FROM story), 0) LIMIT ?)")              \
	X(STORY_OLD, "DELETE FROM story WHERE id IN (SELECT id FROM story WHERE last < ? ORDER BY id LIMIT ?)")        \
	X(STORIES,                                                                                                     \
	  "SELECT s.key, s.first, s.last, s.mentions, s.counted, s.voices, s.sources, s.reach, s.known, m.url, "       \
	  "m.title, m.text, n.name, m.key FROM story s LEFT JOIN mention m ON m.id = s.id LEFT JOIN name n ON "        \
	  "n.id = m.source WHERE s.last >= ? ORDER BY s.mentions DESC, s.last DESC LIMIT ?")                           \
	X(AUTHOR_SAID,                                                                                                 \
	  "INSERT INTO author (id, platform, handle, name, url, verified, mentions, negative, neutral, positive, "     \
	  "followers, interactions, first, last) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, max(0, ?12), "  \
	  "?13, ?14) ON CONFLICT (id) DO UPDATE SET handle = coalesce(?3, handle), name = coalesce(?4, name), url = "  \
	  "coalesce(?5, url), verified = coalesce(?6, verified), mentions = mentions + ?7, negative = negative + ?8, " \
	  "neutral = neutral + ?9, positive = positive + ?10, followers = CASE WHEN ?11 IS NULL THEN followers ELSE "  \
	  "max(?11, coalesce(followers, 0)) END, interactions = max(0, interactions + ?12), first = min(first, ?13), " \
	  "last = max(last, ?14)")                                                                                     \
	X(AUTHOR_MOVED, "UPDATE author SET interactions = max(0, interactions + ?2) WHERE id = ?1")                    \
	X(AUTHOR_TONED,                                                                                                \
	  "UPDATE author SET negative = max(0, negative + ?2), neutral = max(0, neutral + ?3), positive = max(0, "     \
	  "positive + ?4) WHERE id = ?1")                                                                              \
	X(AUTHOR_KNOWN, /* of whom nothing but words are kept, whose tone was set right: they must be found by it */   \
	  "INSERT INTO author (id, platform, handle, name, url, mentions, negative, neutral, positive, interactions, " \
	  "first, last) VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, 0, 0, 0, ?6, ?6) ON CONFLICT DO NOTHING")                    \
	X(AUTHOR_OLD, /* but those */                                                                                  \
	  "DELETE FROM author WHERE id IN (SELECT id FROM author WHERE last < ? AND id NOT IN (SELECT voice FROM "     \
	  "toned WHERE voice IS NOT NULL) LIMIT ?)")                                                                   \
	X(AUTHOR_FIRST, "SELECT first FROM author WHERE id = ?")                                                       \
	X(AUTHORS,                                                                                                     \
	  "SELECT id, platform, handle, name, url, verified, mentions, negative, neutral, positive, followers, "       \
	  "interactions, first, last FROM author WHERE last >= ? AND mentions > 0 ORDER BY mentions DESC, last DESC "  \
	  "LIMIT ?")                                                                                                   \
	X(FORGET_FIND,                                                                                                 \
	  "SELECT id, coalesce(stream, 0) FROM mention WHERE id > ?3 AND id <= ?4 AND ((?1 IS NOT NULL AND "           \
	  "lower(ltrim(author_handle, '@')) = ?1) OR (?2 IS NOT NULL AND rtrim(lower(CASE instr(author_url, '://') "   \
	  "WHEN 0 THEN author_url ELSE substr(author_url, instr(author_url, '://') + 3) END), '/') = ?2) OR (?5 IS "   \
	  "NOT NULL AND author_handle IS NULL AND lower(author_name) = ?5))")                                          \
	X(AUTHOR_FIND, "SELECT id FROM author WHERE " SQL_AUTHOR_IS)                                                   \
	X(AUTHOR_DROP, "DELETE FROM author WHERE " SQL_AUTHOR_IS)                                                      \
	X(VERSIONS_N, "SELECT count(*) FROM version WHERE mention = ?")                                                \
	X(STORIES_LED,                                                                                                 \
	  "SELECT count(*) FROM (SELECT id FROM story WHERE id = ?1 UNION SELECT story FROM story_leader WHERE story " \
	  "= ?1)")                                                                                                     \
	X(STORY_PRINT_DROP, "DELETE FROM story_leader WHERE story = ?")                                                \
	X(STORY_UNLED, "UPDATE story SET voice = 0 WHERE id = ?")                                                      \
	X(STORY_VOICE_DROP, "DELETE FROM story_part WHERE kind = 0 AND what = ?")                                      \
	X(STORY_LEADER_VOICE_DROP, "UPDATE story SET voice = 0 WHERE voice = ?")                                       \
	X(STORY_PRINT_VOICE_DROP, "UPDATE story_leader SET voice = 0 WHERE voice = ?")                                 \
	X(SECRET, "SELECT value FROM secret WHERE name = ?")                                                           \
	X(SECRET_ADD, "INSERT INTO secret (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING")                         \
	X(FORGOTTEN, "SELECT 1 FROM forgotten WHERE digest = ?")                                                       \
	X(FORGOTTEN_ANY, "SELECT EXISTS (SELECT 1 FROM forgotten)")                                                    \
	X(FORGOTTEN_ADD, "INSERT INTO forgotten (digest, at) VALUES (?, ?) ON CONFLICT DO NOTHING")                    \
	X(FORGOTTEN_DROP, "DELETE FROM forgotten WHERE digest = ?")                                                    \
	X(TONED_ADD, "INSERT INTO toned (key, at, label, was, lang, title, text, voice) VALUES (?1, ?2, ?3, ?4, ?5, "  \
		     "?6, ?7, ?8) ON CONFLICT (key) DO UPDATE SET at = ?2, label = ?3")                                \
	X(TONED, "SELECT key, label, was, lang, title, text FROM toned WHERE key > ? ORDER BY key LIMIT ?")            \
	X(TONED_N, "SELECT count(*) FROM toned WHERE key = (SELECT key FROM mention WHERE id = ?)")                    \
	X(TONED_DROP, "DELETE FROM toned WHERE key = (SELECT key FROM mention WHERE id = ?)")                          \
	X(TONED_VOICE_DROP, "DELETE FROM toned WHERE voice = ?")
