# A mailbox: one message, already decoded. Without an id of its own and outside of a mailbox it is known by its title and text
# scope: imap
# reads mail
# looks at named keys
each(if .automatic and $ctx.automatic == "skip" then empty else {
  id: (.message_id // (if .uid then "uid:\(.uidvalidity):\(.uid)" else null end)),
  title: .subject,
  text: (.text // .html),
  text_format: (if .text then "plain" else "html" end),
  author: .from.addr,
  author_name: .from.name,
  published: .date,
  parent: (.in_reply_to // (.references | last)),
  lang: .content_language,
  kind: (if .automatic then "auto-reply" else "email" end)
} end)
