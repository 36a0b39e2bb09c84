# Facebook pages: their feed, posts that tag them, visitors' posts, and the comments on one (Graph)
# scope: facebook
# looks at named keys
.data[]?
| each({
    id,
    url: (.permalink_url // "https://www.facebook.com/\(.id)"),
    text: (.message // .story),
    author: .from.id,
    author_name: .from.name,
    author_url: (if .from.id then "https://www.facebook.com/\(.from.id)" else null end),
    published: .created_time,
    likes: (.reactions.summary.total_count // .likes.summary.total_count // .like_count),
    shares: .shares.count,
    replies: (.comments.summary.total_count // .comment_count),
    parent: .parent.id,
    kind: (if .comment_count or .parent or .can_reply_privately != null then "comment" else "post" end)
  })
