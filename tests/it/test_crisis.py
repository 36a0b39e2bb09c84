"""From a count that is not normal to a person who has taken it: the feed turns hostile, whoever is on call is told by mail, then the
next one, until somebody takes it; whatever dies in between (FAULTS D3, O8)."""
import re
import time

import pytest

from daemon import PATIENCE, SANITIZED, feed, item, until
from peers.smtp_peer import SmtpPeer
from test_clock import HOUR, Clock
from test_coverage import deafen
from test_topics import BAD, BEFORE, PLAIN, RULES, publish, said

PEOPLE = [{"name": "ana", "language": "es", "reach": [{"correo": "ana@example.com"}]},
          {"name": "luis", "reach": [{"correo": "luis@example.com"}]}]
ONCALL = [{"name": "cm", "shifts": [{"days": "mon-sun", "hours": "00:00-24:00", "who": ["ana"]}], "otherwise": ["luis"]}]
STEPS = [{"after": "0s", "notify": ["oncall:cm"]}, {"after": "4s", "notify": ["luis"]}]
CASA = {"name": "casa", "info": [], "warning": STEPS, "critical": STEPS, "repeat": "30m"}
HOSTILE = said(3)


@pytest.fixture
def mail(request, tmp_path):
    with SmtpPeer(tls="starttls", folder=tmp_path / "mail") as peer:
        request.node.stories = [*getattr(request.node, "stories", []), ("mail", lambda: f"{peer.commands}\n{peer.messages}")]
        yield peer


def configure(house, web, mail, escalation=CASA, others=(), **top):
    web.route("/a", feed(*BEFORE))
    house.rules(acme=RULES)
    house.configure([house.source("a", web.url("/a")), *others], channels=[mail.channel(ca_file=str(mail.crt), tls="required")], people=PEOPLE,
                    notices={"gather": "1s", "pause": "0s", "retry": "1s"}, oncall=ONCALL, escalations=[escalation],
                    **{"defaults": {"escalation": "casa"}, "language": "es", **top})


def incidents(house, *more):
    return house.ctl("incidents", "--json", *more).lines()


def one(house, number=1):
    return house.ctl("show", str(number), "--json").lines()[0]


def happened(house, number=1):
    return [e["what"] for e in one(house, number)["events"]]


def told(house):
    """(person, state, tries) of each message in the log."""
    return house.sql("SELECT person, state, tries FROM notice WHERE kind = 'incident' ORDER BY created, rowid")


def all_sent(house):
    return until(lambda: (n := told(house)) and all(state == 2 for _, state, _ in n) and n, f"all messages to be sent: {told(house)}")


def to(messages, person):
    return [m for m in messages if m.to == [f"{person}@example.com"]]


def test_the_feed_turns_hostile_and_somebody_takes_it(house, web, mail):
    """FAULTS D3, O8"""
    configure(house, web, mail, others=[house.source("b", web.url("/b"))])
    with house.running():
        house.settled()
        deafen(house, web, "b")
        house.told("source.deaf", source="b")
        assert incidents(house) == []
        assert "No hay crisis" in house.ctl("incidents").out
        publish(house, web, *HOSTILE)
        first, = mail.wait(1)
        assert first.to == ["ana@example.com"] and first["Subject"].startswith("AVISO acme: ")
        for words in ("palabras de crisis", "3 menciones", "3 autores", "Desde: 20", "https://sitio0.example/", "No se oía: b.", "escuchactl ack 1"):
            assert words in first.text, first.text
        second = to(mail.wait(2), "luis")[0]  # four seconds later: ana said nothing
        assert "También se avisó a: ana" in second.text and second.key != first.key
        all_sent(house)
        line, = incidents(house, "--open")
        assert (line["topic"], line["state"], line["severity"]) == ("acme", "open", "warning") and "owner" not in line
        assert '"state":"acknowledged"' in house.ctl("ack", "1", "--as", "ana", "--json").out.replace(" ", "")
        third = to(mail.wait(3), "luis")[1]
        assert "Lo tiene ana." in third.text and third["In-Reply-To"] == second.key
        house.ctl("note", "1", "Hablé con el taller", "--as", "ana")
        shown = house.ctl("show", "1").out
        assert "la tiene ana" in shown and "ana: Hablé con el taller" in shown and "aviso a luis" in shown
        house.ctl("false-alarm", "1", "--as", "ana")
        assert to(mail.wait(5), "luis")[2]["Subject"].startswith("AVISO acme: Era una falsa alarma")
        assert one(house)["false_alarm"] and one(house)["state"] == "closed"
        assert incidents(house, "--open") == []
        assert "ya está cerrada" in house.ctl("ack", "1", code=1).err
        assert "no hay ninguna crisis" in house.ctl("ack", "7", code=1).err
        all_sent(house)
        assert len(mail.messages) == 5  # each of them: it begins, it ends; and luis, who did not take it: it is taken


def test_kills_change_nothing(house, web, mail):
    """FAULTS D3: while the message is on its way, while its answer is outstanding, between two steps."""
    mail.silent = "END"
    configure(house, web, mail, {**CASA, "warning": [STEPS[0], {"after": "20s", "notify": ["luis"]}]})
    house.start()
    house.settled()
    publish(house, web, *HOSTILE)
    first, = mail.wait(1)
    house.kill()
    assert told(house) == [("ana", 1, 1)]
    mail.silent = None
    house.start()
    _, again = mail.wait(2)
    assert again.key == first.key and again.repeat and not first.repeat and again.to == ["ana@example.com"]
    until(lambda: "delivered" in happened(house), "it to be known that ana has it")
    house.kill()
    house.start()
    third = mail.wait(3, seconds=30 * PATIENCE)[2]  # the wait went on through both
    assert third.to == ["luis@example.com"] and not third.repeat
    all_sent(house)
    house.ctl("ack", "1", "--as", "luis")
    house.kill()
    with house.running():
        assert (one(house)["state"], one(house)["owner"]) == ("acknowledged", "luis")
        house.settled()
        assert [line["incident"] for line in incidents(house)] == [1]  # what is still met is the same one


def test_who_can_not_be_reached_gives_way_to_the_next(house, web, mail):
    """FAULTS O8"""
    mail.answers = {"RCPT": ["550 5.1.1 nobody of that name"]}
    configure(house, web, mail, {**CASA, "warning": [STEPS[0], {"after": "1h", "notify": ["luis"]}]})
    with house.running():
        house.settled()
        publish(house, web, *HOSTILE)
        message, = mail.wait(1)
        assert message.to == ["luis@example.com"]
        until(lambda: "undelivered" in happened(house), "what became of ana's message")


def test_alerts_of_ones_own_and_plans(house, web, mail):
    alert = {"name": "ola", "topics": ["acme"], "of": "negative", "over": "1h", "when": "matching >= 2 and percent >= 50%", "severity": "critical"}
    volume = {"name": "mucho", "topics": ["acme"], "of": "all", "over": "1h", "when": "mentions >= 1", "severity": "critical"}
    planned = [{"name": "feria", "topics": ["acme"], "from": "2020-01-01", "to": "2099-01-01", "expect": "volume"}]
    configure(house, web, mail, escalation={**CASA, "critical": [STEPS[0]]}, planned=planned,
              alerts=[{**alert, "escalation": "casa"}, {**volume, "escalation": "casa"}])
    with house.running():
        house.settled()
        publish(house, web, *said(1, PLAIN))
        assert incidents(house) == []
        publish(house, web, *said(1, PLAIN), *said(2))
        message, = mail.wait(1)
        assert message["Subject"] == "CRISIS acme: se cumple la alerta ola (n.º 1)"
        assert one(house)["alert"] == "ola" and one(house)["severity"] == "critical"
        configure(house, web, mail)  # without it: judged once as unmet
        web.route("/a", feed(*BEFORE, *said(1, PLAIN), *said(2)))
        house.ctl("reload")
        house.ctl("close", "1", "--as", "luis")
        assert one(house)["state"] == "closed"


def test_opened_by_hand(house, web, mail):
    configure(house, web, mail)
    with house.running():
        house.settled()
        assert "no hay un tema" in house.ctl("open", "nada", code=1).err
        house.ctl("open", "acme", "--as", "luis")
        message = mail.wait(1)[0]
        assert "lo abrió una persona" in message["Subject"] and message.to == ["ana@example.com"]
        assert "ya tiene una crisis abierta" in house.ctl("open", "acme", code=1).err
        assert one(house)["events"][0]["who"] == "luis"
        assert "número de una crisis" in house.ctl("ack", "x", code=2).err


def test_nobody_is_told_where_nobody_is_named(house, web, mail):
    configure(house, web, mail)
    text = house.config.read_text()
    assert "\ndefaults:" in text
    house.write(re.sub(r"\ndefaults:\n(  .*\n)+", "\n", text))
    with house.running():
        house.settled()
        publish(house, web, *HOSTILE)
        until(lambda: incidents(house), "the incident")
        assert told(house) == [] and not mail.messages


RIVAL = RULES.replace("topic: acme", "topic: rival").replace("role: brand", "role: competitor").replace("name: [acme]", "name: [rival]").replace("own: ['@acme']\n", "")
PRO = RULES.replace("topic: acme", "topic: pro").replace("own: ['@acme']\n", "")


def test_one_event_of_several_brands_is_one_message_that_tells_of_the_sector(house, web, mail):
    """What is said of two brands of one owner at once; what competitors had in the same hour; a topic that does without alerts."""
    configure(house, web, mail, {**CASA, "warning": [STEPS[0]]})
    house.rules(acme=RULES, pro=PRO, rival=RIVAL, mute=PRO.replace("topic: pro", "topic: mute\nalerts: none"))
    with house.running():
        house.settled()
        publish(house, web, *HOSTILE)
        first, = mail.wait(1)
        for words in ("Lo mismo se dice de: mute, pro.", "¿Solo nosotros? Sí", "rival, 0 menciones"):
            assert words in first.text, first.text
        house.told("topic.unusual", topic="pro")
        house.told("topic.unusual", topic="mute")
        assert [i["topic"] for i in incidents(house)] == ["acme"]
        assert len(told(house)) == 1


def test_a_false_alarm_is_not_told_again_while_it_lasts(house, web, mail):
    """Nor after a kill; what is worse is."""
    configure(house, web, mail, {**CASA, "warning": [STEPS[0]], "critical": [STEPS[0]]})
    house.start()
    house.settled()
    publish(house, web, *HOSTILE)
    mail.wait(1)
    all_sent(house)
    house.ctl("false-alarm", "1", "--as", "ana")
    publish(house, web, *HOSTILE, *said(1, PLAIN))
    house.kill()
    with house.running():
        house.settled()
        publish(house, web, *HOSTILE, *said(2, PLAIN), *said(1, first=3))
        until(lambda: len(house.hits()) >= 6, "all to be judged")
        assert [i["incident"] for i in incidents(house)] == [1] and incidents(house, "--open") == []


def test_what_comes_late_is_told_as_late(house, web, mail):
    """A source back from silence: judged in its own hour, and told once (FAULTS T2)."""
    configure(house, web, mail, {**CASA, "warning": [STEPS[0]]})
    before = time.time() - 5 * 3600
    late = [item(t, t, link=f"https://sitio{i}.example/tarde", date=before + 60 * i) for i, t in enumerate(BAD[:3])]
    with house.running():
        house.settled()
        publish(house, web, *late)
        first, = mail.wait(1)
        assert "se oyó después: a llegó con retraso" in first.text, first.text
        assert "palabras de crisis" in first.text
        more = item("otra", BAD[3], link="https://sitio9.example/tarde", date=before + 300)
        publish(house, web, *late, more)
        until(lambda: len(house.hits()) >= 4 + len(BEFORE), "the fourth")
        assert len(incidents(house)) == 1


@pytest.mark.skipif(SANITIZED, reason="a sanitizer has to be the first library of all")
def test_a_night_asleep_and_a_clock_that_is_set(house, web, mail):
    """Sleep is no recovery, and what was due in it comes once; a clock that is set by days starts no storm and ends nothing (FAULTS T1, T2)."""
    clock = Clock(house)
    configure(house, web, mail, {**CASA, "warning": [STEPS[0]], "critical": [STEPS[0]]})
    with house.running():
        house.settled()
        publish(house, web, *HOSTILE)
        mail.wait(1)
        all_sent(house)
        clock.passes(8 * HOUR)
        until(lambda: one(house)["severity"] == "critical", "the warning that nobody took to be critical")
        assert one(house)["state"] == "open"
        mail.wait(2)
        all_sent(house)
        before = len(told(house))
        assert before <= 3
        for by in (48 * HOUR, -96 * HOUR, 48 * HOUR):
            clock.set(by)
            assert incidents(house)[0]["state"] == "open"
        publish(house, web, *HOSTILE, *said(1, PLAIN))
        assert len(told(house)) == before and len(incidents(house)) == 1
    clock.close()
