# GitHub: issues and pull requests by words (search/issues)
# scope: github
# looks at named keys
.items[]?
| each({
    id: (.node_id // .url),
    url: .html_url,
    title,
    text: .body,
    text_format: "markdown",
    author: .user.login,
    author_url: .user.html_url,
    published: .created_at,
    updated: .updated_at,
    likes: .reactions.total_count?,
    replies: .comments,
    kind: (if .pull_request then "pull_request" else "issue" end)
  })
