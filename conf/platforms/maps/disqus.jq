# Disqus: the comments of a forum (posts/list, with related=thread). Its dates have no zone and are UTC.
# scope: disqus
# looks at named keys
.response[]?
| select((.isDeleted or .isSpam) | not)
| each((if .thread | type == "object" then .thread else null end) as $thread
  | {
    id,
    url: (.url // (if $thread then "\($thread.link)#comment-\(.id)" else null end)),
    title: $thread.title,
    text: (.raw_message // .message),
    text_format: (if .raw_message then "plain" else "html" end),
    author: (.author.username // .author.id // .author.name),
    author_name: .author.name,
    author_url: .author.profileUrl,
    published: .createdAt,
    likes,
    parent,
    kind: "comment"
  })
