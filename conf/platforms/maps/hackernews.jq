# Hacker News: stories and comments by words (Algolia's search_by_date). A comment's points are never told.
# scope: hackernews
# looks at named keys
.hits[]?
| each({
    id: .objectID,
    url: "https://news.ycombinator.com/item?id=\(.objectID)",
    title: (.title // .story_title),
    text: (.comment_text // .story_text // .url),
    text_format: "html",
    author,
    author_url: "https://news.ycombinator.com/user?id=\(.author)",
    published: .created_at_i,
    likes: .points,
    replies: .num_comments,
    parent: .parent_id,
    kind: (if ._tags | index("comment") then "comment" else "post" end)
  })
