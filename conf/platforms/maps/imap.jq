# A mailbox: one message, already decoded
# scope: imap
# looks at named keys
each({
  id: (.message_id // "uid:\(.uidvalidity):\(.uid)"),
  title: .subject,
  text: (.text // .html),
  text_format: (if .text then "plain" else "html" end),
  author: .from.addr,
  author_name: .from.name,
  published: .date,
  parent: (.in_reply_to // (.references | last)),
  lang: .content_language,
  kind: "email"
})
