# WhatsApp Cloud API: what people write to one's own number, as Meta sends it by itself
# scope: whatsapp
# looks at named keys
(if type == "array" then .[] else . end)
| .entry[]?.changes[]?
| select(.field == "messages")
| .value
| (reduce (.contacts // [])[] as $who ({}; .[$who.wa_id // $who.user_id // "?"] = $who.profile.name)) as $names
| .messages[]?
| (.text.body // .button.text // .interactive.button_reply.title? // .interactive.list_reply.title?
   // .image.caption? // .video.caption? // .document.caption? // .location.name?) as $text
| select($text)
| each({
    id,
    text: $text,
    author: (.from // .from_user_id),
    author_name: $names[.from // "?"],
    published: .timestamp,
    parent: .context.id,
    kind: (if .type == "reaction" then "reaction" else "message" end)
  })
