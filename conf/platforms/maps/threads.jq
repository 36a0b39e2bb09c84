# Threads: posts by words or tag, mentions, replies
# scope: threads
# looks at named keys
(if .data then .data[] else . end)
| each({
    id,
    url: (.permalink // (if .shortcode then "https://www.threads.com/t/\(.shortcode)" else null end)),
    text,
    author: .username,
    author_url: (if .username then "https://www.threads.com/@\(.username)" else null end),
    published: .timestamp,
    likes: .like_count,
    shares: .repost_count,
    replies: .replies_count,
    parent: (.replied_to.id? // .root_post.id? // .quoted_post.id?),
    repeats: .quoted_post.username?,
    kind: (if .is_reply then "reply" elif .is_quote_post then "quote" else "post" end)
  })
