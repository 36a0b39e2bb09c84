# Bluesky: search and notifications (app.bsky.feed.searchPosts, app.bsky.notification.listNotifications)
# scope: bluesky
# looks at named keys
(.posts // .notifications // [])[]
| .record as $post
| select($post["$type"] == "app.bsky.feed.post")
| each({
    id: .uri,
    url: "https://bsky.app/profile/\(.author.handle)/post/\(.uri | split("/")[4])",
    text: $post.text,
    author: .author.handle,
    author_name: .author.displayName,
    author_url: "https://bsky.app/profile/\(.author.did)",
    followers: .author.followersCount,
    published: (.indexedAt // $post.createdAt),
    lang: $post.langs[0]?,
    likes: .likeCount,
    shares: (if .repostCount then .repostCount + (.quoteCount // 0) else null end),
    replies: .replyCount,
    parent: ($post.reply.parent.uri // $post.embed.record.uri? // $post.embed.record.record.uri?),
    repeats: .embed.record.author.handle?,
    kind: (if .reason then .reason
           elif $post.reply then "reply"
           elif $post.embed["$type"]? // "" | contains("record") then "quote"
           else "post" end)
  })
