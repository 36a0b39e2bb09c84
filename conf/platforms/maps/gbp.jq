# Google Business Profile: the reviews of one's own places. No review has an address that all can open.
# scope: gbp
# looks at named keys
.reviews[]?
| each({
    id: .name,
    text: .comment,
    author: .reviewer.displayName,
    author_name: .reviewer.displayName,
    published: .updateTime,
    rating: {ONE: 1, TWO: 2, THREE: 3, FOUR: 4, FIVE: 5}[.starRating // ""],
    replies: (if .reviewReply then 1 else 0 end),
    kind: "review"
  })
