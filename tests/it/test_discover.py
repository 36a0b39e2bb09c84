"""escuchactl discover: where a site can be listened to, as sources that --check takes and that are heard."""
from xml.etree import ElementTree

import yaml

from daemon import CTL, LOCAL, feed, item

ALLOW = ["--allow-private", "127.0.0.0/8"]


def page(web, path, head="", body=""):
    web.route(path, f"<!DOCTYPE html><html><head><title>Acme</title>{head}</head><body>{body}</body></html>".encode(), kind="text/html")


def found(house, url, code=0):
    done = house.run(CTL, "discover", url, *ALLOW, code=code)
    return yaml.safe_load(done.out)["sources"] if code == 0 else done


def where(sources):
    return [(s["platform"], s.get("url") or s.get("site") or s.get("base") or s.get("server")) for s in sources]


def test_links_of_a_page(house, web):
    page(web, "/blog/", """
      <!-- <link rel="alternate" type="application/rss+xml" href="/comentado"> -->
      <script>document.write('<link rel="alternate" type="application/rss+xml" href="/escrito">')</script>
      <link rel='alternate' type='application/rss+xml' title="Acme &raquo; Novedades" href='/feed?a=1&amp;b=2'>
      <LINK REL="feed alternate" TYPE="application/atom+xml; charset=utf-8" HREF=atom.xml />
      <link rel="alternate" type="application/feed+json" href="feed.json">
      <link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">
      <link rel="stylesheet" href="/estilo.css"><link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">""")
    sources = found(house, web.url("/blog/"))
    assert where(sources) == [("feed", web.url("/feed?a=1&b=2")), ("feed", web.url("/blog/atom.xml")), ("feed", web.url("/blog/feed.json"))]
    assert len({s["name"] for s in sources}) == 3
    assert "# Acme » Novedades" in house.run(CTL, "discover", web.url("/blog/"), *ALLOW).out
    assert len(web.paths()) == 2, "the page alone, each time"


def test_what_is_pasted_is_heard(house, web):
    page(web, "/", f'<link rel="alternate" type="application/rss+xml" href="/rss">')
    web.route("/rss", feed(item("uno", "Acme falla")))
    house.configure(found(house, web.url("/")))
    assert house.check().findings() == []
    house.once()
    assert house.titles() == ["Acme falla"]


def test_a_feed_is_one(house, web):
    web.route("/rss", feed(item("uno", "Acme falla"), title="Prensa"))
    assert where(found(house, web.url("/rss"))) == [("feed", web.url("/rss"))]
    assert house.run(CTL, "discover", web.url("/rss"), "--json", *ALLOW).lines()[0]["title"] == "Prensa"


def test_wordpress(house, web):
    """In a folder, with its interface; its comments are found though no page links them."""
    root = web.url("/blog")
    page(web, "/blog/2026/nota/", f'<meta name="generator" content="WordPress 6.4"><link rel="https://api.w.org/" href="{root}/wp-json/">'
         f'<link rel="alternate" type="application/rss+xml" href="{root}/feed/">')
    web.route("/blog/comments/feed/", feed(item("c", "Comentario")))
    for kind in "posts", "comments":
        web.route(f"/blog/wp-json/wp/v2/{kind}", b"[]", kind="application/json")
    sources = found(house, web.url("/blog/2026/nota/"))
    assert where(sources) == [("feed", f"{root}/feed/"), ("feed", f"{root}/comments/feed/"), ("wordpress", root), ("wordpress-comments", root)]
    assert sources[1]["name"].endswith("-comments")
    house.configure(sources)
    assert house.check().findings() == []


def test_discourse_and_mastodon(house, web):
    page(web, "/c/ayuda", '<meta name="generator" content="Discourse 3.2.0 - https://github.com/discourse/discourse">')
    web.route("/latest.rss", feed(item("t", "Un tema")))
    web.route("/posts.json", b"{}", kind="application/json")
    sources = found(house, web.url("/c/ayuda"))
    assert where(sources) == [("feed", web.url("/latest.rss")), ("discourse", web.url(""))]
    page(web, "/@acme", '<link href="/@acme.rss" rel="alternate" type="application/rss+xml">'
         '<link href="/users/acme" rel="alternate" type="application/activity+json">', '<div id="mastodon"></div>')
    web.route("/api/v2/instance", b"{}", kind="application/json; charset=utf-8")
    more = found(house, web.url("/@acme"))
    assert where(more) == [("feed", web.url("/@acme.rss")), ("mastodon", web.url("").partition("://")[2])]
    house.configure(sources + [{**s, "name": s["name"] + "-m"} for s in more])
    assert house.check().findings() == []


def test_the_usual_places_and_no_further(house, web):
    page(web, "/")
    web.route("/atom.xml", feed(item("t", "Un tema")))
    assert where(found(house, web.url("/"))) == [("feed", web.url("/atom.xml"))]
    assert web.paths() == ["/", "/feed/", "/rss.xml", "/atom.xml"]
    page(web, "/nada")
    web.route("/atom.xml", code=404)
    done = found(house, web.url("/nada"), code=1)
    assert "no feed and no platform" in done.err and len(web.paths()) == 4 + 5


def test_guarded_and_told(house, web):
    page(web, "/")
    done = house.run(CTL, "discover", web.url("/"), code=1)
    assert "private network" in done.err and web.paths() == []
    assert "HTTP 404" in house.run(CTL, "discover", web.url("/nope"), *ALLOW, code=1).err
    assert "no network" in house.run(CTL, "discover", web.url("/"), "--allow-private", "10.0.0.1/8x", code=2).err


def test_a_page_of_ill_will(house, web):
    """A title that would end its comment or colour the terminal, very many links, tags without an end."""
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="/f{i}" title="x&#10;- name: evil\x1b[31m">' for i in range(200))
    page(web, "/", links + "<link " + "a=b " * 50000)
    done = house.run(CTL, "discover", web.url("/"), *ALLOW)
    sources = yaml.safe_load(done.out)["sources"]
    assert len(sources) == 24 and "\x1b" not in done.out and all(s["name"] != "evil" for s in sources)


def test_an_export_is_a_list_that_gives_the_same_feeds(house, web):
    """OPML, folders by topic; what a list reads of it is what the configuration had."""
    urls = {f"f{i}": web.url(f"/f{i}?a=1&b='<{i}>") for i in range(4)}
    for i in range(4):
        web.route(f"/f{i}", feed(item(f"g{i}", f"Acme {i}")))
    house.configure([house.source(name, url, **({"topic": "acme"} if name > "f1" else {})) for name, url in urls.items()])
    done = house.ctl("sources", "--opml")
    assert not done.err
    root = ElementTree.fromstring(done.out)
    assert root.get("version") == "2.0"
    assert [(o.get("text"), o.get("xmlUrl")) for o in root.iter("outline") if o.get("xmlUrl")] == list(urls.items())
    assert [o.get("text") for o in root.find("body/outline[@text='acme']")] == ["f2", "f3"]
    (house.folder / "all.opml").write_text(done.out)
    house.configure([{"name": "todos", "platform": "opml", "file": "all.opml", "allow_private": LOCAL}])
    house.once()
    assert sorted(house.titles()) == [f"Acme {i}" for i in range(4)]
    assert "all.opml" in house.ctl("sources", "--opml").err
