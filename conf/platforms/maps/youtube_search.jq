# YouTube: videos by words (search), whose titles come escaped, and by their ids (videos.list), with counts
# scope: youtube
# looks at named keys
.items[]?
| (if .id | type == "object" then .id else {kind: .kind, videoId: .id} end) as $id
| select($id.kind == "youtube#video")
| each({
    id: $id.videoId,
    url: "https://www.youtube.com/watch?v=\($id.videoId)",
    title: .snippet.title,
    title_format: (if .statistics then null else "html" end),
    text: .snippet.description,
    author: .snippet.channelId,
    author_name: .snippet.channelTitle,
    author_url: "https://www.youtube.com/channel/\(.snippet.channelId)",
    published: .snippet.publishedAt,
    likes: .statistics.likeCount,
    replies: .statistics.commentCount,
    views: .statistics.viewCount,
    kind: "video"
  })
