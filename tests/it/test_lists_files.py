"""Lists of feeds (OPML) and files: read again when they change, and kept as they were when they break."""
import hashlib
import json
import os
import time

from daemon import LOCAL, feed, item, until


def opml(*feeds):
    outlines = "".join(f'<outline type="rss" text="{t}" xmlUrl="{u}"/>' for t, u in feeds)
    return f'<?xml version="1.0"?><opml version="2.0"><body><outline text="Prensa">{outlines}</outline></body></opml>'


def name_of(url):
    return "prensa/" + hashlib.sha256(url.encode()).hexdigest()[:16]


def replace(path, text):
    """As an editor does it, with another time whatever the clock's grain."""
    new = path.with_suffix(".new")
    new.write_text(text) if isinstance(text, str) else new.write_bytes(text)
    os.utime(new, ns=(time.time_ns(), time.time_ns() + len(text)))
    new.replace(path)


def test_a_list_is_its_feeds(house, web):
    for name in "abc":
        web.route(f"/{name}", feed(item(f"http://a.example/{name}", f"Acme {name}"), title=f"Diario {name}"))
    url = {name: web.url(f"/{name}") for name in "abc"}
    path = house.folder / "prensa.opml"
    path.write_text(opml(("A", url["a"]), ("B", url["b"]), ("B otra vez", url["b"])))
    house.configure([{"name": "prensa", "platform": "opml", "file": "prensa.opml", "every": "1h", "allow_private": LOCAL}])
    with house.running():
        until(lambda: len(house.titles()) == 2, "the list's feeds to be heard")
        assert set(house.settled()) == {"prensa", name_of(url["a"]), name_of(url["b"])}
        assert house.source_is(name_of(url["a"]), platform="feed", title="Diario a", state="ok")

        replace(path, opml(("A", url["a"]), ("C", url["c"])))  # one stays, one goes, one comes
        house.ctl("poll", "prensa")
        house.wait_source(name_of(url["c"]), state="ok")
        assert set(house.sources()) == {"prensa", name_of(url["a"]), name_of(url["c"])}
        assert sorted(house.titles()) == ["Acme a", "Acme b", "Acme c"]

        for broken, why in ((b"<opml><body><outline xmlUrl=", None), (b"", None), (b"\x00\x01\x02", None),
                            (b"<html><body>Portal</body></html>", "not_opml")):
            replace(path, broken)
            house.ctl("poll", "prensa")
            failed = house.wait_source("prensa", state="failing")
            assert failed["why"] in ("not_opml", why) and set(house.sources()) == {"prensa", name_of(url["a"]), name_of(url["c"])}
            replace(path, opml(("A", url["a"]), ("C", url["c"])))
            house.ctl("poll", "prensa")
            house.wait_source("prensa", state="ok")
        path.unlink()
        house.ctl("poll", "prensa")
        assert house.wait_source("prensa", state="failing")["why"] == "file"
        house.poll(name_of(url["a"]))  # and what was, is listened to
        replace(path, opml(("B", url["b"])))
        house.ctl("poll", "prensa")
        until(lambda: set(house.sources()) == {"prensa", name_of(url["b"])}, "the mended list")
        assert house.poll(name_of(url["b"])) is None and sorted(house.titles()) == ["Acme a", "Acme b", "Acme c"]


def test_a_list_with_once(house, web):
    """--once reads the list and then each of its feeds; a list that can't be read is a failure."""
    web.route("/a", feed(item("http://a.example/1", "Acme")))
    (house.folder / "prensa.opml").write_text(opml(("A", web.url("/a"))))
    house.configure([{"name": "prensa", "platform": "opml", "file": "prensa.opml", "allow_private": LOCAL}])
    house.once()
    assert house.titles() == ["Acme"]
    (house.folder / "prensa.opml").write_text("<nada>")
    assert "list.failed" in house.once(code=1).err


def test_a_list_opens_no_private_network(house, web):
    web.route("/a", feed(item("http://a.example/1", "Acme")))
    (house.folder / "prensa.opml").write_text(opml(("A", web.url("/a"))))
    house.configure([{"name": "prensa", "platform": "opml", "file": "prensa.opml"}])
    with house.running():
        house.wait_source(name_of(web.url("/a")), why="ssrf_blocked")
        assert web.connections == 0


def test_files_of_a_pattern(house):
    """A glob's files are one source: a new one, a changed one, a bad one among good ones; read by themselves, every second."""
    inbox = house.folder / "in"
    inbox.mkdir()
    replace(inbox / "1.xml", feed(item("http://a.example/1", "Acme uno")))
    replace(inbox / "2.json", json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "j", "items": [
        {"id": "http://a.example/2", "title": "Acme dos", "content_text": "hola"}]}))
    (inbox / "nota.txt").write_text("no es de nadie")
    house.configure([{"name": "in", "platform": "file", "path": "in/*.[xj]*", "every": "1s"}])
    with house.running():
        until(lambda: sorted(house.titles()) == ["Acme dos", "Acme uno"], "both files")
        replace(inbox / "1.xml", feed(item("http://a.example/1", "Acme uno"), item("http://a.example/3", "Acme tres")))
        replace(inbox / "4.xml", feed(item("http://a.example/4", "Acme cuatro")))
        until(lambda: len(house.titles()) == 4, "what changed")
        replace(inbox / "3.xml", b"<html>nada")
        replace(inbox / "5.xml", feed(item("http://a.example/5", "Acme cinco")))
        until(lambda: len(house.titles()) == 5, "the good one behind the bad one")
        failing = house.wait_source("in", state="failing")
        assert failing["why"] == "not_a_feed" and "3.xml" in failing["detail"]
        (inbox / "3.xml").unlink()
        house.wait_source("in", state="ok")
        baseline = {h["title"]: h.get("baseline", False) for h in house.hits()}
        assert baseline == {"Acme uno": True, "Acme dos": True, "Acme tres": False, "Acme cuatro": False, "Acme cinco": False}


def test_an_import_of_mentions(house):
    """JSON lines as DESIGN §5 has them come in with the identity and the facts that they had."""
    rows = [{"id": f"{i:032x}", "source": "otra", "platform": "mastodon", "kind": "post", "guid": f"g{i}", "url": f"https://a.example/{i}",
             "text": f"acme falla {i}", "lang": "es", "author": {"name": "Ana", "handle": "ana", "followers": 10 * i, **([{"verified": i > 1}, {}][i > 2])},
             "published": "2020-11-22T10:00:00Z", "seen": "2020-11-22T10:01:02.345Z", "likes": i} for i in range(1, 4)]
    path = house.folder / "old.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in rows))
    house.configure([{"name": "import", "platform": "file", "path": "old.jsonl", "as": "mentions"}])
    house.once()
    house.once()  # again: nothing comes twice
    with house.running():
        hits = {h["id"]: h for h in house.hits()}
        assert set(hits) == {r["id"] for r in rows}
        for r in rows:
            h = hits[r["id"]]
            facts = ("kind", "guid", "url", "text", "lang", "author", "published", "likes")
            assert {k: h[k] for k in facts} == {k: r[k] for k in facts}
            assert (h["source"], h["platform"]) == ("import", "file") and h["hits"][0]["topic"] == "acme"


def test_a_broken_import_costs_its_lines_or_its_source(house):
    (house.folder / "bad.jsonl").write_text('{"id":"zz"}\nno es json\n{"text":"acme sin nada más"}\n')
    (house.folder / "good.xml").write_bytes(feed(item("uno", "Acme")))
    house.configure([{"name": "bad", "platform": "file", "path": "bad.jsonl", "as": "mentions"},
                     {"name": "good", "platform": "file", "path": "good.xml"}])
    house.once(code=None)
    assert "Acme" in house.titles()
