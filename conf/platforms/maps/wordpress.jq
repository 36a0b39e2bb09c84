# WordPress: the comments or the posts of a site (wp/v2)
# scope: wordpress
# looks at named keys
# Ids of comments are each site's own; those of posts are addresses.
if type == "array" then .[] else empty end # an error is an object
| each(
    if .type == "comment" or .post then
      {
        id,
        scope: "wordpress \(.link // "" | split("/")[2] // "")",
        url: .link,
        text: .content.rendered,
        text_format: "html",
        author: .author_name,
        author_name,
        author_url,
        published: "\(.date_gmt)Z",
        parent: (if .parent == 0 then .post else .parent end),
        kind: "comment"
      }
    else
      {
        id: .guid.rendered,
        url: .link,
        title: .title.rendered,
        title_format: "html",
        text: .content.rendered,
        text_format: "html",
        author: (._embedded.author[0].name? // .author),
        author_url: ._embedded.author[0].link?,
        published: "\(.date_gmt)Z",
        kind: "article"
      }
    end)
