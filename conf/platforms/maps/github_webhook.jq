# GitHub: issues, pull requests, discussions and what is said of them, as GitHub sends it by itself
# scope: github
# looks at named keys
(.issue // .pull_request // .discussion) as $on
| (.comment // .review) as $said
| .action as $action
| (.pull_request or $on.pull_request) as $pull
| select($on and (["opened", "created", "edited", "reopened", "submitted"] | index($action)))
| each(($said // $on)
  | {
    id: (.node_id // .html_url),
    url: .html_url,
    title: $on.title,
    text: .body,
    text_format: "markdown",
    author: .user.login,
    author_url: .user.html_url,
    published: (.created_at // .submitted_at),
    updated: .updated_at,
    likes: .reactions.total_count?,
    replies: (if $said then null else .comments end),
    parent: (if $said then $on.node_id else null end),
    kind: (if $said then "comment" elif $pull then "pull_request" else "issue" end)
  })
