# What Meta sends by itself: posts, comments, mentions and ratings of a page, comments and mentions on Instagram, messages
# scope: meta_webhook
# looks at named keys
# Of a mention on Instagram only ids come. Where the account is named, what they stand for is asked for (the fact "hydrate"; $ctx.hydrate),
# and read here, too; else, and where it can't be had, they are all that there is.
(if .mentioned_media then .mentioned_media else .mentioned_comment // empty end
 | each({
     id,
     scope: "instagram",
     text: (.caption // .text),
     author: .username,
     author_url: (if .username then "https://www.instagram.com/\(.username)/" else null end),
     published: .timestamp,
     likes: .like_count,
     replies: .comments_count,
     parent: .media.id?,
     kind: "mention"
   })),
( .object as $object
| ($ctx.hydrate and $ctx.account and ([.entry[]?.changes[]? | select(.field == "mentions")] | length) <= 50) as $asked
| .entry[]?
| .time as $time
| ( .changes[]?
    | .field as $field
    | .value
    | select(
        if $object == "page" then
          ($field == "feed" or $field == "mention" or $field == "ratings")
          and .verb != "remove"
          and ((.item // "post") as $item
               | ["post", "status", "photo", "video", "share", "comment", "rating"] | index($item))
        else
          $object == "instagram" and ($field == "comments" or $field == "live_comments" or ($field == "mentions" and ($asked | not)))
        end)
    | each({
        id: (.comment_id // .post_id // .open_graph_story_id // .id // .media_id),
        scope: (if $object == "page" then "facebook" else "instagram" end),
        url: (if $object == "page" and .post_id then "https://www.facebook.com/\(.comment_id // .post_id)" else null end),
        text: (.message // .text // .review_text),
        author: (.from.id // .sender_id // .reviewer_id),
        author_name: (.from.name // .from.username // .sender_name // .reviewer_name),
        published: (.created_time // $time),
        rating,
        parent: (.parent_id // .media.id // (if .comment_id then .media_id else null end)),
        hydrate: (if $field == "mentions" then {media_id, comment_id} else null end),
        kind: (if $field == "mention" or $field == "mentions" then "mention"
               elif $field == "ratings" then "review"
               elif .item == "comment" or $object == "instagram" then "comment"
               else "post" end)
      })
  ),
  ( .messaging[]?
    | select(.message.text and (.message.is_echo | not))
    | each({
        id: .message.mid,
        text: .message.text,
        author: .sender.id,
        published: .timestamp,
        parent: .message.reply_to.mid,
        kind: "message"
      })
  )
)
