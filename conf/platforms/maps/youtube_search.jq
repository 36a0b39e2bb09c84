# YouTube: videos by words (search). Titles come escaped.
# scope: youtube
# looks at named keys
.items[]?
| select(.id.kind == "youtube#video")
| each({
    id: .id.videoId,
    url: "https://www.youtube.com/watch?v=\(.id.videoId)",
    title: .snippet.title,
    title_format: "html",
    text: .snippet.description,
    author: .snippet.channelId,
    author_name: .snippet.channelTitle,
    author_url: "https://www.youtube.com/channel/\(.snippet.channelId)",
    published: .snippet.publishedAt,
    kind: "video"
  })
