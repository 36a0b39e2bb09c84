# App Store: reviews (itunes.apple.com/CC/rss/customerreviews/…/json)
# scope: appstore
# looks at named keys
# The app itself may stand before its reviews: it has no rating. A single review comes without a list.
(.feed.entry // []) | if type == "array" then .[] else . end
| select(.["im:rating"])
| each({
    id: .id.label,
    url: (.link.attributes.href? // .author.uri.label),
    title: .title.label,
    text: .content.label,
    author: (.author.uri.label // "" | split("/id") | last),
    author_name: .author.name.label,
    author_url: .author.uri.label,
    published: .updated.label?,
    likes: .["im:voteSum"].label,
    rating: .["im:rating"].label,
    version: .["im:version"].label,
    country: $ctx.country,
    kind: "review"
  })
