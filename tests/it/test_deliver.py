"""Mentions to people without an incident: as they come, folded and capped; a digest at an hour of the day; each once, whatever dies
in between (FAULTS D1, D3, O1, T1)."""
import hashlib
import time

import pytest

from daemon import PATIENCE, feed, item, until
from peers.smtp_peer import SmtpPeer
from test_clock import HOUR
from test_topics import BEFORE, RULES, publish

ANA = {"name": "ana", "language": "es", "timezone": "America/Bogota", "reach": [{"correo": "ana@example.com"}]}
LUIS = {"name": "luis", "language": "en", "timezone": "America/Mexico_City", "reach": [{"correo": "luis@example.com"}]}
CARDS = {"name": "avisos", "when": "role == brand and tags in [crisis]", "to": ["ana"], "every": "now", "gather": "0s"}
HOSTILE = "<b>Acme</b> estafa\r\nBcc: x@example.com"


@pytest.fixture
def mail(request, tmp_path):
    with SmtpPeer() as peer:
        request.node.stories = [*getattr(request.node, "stories", []), ("mail", lambda: f"{peer.commands}\n{peer.messages}")]
        yield peer


def configure(house, web, mail, **top):
    web.route("/a", feed(*BEFORE))
    house.rules(acme=RULES)
    house.configure([house.source("a", web.url("/a"))], channels=[mail.channel()], **{"people": [ANA, LUIS], "language": "es", **top})


def said(name, n=1):
    """Each a story of its own: what is said beside the words that count is like nothing else."""
    return [item(f"{name}{i}", f"Acme es una estafa: {' '.join(hashlib.sha256(f'{name}{i}{k}'.encode()).hexdigest()[:9] for k in range(12))}",
                 link=f"https://{name}{i}.example/x") for i in range(n)]


def test_cards_as_they_come(house, web, mail):
    """A first poll is no news; what comes then is told once, with who, why and where; beyond the cap it is counted."""
    configure(house, web, mail, deliver=[{**CARDS, "cap": 3}])
    with house.running():
        house.settled()
        publish(house, web, *said("uno"))
        first, = mail.wait(1)
        text = first.text
        assert first.to == ["ana@example.com"] and first["Subject"].startswith("avisos: Acme es una estafa: "), first
        for part in ("https://uno0.example/x", "acme: cumple fraud; por: ", "estafa", "«avisos»"):
            assert part in text, text
        publish(house, web, *said("uno"), *said("dos", 6))
        second = mail.wait(2)[1]
        assert "6 menciones" in second["Subject"] and "Y 4 más." in second.text, second.text
        assert second.text.count("https://dos") == 2
        publish(house, web, *said("uno"), *said("dos", 6), *said("tres"))  # the cap is met: it waits for the hour's end
        until(lambda: house.sql("SELECT length(kept) FROM delivery"), "what waits to be kept")
    assert len(mail.messages) == 2
    with house.running():  # and a start tells nothing twice
        house.settled()
        assert len(mail.messages) == 2 and house.sql("SELECT count(*) FROM notice WHERE kind = 'delivery'") == [(2,)]


def test_hostile_words_are_no_markup(house, web, mail):
    """FAULTS O1, O2"""
    configure(house, web, mail, deliver=[CARDS])
    with house.running():
        house.settled()
        publish(house, web, item("h", HOSTILE, link="https://h.example/?q='><script>alert(1)</script>"))
        got, = mail.wait(1)
    assert got.to == ["ana@example.com"] and "Bcc" not in got.parsed
    html = got.parsed.get_body(("html",)).get_content()
    assert "<script" not in html and "&lt;script" not in html and "estafa" in html


def test_each_is_told_once_over_kills(house, web, mail):
    """FAULTS D1, D3: killed again and again while cards go out: none is lost; what may have come twice has the same key and says so."""
    configure(house, web, mail, deliver=[{**CARDS, "cap": 100}])
    house.start()
    house.settled()
    all_of_it = []
    for i in range(6):
        all_of_it += said(f"k{i}x")
        publish(house, web, *all_of_it)
        if i % 2:
            until(lambda: house.sql("SELECT count(*) FROM notice WHERE kind = 'delivery'")[0][0], "a message in the log")
        house.kill()
        house.start()
        house.settled()
    publish(house, web, *all_of_it)
    want = {f"https://k{i}x0.example/x" for i in range(6)}
    until(lambda: want <= {line.strip() for m in mail.messages for line in m.text.splitlines()}, "all to be told", seconds=PATIENCE)
    house.stop()
    keys = {}
    for m in mail.messages:
        keys.setdefault(m.key, []).append(m)
    told = [line.strip() for ms in keys.values() for line in ms[0].text.splitlines() if line.strip() in want]
    assert sorted(told) == sorted(want), told
    assert all("POSIBLE REPETICIÓN" in m.text for ms in keys.values() for m in ms[1:])


def test_a_digest_can_be_looked_at(house, web, mail):
    """Numbers, who waits for an answer, what was heard; of a person, in their language, and of a topic. Nothing leaves."""
    configure(house, web, mail, deliver=[{"name": "resumen", "to": ["luis"], "every": "daily", "at": "08:30"}])
    with house.running():
        house.settled()
        none = house.ctl("digest", "ana").out
        assert none.startswith("acme: sin novedad") and "Nadie habló" in none and "Todas las fuentes responden." in none, none
        publish(house, web, *said("uno", 4))
        until(lambda: house.mentions() and "4 menciones" in house.ctl("digest", "acme").out, "four to be counted")
        got = house.ctl("digest", "luis").out
        for part in ("acme: 4 mentions", "How much is said", "what is usual is not known yet", "Worth reading", "https://uno", "All sources answer."):
            assert part in got, got
        html = house.ctl("digest", "acme", "--html", "--since", "2h").out
        assert html.startswith("<!DOCTYPE html>") and "</html>" in html
        assert set(house.ctl("digest", "acme", "--json").lines()[0]) == {"subject", "text", "html"}
        assert "nadie" in house.ctl("digest", "nadie", code=1).err
    assert not mail.messages


def test_everybody_gets_a_digest_a_day(house, web, mail, clock):
    """T1: where nothing is written, at nine by their own clocks; a day with nothing is told, too, and each day once."""
    configure(house, web, mail)
    with house.running():
        house.settled()
        publish(house, web, *said("uno", 3))
        until(lambda: house.hits() and len(house.mentions()) >= 6, "what was said to be there")
        clock.passes(25 * HOUR)  # past nine in Bogotá and in Mexico
        day = mail.wait(2)
        assert {m.to[0] for m in day} == {"ana@example.com", "luis@example.com"}
        assert {m["Subject"] for m in day} == {"acme: 3 menciones", "acme: 3 mentions"}, day
        assert all("https://uno" in m.text for m in day)
        clock.passes(24 * HOUR)
        quiet = mail.wait(4)[2:]
        assert {m["Subject"] for m in quiet} == {"acme: sin novedad", "acme: nothing new"}, quiet
    with house.running():
        house.settled()
        assert len(mail.messages) == 4


def test_quiet_hours_are_kept(house, web, mail, clock):
    """T1: what comes in them is one message after them, over a restart."""
    configure(house, web, mail, deliver=[CARDS], people=[{**ANA, "quiet": quiet_now()}, LUIS])
    with house.running():
        house.settled()
        for n in range(1, 4):
            publish(house, web, *said("noche", n))
        until(lambda: len(house.mentions()) >= 6 and not house.sql("SELECT 1 FROM notice"), "three to be there, and nothing sent")
    with house.running():
        house.settled()
        clock.passes(3 * HOUR)
        got, = mail.wait(1)
        assert "3 menciones" in got["Subject"] and "en sus horas de descanso" in got.text, got.text
        assert got.text.count("https://noche") == 3


def quiet_now():
    """Hours around now, by Bogotá's clock, which knows no summer time."""
    now = time.time() - 5 * 3600
    return "-".join(time.strftime("%H:%M", time.gmtime(now + hours * 3600)) for hours in (-1, 2))


def test_what_is_wrong_is_told_with_its_place(house, web, mail):
    def findings(deliver):
        configure(house, web, mail, deliver=deliver)
        return house.check(code=1).findings()

    assert "did you mean" in str(findings([{**CARDS, "to": ["anna"]}])) or "quiso decir" in str(findings([{**CARDS, "to": ["anna"]}]))
    assert "topic" in str(findings([{**CARDS, "when": "topic == acne"}]))
    assert "intents" in str(findings([{**CARDS, "when": "intents == complaint"}]))
    assert "at" in str(findings([{**CARDS, "at": "08:00"}]))
    assert "08:77" in str(findings([{"name": "r", "to": ["ana"], "every": "daily", "at": "08:77"}]))
