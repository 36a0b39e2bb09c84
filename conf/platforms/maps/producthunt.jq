# Product Hunt: new posts (GraphQL)
# scope: producthunt
# looks at named keys
.data.posts.edges[]?.node
| each({
    id,
    url: (.url // "" | split("?")[0]),
    title: .name,
    text: ([.tagline, .description] | nn | join(" — ")),
    author: (.user.username | if . == "[REDACTED]" then null else . end),
    published: .createdAt,
    likes: .votesCount,
    replies: .commentsCount,
    kind: "post"
  })
