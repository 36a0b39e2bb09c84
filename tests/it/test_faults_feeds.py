"""What feeds do to escuchad as a whole: each costs its source and nobody else (FAULTS P1 to P5, P7, P11, P16, O3, T3)."""
import calendar
import json
import time

from daemon import ACME, PATIENCE, SANITIZED, feed, item, resident_kb, until

DAY = 24 * 3600


def rss(body, doctype=""):
    return f'<?xml version="1.0"?>\n{doctype}<rss version="2.0"><channel><title>t</title>{body}</channel></rss>'.encode()


def entities(*declared):
    return "<!DOCTYPE rss [\n" + "\n".join(f"<!ENTITY {d}>" for d in declared) + "\n]>\n"


LAUGHS = entities('a "ja"', *(f'{chr(98 + i)} "{f"&{chr(97 + i)};" * 10}"' for i in range(12)))
ATTRIBUTES = " ".join(f'a{i}="x"' for i in range(40_000))
SECRET = "la-clave-secreta-del-fichero"

# FAULTS P1, P2, P3, P4, P5
HOSTILE = {
    "laughs": rss("<item><title>Acme &m;</title></item>", LAUGHS),
    "quadratic": rss(f"<item><title>Acme {'&a;' * 20_000}</title></item>", entities(f'a "{"x" * 100_000}"')),
    "deep": b"<rss><channel><item>" + b"<a>" * 982_600,
    "attributes": rss(f"<item {ATTRIBUTES}><title>Acme</title></item>"),
}


def test_hostile_feeds_are_refused(house, web):
    """FAULTS P1, P2, P4, P5: no reader is lost, nobody waits."""
    for name, body in HOSTILE.items():
        web.route(f"/{name}", body)
    web.route("/good", feed(item("uno", "Acme sigue en pie")))
    house.configure([house.source(n, web.url(f"/{n}")) for n in [*HOSTILE, "good"]])
    with house.running():
        sources = house.settled()
        assert {n: sources[n].get("why") for n in HOSTILE} == dict.fromkeys(HOSTILE, "refused")
        assert all(sources[n]["detail"] for n in HOSTILE) and sources["good"]["state"] == "ok"
        assert house.titles() == ["Acme sigue en pie"]
        status = house.status()["readers"]
        assert status["restarts"] == 0 and status["set_aside"] == 0
        if not SANITIZED:
            assert all(resident_kb(p) < 200 * 1024 for p in house.two_readers())
        begun = time.monotonic()  # and each is over at once, the loop not held up
        for name in HOSTILE:
            web.route(f"/{name}", HOSTILE[name] + b"<!-- again -->")
            house.ctl("poll", name)
            house.wait_source(name, failures=2, running=False)
        assert time.monotonic() - begun < 4 * PATIENCE
        assert house.status()["loop_lag_us"] < 200_000 * PATIENCE


def test_entities_from_outside_are_not_fetched(house, web):
    """FAULTS P3: files and documents that a feed names stay where they are."""
    secret = house.folder / "secret.txt"
    secret.write_text(SECRET)
    bodies = {
        "file": rss("<item><title>Acme &x;</title></item>", entities(f'x SYSTEM "file://{secret}"')),
        "http": rss("<item><title>Acme &x;</title></item>", entities(f'x SYSTEM "{web.url("/stolen")}"')),
        "parameter": rss("<item><title>Acme</title></item>", entities(f'% x SYSTEM "{web.url("/stolen")}"').replace("\n]", " %x;\n]")),
        "dtd": rss("<item><title>Acme</title></item>", f'<!DOCTYPE rss SYSTEM "{web.url("/stolen")}">'),
        "dtd-file": rss("<item><title>Acme</title></item>", f'<!DOCTYPE rss SYSTEM "file://{secret}">'),
        "xinclude": rss(f'<item><title>Acme<x:include xmlns:x="http://www.w3.org/2001/XInclude" parse="text" href="file://{secret}"/>'
                        "</title></item>"),
        "style": b'<?xml-stylesheet href="' + web.url("/stolen").encode() + b'"?>' + feed(item("s", "Acme")),
    }
    for name, body in bodies.items():
        web.route(f"/{name}", body)
    house.configure([house.source(n, web.url(f"/{n}")) for n in bodies])
    with house.running():
        sources = house.settled()
        assert {sources[n]["why"] for n in ("file", "http", "parameter")} == {"refused"}
        assert web.count("/stolen") == 0
        assert not house.sql("SELECT 1 FROM mention WHERE title LIKE ? OR text LIKE ?", f"%{SECRET}%", f"%{SECRET}%")
        assert house.status()["readers"]["restarts"] == 0


def test_bad_bytes_come_out_as_text(house, web):
    """FAULTS P7: what enters the log is UTF-8 without NUL, whatever the feed claims to be."""
    web.route("/latin", b'<?xml version="1.0" encoding="UTF-8"?>' + rss("<item><guid>1</guid><title>Acme en Espa\xf1a</title></item>"
                                                                       )[22:].decode("utf-8").encode("latin-1"))
    web.route("/nul", feed(item("2", "Acme NUL y \x0b", "cola")).replace(b"NUL", b"\0"))
    house.configure([house.source(n, web.url(f"/{n}")) for n in ("latin", "nul")])
    house.once()
    titles = house.titles()
    assert any("España" in t for t in titles) and len(titles) == 2 and not any(c < " " for t in titles for c in t)


def test_a_pattern_that_explodes_is_told(house, web):
    """FAULTS P11: it costs a moment, its rule is told as given up, and its neighbours in the same topic work."""
    house.rules(acme=ACME.replace("about:", "  evil: 'a*a*a*[xz]'\nabout:") + "  - {name: exploded, when: 'evil'}\n")
    web.route("/good", feed(item("uno", "Acme, un fraude", "a" * 5000 + "!"), item("dos", "Acme, otro robo")))
    house.configure([house.source("good", web.url("/good"))])
    with house.running():
        house.settled()
        assert [h["hits"][0]["rules"] for h in house.hits()] == [["fraud"], ["fraud"]]
        told = house.events("rule.limit", pattern="evil", source="good")
        assert len(told) == 1 and "topic=acme" in told[0]
        assert house.status()["readers"]["restarts"] == 0 and house.status()["loop_lag_us"] < 200_000 * PATIENCE


def test_a_large_item_is_cut(house, web):
    """FAULTS P16: 5 MB of one item; what is kept is bounded, says so, and neighbours in the feed are whole."""
    web.route("/big", feed(item("uno", "Acme largo", "áb " * 1_700_000), item("dos", "Acme corto", "entero"),
                           item("tres", "Acme " + "t" * 400_000)))
    house.configure([house.source("big", web.url("/big"))])
    with house.running():
        house.settled()
        by_title = {h["title"][:10]: h for h in house.hits()}
        assert by_title["Acme corto"]["text"] == "entero" and "cut" not in by_title["Acme corto"]
        long = by_title["Acme largo"]
        assert long["cut"] is True and 200 * 1024 < len(long["text"].encode()) <= 256 * 1024 and long["text"].startswith("áb áb")
        assert by_title["Acme ttttt"]["cut"] is True and len(by_title["Acme ttttt"]["title"].encode()) <= 256 * 1024
        assert house.status()["readers"]["restarts"] == 0


def test_too_many_items_are_counted_not_read(house, web):
    """FAULTS P16: of 10,050 items of one feed 10,000 are read, and it is told how many were left."""
    web.route("/many", feed(*(item(f"http://a.example/{i}", f"nota {i}") for i in range(10_050))))
    web.route("/good", feed(item("uno", "Acme")))
    house.configure([house.source("many", web.url("/many")), house.source("good", web.url("/good"))])
    with house.running():
        house.settled()
        assert house.source_is("many", state="ok", items=10_000, new=10_000)
        assert house.events("poll.cut", source="many", items_left=50)
        assert house.sql("SELECT count(*) FROM mention")[0][0] == 10_001


def test_nothing_foreign_breaks_a_line_or_a_terminal(house, web):
    """FAULTS O3: what feeds, servers and addresses say is escaped in the log and on the terminal."""
    evil = "&#27;[31m\r\n\nevent=fake.event\x9b31m&#x9b;&#x202e;\u202egnip\x07"  # once more escaped by item(): as HTML has it
    web.route("/title", feed(item("uno", "Acme " + evil, evil), title="Prensa " + evil))
    web.route("/head", handler=lambda h: h.raw(b"HTTP/1.1 404 no\x1b[31m\r\nContent-Length: 0\r\n\r\n"))
    web.route("/to", code=302, headers=[("Location", "javascript:\x1b[31m\x07event=fake.event")])
    web.route("/page", b"<html><title>\x1b[31m\r\nevent=fake.event</title>", kind="text/\x1b[31mhtml")
    house.configure([house.source(n, web.url(f"/{n}")) for n in ("title", "head", "to", "page")])
    first = house.once(code=1)
    with house.running():
        for name in ("head", "to", "page"):
            house.ctl("poll", name)
            house.wait_source(name, failures=2, running=False)
        said = [first.out, first.err, house.log(), house.ctl("sources").out, house.ctl("tail").out, house.ctl("status").out,
                until(lambda: house.ctl("search", "acme", code=None).out, "the index")]
        for text in said:
            assert not any(c in text for c in "\x1b\r\x07\x9b\u202e") and "\nevent=fake" not in text
        assert all(line[:4].isdigit() for line in house.log().splitlines())  # each line is one of ours
        assert json.loads(house.ctl("tail", "--json").out.splitlines()[0])["title"].startswith("Acme")


# FAULTS T3
DATES = [
    ("Tue, 30 Feb 2026 10:00:00 GMT", True, None), ("Sun, 01 Jan 9999 00:00:00 GMT", True, None),
    ("+2d", True, None), ("mañana", True, None), (None, True, None),
    ("-1d", False, -DAY), ("+1h", False, 3600), ("Dom, 22 nov 2020 10:00:00 GMT+0200", False, None),
]


def test_suspect_dates_are_the_time_of_the_fetch(house, web):
    """FAULTS T3: what can't be, or lies over a day ahead, is not believed, and says so."""
    now = int(time.time())
    moved = {"+2d": now + 2 * DAY, "-1d": now - DAY, "+1h": now + 3600}
    web.route("/dates", feed(*(item(f"d{i}", f"Acme {i}", date=moved.get(date, date)) for i, (date, _, _) in enumerate(DATES))))
    house.configure([house.source("dates", web.url("/dates"))])
    with house.running():
        house.settled()
        hits = {int(h["title"].split()[1]): h for h in house.hits()}
        for i, (date, suspect, shift) in enumerate(DATES):
            assert hits[i].get("date_suspect", False) is suspect, date
            if suspect:
                assert hits[i]["published"] == hits[i]["seen"]
            elif shift is None:
                assert hits[i]["published"] == "2020-11-22T08:00:00Z"
            else:
                assert calendar.timegm(time.strptime(hits[i]["published"], "%Y-%m-%dT%H:%M:%SZ")) == now + shift
