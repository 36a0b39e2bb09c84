# Stack Exchange: questions, answers and comments
# scope: stackexchange
# looks at named keys
# Ids are each site's own: $ctx.site.
.items[]?
| each({
    scope: (if $ctx.site then "stackexchange \($ctx.site)" else null end),
    id: (.comment_id // .answer_id // .question_id),
    url: .link,
    title,
    title_format: "html",
    text: .body,
    text_format: "html",
    author: .owner.user_id,
    author_name: .owner.display_name,
    author_url: .owner.link,
    published: .creation_date,
    likes: .score,
    views: .view_count,
    replies: .answer_count,
    parent: (if .comment_id then .post_id elif .answer_id then .question_id else null end),
    kind: (if .comment_id then "comment" elif .answer_id then "answer" else "question" end)
  })
