"""What was not heard, from when to when: told once, each day and when it is over, kept over restarts and kills, asked for by
people and programs; and what nobody listens to (FAULTS F12, T2)."""
import re

from daemon import ESCUCHAD, feed, item, until
from test_clock import HOUR, MINUTE

NEWS = feed(item("uno", "Acme falla"))


def ledger(house, *args):
    return house.ctl("coverage", "--json", *args).lines()


def deafen(house, web, name="a"):
    """Three failures in a row: that is certain."""
    web.route(f"/{name}", code=404)
    for _ in range(3):
        before = web.count(f"/{name}")
        house.ctl("poll", name)
        until(lambda: web.count(f"/{name}") > before, f"{name} to be asked")
        until(lambda: not house.sources()[name]["running"], f"{name} to be polled")


def heard(house, web):
    web.route("/a", NEWS)
    house.ctl("poll", "a")
    return until(lambda: [line for line in ledger(house) if "to" in line], "the line to end")


def test_a_line_goes_on_over_a_kill_and_is_told_once(house, web):
    web.route("/a", NEWS)
    house.configure([house.source("a", web.url("/a"))])
    house.start()
    house.settled()
    deafen(house, web)
    house.told("source.deaf", source="a", kind="unreachable")
    house.told("operators.tell", kind="source_deaf", subject="a", state="begins")
    [line] = ledger(house)
    assert (line["source"], line["title"], line["kind"], line["why"]) == ("a", "Prensa", "unreachable", "http_404")
    assert line["from"][:19] == house.sources()["a"]["last"][:19] and "to" not in line
    house.kill()
    with house.running():
        [again] = ledger(house)
        assert again == line
        until(lambda: house.sources()["a"].get("deaf") == "unreachable", "what was known to be known again")
        assert house.sources()["a"]["deaf_since"][:19] == line["from"][:19]
        house.ctl("poll", "a")
        until(lambda: house.polls("a"), "another failure")
        assert not house.events("source.deaf")  # today it was told already
        [over] = heard(house, web)
        assert {k: v for k, v in over.items() if k != "to"} == line and over["to"] > over["from"]
        assert len(ledger(house)) == 1
        house.told("operators.tell", subject="a", state="over")


def test_who_left_is_still_in_the_ledger(house, web):
    web.route("/a", NEWS)
    web.route("/b", NEWS)
    b = house.source("b", web.url("/b"))
    house.configure([house.source("a", web.url("/a")), b])
    with house.running():
        house.settled()
        deafen(house, web)
        house.told("source.deaf", source="a")
        house.configure([b])
        house.ctl("reload")
        house.told("source.left", source="a")
        [line] = until(lambda: [x for x in ledger(house) if "to" in x], "its line to end")
        assert line["source"] == "a"
        assert ledger(house, "b") == []
        assert ledger(house, "a") == [line]
        assert house.ctl("sources", "a", code=1).err
        assert [s["name"] for s in house.ctl("sources", "b", "--json").lines()] == ["b"]
        assert house.ctl("coverage", "--since", "ayer", code=2).err
        assert "sources" in house.ctl("coverage", "nothing", code=1).err, "not: all of it was heard"
    with house.running():
        assert ledger(house) == [line]


def test_people_read_it_in_their_words(house, web):
    web.route("/a", NEWS)
    house.configure([house.source("a", web.url("/a")), house.source("v", web.url("/youtube.com/feeds"))], language="es",
                    timezone="America/Bogota")
    web.route("/youtube.com/feeds", NEWS)
    with house.running():
        house.settled()
        said = house.ctl("coverage").out
        assert "En este tiempo (7d) se oyó todo" in said
        assert "No se escucha en absoluto" in said and "Mastodon: una fuente con" in said and "YouTube" not in said
        deafen(house, web)
        house.told("source.deaf", source="a")
        [row] = [line for line in house.ctl("coverage").out.splitlines() if line.startswith("a (Prensa)")]
        assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  aún +0 min +no hay nada en esa dirección \(HTTP 404\)", row), row
        assert "(no se oye desde 20" in house.ctl("sources", "a").out
        status = house.ctl("status").out
        assert "NO SE OYE" in status and "sin oídos  Reddit, Mastodon" in status
        unheard = {u["what"]: u["why"] for u in house.status()["unheard"]}
        assert unheard["mastodon"] == unheard["mail"] == "no_source" and "news" not in unheard
        assert unheard["meta"] == unheard["x"] == unheard["reviews"] == "no_source"
    said = house.run(ESCUCHAD, "-c", house.config, "--check").out
    assert "nadie escucha: Reddit, Mastodon" in said


def test_what_is_not_in_the_ledger_yet_is_told_too(house, web):
    """A source that was never heard is written down only when it has failed for a while: all the same, not all was heard."""
    house.configure([house.source("muda", web.url("/nada"))], language="es")
    with house.running():
        house.settled()
        for args in ((), ("muda",)):
            said = house.ctl("coverage", *args).out
            assert "ahora NO SE OYE:\n  muda, nunca oída: " in said and "se oyó todo" not in said
        doctor = house.ctl("doctor", code=None).out
        assert "NO SE OYE: muda, nunca oída: " in doctor



def test_it_is_told_again_each_day(house, web, clock):
    """FAULTS F12: also of what is gone, which is not asked any more."""
    web.route("/a", NEWS)
    web.route("/g", code=410)
    house.configure([house.source("a", web.url("/a")), house.source("g", web.url("/g"))])
    with house.running():
        house.settled()
        deafen(house, web)
        house.told("source.deaf", source="g", again=0)
        asked = web.count("/g")
        for day in (1, 2):
            for _ in range(25 * 4):
                clock.passes(15 * MINUTE)
            for name in "ag":
                until(lambda: len(house.events("source.deaf", source=name, again=1)) == day, f"{name}, day {day}")
        assert web.count("/g") == asked
    with house.running():
        house.settled()
        assert not house.events("source.deaf")


def test_standing_still_is_told(house, web, clock):
    """FAULTS T2: asleep, or not running."""
    web.route("/a", NEWS)
    house.configure([house.source("a", web.url("/a"))])
    with house.running():
        house.settled()
        clock.passes(2 * HOUR)
        house.told("stood_still", why="asleep")
        [line] = until(lambda: ledger(house), "the line")
        assert line["kind"] == "asleep" and "source" not in line and line["to"] > line["from"]
        assert house.status()["gap"]["why"] == "asleep"
    assert len(house.sql("SELECT * FROM deaf")) == 1
    with house.running():
        assert not house.events("stood_still")  # a restart alone is none
    clock.passes(15 * MINUTE)
    with house.running():
        house.told("stood_still", why="down")
        house.told("operators.tell", kind="stood_still", state="happened")
        down = until(lambda: ledger(house, "a")[1:], "its line")[0]
        assert down["kind"] == "down"
        assert "(everything)" in house.ctl("coverage").out and "15 min" in house.ctl("coverage").out
        gap = house.status()["gap"]
        assert (gap["from"][:19], gap["to"][:19]) == (down["from"][:19], down["to"][:19])
        assert "escuchad was not running" in house.ctl("status").out
    clock.set(-48 * HOUR)
    with house.running():
        house.settled()
        assert not house.events("stood_still")


def test_a_full_log_is_a_time_in_which_nothing_is_heard(house, web, clock):
    for name in "abcdefgh":  # past the least that keep.size may be, and all of it waits for a Redis that isn't there
        web.route(f"/{name}", feed(*(item(f"http://{name}/{i}", f"Acme {name} {i}", "palabra " * 6000) for i in range(60))))
    sources = [house.source(name, web.url(f"/{name}")) for name in "abcdefgh"]
    nobody = {"redis": f"unix://{house.folder}/nobody.sock"}
    house.configure(sources, keep={"size": "16M"}, queue=nobody)
    with house.running():
        house.settled()
        until(lambda: clock.passes(MINUTE) or house.events("polling.paused"), "the log to be full")
        house.told("operators.tell", kind="log_full", state="begins")
        [line] = until(lambda: ledger(house), "the line")
        assert line["kind"] == "paused" and "to" not in line
        assert "paused" in house.status() and "is full" in house.ctl("status").out
        house.configure(sources, keep={"size": "64M"}, queue=nobody)
        house.ctl("reload")
        until(lambda: clock.passes(MINUTE) or house.events("polling.resumed"), "room")
        house.told("operators.tell", kind="log_full", state="over")
        [over] = until(lambda: [x for x in ledger(house) if "to" in x], "its end")
        assert over["from"] == line["from"] and "paused" not in house.status()
