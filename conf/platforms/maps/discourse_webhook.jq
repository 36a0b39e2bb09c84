# Discourse: a forum's posts, as it sends them by itself. $ctx.base is the forum's address.
# scope: discourse
# looks at named keys
# Ids are each forum's own, the same as those of a poll.
($ctx.base // "https://forum.example") as $base
| (if $ctx.base then "discourse \($ctx.base)" else null end) as $scope
| .post
| select(. and (.deleted_at | not))
| each({
    id,
    scope: $scope,
    url: "\($base)/t/\(.topic_slug)/\(.topic_id)/\(.post_number)",
    title: .topic_title,
    text: (.cooked // .raw),
    text_format: "html",
    author: .username,
    author_name: .name,
    author_url: "\($base)/u/\(.username)",
    published: .created_at,
    replies: .reply_count,
    views: .reads,
    parent: (if .reply_to_post_number then "\(.topic_id)/\(.reply_to_post_number)" else null end),
    kind: (if .post_number == 1 then "post" else "reply" end)
  })
