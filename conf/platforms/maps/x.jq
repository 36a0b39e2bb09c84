# X: searches, mentions, and one event of the filtered stream (API v2, with expansions=author_id)
# scope: x
# looks at named keys
(reduce .includes.users[]? as $user ({}; .[$user.id] = $user)) as $users
| (reduce .includes.tweets[]? as $tweet ({}; .[$tweet.id] = $tweet)) as $tweets
| .data
| if type == "array" then .[] else . // empty end
| each($users[.author_id // "?"] as $author
  | (reduce .referenced_tweets[]? as $to ({}; .[$to.type] = $to.id)) as $to
  | $tweets[$to.quoted // $to.retweeted // "?"] as $repeated
  | {
    id,
    url: "https://x.com/\($author.username // "i")/status/\(.id)",
    text: (.note_tweet.text // .text),
    author: ($author.username // .author_id),
    author_name: $author.name,
    author_url: (if $author.username then "https://x.com/\($author.username)" else null end),
    followers: $author.public_metrics.followers_count,
    verified: $author.verified,
    published: .created_at,
    lang: (if .lang == "und" then null else .lang end),
    likes: .public_metrics.like_count,
    shares: (.public_metrics | if .retweet_count == null then null else .retweet_count + (.quote_count // 0) end),
    replies: .public_metrics.reply_count,
    views: .public_metrics.impression_count,
    parent: ($to.replied_to // $to.quoted // $to.retweeted),
    repeats: ($users[$repeated.author_id // "?"].username
      # without the posts that they refer to, which cost as much as any: a share's own text says whose it is
      // (if $to.retweeted and (.text | startswith("RT @")) then .text[4:] | split(":")[0] else null end)),
    kind: (if $to.retweeted then "share" elif $to.quoted then "quote" elif $to.replied_to then "reply" else "post" end)
  })
