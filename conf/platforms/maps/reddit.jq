# Reddit: searches, posts and comments of subreddits, mentions in the inbox
# scope: reddit
# looks at named keys
.data.children[]?
| .kind as $kind
| .data
| select(.author != "[deleted]")
| each({
    id: .name,
    url: ("https://www.reddit.com" + (.permalink // .context // "/comments/\(.link_id // "t3_?" | .[3:])/_/\(.id)/")),
    title: (.title // .link_title),
    text: (.selftext // .body),
    author,
    author_url: "https://www.reddit.com/user/\(.author)",
    published: .created_utc,
    likes: (.score // .ups),
    shares: .num_crossposts,
    replies: .num_comments,
    parent: .parent_id,
    kind: (if $kind == "t3" then "post" elif $kind == "t1" then "comment" else "message" end)
  })
