# Mastodon and what speaks like it: a hashtag's timeline, a search, notifications, one event of a stream
# scope: mastodon
# looks at named keys
# By WebSocket an event holds its post as a text.
# Ids are each server's own; the uri is the same on all. A boost is the post that it repeats.
(if type == "object" and has("payload") then select(.event == "update" or .event == "status.update") | .payload | fromjson else . end)
| (if type == "array" then .[] elif .statuses then .statuses[] else . end)
| (if .status | type == "object" then .type else null end) as $why
| (if $why then .status else . end)
| select(.content != null and .visibility != "direct" and .visibility != "private")
| .reblog as $boost
| each($boost // .
  | {
    id: .uri,
    url: (.url // .uri),
    title: .spoiler_text,
    text: .content,
    text_format: "html",
    author: .account.acct,
    author_name: .account.display_name,
    author_url: .account.url,
    followers: .account.followers_count,
    published: .created_at,
    lang: .language,
    likes: .favourites_count,
    shares: .reblogs_count,
    replies: .replies_count,
    parent: .in_reply_to_id,
    repeats: (if $boost then .account.acct else null end),
    kind: (if $why then $why elif $boost then "share" elif .in_reply_to_id then "reply" else "post" end)
  })
