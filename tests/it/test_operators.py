"""Whoever runs escuchad is told what is wrong with it: by mail, once, in their words; and whatever the mail server does, and
whenever the process dies, the message arrives or is told as undelivered (FAULTS D3, O1, O2, O7, O8)."""
import random
import re
import time

import pytest

from daemon import ACME, CTL, ESCUCHAD, PATIENCE, SANITIZED, feed, item, until
from peers.smtp_peer import SmtpPeer
from test_clock import Clock

LUIS = {"name": "luis", "reach": [{"correo": "luis@example.com"}]}
QUICK = {"gather": "1s", "pause": "0s", "retry": "1s"}


@pytest.fixture
def mail(request, tmp_path):
    with SmtpPeer(folder=tmp_path / "mail") as peer:
        request.node.stories = [*getattr(request.node, "stories", []), ("mail", lambda: f"{peer.commands}\n{peer.messages}")]
        yield peer


def configure(house, channels, people=(LUIS,), operators=("luis",), sources=(), notices=QUICK, **top):
    house.rules(acme=ACME)
    house.configure(list(sources), channels=list(channels), people=list(people), operators=list(operators), notices=notices, **top)


class Broken:
    """Sources that fail at their first poll, and count as deaf at the third."""

    def __init__(self, house, web, *names):
        self.house, self.web, self.names = house, web, names
        for name in names:
            web.route(f"/{name}", b"no", code=500)

    def sources(self):
        return [self.house.source(name, self.web.url(f"/{name}"), every="1m") for name in self.names]

    def go_deaf(self):
        for _ in range(3):
            for name in self.names:
                before = self.house.source_is(name)["failures"]
                self.house.ctl("poll", name)
                until(lambda: self.house.source_is(name)["failures"] > before, f"{name} to fail once more")

    def mend(self):
        for name in self.names:
            self.web.route(f"/{name}", feed(item("uno", "Acme")))
            self.house.ctl("poll", name)
            self.house.wait_source(name, state="ok")


def listening(house, web):
    web.route("/a", feed(item("uno", "Acme")))
    return house.source("prensa", web.url("/a"))


def notices(house):
    """(key, state, tries, maybe) of each in the log."""
    return house.sql("SELECT key, state, tries, maybe FROM notice ORDER BY created")


def sent(house):
    return until(lambda: (n := notices(house)) and all(state == 2 for _, state, _, _ in n) and n, f"all notices to be sent: {notices(house)}")


# --- a test of a channel ---

def test_a_channel_is_tested(house, web, mail):
    configure(house, [mail.channel()], sources=[listening(house, web)])
    with house.running():
        said = house.ctl("test-channel", "correo").out
        assert "luis@example.com" in said and "250 queued as 1" in said
        message, = mail.messages
        assert message["Subject"] == "TEST: this channel works" and "TEST" in message.text
        assert "correo" in message.text and "luis" in message.text
        assert notices(house) == []
        assert house.ctl("test-channel", "correo", "luis", "--json").lines()[0] == {
            "sent": True, "channel": "correo", "person": "luis", "address": "luis@example.com", "result": "sent", "code": 250,
            "answer": "250 queued as 2"}
        mail.answers = {"RCPT": ["550 5.1.1 nobody of that name"]}
        failed = house.ctl("test-channel", "correo", code=1).err
        assert "550 5.1.1 nobody of that name" in failed and "refuses" in failed
        assert "channel" in house.ctl("test-channel", "otro", code=1).err
        assert "person" in house.ctl("test-channel", "correo", "ana", code=1).err


def test_tls_is_needed_where_the_server_is_not_here(house, web, tmp_path, mail):
    configure(house, [mail.channel(tls="required"), mail.channel("plano")], sources=[listening(house, web)],
              people=[{"name": "luis", "reach": [{"correo": "luis@example.com"}, {"plano": "luis@example.com"}]}])
    with house.running():
        answer = house.ctl("test-channel", "correo", "--json", code=1).lines()[0]
        assert answer["result"] == "no_tls" and not mail.messages and "MAIL" not in mail.commands
        assert house.ctl("test-channel", "plano", "--json").lines()[0]["sent"]  # on this very machine


@pytest.mark.parametrize("tls", ["starttls", "smtps"])
def test_tls_and_a_password(house, web, tmp_path, tls):
    (tmp_path / "word").write_text("secreto ñ\n")
    with SmtpPeer(tls=tls, folder=tmp_path / "tls", users={"escuchad": "secreto ñ"}) as mail:
        login = {"user": "escuchad", "password": {"file": "word"}, "tls": "required"}
        people = [{"name": "luis", "reach": [{"bien": "luis@example.com"}, {"sin": "luis@example.com"}, {"otro": "luis@example.com"}]}]
        (tmp_path / "otherword").write_text("otra")
        configure(house, [mail.channel("bien", ca_file=str(mail.crt), **login), mail.channel("sin", **login),
                          mail.channel("otro", ca_file=str(mail.crt), **{**login, "password": {"file": "otherword"}})],
                  people=people, sources=[listening(house, web)])
        with house.running():
            assert house.ctl("test-channel", "bien", "--json").lines()[0]["sent"]
            assert mail.logins == [("escuchad", "secreto ñ")]
            assert house.ctl("test-channel", "sin", "--json", code=1).lines()[0]["result"] == "no_tls"
            assert house.ctl("test-channel", "otro", "--json", code=1).lines()[0]["result"] == "login"
            assert len(mail.messages) == 1 and "secreto" not in house.log()


def test_a_silent_server_costs_its_deadline_alone(house, web, mail):
    """FAULTS O7: and the loop goes on meanwhile, which is why mails have a thread of their own."""
    configure(house, [mail.channel(timeout="2s")], sources=[listening(house, web)])
    with house.running():
        for mail.silent in ("EHLO", "MAIL", "END"):
            house.status()
            began = time.monotonic()
            test = house.begin(CTL, "test-channel", "correo", "--json", "-c", house.config)
            while test.poll() is None:
                asked = time.monotonic()
                assert house.ctl_alone("status") == 0
                assert time.monotonic() - asked < 1.5 * PATIENCE
            assert house.end(test).lines()[0]["result"] == "away"
            assert 1.5 <= time.monotonic() - began < 6 * PATIENCE, mail.silent


# --- what operators are told ---

def test_a_deaf_source_is_told_and_its_return(house, web, mail):
    broken = Broken(house, web, "prensa")
    configure(house, [mail.channel()], sources=broken.sources(), language="es", timezone="America/Bogota",
              people=[{"name": "luis", "timezone": "America/Argentina/Buenos_Aires", "reach": [{"correo": "luis@example.com"}]}])
    with house.running():
        broken.go_deaf()
        first, = mail.wait(1)
        assert first.to == ["luis@example.com"] and first.sender == "escuchad@example.com"
        assert "prensa" in first["Subject"] and "no se oye" in first["Subject"]
        assert first["Auto-Submitted"] == "auto-generated" and first["Content-Language"] == "es"
        assert re.fullmatch(r"<[0-9a-f]{32}@example\.com>", first.key)
        assert first["Date"].datetime.utcoffset().total_seconds() == -3 * 3600
        for words in ("Qué anda mal:", "desde 20", "500", "Qué hacer:", "escuchactl sources", "America/Argentina/Buenos_Aires"):
            assert words in first.text, first.text
        assert not first.repeat
        broken.mend()
        _, second = mail.wait(2)
        assert "se oye otra vez" in second.text and "Ya pasó:" in second.text
        assert second["In-Reply-To"] == first.key and second.key != first.key
        sent(house)
        metrics = {line for line in web_metrics(house) if line.startswith("escuchad_notices_total")}
        assert metrics == {'escuchad_notices_total{channel="correo",result="sent"} 2', 'escuchad_notices_total{channel="",result="undelivered"} 0'}
        assert house.status()["notices"] == {"operators": 1, "waiting": 0, "failing": 0, "undelivered": 0}


def web_metrics(house):
    import http.client
    import socket
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(house.state / "escuchad.sock"))
    connection.request("GET", "/metrics")
    return connection.getresponse().read().decode().splitlines()


def test_what_comes_together_is_one_message(house, web, mail):
    names = [f"medio-{i}" for i in range(8)]
    configure(house, [mail.channel()], notices={**QUICK, "gather": "6s"},
              sources=[house.source(name, f"http://127.0.0.1:9/{name}", every="1m") for name in names])
    with house.running():
        for _ in range(3):
            before = {n: s["failures"] for n, s in house.sources().items()}
            house.ctl("poll", "--all")
            until(lambda: all(s["failures"] > before[n] for n, s in house.sources().items()), "all to fail once more")
        message, = mail.wait(1, seconds=40)
        assert "8 sources can't be reached" in message["Subject"] and "network of this machine" in message.text
        assert all(name in message.text for name in names)
        sent(house)
        assert len(mail.messages) == 1


def test_nothing_that_comes_from_outside_becomes_a_header(house, web, mail):
    """FAULTS O1, O2: what a feed calls itself stands in the subject."""
    title = "Diario\r\nBcc: malo@example.com\r\n\r\nHola\n.\nMAIL FROM:<x@y> \u202egnp.exe <b>ñandú</b> =?utf-8?Q?x?= " + "largo " * 200
    web.route("/prensa", feed(item("uno", "Acme"), title=title))
    configure(house, [mail.channel()], sources=[house.source("prensa", web.url("/prensa"), every="1m")])
    with house.running():
        house.wait_source("prensa", state="ok")
        broken = Broken(house, web, "prensa")
        broken.go_deaf()
        message, = mail.wait(1)
        assert message["Bcc"] is None and len(mail.messages) == 1 and message.to == ["luis@example.com"]
        assert message.parsed.keys() == ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language",
                                         "MIME-Version", "Content-Type", "Content-Transfer-Encoding"]
        assert "\u202e" not in message["Subject"] and "\u202e" not in message.text
        assert all(len(line) <= 76 and max(line, default=0) < 127 for line in message.raw.split(b"\r\n")), message.raw
        assert b"\n" not in message.raw.replace(b"\r\n", b"")
        assert "Bcc: malo@example.com" in message.text  # as words


# --- servers that don't take it ---

@pytest.fixture
def clock(house):
    """Lets the time between two tries pass; under a sanitizer, which has to be the first library of all, it passes by itself."""
    if SANITIZED:
        yield None
        return
    clock = Clock(house)
    yield clock
    clock.close()


def test_later_and_then_taken(house, web, mail, clock):
    mail.answers = {"MAIL": ["421 4.3.2 later"], "DATA": ["451 4.7.1 greylisted"]}
    broken = Broken(house, web, "prensa")
    configure(house, [mail.channel()], sources=broken.sources())
    with house.running():
        broken.go_deaf()
        until(lambda: len(house.events("notice.failed")) == 2, "two tries", 30)
        assert not mail.messages  # the second failure ends the round: 15 retries later
        if clock:
            clock.passes(15 * 1000)
        message, = mail.wait(1, seconds=40)
        (_, _, tries, maybe), = sent(house)
        assert tries == 3 and not maybe and not message.repeat
        assert [e for e in house.events("notice.failed") if "class=later" in e and "421 4.3.2" in e]


def test_the_next_channel_and_the_next_person(house, web, mail, tmp_path):
    """FAULTS O8"""
    with SmtpPeer(folder=tmp_path / "other") as other:
        mail.silent = "EHLO"
        other.answers = {"RCPT": ["550 5.1.1 nobody"]}
        people = [{"name": "luis", "reach": [{"correo": "luis@example.com"}, {"otro": "luis@example.org"}]},
                  {"name": "ana", "language": "es", "reach": [{"otro": "ana@example.org"}]}]
        broken = Broken(house, web, "prensa")
        configure(house, [mail.channel(timeout="1s"), other.channel("otro")], people=people, operators=["luis", "ana"],
                  sources=broken.sources())
        with house.running():
            broken.go_deaf()
            message, = other.wait(1, seconds=40)
            assert message.to == ["ana@example.org"] and "no se oye" in message["Subject"]
            (_, _, tries, maybe), = sent(house)
            assert tries == 4 and not maybe  # two in vain, one refused, one taken


def test_status_tells_what_does_not_get_through(house, web, mail):
    mail.answers = {"RCPT": ["550 5.7.1 go away"] * 50}
    broken = Broken(house, web, "prensa")
    configure(house, [mail.channel()], sources=broken.sources())
    with house.running():
        broken.go_deaf()
        until(lambda: house.status()["notices"]["failing"] == 1, "the notice to fail")
        status = house.status()["notices"]
        assert status["waiting"] == 1 and "550 5.7.1 go away" in status["why"] and status["since"]
        assert "550 5.7.1 go away" in house.ctl("status").out
        [bad] = [c for c in house.ctl("doctor", "--json", code=1).lines()[0]["checks"] if c["check"] == "notices"]
        assert bad["level"] == "bad" and "550 5.7.1 go away" in bad["what"] and "test-channel" in bad["cure"]
        mail.answers = {}
        configure(house, [mail.channel()], sources=broken.sources(), people=[{**LUIS, "language": "en"}])
        house.ctl("reload")  # whoever mends the channel need not wait
        mail.wait(1, seconds=10)
        sent(house)
        assert house.status()["notices"]["failing"] == 0


# --- death ---

def test_the_message_came_and_its_answer_did_not(house, web, mail):
    """FAULTS D3"""
    mail.silent = "END"
    broken = Broken(house, web, "prensa")
    configure(house, [mail.channel(timeout="2s")], sources=broken.sources())
    with house.running():
        broken.go_deaf()
        mail.wait(1)
        mail.silent = None
        first, second = mail.wait(2)
        assert not first.repeat and second.repeat and second["Subject"].startswith("[possible repeat] ")
        assert first.key == second.key
        (_, _, tries, maybe), = sent(house)
        assert tries == 2 and maybe


def test_killed_while_it_is_gathered(house, web, mail):
    """FAULTS D3"""
    broken = Broken(house, web, "prensa")
    configure(house, [mail.channel()], sources=broken.sources(), notices={**QUICK, "gather": "4s"})
    house.start()
    broken.go_deaf()
    until(lambda: notices(house), "the notice to be kept")
    house.kill()
    assert not mail.messages
    with house.running():
        message, = mail.wait(1)
        assert not message.repeat and "prensa" in message.text
        sent(house)


def test_killed_on_the_way(house, web, mail):
    """FAULTS D3: the message is there, nobody was told, the process is dead."""
    mail.silent = "END"
    broken = Broken(house, web, "prensa")
    configure(house, [mail.channel()], sources=broken.sources())
    house.start()
    broken.go_deaf()
    first, = mail.wait(1)
    house.kill()
    assert [(state, tries) for _, state, tries, _ in notices(house)] == [(1, 1)]
    mail.silent = None
    with house.running():
        _, second = mail.wait(2)
        assert not first.repeat and second.repeat and second.key == first.key
        sent(house)


def test_killed_again_and_again(house, web, mail):
    """FAULTS D3: none lost, and what comes twice says so and bears the same key."""
    seed = random.randrange(1 << 30)
    dice = random.Random(seed)
    broken = Broken(house, web, "prensa")
    configure(house, [mail.channel()], sources=broken.sources(), notices={**QUICK, "gather": "0s"})
    house.start()
    broken.go_deaf()
    for _ in range(12):
        until(lambda: notices(house) or mail.messages, "the notice to be kept")
        time.sleep(dice.random() * 0.05)
        house.kill()
        house.start()
    with_keys = {}
    sent(house)
    house.stop()
    for message in mail.messages:
        with_keys.setdefault(message.key.strip("<>").split("@")[0], []).append(message)
    assert set(with_keys) == {key for key, _, _, _ in notices(house)}, f"seed {seed}"
    for key, messages in with_keys.items():
        assert all(m.repeat for m in messages[1:]), f"seed {seed}: {messages}"


# --- what --check says ---

def test_check_says_who_is_told(house, web):
    channel = {"name": "correo", "kind": "smtp", "url": "smtps://mail.example.com", "from": "escuchad@example.com"}
    configure(house, [channel], sources=[listening(house, web)])
    assert "luis is told by correo (luis@example.com)" in house.check().out
    configure(house, [channel], sources=[listening(house, web)], operators=[])
    assert "nobody is told when a source goes deaf" in house.check().out
    configure(house, [channel], people=[{"name": "luis"}], sources=[listening(house, web)])
    assert "luis is told nothing" in house.check().out
    house.configure([listening(house, web)])
    assert house.check().findings() == []
    assert "Nobody is told" in house.run(ESCUCHAD, "-c", house.config, "--check").out
