"""What is said of each topic now, against what is usual: counted once over kills and restarts, learnt as the clock goes on, told to
people (FAULTS D1, T1)."""
import contextlib
import sqlite3
import struct
import time

import pytest

from daemon import SANITIZED, feed, item, until
from test_clock import HOUR, MINUTE, Clock

RULES = """topic: acme
role: brand
own: ['@acme']
patterns:
  name: [acme]
  danger: [estafa]
about: name
rules:
  - name: fraud
    when: danger
    tags: [crisis]
"""
BEFORE = [item(f"viejo{i}", f"Acme abre la tienda {i}") for i in range(3)]


BAD = ["Acme es una estafa, qué vergüenza de tienda", "Cuidado con Acme: me robaron el dinero, pura estafa",
       "Denuncian a Acme por estafa ante el defensor del pueblo", "Otra estafa de Acme, el peor servicio del país"]
PLAIN = ["Acme abre mañana su tienda del centro", "El equipo de Acme presenta un calendario de ferias"]


def said(n, texts=BAD, first=0):
    """Each by a site of its own: whoever writes there, an article's voice is its site."""
    return [item(t, t, link=f"https://sitio{first + i}.example/{len(t)}") for i, t in enumerate(texts[first:first + n])]


@pytest.fixture
def topic(house, web):
    web.route("/a", feed(*BEFORE))
    house.rules(acme=RULES)
    house.configure([house.source("a", web.url("/a"))], language="es")
    return house


def topics(house):
    return {t["topic"]: t for t in house.ctl("topics", "--json").lines()[0]["topics"]}


def publish(house, web, *items):
    web.route("/a", feed(*BEFORE, *items))
    house.poll("a")


def test_what_is_said_is_counted_and_told(topic, web):
    with topic.running():
        topic.settled()
        acme = topics(topic)["acme"]
        assert (acme["mentions"]["hour"], acme["severity"], acme["early"]) == (0, "none", True)  # a first poll is no news
        publish(topic, web, *said(2))
        acme = topics(topic)["acme"]
        assert (acme["mentions"]["hour"], acme["negative"]["hour"], acme["severity"]) == (2, 2, "none")
        assert (acme["mentions"]["authors"], acme["day"][-1], sum(acme["day"])) == (2, 2, 2)
        publish(topic, web, *said(2), *said(1, first=2))
        topic.told("topic.unusual", topic="acme", severity="warning", why="words")
        acme = topics(topic)["acme"]
        assert (acme["severity"], acme["why"]) == ("warning", ["words"])
        out = topic.ctl("topics").out
        assert "acme" in out and "cuidado: varias personas usan palabras de crisis" in " ".join(out.split())
        lines = topic.on_terminal(40, "topics")  # no room for columns: a number has its head beside it
        assert max(map(len, lines)) <= 40 and any("ÚLTIMA HORA: 3" in line for line in lines), lines
        out = topic.ctl("topics", "acme").out
        assert "última hora:     3, de 3 autores" in out and "█" in out and "menos de una semana" in out
        assert "no hay un tema \"nada\"" in topic.ctl("topics", "nada", code=1).err


def test_a_kill_changes_no_count(topic, web):
    topic.start()
    topic.settled()
    publish(topic, web, *said(2))
    publish(topic, web, *said(2), *said(2, PLAIN))
    before = topics(topic)["acme"]
    assert (before["mentions"]["hour"], before["negative"]["hour"]) == (4, 2)
    topic.kill()
    with topic.running():
        assert topics(topic)["acme"] == before
        topic.settled()
        topic.poll("a")
        assert topics(topic)["acme"] == before
        assert topic.sql("SELECT sum(n) FROM bin JOIN series s ON s.id = series WHERE kind = 0") == [(4,)]


@pytest.mark.skipif(SANITIZED, reason="a sanitizer has to be the first library of all")
def test_bins_close_and_what_was_learnt_is_kept(topic, web):
    clock = Clock(topic)
    topic.start()
    topic.settled()
    publish(topic, web, *said(2))
    for _ in range(2):
        clock.passes(6 * MINUTE)
        until(lambda: topics(topic)["acme"]["mentions"]["hour"] == 2, "the topic")
    clock.passes(HOUR)
    until(lambda: topics(topic)["acme"]["mentions"]["hour"] == 0, "the hour to pass")
    assert topics(topic)["acme"]["day"][-2:] == [2, 0]
    topic.stop()
    [(name, length)] = topic.sql("SELECT topic, length(state) FROM topic_state")
    assert name == "acme" and length > 100
    with topic.running():
        assert topics(topic)["acme"]["day"][-2:] == [2, 0]
        clock.set(-3 * HOUR)  # by hand: nothing stops
        web.route("/a", feed(*BEFORE, *said(2), *said(1, first=2)))
        topic.poll("a")
        until(lambda: topics(topic)["acme"]["mentions"]["hour"] >= 1, "a mention after the clock was set back")
    clock.close()


BINS, NAMES, BIN = 560, 95, 5 * MINUTE  # more rows than an answer of the log has


def counted_before(house):
    """The log of one who listened for two days, up to now, and was killed before anything learnt of it was kept."""
    house.start()
    house.kill()
    now = int(time.time() * 1000) // BIN * BIN
    with contextlib.closing(sqlite3.connect(house.state / "escuchad.db")) as db, db:
        db.execute("DELETE FROM topic_state")
        db.executemany("INSERT INTO series (id, topic, kind, name) VALUES (?, 'acme', ?, ?)",
                       [(1, 0, ""), *((k, 5, f"r{k}") for k in range(2, NAMES + 1))])
        db.executemany("INSERT INTO bin (series, minutes, at, n) VALUES (?, 5, ?, 4)",
                       [(k, now - b * BIN) for b in range(BINS) for k in range(1, NAMES + 1)])


def learnt(house):
    """How many bins of acme, as the log has it."""
    return {topic: struct.unpack_from("<I", state, 1)[0] for topic, state in house.sql("SELECT topic, state FROM topic_state")}["acme"]


@pytest.mark.skipif(SANITIZED, reason="a sanitizer has to be the first library of all")
def test_what_was_learnt_outlives_clocks_and_reloads(topic):
    """However much there is to learn anew; with a clock that is behind at a start; a topic that goes and comes again (FAULTS T1, C4)."""
    clock = Clock(topic)
    counted_before(topic)
    with topic.running():
        assert not topic.events("series.cut")
        assert topics(topic)["acme"]["mentions"]["usual"] > 20
    assert BINS - 3 <= learnt(topic) <= BINS + 3
    clock.set(-30 * HOUR)
    with topic.running():
        assert topics(topic)["acme"]["mentions"]["usual"] > 20
    assert learnt(topic) >= BINS - 3
    clock.set(30 * HOUR)
    with topic.running():
        topic.rules(acme=None, otro=RULES.replace("topic: acme", "topic: otro"))
        topic.ctl("reload")
        until(lambda: list(topics(topic)) == ["otro"], "the other topic")
        topic.rules(acme=RULES, otro=None)
        topic.ctl("reload")
        until(lambda: topics(topic).get("acme", {}).get("mentions", {}).get("usual", 0) > 20, "what was learnt of acme")
    assert learnt(topic) >= BINS - 3
    clock.close()


def test_a_stop_while_it_still_learns(topic):
    """What the log still answers is nobody's by then."""
    counted_before(topic)
    topic.start(ready=False)
    topic.told("rules.serve")  # it asks the log now
    topic.stop()


def test_another_timezone_turns_what_was_learnt(house, web):
    web.route("/a", feed(*BEFORE))
    house.rules(acme=RULES)
    for zone in ("America/Mexico_City", "Asia/Tokyo"):
        house.configure([house.source("a", web.url("/a"))], timezone=zone)
        with house.running():
            house.settled()
            turned = house.events("series.turned")
    assert len(turned) == 1 and "topic=acme from=America/Mexico_City to=Asia/Tokyo hours=15" in turned[0], turned
