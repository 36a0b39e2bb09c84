#pragma once
/*
 * store/sql_story: the statements of store/sql that are about stories and about who speaks.
 */
#define SQL_TABLE_STORY(X)                                                                                             \
	X(STORY_ADD,                                                                                                   \
	  "INSERT INTO story (key, leader, first, last, mentions, counted, voices, sources, articles, reach, known, "  \
	  "voice, source) VALUES (?1, ?2, ?3, ?3, 1, ?4, 1, 1, ?5, ?6, ?7, ?8, ?9)")                                   \
	X(STORY_BEGAN, "SELECT voice, source, articles FROM story WHERE id = ?")                                       \
	X(STORY_JOIN,                                                                                                  \
	  "UPDATE story SET last = max(last, ?2), mentions = mentions + 1, counted = counted + ?3, voices = voices + " \
	  "?4, sources = sources + ?5, articles = articles + ?6, reach = reach + ?7, known = known + ?8 WHERE id = "   \
	  "?1")                                                                                                        \
	X(STORY_PART, "SELECT 1 FROM story_part WHERE story = ? AND kind = ? AND what = ?")                            \
	X(STORY_PART_ADD, "INSERT INTO story_part (story, kind, what) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")        \
	X(STORY_PRINT_ADD, "INSERT INTO story_print (story, first, print) VALUES (?, ?, ?)")                           \
	X(STORY_LEADERS, /* the newest so many, oldest first */                                                        \
	  "SELECT s.key, p.story, p.first, p.print FROM (SELECT story, first, print FROM story_print WHERE first >= "  \
	  "? "                                                                                                         \
	  "ORDER BY story DESC LIMIT ?) p JOIN story s ON s.id = p.story ORDER BY p.story")                            \
	X(STORY_PRINT_OLD, "DELETE FROM story_print WHERE story IN (SELECT story FROM story_print WHERE first < ? "    \
			   "ORDER BY story LIMIT ?)")                                                                  \
	X(STORY_PART_OLD,                                                                                              \
	  "DELETE FROM story_part WHERE (story, kind, what) IN (SELECT story, kind, what FROM story_part WHERE story " \
	  "< "                                                                                                         \
	  "coalesce((SELECT min(story) FROM story_print), (SELECT max(id) + 1 FROM story), 0) LIMIT ?)")               \
	X(STORY_OLD, "DELETE FROM story WHERE id IN (SELECT id FROM story WHERE last < ? ORDER BY id LIMIT ?)")        \
	X(STORIES,                                                                                                     \
	  "SELECT s.key, s.first, s.last, s.mentions, s.counted, s.voices, s.sources, s.reach, s.known, m.url, "       \
	  "m.title, m.text, n.name, m.hits, m.key FROM story s LEFT JOIN mention m ON m.id = s.leader LEFT JOIN name " \
	  "n ON n.id = m.source WHERE s.last >= ? ORDER BY s.mentions DESC, s.last DESC LIMIT ?")                      \
	X(AUTHOR_SAID,                                                                                                 \
	  "INSERT INTO author (id, platform, handle, name, url, verified, mentions, negative, neutral, positive, "     \
	  "followers, interactions, first, last) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?8, ?9, ?10, ?11, ?12, ?12) "  \
	  "ON CONFLICT (id) DO UPDATE SET handle = coalesce(?3, handle), name = coalesce(?4, name), url = "            \
	  "coalesce(?5, url), verified = coalesce(?6, verified), mentions = mentions + 1, negative = negative + ?7, "  \
	  "neutral = neutral + ?8, positive = positive + ?9, followers = CASE WHEN ?10 IS NULL THEN followers ELSE "   \
	  "max(?10, coalesce(followers, 0)) END, interactions = interactions + ?11, first = min(first, ?12), last = "  \
	  "max(last, ?12)")                                                                                            \
	X(AUTHOR_MOVED, "UPDATE author SET interactions = max(0, interactions + ?2) WHERE id = ?1")                    \
	X(AUTHOR_TONED,                                                                                                \
	  "UPDATE author SET negative = max(0, negative + ?2), neutral = max(0, neutral + ?3), positive = max(0, "     \
	  "positive + ?4) WHERE id = ?1")                                                                              \
	X(AUTHOR_OLD, "DELETE FROM author WHERE id IN (SELECT id FROM author WHERE last < ? LIMIT ?)")                 \
	X(AUTHORS,                                                                                                     \
	  "SELECT id, platform, handle, name, url, verified, mentions, negative, neutral, positive, followers, "       \
	  "interactions, first, last FROM author WHERE last >= ? ORDER BY mentions DESC, last DESC LIMIT ?")
