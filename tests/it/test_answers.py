"""Taking over from where people are: what they say by the command line, a link, a mail or a chat, and what it does to a crisis; and what
somebody muted (FAULTS A7, D3)."""
import email.message
import email.utils
import http.client
import json
import re
import time
import urllib.parse

import pytest

from daemon import feed, until
from peers.dovecot import DOVECOT, DovecotPeer
from test_crisis import CASA, HOSTILE, ONCALL, PEOPLE, STEPS, all_sent, configure, happened, incidents, mail, one, to, told  # noqa: F401
from test_http import free_port
from test_imap import mailbox
from test_topics import BEFORE, RULES, publish


def opened(house, web, mail, **top):
    configure(house, web, mail, **top)
    house.start()
    house.settled()
    publish(house, web, *HOSTILE)
    return mail.wait(1)[0]


def test_pass_and_merge(house, web, mail):
    configure(house, web, mail)
    house.rules(acme=RULES, beta=RULES.replace("acme", "beta").replace("Acme", "Beta"))
    with house.running():
        house.settled()
        house.ctl("open", "acme", "--as", "ana")
        assert "luis" in house.ctl("pass", "1", "luiz", "--as", "ana", code=1).err  # did you mean
        house.ctl("pass", "1", "luis", "--as", "ana")
        asked = until(lambda: to(mail.messages, "luis"), "luis to be told")[0]
        assert "¿Sigue en ello?" in asked.text or "¿La toma?" in asked.text, asked.text
        assert one(house)["owner"] == "luis" and one(house)["state"] == "acknowledged"
        house.ctl("ack", "1", "--as", "luis")
        assert "ana se la pasa a luis" in house.ctl("show", "1").out
        house.ctl("open", "beta", "--as", "ana")
        assert "sí misma" in house.ctl("merge", "2", "2", code=1).err
        assert "no hay ninguna crisis" in house.ctl("merge", "2", "9", code=1).err
        house.ctl("merge", "2", "1", "--as", "ana")
        assert [i["topic"] for i in incidents(house, "--open")] == ["acme"]
        assert "merged" in happened(house, 2) and one(house, 2)["state"] == "closed"
        assert "ya está cerrada" in house.ctl("pass", "2", "luis", code=1).err


# --- links ---

LINK = re.compile(r"^(.+): (https://escucha\.example\.com(/a/[A-Za-z0-9_-]+))$", re.M)


def links_of(message):
    """What each says → its path."""
    return {label: path for label, _, path in LINK.findall(message.text)}


class Phone:
    """Somebody who follows links, by way of the proxy that public_url names."""

    def __init__(self, port):
        self.port = port

    def ask(self, method, path, body=None, host="escucha.example.com", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        if method == "POST":
            headers = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        connection.request(method, path, body, {"Host": host, **headers})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text, answer.headers

    def look(self, path):
        return self.ask("GET", path)[:2]

    def press(self, path, **form):
        return self.ask("POST", path, urllib.parse.urlencode(form))[:2]


@pytest.fixture
def phone():
    return Phone(free_port())


def http_of(phone):
    return {"listen": f"127.0.0.1:{phone.port}", "public_url": "https://escucha.example.com"}


def test_taken_over_by_a_link(house, web, mail, phone):
    """FAULTS A7"""
    message = opened(house, web, mail, http=http_of(phone))
    links = links_of(message)
    assert list(links) == ["La tomo", "Pasarla a otra persona", "Era una falsa alarma"] and "escuchactl ack" not in message.text
    take = links["La tomo"]
    for _ in range(2):  # a preview of the mail, a scanner, ana herself: to look is to do nothing
        status, text = phone.look(take)
        assert status == 200 and "Crisis n.º 1 (acme)" in text and "<button>La tomo</button>" in text and "no la tiene nadie" in text
    assert one(house)["state"] == "open"
    status, text, headers = phone.ask("GET", take)
    assert headers["Referrer-Policy"] == "no-referrer" and headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in headers["Content-Security-Policy"] and "<script" not in text
    status, text = phone.press(take, note="Voy <b>ya</b>")
    assert status == 200 and "Hecho." in text and "la tiene ana" in text
    assert (one(house)["state"], one(house)["owner"]) == ("acknowledged", "ana")
    assert [e["text"] for e in one(house)["events"] if e["what"] == "note"] == ["Voy <b>ya</b>"]
    for status, text in (phone.press(take), phone.look(take)):
        assert status == 410 and "ya se usó" in text and "la tiene ana" in text
    house.kill()
    house.start()
    assert phone.press(take)[0] == 410  # also after that
    status, text = phone.look(links["Pasarla a otra persona"])
    assert "<option>luis</option>" in text and "<option>ana</option>" not in text
    assert "<select" in phone.press(links["Pasarla a otra persona"])[1]  # nobody was chosen: asked again, and not used up
    assert phone.press(links["Pasarla a otra persona"], to="luis")[0] == 200
    until(lambda: one(house)["owner"] == "luis", "luis to have it")
    asked = until(lambda: to(mail.messages, "luis"), "luis to be asked")[-1]
    assert list(links_of(asked)) == ["La tomo", "Pasarla a otra persona", "Cerrarla: está resuelta"]
    assert phone.press(links_of(asked)["Cerrarla: está resuelta"])[0] == 200
    assert one(house)["state"] == "closed"
    status, text = phone.press(links["Era una falsa alarma"])
    assert status == 410 and "ya está cerrada" in text
    house.stop()


def test_links_that_are_wrong(house, web, mail, phone):
    """FAULTS A7: cut, changed, of another log, too late, of somebody who is gone; by another name, with a body that is no form."""
    message = opened(house, web, mail, http=http_of(phone))
    take = links_of(message)["La tomo"]
    last = "A" if take[-1] != "A" else "B"
    for path in (take[:-1], take[:-1] + last, take[:20] + "x" + take[21:], "/a/AAAA", "/a/" + "A" * 300):
        for status, text in (phone.look(path), phone.press(path)):
            assert status == 404 and "no vale" in text, (path, status, text)
    assert phone.look("/a/../v1/status")[0] == 404 and phone.look("/a/a%20b")[0] == 404 and phone.look("/a/" + "A" * 401)[0] == 404
    assert phone.ask("GET", take, host="evil.example")[0] == 421
    assert phone.ask("POST", take, "{}", **{"Content-Type": "application/json"})[0] == 415
    assert phone.ask("POST", take, "note=" + "x" * 20000)[0] == 413
    assert phone.ask("DELETE", take)[0] == 405
    assert one(house)["state"] == "open"
    configure(house, web, mail, http=http_of(phone))
    text = house.config.read_text()
    house.write(text.replace("name: ana", "name: eva").replace("[ana]", "[eva]").replace("- ana\n", "- eva\n"))
    house.ctl("reload")
    status, text = phone.press(take)
    assert status == 410 and "Ya no está entre las personas" in text
    house.stop()


def test_no_links_without_a_public_url(house, web, mail, phone):
    message = opened(house, web, mail, http={"listen": f"127.0.0.1:{phone.port}"})
    assert not links_of(message) and "/a/" not in message.text and "escuchactl ack 1" in message.text
    house.stop()


# --- mails ---

@pytest.fixture
def inbox(request):
    if not DOVECOT:
        pytest.skip("no Dovecot here")
    with DovecotPeer() as peer:
        request.node.stories = [*getattr(request.node, "stories", []), ("dovecot", peer.log)]
        yield peer


def answer(inbox, house, to_message, text, sender="ana@example.com", **headers):
    """A mail program's answer, quote and all."""
    m = email.message.EmailMessage()
    m["From"], m["To"], m["Subject"] = sender, to_message["From"], f"Re: {to_message['Subject']}"
    m["Date"], m["Message-ID"] = email.utils.formatdate(), email.utils.make_msgid(domain="phone.example")
    m["In-Reply-To"] = m["References"] = to_message.key
    for name, value in headers.items():
        m[name.replace("_", "-")] = value
    quoted = "".join(f"> {line}\n" for line in to_message.text.splitlines())
    m.set_content(f"{text}\n\nEl lun, 3 mar 2025 a las 10:00, escuchad (<escuchad@example.com>) escribió:\n{quoted}")
    inbox.deliver(m.as_bytes())
    house.poll("buzon")


def test_answers_by_mail(house, web, mail, inbox):
    """FAULTS A7: of the one who was told, to the message that told them, once; everything else changes nothing."""
    web.route("/a", feed(*BEFORE))
    house.rules(acme=RULES)
    sources = [house.source("a", web.url("/a")), mailbox(house, inbox)]
    configure(house, web, mail)
    house.configure(sources, channels=[mail.channel(ca_file=str(mail.crt), tls="required", replies="buzon")], people=PEOPLE, oncall=ONCALL,
                    notices={"gather": "1s", "pause": "0s", "retry": "1s"}, escalations=[{**CASA, "warning": [STEPS[0]]}],
                    defaults={"escalation": "casa"}, language="es")
    with house.running():
        house.settled()
        publish(house, web, *HOSTILE)
        first, = mail.wait(1)
        hits = len(house.hits())
        answer(inbox, house, first, "la tomo", sender="otro@example.com")  # forwarded to somebody else
        answer(inbox, house, first, "la tomo", Auto_Submitted="auto-replied")
        answer(inbox, house, first, "¿qué es esto de la estafa?")
        said = until(lambda: [m for m in mail.messages if "No entendí" in m["Subject"]], "what can be said")[0]
        assert "Puede responder: la tomo" in said.text and said.to == ["ana@example.com"]
        assert one(house)["state"] == "open"
        answer(inbox, house, first, "Hola,\n\nLa tomo, gracias.\n\n-- \nAna")
        until(lambda: one(house)["owner"] == "ana" if "owner" in one(house) else False, "ana to have it")
        answer(inbox, house, first, "nota: hablé con\nel taller")
        until(lambda: "note" in happened(house), "the note")
        assert [e["text"].split() for e in one(house)["events"] if e["what"] == "note"] == [["hablé", "con", "el", "taller"]]
        answer(inbox, house, first, "Resuelto")
        until(lambda: one(house)["state"] == "closed", "it to be closed")
        assert len(house.hits()) == hits and not [t for t in house.titles() if t.startswith("Re:")]  # none of them is a mention
        assert len(house.events("answer.refused")) == 1


# --- mutes ---

def test_muted_is_held_and_then_told(house, web, mail):
    configure(house, web, mail)
    with house.running():
        house.settled()
        assert "no hay un tema" in house.ctl("mute", "nada", "--for", "2h", code=1).err
        assert "--long" in house.ctl("mute", "acme", "--for", "2d", code=1).err
        assert "--until" in house.ctl("mute", "acme", code=2).err
        assert "24" in house.ctl("mute", "--help").out
        house.ctl("mute", "acme", "--until", "23:59", "--as", "ana", "--why", "Obras en la tienda")
        house.ctl("mute", "acme", "info", "--for", "2d", "--long", "--as", "luis")
        publish(house, web, *HOSTILE)
        until(lambda: incidents(house), "the crisis")
        assert one(house)["severity"] == "warning" and told(house) == []
        assert "acme hasta" in house.ctl("status").out and "ana: Obras en la tienda" in house.ctl("status").out
        digest = house.ctl("digest", "luis").out
        assert "En silencio: acme, hasta " in digest and "por ana: Obras en la tienda\n" in digest, digest
        house.kill()
        house.start()
        house.settled()
        assert [m["who"] for m in house.status()["mutes"]] == ["ana", "luis"] and told(house) == []
        house.ctl("open", "acme", code=1)
        assert "ya no está en silencio" in house.ctl("unmute", "acme", "--as", "ana").out
        message, = mail.wait(1)
        assert message.to == ["ana@example.com"] and "con el tema en silencio" in message.text
        assert house.status()["mutes"] == [] and "no estaba en silencio" in house.ctl("unmute", "acme", code=1).err


def test_what_is_critical_pierces_a_mute(house, web, mail):
    configure(house, web, mail)
    with house.running():
        house.settled()
        house.ctl("mute", "acme", "critical", "--for", "2h")
        house.ctl("open", "acme", "--as", "ana")
        assert mail.wait(1)[0]["Subject"].startswith("CRISIS acme")
        house.ctl("close", "1", "--as", "ana")
        all_sent(house)
        n = len(told(house))
        house.ctl("mute", "acme", "--critical", "--for", "2h")
        house.ctl("open", "acme", "--as", "ana")
        assert len(told(house)) == n


# --- chats, and what --check says of all ways ---

def test_words_in_a_chat(house, web, mail, phone):
    """FAULTS A7: in ana's own chat; in any other one the same words are a mention like all."""
    (house.folder / "palabra").write_text("una-palabra-larga-de-verdad\n")
    configure(house, web, mail)
    house.configure([house.source("a", web.url("/a")), {"name": "charla", "platform": "telegram-webhook", "secret": {"file": "palabra"}}],
                    channels=[mail.channel(ca_file=str(mail.crt), tls="required"),
                              {"name": "bot", "kind": "telegram", "token": {"file": "palabra"}, "replies": "charla"}],
                    people=[{"name": "ana", "language": "es", "reach": [{"correo": "ana@example.com"}, {"bot": "42"}]}, PEOPLE[1]],
                    oncall=ONCALL, escalations=[{**CASA, "warning": [STEPS[0]]}], defaults={"escalation": "casa"}, language="es",
                    notices={"gather": "1s", "pause": "0s", "retry": "1s"}, http={"listen": f"127.0.0.1:{phone.port}"})
    checked = house.check()
    assert "ana puede responder por bot (se lee en charla)" in checked.err + checked.out
    assert "luis no puede responder desde sus mensajes" in checked.err + checked.out

    def write(chat, text, number):
        update = {"update_id": number, "message": {"message_id": number, "date": int(time.time()), "chat": {"id": chat, "type": "private"},
                                                   "from": {"id": chat, "first_name": "Ana"}, "text": text}}
        assert phone.ask("POST", "/in/charla", json.dumps(update),
                         **{"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": "una-palabra-larga-de-verdad"})[0] == 200
    with house.running():
        house.settled()
        publish(house, web, *HOSTILE)
        mail.wait(1)
        write(7, "hola", 1)
        until(lambda: [m for m in house.mentions() if m[0] == "charla"], "a mention of the chat")
        write(7, "la tomo", 2)
        write(42, "estado", 3)
        told_state = until(lambda: [m for m in mail.messages if "no la tiene nadie" in m["Subject"]], "how it stands")
        assert told_state[0].to == ["ana@example.com"] and one(house)["state"] == "open"
        write(42, "la tomo", 4)
        until(lambda: one(house)["state"] == "acknowledged", "ana to have it")
        assert len([m for m in house.mentions() if m[0] == "charla"]) == 2
