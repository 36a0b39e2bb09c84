"""Messages, by escuchactl parse: recorded ones against Python's reader of mail, and ones that are meant to hurt. FAULTS P10, P16."""
import base64
import email
import email.policy
import email.utils
import hashlib
import html
import json
import os
import pathlib
import re
import subprocess
import unicodedata

import pytest

from daemon import BUILD

TOP = pathlib.Path(__file__).resolve().parents[2]
SAMPLES = TOP.parent / "shared/samples/imap"
ESCUCHACTL = BUILD / "daemon/main/escuchactl"


def parse(*files, ctx=None):
    options = ["--ctx", json.dumps(ctx)] if ctx else []
    return subprocess.run([ESCUCHACTL, "parse", "--platform", "imap", *options, *files], capture_output=True, text=True, timeout=120,
                          check=False, env={**os.environ, "LC_ALL": "C.UTF-8"})


def mentions(files, ctx=None):
    """By the names of their files, each of which holds one."""
    told = [json.loads(line) for line in parse(*files, ctx=ctx).stdout.splitlines()]
    assert [m["source"] for m in told] == [path.name for path in files]
    return told


def mention(path, ctx=None):
    return mentions([path], ctx)[0]


def words(text):
    """What is left of a text when nobody minds its blanks and its marks."""
    text = unicodedata.normalize("NFKC", text or "")
    return re.sub(r"[\W_]+", " ", text).strip()


def reference(path):
    """What Python makes of it; a text's part that it can't read is None."""
    message = email.message_from_bytes(path.read_bytes().lstrip(), policy=email.policy.default)
    body, text = message.get_body(("plain", "html")), None
    if body:
        text = body.get_content()
        if body.get_content_subtype() == "html":
            text = html.unescape(re.sub(r"<[^>]*>", " ", re.sub(r"(?is)<(style|script|title).*?</\1>|<!--.*?-->", " ", text)))
    name, address = email.utils.parseaddr(str(message["from"] or ""))
    return {"subject": message["subject"], "address": address, "name": name, "text": text, "id": message["message-id"]}


# Where Python's reader is the one that errs, or takes less: what it should have said. ANY: broken beyond agreement.
ANY = object()
BETTER = {
    "mail__bad_subject.eml": {"name": "MySurvey.com & Carol Adams"},
    "mail__content_transfer_encoding_empty.eml": {"subject": ANY, "text": ANY},  # Big5 that says nothing of it
    "mail__content_transfer_encoding_with_8bits.eml": {"text": "PROVANTAGE COM The Original Advantage"},
    "mail__example13.eml": {"subject": "Saying Hello", "id": "<1234@local(blah).machine.example>"},
    "mail__invalid_subject_characters.eml": {
        "subject": "Formação FrenetikPolis: Mega Campanha Final Verão | Cursos de Setembro"},
    "mail__multi_address_bounce1.eml": {"name": "Mail Delivery System"},
    "mail__raw_email5.eml": {"text": "Envoyé par le service de messagerie"},
    "mail__raw_email6.eml": {"text": "Envoyé par le service de messagerie"},
    "mail__raw_email_double_at_in_header.eml": {"id": "<d3b8cf8e49f0448085@0c28713a1@f473e@37signals.com>"},
    "mail__raw_email_incorrect_header.eml": {
        "subject": "Stop adware/spyware once and for all.", "address": "xxx@xxx.xxx", "name": "xxx xxx",
        "id": "<4D6AA7EB.6490534@xxx.xxx>", "text": "You are infected with"},
}


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="no recorded messages here")
def test_recorded_messages_against_another_reader():
    """Subject, author, id to the letter, text in full; a forwarded message's text may stand behind it."""
    files = sorted(SAMPLES.glob("*.eml"))
    assert len(files) >= 40
    for path, told in zip(files, mentions(files)):
        want = {**reference(path), **BETTER.get(path.name, {})}
        author = told.get("author", {})
        got = {"subject": words(told.get("title")), "address": author.get("handle", ""), "name": author.get("name", ""),
               "id": told.get("guid"), "text": words(told.get("text"))}
        want = {k: words(v) if k in ("subject", "text") and v is not ANY else v or got[k] if k == "id" else v for k, v in want.items()}
        for field, value in want.items():
            if value is not ANY:
                assert value in got[field] if field == "text" else value == got[field], (path.name, field, value, got[field])
        if told.get("guid"):
            assert told["id"] == hashlib.sha256(b"imap\0" + told["guid"].encode()).hexdigest()[:32]


def message(tmp_path, text, name="uno.eml"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


CHARSETS = {
    "utf-8": "Señal €", "iso-8859-1": "Señal ¿sí?", "windows-1252": "Señal €", "iso-8859-15": "Señal €", "koi8-r": "Жалоба",
    "windows-1251": "Жалоба", "iso-8859-7": "Παράπονο", "shift_jis": "苦情です", "iso-2022-jp": "苦情です", "euc-kr": "불만이다",
    "gb2312": "投诉你们", "big5": "投訴你們"}


def test_charsets_within_the_sandbox(tmp_path):
    """In a word, in a name, in a body: a reader has no files, and needs none for them."""
    files = []
    for charset, text in CHARSETS.items():
        coded = base64.b64encode(text.encode(charset)).decode()
        word = f"=?{charset}?B?{coded}?="
        files.append(message(
            tmp_path, f"Subject: {word}\nFrom: {word} <ana@correo.example>\nMessage-ID: <1@correo.example>\n"
            f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: base64\n\n{coded}\n", f"{charset}.eml"))
    for told, text in zip(mentions(files), CHARSETS.values()):
        assert (told["title"], told["author"], told["text"]) == (text, {"name": text, "handle": "ana@correo.example"}, text)


def test_what_has_no_id_is_known_by_its_place_in_the_mailbox(tmp_path):
    one = message(tmp_path, "From: ana@correo.example\nSubject: Hola\n\nx\n")
    told = mention(one, ctx={"uid": 9, "uidvalidity": 7})
    assert told["guid"] == "uid:7:9" and told["id"] == hashlib.sha256(b"imap\0uid:7:9").hexdigest()[:32]
    other = message(tmp_path, "From: ana@correo.example\nSubject: Otra\n\nx\n", "otra.eml")
    one, other, again = mentions([one, other, one])
    assert "guid" not in one and one["id"] == again["id"] != other["id"]


PLATFORM = """
platform: cartas
title: {es: 'Cartas', en: 'Letters'}
help: {es: 'Una carta.', en: 'A letter.'}
request: {url: 'https://cartas.example/ultima'}
map: {use: cartas, format: mail}
"""


def test_any_platform_may_read_mail(tmp_path):
    """By one word in its file, or in its map."""
    (tmp_path / "maps").mkdir()
    (tmp_path / "cartas.yaml").write_text(PLATFORM)
    (tmp_path / "maps/cartas.jq").write_text('{id: .message_id, title: .subject, text: (.attachments | map(.name) | join(" "))}\n')
    letter = message(tmp_path, "Message-ID: <1@b>\nSubject: Hola\nContent-Type: image/png; name=foto.png\n\nx\n")
    run = subprocess.run([ESCUCHACTL, "parse", "--platform", "cartas", "--platforms", tmp_path, letter], capture_output=True, text=True,
                         timeout=60, check=False)
    told = json.loads(run.stdout)
    assert (told["guid"], told["title"], told["text"]) == ("<1@b>", "Hola", "foto.png")
    assert told["id"] == hashlib.sha256(b"cartas\0<1@b>").hexdigest()[:32]


NESTED = "".join(f"Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n\nantes {i}\n--b{i}\n" for i in range(1000))
HEAD = "From: ana@correo.example\nMessage-ID: <1@b>\n"
HOSTILE = {
    "subject": (HEAD + "Subject: " + "a" * 256 * 1024 + "\n\nhola\n", "hola"),
    "words": (HEAD + "Subject: " + "=?a?B?x" * 100_000 + "\n\nhola\n", "hola"),
    "nested": (HEAD + "Subject: x\n" + NESTED + "\nhondo\n", "antes 0"),
    "base64": (HEAD + "Content-Transfer-Encoding: base64\n\n" + ("YWFh" * 18 + "\n") * 200_000, "aaa"),
    "attachment": (HEAD + "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhola\n--b\nContent-Type: image/png\n"
                   "Content-Transfer-Encoding: base64\n\n" + ("YWFh" * 18 + "\n") * 200_000, "hola"),
    "headers": (HEAD + "".join(f"x{i}: y\n" for i in range(1_000_000)) + "\nhola\n", None),
    "parts": (HEAD + "Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n\nhola\n" * 1_000_000, "hola"),
    "nul": (HEAD.encode() + b"Subject: a\0b\n\nho\0la \xff\n", "la"),
    "liar": (HEAD + "Content-Type: text/plain; charset=utf-16\nContent-Transfer-Encoding: quoted-printable\n\nhola=\n", "hola"),
}


def test_what_is_meant_to_hurt_is_bounded(tmp_path):
    """A mention comes of it all the same, and one reader lives through all of it within its memory."""
    files = [message(tmp_path, text, name) for name, (text, _) in HOSTILE.items()]
    for told, (_, want) in zip(mentions(files), HOSTILE.values()):
        assert told["guid"] == "<1@b>" and told["author"]["handle"] == "ana@correo.example", told["source"]
        assert want is None or want in told["text"], told["source"]
        assert len(told.get("text", "")) <= 256 * 1024, told["source"]


def test_what_is_no_message_is_refused(tmp_path):
    strangers = {"": "an empty answer", "hola\n": 'no mail: "hola', '{"a": 1}\n': 'no mail: "{', "x: y\n\nSubject: no\n": "no mail: "}
    run = parse(*[message(tmp_path, text, f"{i}.eml") for i, text in enumerate(strangers)])
    assert run.returncode == 1 and not run.stdout
    said = run.stderr.splitlines()
    assert len(said) >= len(strangers)
    for i, why in enumerate(strangers.values()):
        assert any(f"{i}.eml" in line and why in line for line in said), (why, said)
