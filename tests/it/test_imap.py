"""A mailbox, by a Dovecot that is not ours, and by servers that hang and lie. FAULTS P10, P16, F1, F3, F9."""
import base64
import contextlib
import time

import pytest

from daemon import LOCAL, SANITIZED, resident_kb, until
from peers.dovecot import DOVECOT, PASSWORD, USER, DovecotPeer, message
from peers.imap_liar import ImapLiar

pytestmark = pytest.mark.skipif(not DOVECOT, reason="no Dovecot here")
LONG_AGO = 1_600_000_000


@pytest.fixture
def mail(request):
    with DovecotPeer() as peer:
        request.node.stories = [*getattr(request.node, "stories", []), ("dovecot", peer.log)]
        yield peer


def mailbox(house, peer, name="buzon", port=None, **more):
    (house.folder / "clave").write_text(more.pop("password", PASSWORD) + "\n")
    return {"name": name, "platform": "imap", "server": f"127.0.0.1:{port or peer.port}", "user": USER,
            "password": {"file": "clave"}, "allow_private": LOCAL, "every": "1h", **({"security": "none"} | more)}


def test_what_is_delivered_is_found_once_and_stays_unread(house, mail):
    mail.deliver(message("Aviso viejo de Acme", "nada"))
    house.configure([mailbox(house, mail)])
    with house.running():
        house.wait_source("buzon", state="ok")
        assert house.titles() == ["Aviso viejo de Acme"]
        assert [hit["baseline"] for hit in house.hits()] == [True]  # what was there before is no news
        reply = message("Re: Acme", "Acme me cobró dos veces, es un fraude", in_reply_to="<antes@correo.example>",
                        html="<p>otra <b>cosa</b></p>")
        mail.deliver(reply, message("Boletín", "", html="<p>Acme &amp; compañía</p>"))
        house.poll("buzon")
        until(lambda: len(house.hits()) == 3, "two more hits")
        _, first, second = house.hits()
        house.poll("buzon")
        assert len(house.titles()) == len(house.hits()) == 3
    assert not first.get("baseline")
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


def test_many_mails_come_in_pages(house, mail):
    mail.pour([message(f"Acme {i}", "texto " * 200) for i in range(230)])  # 50 a page, and a rest
    house.configure([mailbox(house, mail)])
    house.once()
    assert len(set(house.titles())) == len(house.titles()) == 230
    house.once()
    assert len(house.titles()) == 230


def test_the_first_mails_of_a_full_mailbox_are_no_news_however_many_polls_they_take(house):
    """More than one poll reads: the rest is as old, and floods nobody; what comes behind it is news."""
    with ImapLiar(mails=letters(*range(1, 5041))) as liar:
        house.configure([mailbox(house, liar)])
        house.once()
        assert len(house.titles()) == 5000
        house.once()
        assert len(house.titles()) == 5040
        liar.mails |= letters(5041)
        with house.running():
            house.ctl("poll", "buzon")
            until(lambda: len(house.titles()) == 5041, "the one behind them")
            assert [hit["guid"] for hit in house.hits() if not hit.get("baseline")] == ["<5041@b>"]


def test_encrypted_with_an_authority_of_its_own(house, mail):
    """From the first byte, by STARTTLS, and not at all if nobody vouches for the server."""
    mail.deliver(message("Acme cifrada"))
    safe = {"ca_file": str(mail.crt)}
    cases = {"tls": {**safe, "security": "tls", "port": mail.tls_port}, "starttls": {**safe, "security": "starttls"},
             "extrano": {"security": "tls", "port": mail.tls_port}, "nombre": {**safe, "security": "starttls", "server": f"localhost:{mail.port}"}}
    house.configure([mailbox(house, mail, name, **more) for name, more in cases.items()])
    with house.running():
        sources = house.settled()
        assert sources["extrano"]["why"] == "tls_untrusted"
        assert all(sources[name]["state"] == "ok" for name in ("tls", "starttls", "nombre")), sources
        assert house.titles() == ["Acme cifrada"]


def test_what_the_server_says_of_a_wrong_password_is_told(house, mail):
    house.configure([mailbox(house, mail, password="No es esta")], language="es")
    with house.running():
        source = house.wait_source("buzon", state="failing")
        assert source["why"] == "login" and "AUTHENTICATIONFAILED" in source["detail"]
        said = house.ctl("sources", "buzon").out
        assert "contraseña" in said and "AUTHENTICATIONFAILED" in said
        tried = house.ctl("try", "buzon", code=None)
        assert tried.code != 0 and "contraseña" in tried.err
        log = house.log()
    for words in (said, tried.out, tried.err, log):
        assert "No es esta" not in words


def test_try_shows_the_last_mails_and_keeps_nothing(house, mail):
    mail.deliver(*[message(f"Acme {i}") for i in range(12)])
    house.configure([mailbox(house, mail)])
    said = house.ctl("try", "buzon").out
    assert "Acme 11" in said and "Acme 2" in said and "Acme 1 " not in said
    assert not house.titles()


def test_no_mail_is_lost_or_doubled_by_a_kill(house, mail):
    mail.pour([message(f"Acme {i}", "texto " * 100) for i in range(200)])
    house.configure([mailbox(house, mail)])
    for kept in (1, 60, 110):
        house.start()
        until(lambda: len(house.titles()) >= kept, "some mails")
        house.kill()
    mail.deliver(message("Acme final"))
    house.once()
    titles = house.titles()
    assert len(titles) == len(set(titles)) == 201


def test_what_goes_meanwhile_and_what_is_long_holds_up_nobody(house, mail):
    long = message("Acme con foto", "lo primero es el texto", html="<p>x</p>" + "y" * 3_000_000)
    mail.deliver(message("Acme uno"), message("Acme dos"), long, message("Acme cuatro"))
    mail.expunge(2)
    house.configure([mailbox(house, mail)])
    done = house.once()
    assert sorted(house.titles()) == ["Acme con foto", "Acme cuatro", "Acme uno"]
    assert "event=mailbox.cut" in done.err and "uid=3" in done.err


def test_a_mail_of_fifty_megabytes_is_left_where_it_is(house, mail):
    """Its first MiB alone is read: told, and no burden to anybody; what stands behind it is read. FAULTS P16."""
    mail.deliver(message("Acme uno"))
    house.configure([mailbox(house, mail)])
    with house.running():
        house.wait_source("buzon", state="ok")
        before = resident_kb(house.pid)
        mail.deliver(message("Acme con video", "lo primero es el texto").rstrip(b"\n") + b"\n" + (b"y" * 76 + b"\n") * 690_000, message("Acme tres"))
        house.ctl("poll", "buzon")
        until(lambda: len(house.titles()) == 3, "those behind it")
        assert house.told("mailbox.cut", uid=2, read=1 << 20)
        assert sorted(house.titles()) == ["Acme con video", "Acme tres", "Acme uno"]
        assert SANITIZED or resident_kb(house.pid) - before < 24 << 10


def test_what_machines_reply_is_passed_over(house, mail):
    mail.deliver(message("Fuera de la oficina: Acme", auto_submitted="auto-replied"),
                 message("Alerta: Acme", auto_submitted="auto-generated", precedence="bulk"))
    house.configure([mailbox(house, mail), mailbox(house, mail, "todo", automatic="keep")])
    house.once()
    kinds = {title: source for source, title, _ in house.mentions()}
    assert kinds["Fuera de la oficina: Acme"] == "todo" and "Alerta: Acme" in kinds


INNER = b"From: a@b.example\r\nMessage-ID: <1@b>\r\nSubject: Acme honrada\r\n\r\nE4 OK done\r\n* 9 FETCH (UID 9 BODY[] {3}\r\n)\r\n* BYE\r\n"
LIES = {
    "saluda": ({"greeting": b"* OK hello\r\n" + b"* OK more\r\n" * 50_000}, {"protocol"}),
    "lleno": ({"greeting": b"* BYE too many connections\r\nCLOSE".removesuffix(b"CLOSE")}, {"protocol", "aborted", "failed"}),
    "ocupado": ({"answers": {"LOGIN": b"TAG NO [UNAVAILABLE] later\r\n"}}, {"limited"}),
    "sin-validez": ({"answers": {"EXAMINE": b"* 1 EXISTS\r\nTAG OK\r\n"}}, {"protocol"}),
    "linea": ({"answers": {"SEARCH": b"* SEARCH" + b" 1" * 1_000_000}}, {"protocol"}),
    "promesa": ({"answers": {"BODY": b"* 1 FETCH (UID 1 BODY[]<0> {4000000000}\r\nSubject: x\r\nCLOSE"}}, {"aborted"}),
    "torrente": ({"answers": {"BODY": b"* 1 FETCH (UID 1 BODY[]<0> {4000000000}\r\n" + b"x" * (20 << 20)}}, {"too_large"}),
    "corta": ({"answers": {"SEARCH": b"* BYE going down\r\nCLOSE"}}, {"aborted"}),
    "niega": ({"answers": {"SEARCH": b"TAG NO never\r\n"}}, {"mail_server"}),
    "codifica": ({"answers": {"LOGIN": b"TAG NO who is AGJ1em9uAG90cmEgY2xhdmUgbWlh\r\n"}, "password": "otra clave mia"}, {"login"}),
    "corta-dos": ({"answers": {"LOGIN": b"TAG NO " + b"x" * 290 + b"otra clave mia\r\n"}, "password": "otra clave mia"}, {"login"}),
    "repite": ({"answers": {"LOGIN": b"TAG NO wrong: otra clave mia\r\n"}, "password": "otra clave mia"}, {"login"}),
    "abierto": ({"security": "starttls"}, {"no_tls"}),
    "preauth": ({"security": "starttls", "greeting": b"* PREAUTH [CAPABILITY IMAP4rev1] welcome\r\n"}, {"no_tls", "protocol", "aborted"}),
    "cerrado": ({"answers": {"CAPABILITY": b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\nTAG OK\r\n"}}, {"no_login"}),
    "honrado": ({}, {None}),
}


def test_servers_that_lie_cost_themselves(house):
    """Whatever a server says: its source alone fails, at once, and says why; what stands in a mail is never the server's word."""
    with contextlib.ExitStack() as stack:
        sources, liars = [], {}
        for name, (said, _) in LIES.items():
            said = dict(said)
            more = {key: said.pop(key) for key in ("security", "password") if key in said}
            liars[name] = liar = stack.enter_context(ImapLiar(mails={1: INNER.replace(b"<1@b>", b"<%s@b>" % name.encode())}, **said))
            source = mailbox(house, liar, name, **more)
            (house.folder / f"clave-{name}").write_text(more.get("password", "secreta") + "\n")
            sources.append({**source, "password": {"file": f"clave-{name}"}})
        house.configure(sources)
        with house.running():
            told = house.settled()
            log = house.log()
            assert house.titles() == ["Acme honrada"]
            assert "E4 OK done" in house.hits()[0]["text"]
    assert {name: told[name].get("why") for name, (_, want) in LIES.items() if told[name].get("why") not in want} == {}
    assert "secreta" not in log and not any(form in log for form in ("otra clave", "AG90cmEgY2xhdmUgbWlh", "xotra cla"))
    assert not any("LOGIN" in line for line in liars["abierto"].heard + liars["preauth"].heard + liars["cerrado"].heard)


def test_where_it_may_go(house):
    """Not to a private address that nobody allowed, and without TLS to no other machine. FAULTS F9."""
    with ImapLiar() as liar:
        house.configure([{**mailbox(house, liar, "dentro"), "allow_private": []},
                         mailbox(house, liar, "lejos", server="10.255.255.1", allow_private=["10.0.0.0/8"]),
                         mailbox(house, liar, "nadie", server="nadie.invalid")])
        with house.running():
            told = house.settled()
        assert {name: s["why"] for name, s in told.items()} == {"dentro": "ssrf_blocked", "lejos": "no_tls", "nadie": "dns"}
        assert not liar.heard


def test_a_mail_that_the_server_cannot_give_costs_itself_alone(house):
    mails = {uid: INNER.replace(b"<1@b>", b"<%d@b>" % uid) for uid in range(1, 6)}
    with ImapLiar(mails=mails) as liar:
        honest = liar.answer
        liar.answer = lambda line, capability: (line.split()[0] + b" NO [EXPUNGEISSUED] no\r\n" if b"BODY" in line and b"3" in line.split()[3]
                                                else honest(line, capability))
        house.configure([mailbox(house, liar)])
        done = house.once(code=None)
        assert len(house.titles()) == 4 and "event=mailbox.unread" in done.err and "uid=3" in done.err
        house.once()
        assert len(house.titles()) == 4


def letters(*uids):
    return {uid: INNER.replace(b"<1@b>", b"<%d@b>" % uid) for uid in uids}


def test_a_mailbox_that_goes_back_is_read_anew(house):
    """A server back from its backup: what comes then has UIDs that others had, and its UIDVALIDITY is the old one."""
    with ImapLiar(mails=letters(40, 41)) as liar:
        house.configure([mailbox(house, liar)])
        house.once()
        liar.mails = letters(38, 39, 40)
        done = house.once()
    assert len(house.titles()) == 4 and "event=mailbox.anew" in done.err


def test_a_gap_that_no_poll_looks_over_at_once(house):
    """The first mail's UID lies beyond what one poll searches."""
    with ImapLiar(mails=letters(12_000_000)) as liar:
        house.configure([mailbox(house, liar)])
        house.once()
        assert house.titles() == []
        house.once()
    assert house.titles() == ["Acme honrada"]


def test_a_mail_at_which_the_server_hangs_up(house):
    """It costs itself alone, once another was given; while there is none, nothing is passed over."""
    with ImapLiar(mails=letters(1, 2, 3)) as liar:
        honest = liar.answer
        liar.answer = lambda line, capability: (b"* BYE Internal error\r\nCLOSE" if b"BODY" in line and b"3" in line.split()[3].split(b",")
                                                else honest(line, capability))
        house.configure([mailbox(house, liar)])
        house.once(code=None)
        assert len(house.titles()) == 2
        house.once(code=None)
        liar.mails |= letters(4, 5)
        done = house.once(code=None)
        assert len(house.titles()) == 4 and "event=mailbox.unread" in done.err and "uid=3" in done.err
        asked = len(liar.heard)
        house.once()
        assert not any("BODY" in line for line in liar.heard[asked:])
        liar.answer = lambda line, capability: b"CLOSE" if b"BODY" in line else honest(line, capability)
        liar.mails |= letters(6, 7)
        house.once(code=None)
        liar.answer = honest  # it was the server, and no mail
        house.once()
    assert len(house.titles()) == 6


def test_a_token_in_place_of_a_password(house, web):
    """XOAUTH2: got from its service, sent as RFC 7628's predecessor says, and got anew where the server calls it too old."""
    (house.folder / "platforms").mkdir()
    (house.folder / "platforms/oficina.yaml").write_text(f"""
platform: oficina
title: {{es: 'Oficina', en: 'Office'}}
help: {{es: 'Correo.', en: 'Mail.'}}
transport: imap
params:
  server: {{kind: host, required: true, help: {{es: 's', en: 's'}}}}
  user: {{required: true, help: {{es: 'u', en: 'u'}}}}
  refresh: {{secret: true, required: true, help: {{es: 'r', en: 'r'}}}}
request: {{url: 'imap://{{server}}/'}}
auth:
  kind: xoauth2
  user: '{{user}}'
  value: '{{refresh}}'
  get: {{url: '{web.url("/token")}', form: {{grant_type: refresh_token, refresh_token: '{{@refresh}}'}}}}
mailbox: {{security: none}}
map: {{use: imap, format: mail}}
""")
    web.route("/token", b'{"access_token": "abc123", "expires_in": 3600}', kind="application/json")
    want = base64.b64encode(b"user=ana@correo.example\x01auth=Bearer abc123\x01\x01").decode()
    with ImapLiar(mails={1: INNER}, capability=b"IMAP4rev1 SASL-IR AUTH=XOAUTH2", greeting=b"* OK here\r\n") as liar:
        (house.folder / "clave").write_text("renueva\n")
        house.configure([{"name": "buzon", "platform": "oficina", "server": f"127.0.0.1:{liar.port}", "user": "ana@correo.example",
                          "refresh": {"file": "clave"}, "allow_private": LOCAL}], platforms="platforms")
        house.once()
        assert house.titles() == ["Acme honrada"]
        assert any(want in line for line in liar.heard)
