"""A crisis from its first word to its dossier, as the people in it see it: one test, since it is one story (FAULTS A7, D3, O8)."""
import hashlib
import socket

import pytest

from daemon import LOCAL, feed, item, until
from notice_kills import NoticeKilling, SlowChannel, SlowMail
from peers.channel_peer import TOKEN, ChannelPeer
from peers.smtp_peer import SmtpPeer
from test_answers import Phone, http_of, links_of
from test_clock import MINUTE
from test_crisis import happened, incidents, one
from test_http import free_port
from test_topics import BEFORE, RULES, publish

QUICK = {"gather": "1s", "pause": "0s", "retry": "1s"}
CASA = {"name": "casa", "info": [], "warning": [{"after": "0s", "notify": ["oncall:cm"]}, {"after": "40m", "notify": ["luis"]}],
        "critical": [{"after": "0s", "notify": ["oncall:cm"]}, {"after": "15m", "notify": ["luis"]}], "repeat": "1h"}
ONCALL = [{"name": "cm", "shifts": [{"days": "mon-sun", "hours": "00:00-24:00", "who": ["ana"]}], "otherwise": ["luis"]}]
WAVE = {"name": "ola-negativa", "topics": ["acme"], "of": "negative", "over": "1h", "when": "matching >= 16 and authors >= 16",
        "severity": "warning", "escalation": "casa"}
THINGS = """la tarjeta|el pedido|mi cuenta|la tienda|el cajero|la garantía|el envío|los recibos|el teléfono|la app|el contrato|la cita|el taller
la factura|el repuesto|los puntos|el regalo|la reserva|el carrito|la entrega|el crédito|la sucursal|el vendedor|la página|el seguro|el técnico
la lavadora|el colchón|los zapatos|la bicicleta|el horno|la silla|el abrigo|la mochila|el reloj|la cámara|los lentes|el espejo""".replace("\n", "|").split("|")
FRAUD, ANGER, CALM = "Acme es una estafa, me robaron", "Pésimo servicio de Acme, qué vergüenza", "Acme presenta su calendario"


def said(name, n, what):
    """By as many sites, each in words of its own: no two of them are one story."""
    def own(i):
        order = hashlib.sha256(f"{name}{i}".encode()).digest()
        return " ".join(THINGS[byte % len(THINGS)] for byte in order[:9])
    return [item(f"{name}{i}", f"{what} con {own(i)}", link=f"https://{name}{i}.example/x") for i in range(n)]


@pytest.fixture
def mail(request):
    with SmtpPeer() as peer:
        request.node.stories = [*getattr(request.node, "stories", []), ("mail", lambda: f"{peer.commands}\n{peer.messages}")]
        yield peer


@pytest.fixture
def chats(request):
    with ChannelPeer() as peer:
        request.node.stories = [*getattr(request.node, "stories", []), ("chats", lambda: f"{dict(peer.taken)}\n{dict(peer.refused)}")]
        yield peer


@pytest.fixture
def refusing():
    """A port that refuses whoever comes: it is taken, and nobody listens there."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        yield s.getsockname()[1]


def configure(house, web, mail, chats, refusing, phone):
    for name in ("token", "hook"):
        (house.folder / name).write_text({"token": TOKEN, "hook": f"http://127.0.0.1:{refusing}/{TOKEN}"}[name])
        (house.folder / name).chmod(0o600)
    web.route("/a", feed(*BEFORE))
    house.rules(acme=RULES)
    house.configure(
        [house.source("a", web.url("/a"), every="10m", slowest="10m")], language="es", http=http_of(phone), notices=QUICK,
        channels=[mail.channel(), {"name": "bot", "kind": "telegram", "api": chats.url("/telegram"), "token": {"file": "token"}, "allow_private": LOCAL},
                  {"name": "guardia", "kind": "webhook", "webhook": {"file": "hook"}, "allow_private": LOCAL}],
        people=[{"name": "ana", "reach": [{"bot": "4242"}]}, {"name": "luis", "reach": [{"guardia": "luis"}, {"correo": "luis@example.com"}]}],
        oncall=ONCALL, escalations=[CASA], defaults={"escalation": "casa"}, alerts=[WAVE])


TIMELINE = ["se abrió", "aviso a ana", "ana tiene el aviso", "sube a crisis", "aviso a luis", "luis tiene el aviso", "luis: Llamo al banco", "luis la toma",
            "se suma otra alerta: ola-negativa", "baja a cuidado", "está pasando", "terminó sola"]


class Crisis:
    """What the test looks at: the crisis, and what its two people got of it."""

    def __init__(self, house, mail, chats):
        self.house, self.mail, self.chats = house, mail, chats

    def chat(self, words):
        """What ana's chat says with these words, when it does."""
        def texts():
            return [q["json"]["text"] for q in self.chats.taken["telegram"]]
        return until(lambda: next((t for t in texts() if words in t), None), f"ana to be told: {words}")

    def letter(self, words):
        """Luis's, as well."""
        return until(lambda: next((m for m in self.mail.messages if words in m["Subject"] + m.text), None), f"luis to be told: {words}")

    def is_(self, **facts):
        return until(lambda: (i := one(self.house)) and all(i.get(k) == v for k, v in facts.items()) and i, f"the crisis to be {facts}")

    def live(self, clock, reached, most_minutes, step=4):
        """Time goes on in small steps, and the source is asked as it does; how many minutes that took."""
        for minutes in range(0, most_minutes + 1, step):
            if reached():
                return minutes
            clock.passes(step * MINUTE)
            self.house.status()  # what was due is done before this is answered
        raise AssertionError(f"not within {most_minutes} minutes: {one(self.house)}")


def test_the_story(house, web, mail, chats, refusing, clock):
    """Hostile → warning → critical → the one on call → nobody answers → the next, by the channel that works → taken by a link →
    a second wave joins → recedes → closes → dossier. FAULTS A7, D3, O8"""
    phone = Phone(free_port())
    configure(house, web, mail, chats, refusing, phone)
    crisis = Crisis(house, mail, chats)
    with house.running():
        house.settled()
        said_so_far = said("uno", 3, FRAUD)
        publish(house, web, *said_so_far)
        text = crisis.chat("AVISO acme")
        assert "palabras de crisis" in text and "3 autores" in text and "https://uno0.example/" in text, text
        crisis.is_(state="open", severity="warning")

        said_so_far += said("dos", 9, FRAUD)
        publish(house, web, *said_so_far)
        text = crisis.chat("CRISIS acme")
        assert "12 autores" in text, text
        crisis.is_(state="open", severity="critical")
        assert not mail.messages

        waited = crisis.live(clock, lambda: house.events("incident.tell", person="luis"), 40)
        assert 15 <= waited <= 20, waited
        letter = crisis.letter("CRISIS acme")
        assert letter.to == ["luis@example.com"] and "También se avisó a: ana" in letter.text and "POSIBLE" not in letter.text

        take = links_of(letter)["La tomo"]
        assert phone.look(take)[0] == 200 and one(house)["state"] == "open"
        assert phone.press(take, note="Llamo al banco")[0] == 200
        crisis.is_(state="acknowledged", owner="luis")
        crisis.chat("Lo tiene luis")

        said_so_far += said("tres", 12, ANGER)
        publish(house, web, *said_so_far)
        until(lambda: "joins" in happened(house), "the second wave to join")
        assert [i["incident"] for i in incidents(house)] == [1]

        web.route("/a", feed(*BEFORE))
        crisis.live(clock, lambda: house.events("incident.tell", person="luis", reason="asked"), 80)
        asked = crisis.letter("¿Sigue en ello?")
        assert asked["Subject"].startswith("CRISIS acme: muchas personas usan palabras de crisis"), asked  # also when none of it is met any more
        assert phone.press(links_of(asked)["La tomo"])[0] == 200

        receded = crisis.live(clock, lambda: one(house)["state"] == "receding", 240)
        assert receded >= 90, receded
        for tell in (crisis.chat, crisis.letter):
            tell("Está pasando")
        publish(house, web, *said("calma", 24, CALM))
        closed = crisis.live(clock, lambda: one(house)["state"] == "closed", 80)
        assert 28 <= closed <= 40, closed
        whole = crisis.letter("informe").text
        crisis.chat("informe")
        for words in ("La tomó: luis", "En su peor momento: crisis", "Menciones: 48", "negativas: 24", "https://uno0.example/x", "https://tres0.example/x", "SHA-256"):
            assert words in whole, (words, whole)
        timeline = whole[whole.index("Qué pasó"):whole.index("Qué se dijo")]
        at = [timeline.index(words) for words in TIMELINE]
        assert at == sorted(at), timeline
        until(lambda: {m.key for m in mail.messages} == {f"<{key}@example.com>" for key, in house.sql("SELECT key FROM notice WHERE person = 'luis'")},
              "each of luis's messages to arrive")
    assert not any(m.repeat for m in mail.messages)


def test_ten_kills_while_people_are_told(house, web):
    """FAULTS D3: none of the messages is lost, none comes twice without saying so; tests/notice_kills kills more often."""
    with SlowMail() as mail, SlowChannel() as chats:
        killing = NoticeKilling(house, web, mail, chats, seed=10, topics=4)
        result = killing.run(10)
    assert result.good() and result.notices >= 4, f"{killing}: {result}; {vars(result)}"
