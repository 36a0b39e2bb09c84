"""What is said of each topic now, against what is usual: counted once over kills and restarts, learnt as the clock goes on, told to
people (FAULTS D1, T1)."""
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
