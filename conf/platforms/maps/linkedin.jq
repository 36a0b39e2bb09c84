# LinkedIn: comments on and shares of one's own organisation's posts, and posts that mention it
# scope: linkedin
# looks at named keys
(.elements // .notifications // [])[]
| {COMMENT: "comment", COMMENT_EDIT: "comment", SHARE: "share", SHARE_MENTION: "mention"}[.action // ""] as $kind
| select($kind)
| each((.decoratedGeneratedActivity.comment // .decoratedGeneratedActivity.share // {}) as $said
  | {
    id: (.generatedActivity // .notificationId),
    url: "https://www.linkedin.com/feed/update/\(.sourcePost)",
    text: ($said.text | if type == "object" then .text else . end),
    author: $said.owner,
    published: .lastModifiedAt,
    parent: .sourcePost,
    kind: $kind
  })
