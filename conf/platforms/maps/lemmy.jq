# Lemmy and PieFed: search and lists of posts, of version 3 (counts apart, published) and of version 4 (items, published_at)
# scope: lemmy
# looks at named keys
(.items? // ((.posts // []) + (.comments // [])))[]
| select(.post)
| each((.comment // .post) as $said
  | {
    id: $said.ap_id,
    url: $said.ap_id,
    title: .post.name,
    text: ($said.content // $said.body // .post.url),
    text_format: "markdown",
    author: (.creator | if . then "\(.name)@\(((.ap_id // .actor_id // "") | split("/"))[2] // "")" else null end),
    author_name: .creator.display_name?,
    author_url: (.creator.ap_id? // .creator.actor_id?),
    published: ($said.published_at // $said.published),
    likes: ($said.score // .counts.score),
    replies: ($said.comments // .counts.comments // .counts.child_count),
    parent: (if .comment then .post.ap_id else null end),
    kind: (if .comment then "comment" else "post" end)
  })
