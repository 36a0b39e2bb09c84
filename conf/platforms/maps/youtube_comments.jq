# YouTube: comments and their answers (commentThreads, textFormat=plainText)
# scope: youtube
# looks at named keys
.items[]?
| .snippet as $thread
| ($thread.topLevelComment, .replies.comments[]?)
| select(.)
| each(.snippet as $said
  | ($said.videoId // $thread.videoId) as $video
  | {
    id,
    url: (if $video then "https://www.youtube.com/watch?v=\($video)&lc=\(.id)"
          else "https://www.youtube.com/channel/\($thread.channelId // $said.channelId)/discussion?lc=\(.id)" end),
    text: ($said.textOriginal // $said.textDisplay),
    author: ($said.authorChannelId.value? // $said.authorDisplayName),
    author_name: $said.authorDisplayName,
    author_url: $said.authorChannelUrl,
    published: $said.publishedAt,
    likes: $said.likeCount,
    replies: (if $said.parentId then null else $thread.totalReplyCount end),
    parent: ($said.parentId // $video),
    kind: (if $said.parentId then "reply" else "comment" end)
  })
