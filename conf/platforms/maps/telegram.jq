# Telegram: what a bot hears in its groups and channels (getUpdates, or an update by webhook)
# scope: telegram
# looks at named keys
def pressed: # a button under a message of the bot's: what it says, and below that what the message said
  .message as $under
  | select($under and .data)
  | {
    id: "\($under.chat.id):press-\(.id)",
    text: "\(.data)\n\($under.text // "")",
    author: (.from.username // .from.id),
    author_name: ([.from.first_name, .from.last_name] | nn | join(" ")),
    parent: "\($under.chat.id):\($under.message_id)",
    kind: "press"
  };
(if .result then .result[] else . end)
| if .callback_query then each(.callback_query | pressed) else
  (.message // .channel_post // .edited_message // .edited_channel_post) as $said
| (.channel_post // .edited_channel_post) as $post
| select($said)
| ($said.text // $said.caption) as $text
| select($text)
| each(($said.from // $said.sender_chat // $said.chat) as $from
  | $said.chat as $chat
  | {
    id: "\($chat.id):\($said.message_id)",
    url: (if $chat.username then "https://t.me/\($chat.username)/\($said.message_id)"
          elif "\($chat.id)" | startswith("-100") then "https://t.me/c/\("\($chat.id)" | ltrimstr("-100"))/\($said.message_id)"
          else null end),
    title: $chat.title,
    text: $text,
    author: ($from.username // $from.id),
    author_name: ([$from.first_name, $from.last_name, $from.title] | nn | join(" ")),
    author_url: (if $from.username then "https://t.me/\($from.username)" else null end),
    published: $said.date,
    lang: $from.language_code,
    parent: (if $said.reply_to_message then "\($chat.id):\($said.reply_to_message.message_id)" else null end),
    kind: (if $post then "post" else "message" end)
  })
  end
