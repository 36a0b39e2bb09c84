# GDELT: news by words, in 65 languages (doc, mode=artlist). It has titles alone.
# scope: gdelt
# looks at named keys
.articles[]?
| each({
    id: .url,
    url,
    title,
    text: .title,
    author: .domain,
    published: .seendate,
    lang: {Spanish: "es", English: "en", Portuguese: "pt", Catalan: "ca", Galician: "gl", Basque: "eu", French: "fr",
           Italian: "it", German: "de"}[.language // ""],
    kind: "news"
  })
