"""A mailbox, by a Dovecot that is not ours, and by servers that hang and lie. FAULTS P10, P16, F1, F3, F9."""
import time

import pytest

from daemon import LOCAL, until
from peers.dovecot import DOVECOT, PASSWORD, USER, DovecotPeer, message

pytestmark = pytest.mark.skipif(not DOVECOT, reason="no Dovecot here")
LONG_AGO = 1_600_000_000


@pytest.fixture
def mail(request, tmp_path):
    with DovecotPeer(tmp_path / "dovecot") as peer:
        request.node.stories = [*getattr(request.node, "stories", []), ("dovecot", peer.log)]
        yield peer


def mailbox(house, peer, name="buzon", port=None, **more):
    (house.folder / "clave").write_text(more.pop("password", PASSWORD) + "\n")
    return {"name": name, "platform": "imap", "server": f"127.0.0.1:{port or peer.port}", "user": USER,
            "password": {"file": "clave"}, "security": "none", "allow_private": LOCAL, "every": "1h", **more}


def test_what_is_delivered_is_found_once_and_stays_unread(house, mail):
    mail.deliver(message("Aviso viejo de Acme", "nada"))
    house.configure([mailbox(house, mail)])
    with house.running():
        house.wait_source("buzon", state="ok")
        assert house.titles() == ["Aviso viejo de Acme"] and not house.hits()  # what was there before is no news
        reply = message("Re: Acme", "Acme me cobró dos veces, es un fraude", in_reply_to="<antes@correo.example>",
                        html="<p>otra <b>cosa</b></p>")
        mail.deliver(reply, message("Boletín", "", html="<p>Acme &amp; compañía</p>"))
        house.poll("buzon")
        until(lambda: len(house.hits()) == 2, "two hits")
        first, second = house.hits()
        house.poll("buzon")
        assert len(house.titles()) == 3 and len(house.hits()) == 2
    assert first["author"] == {"name": "Ana Pérez", "handle": "ana@correo.example"}
    assert (first["kind"], first["parent"], first["platform"]) == ("email", "<antes@correo.example>", "imap")
    assert first["text"] == "Acme me cobró dos veces, es un fraude" and second["text"] == "Acme & compañía"
    assert first["hits"][0]["rules"] == ["fraud"]
    assert all("\\Seen" not in flags for flags in mail.flags())


def test_a_folder_with_letters_that_imap_has_none_of(house, mail):
    mail.deliver(message("Acme en carpeta"), folder="Quejas & Años/日本")
    house.configure([mailbox(house, mail, folder="Quejas & Años/日本")])
    house.once()
    assert house.titles() == ["Acme en carpeta"]
    house.configure([mailbox(house, mail, folder="Qejas")])
    done = house.once(code=None)
    assert "folder" in done.err and PASSWORD not in done.err


def test_backfill_says_how_much_of_the_past_is_wanted(house, mail):
    mail.deliver(message("Vieja", date=LONG_AGO), message("De ayer", date=time.time() - 86400))
    house.configure([mailbox(house, mail, "nada", backfill=0), mailbox(house, mail, "semana", backfill="7d")])
    house.once()
    assert [(source, title) for source, title, _ in house.mentions()] == [("semana", "De ayer")]
    mail.deliver(message("Nueva Acme"))
    house.once()
    assert sorted(title for _, title, _ in house.mentions()) == ["De ayer", "Nueva Acme"]


def test_a_mailbox_that_counts_anew_doubles_nothing(house, mail):
    mail.deliver(message("Acme uno"), message("Acme de hace años", date=LONG_AGO))
    house.configure([mailbox(house, mail)])
    house.once()
    mail.forget()
    mail.deliver(message("Acme dos"))
    done = house.once()
    assert "event=mailbox.anew" in done.err
    assert sorted(house.titles()) == ["Acme de hace años", "Acme dos", "Acme uno"]
    house.once()
    assert len(house.titles()) == 3


def test_two_thousand_mails_come_in_pages(house, mail):
    mail.pour([message(f"Acme {i}", "texto " * 200) for i in range(2000)])
    house.configure([mailbox(house, mail)])
    started = time.monotonic()
    house.once()
    took = time.monotonic() - started
    assert len(set(house.titles())) == len(house.titles()) == 2000
    print(f"2000 mails in {took:.1f} s")
    house.once()
    assert len(house.titles()) == 2000
