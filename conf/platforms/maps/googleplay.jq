# Google Play: the reviews of one's own app. $ctx.package is its name; the users' last word counts.
# scope: googleplay
# looks at named keys
.reviews[]?
| ([.comments[]? | .userComment | select(. != null)] | last) as $said
| select($said)
| each({
    id: .reviewId,
    url: "https://play.google.com/store/apps/details?id=\($ctx.package // "")&reviewId=\(.reviewId)",
    text: ($said.originalText // $said.text),
    author: .authorName,
    author_name: .authorName,
    published: $said.lastModified.seconds,
    lang: $said.reviewerLanguage,
    likes: $said.thumbsUpCount,
    rating: $said.starRating,
    version: $said.appVersionName,
    kind: "review"
  })
