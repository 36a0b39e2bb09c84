# Bluesky's Jetstream: one event. Authors come as DIDs, without their handles.
# scope: bluesky
# looks at named keys
# What is asked for by its id, for its counts (app.bsky.feed.getPosts), comes as a list of posts.
(.posts[]? | each({
    id: .uri,
    text: .record.text,
    author: .author.did,
    published: .indexedAt,
    likes: .likeCount,
    shares: (if .repostCount then .repostCount + (.quoteCount // 0) else null end),
    replies: .replyCount
  })),
(select(.kind == "commit")
| .commit as $commit
| select($commit.operation == "create" and $commit.collection == "app.bsky.feed.post")
| each($commit.record as $post
  | {
    id: "at://\(.did)/app.bsky.feed.post/\($commit.rkey)",
    url: "https://bsky.app/profile/\(.did)/post/\($commit.rkey)",
    text: $post.text,
    author: .did,
    author_url: "https://bsky.app/profile/\(.did)",
    published: .time_us,
    lang: $post.langs[0]?,
    parent: $post.reply.parent.uri,
    kind: (if $post.reply then "reply" else "post" end)
  }))
