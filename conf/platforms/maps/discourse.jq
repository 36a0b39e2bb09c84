# Discourse: the latest posts, the latest topics, or a search. $ctx.base is the forum's address.
# scope: discourse
# looks at named keys
# Ids are each forum's own.
($ctx.base // "https://forum.example") as $base
| (if $ctx.base then "discourse \($ctx.base)" else null end) as $scope
| if .latest_posts then
    .latest_posts[]
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
        likes: ([.actions_summary[]? | select(.id == 2) | .count] | first),
        replies: .reply_count,
        views: .reads,
        parent: (if .reply_to_post_number then "\(.topic_id)/\(.reply_to_post_number)" else null end),
        kind: (if .post_number == 1 then "post" else "reply" end)
      })
  elif .topic_list then
    .topic_list.topics[]
    | each({
        id: "t\(.id)",
        scope: $scope,
        url: "\($base)/t/\(.slug)/\(.id)",
        title,
        text: .excerpt,
        text_format: "html",
        author: .last_poster_username,
        published: (.last_posted_at // .created_at),
        likes: .like_count,
        replies: .reply_count,
        views,
        kind: "topic"
      })
  else
    (reduce (.topics // [])[] as $topic ({}; .["\($topic.id)"] = $topic)) as $topics
    | .posts[]?
    | $topics["\(.topic_id)"] as $topic
    | each({
        id,
        scope: $scope,
        url: "\($base)/t/\($topic.slug // "-")/\(.topic_id)/\(.post_number)",
        title: $topic.title,
        text: (.blurb // .cooked),
        text_format: "html",
        author: .username,
        author_name: .name,
        author_url: "\($base)/u/\(.username)",
        published: .created_at,
        likes: .like_count,
        kind: (if .post_number == 1 then "post" else "reply" end)
      })
  end
