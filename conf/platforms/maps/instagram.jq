# Instagram: posts under a hashtag, posts that tag one, comments; a post or comment that mentions one (Graph)
# scope: instagram
# looks at named keys
if .data then .data[] elif .mentioned_media then .mentioned_media else .mentioned_comment // empty end
| each({
    id,
    url: .permalink,
    text: (.caption // .text),
    author: (.username // .from.username? // .from.id?),
    author_url: (if .username then "https://www.instagram.com/\(.username)/" else null end),
    published: .timestamp,
    likes: .like_count,
    replies: .comments_count,
    parent: (.parent_id // .media.id?),
    kind: (if .text then "comment" else "post" end)
  })
