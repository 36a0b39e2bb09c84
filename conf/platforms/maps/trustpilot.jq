# Trustpilot: the reviews of one company
# scope: trustpilot
# looks at named keys
.reviews[]?
| each({
    id,
    url: "https://www.trustpilot.com/reviews/\(.id)",
    title,
    text,
    author: .consumer.id,
    author_name: .consumer.displayName,
    author_url: "https://www.trustpilot.com/users/\(.consumer.id)",
    published: .createdAt,
    lang: .language,
    likes: .numberOfLikes,
    rating: .stars,
    kind: "review"
  })
