# Wikipedia: one edit of the stream of recent changes. Its text is what the editor said of it.
# scope: wikipedia
# looks at named keys
select(.meta.domain != "canary" and (.type == "edit" or .type == "new") and (.bot | not))
| each({
    id: .meta.id,
    url: (if .revision.new then "\(.server_url)/w/index.php?diff=\(.revision.new)&oldid=\(.revision.old // "prev")"
          else .meta.uri end),
    title,
    text: .comment,
    author: .user,
    author_url: "\(.server_url)/wiki/User:\(.user | @uri)",
    published: .timestamp,
    lang: (.server_name // "" | split(".")[0]),
    kind: .type
  })
