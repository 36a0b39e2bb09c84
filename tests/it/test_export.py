"""What is shared names nobody, and neither do logs, with the real programs."""
import csv
import http.client
import io
import json
import os
import re
import signal
import socket

import pytest

from daemon import until
from test_people import RULES, json_feed

# Whom nothing may name: as an author by page and by name, by handle in a text, by mail and by telephone.
ANA, LUIS, NAME = "anazeta_77", "luisomega88", "Ximena Zarzaparrilla"
TEXT = f"=Acme me cobró dos veces; @{LUIS} y @acme saben. Escriban a {LUIS}@correo.example o al 55 1234 5678 https://x.com/{LUIS}/status/42"
MARKS = (ANA, LUIS, NAME, "1234 5678")


def ask(house, path, body=None, text=False):
    """By the socket: the status, or what was said."""
    connection = http.client.HTTPConnection("localhost", timeout=30)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(next(house.folder.rglob("escuchad.sock"))))
    connection.request("POST" if body else "GET", path, body, {"Content-Type": "application/json"} if body else {})
    answer = connection.getresponse()
    said = answer.read().decode()
    return said if text else answer.status


@pytest.fixture
def exported(house, web):
    house.rules(acme=RULES)
    page = f"https://red.example/@{ANA}"
    web.route("/a", json_feed(("1", TEXT, page), ("2", f"Acme otra vez, dice {NAME}", page), ("3", "Hola a tod@s", page)))
    house.configure([house.source("a", web.url("/a"))])
    house.start()
    house.settled()
    house.ctl("add", "Acme no funciona, fatal", "--author", NAME)
    until(lambda: len(house.hits()) == 3, "three hits")
    yield house
    house.stop()


def test_an_export_names_nobody(exported, tmp_path):
    lines = exported.ctl("export").lines()
    assert [line["text"][:5] for line in lines] == ["=Acme", "Acme ", "Acme "] and all("cursor" not in line for line in lines)
    said = json.dumps(lines, ensure_ascii=False)
    assert not any(mark in said for mark in (*MARKS[:2], "1234 5678"))
    first, second, third = lines
    assert re.fullmatch("u-[0-9a-f]{12}", first["author"]["name"]) and first["author"]["name"] == second["author"]["name"] != third["author"]["name"]
    assert NAME not in json.dumps(third, ensure_ascii=False)
    assert re.fullmatch(r"=Acme me cobró dos veces; @u-\w{12} y @acme saben. Escriban a \[mail\] o al \[tel\] https://x.com/i/status/42", first["text"])
    for span in first["hits"][0]["spans"]:
        if span["in"] == "text":
            assert first["text"][slice(*span["at"])].lower() == "acme"
    assert len(exported.ctl("export", "--all").lines()) == 4
    assert [line["id"] for line in exported.ctl("export", "--sentiment", "negative").lines()] == [
        line["id"] for line in lines if line.get("sentiment", {}).get("label") == "negative"]
    exported.ctl("export", "--topic", "nadie", code=1)
    exported.ctl("export", "--until", "2001-01-01", code=1)
    exported.ctl("export", "--since", "ayer", code=2)
    exported.ctl("export", "--format", "xls", code=2)
    assert len(exported.ctl("export", "--since", "2001-01-01", "--until", "0s").lines()) == 3
    assert exported.ctl("export").lines() == lines, "the same people, the same pseudonyms"
    exported.stop()
    exported.start()
    assert exported.ctl("export").lines() == lines, "also after a restart"
    assert any(ANA in json.dumps(line) for line in exported.ctl("export", "--names").lines())
    exported.write((exported.folder / "escuchad.yaml").read_text() + "\nprivacy: off\n")
    exported.ctl("reload")
    assert any(ANA in json.dumps(line) for line in exported.ctl("export").lines())


def test_a_sheet(exported, tmp_path):
    out = tmp_path / "acme.csv"
    assert "acme.csv" in exported.ctl("export", "--out", out).out
    data = out.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") and data.endswith(b"\r\n") and not out.with_suffix(".csv.part").exists()
    text = data.decode("utf-8-sig")
    separator = ";" if ";" in text.splitlines()[0] else ","
    head, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    assert len(rows) == 3 and all(len(row) == len(head) for row in rows)
    assert rows[0][9].startswith("'=Acme") and not any(mark in text for mark in MARKS[:2])
    exported.ctl("export", "--out", tmp_path / "none" / "x.csv", code=1)


def test_logs_and_metrics_name_nobody(house, web):
    """Hits, an incident, its notices, a forgotten author, a tone set right, a source that breaks, a webhook that is refused, a reader
    that dies: at every level of the log."""
    page = f"https://red.example/@{ANA}"
    house.rules(acme=RULES)
    web.route("/a", json_feed(("1", TEXT, page), ("2", f"Acme dice {NAME} es una estafa", page)))
    web.route("/b", TEXT.encode())
    house.configure([house.source("a", web.url("/a")), house.source("b", web.url("/b"))])
    house.start()
    house.wait_source("a", state="ok")
    hits = until(lambda: len(h := house.hits()) == 2 and h, "hits")
    house.ctl("tone", hits[0]["id"], "positive")
    house.ctl("open", "acme")
    house.ctl("note", "1", f"llamar a {NAME}")
    house.ctl("add", TEXT, "--author", NAME)
    house.ctl("search", LUIS)
    house.ctl("export", "--names")
    house.ctl("forget", page, "--yes")
    assert ask(house, "/in/a", b"{\"text\": \"%s\"}" % TEXT.encode()) >= 400, "a stranger's"
    for reader in house.readers():
        os.kill(reader, signal.SIGKILL)
    until(lambda: house.status()["readers"]["restarts"], "readers that died")
    house.wait_source("b", state="failing")
    log, metrics = house.log(), ask(house, "/metrics", text=True)
    house.stop()
    for said, what in ((log, "log"), (metrics, "metrics")):
        assert not any(mark in said for mark in MARKS), what
        assert "cobr" not in said, what
