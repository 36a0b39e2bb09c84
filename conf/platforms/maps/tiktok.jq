# TikTok: videos and their comments (Research API). Ids are numbers beyond 2^53: they come as texts.
# scope: tiktok
# looks at named keys
(.data.videos // .data.comments // [])[]
| each(
    if .video_description != null or .view_count != null then
      (.id // .video_id) as $id
      | {
        id: $id,
        url: "https://www.tiktok.com/@\(.username // "_")/video/\($id)",
        text: .video_description,
        author: .username,
        author_url: (if .username then "https://www.tiktok.com/@\(.username)" else null end),
        published: .create_time,
        likes: .like_count,
        shares: .share_count,
        replies: .comment_count,
        views: .view_count,
        country: .region_code,
        kind: "video"
      }
    else
      {
        id,
        url: "https://www.tiktok.com/@_/video/\(.video_id)",
        text,
        published: .create_time,
        likes: .like_count,
        replies: .reply_count,
        parent: (.parent_comment_id // .video_id),
        kind: "comment"
      }
    end)
