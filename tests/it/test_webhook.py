"""What platforms send by themselves, by the real daemon: from POST /in/NAME over the log's inbox to the hits (FAULTS A7, D3)."""
import base64
import concurrent.futures
import contextlib
import gzip
import hashlib
import hmac
import http.client
import json
import os
import signal
import socket
import sqlite3
import time
from pathlib import Path

import pytest
import yaml

from daemon import until
from peers.platform_peer import platform_at, reply

DESCRIBED = yaml.safe_load((Path(__file__).resolve().parents[2] / "conf/openapi.yaml").read_text())["paths"]["/in/{source}"]

SECRET, WORD = "secreto-de-la-app-1", "palabra-2"
ENV = {"APP": SECRET, "WORD": WORD}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def sign(body, secret=SECRET):
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def post_of(*texts, first=0):
    """A page's posts, as Meta sends them."""
    return json.dumps({"object": "page", "entry": [{"id": "1", "time": int(time.time()), "changes": [
        {"field": "feed", "value": {"item": "post", "verb": "add", "post_id": f"1_{first + i}", "from": {"id": "7", "name": "Ana"},
                                    "message": text}} for i, text in enumerate(texts)]}]}).encode()


class Hooks:
    """A house with a door for platforms."""

    def __init__(self, house):
        self.house, self.port = house, free_port()
        self.sources = [{"name": "meta", "platform": "meta_webhook", "app_secret": {"env": "APP"}, "verify": {"env": "WORD"}},
                        {"name": "bot", "platform": "telegram-webhook", "secret": {"env": "WORD"}}]
        self.configure()

    def configure(self):
        self.house.configure(self.sources, http={"listen": f"127.0.0.1:{self.port}"})

    def ask(self, method, path, body=None, headers=None, host="acme.example.com"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, {"Host": host, **(headers or {})})
            response = connection.getresponse()
            if path.startswith("/in/") and method in ("GET", "POST"):
                assert str(response.status) in DESCRIBED[method.lower()]["responses"], (path, response.status)
            return response.status, response.read()
        finally:
            connection.close()

    def send(self, body, headers=None, name="meta"):
        return self.ask("POST", f"/in/{name}", body, sign(body) if headers is None else headers)[0]

    def counted(self, result):
        metrics = self.ask("GET", "/metrics", host="127.0.0.1")[1].decode()
        return next((float(line.rpartition(" ")[2]) for line in metrics.splitlines()
                     if line.startswith(f'escuchad_webhooks_total{{result="{result}"}}')), 0)

    def texts(self):
        return [t for t, in self.house.sql("SELECT text FROM mention ORDER BY id")]

    def waiting(self):
        return self.house.sql("SELECT count(*) FROM inbox")[0][0]

    def heard(self, *texts):
        until(lambda: sorted(self.texts()) == sorted(texts) and not self.waiting(), f"{texts}; is {self.texts()}")


@pytest.fixture
def hooks(house):
    return Hooks(house)


def test_what_is_sent_is_news_at_once(house, hooks):
    """The first is no baseline: nobody sends what was said before we asked. Neither a host of ours nor a token is asked for."""
    with house.running(env=ENV):
        assert hooks.send(post_of("Acme es un fraude", "Buenos días")) == 200
        hooks.heard("Acme es un fraude", "Buenos días")
        assert hooks.send(post_of("Acme, otra vez", first=2)) == 200
        hooks.heard("Acme es un fraude", "Buenos días", "Acme, otra vez")
        hits = house.hits()
        assert [h["text"] for h in hits] == ["Acme es un fraude", "Acme, otra vez"]
        assert not any(h.get("baseline") for h in hits) and {h["platform"] for h in hits} == {"meta_webhook"}
        source = house.wait_source("meta", state="ok", running=False)
        assert (source["new"], source["hits"]) == (3, 2)
        update = json.dumps({"update_id": 1, "message": {"message_id": 5, "date": 1790000000, "text": "Acme en el grupo",
                                                         "chat": {"id": -100123, "title": "Quejas"}, "from": {"id": 9, "first_name": "Leo"}}})
        assert hooks.send(update.encode(), {"X-Telegram-Bot-Api-Secret-Token": WORD}, "bot") == 200
        hooks.heard("Acme es un fraude", "Buenos días", "Acme, otra vez", "Acme en el grupo")
        assert hooks.counted("taken") == 3


def test_who_cannot_sign_is_nobody(house, hooks):
    """FAULTS A7: missing, wrong, of another body, of another secret, twice in one request: 401, told once, counted, nothing kept."""
    body = post_of("Acme es un fraude")
    with house.running(env=ENV):
        assert hooks.send(body, {}) == 401
        assert hooks.send(body, sign(body + b" ")) == 401
        assert hooks.send(body, sign(body, "otro secreto")) == 401
        assert hooks.send(body, {"X-Hub-Signature-256": "sha256="}) == 401
        assert hooks.send(body, {"X-Hub-Signature-256": sign(body)["X-Hub-Signature-256"].removeprefix("sha256=")}) == 401
        assert hooks.send(b"{}", {"X-Telegram-Bot-Api-Secret-Token": WORD[:-1]}, "bot") == 401
        assert hooks.send(body, name="nadie") == 404
        assert hooks.send(body, name="..%2fmeta") == 404
        assert hooks.ask("PUT", "/in/meta")[0] == 405
        connection = http.client.HTTPConnection("127.0.0.1", hooks.port, timeout=60)
        connection.putrequest("POST", "/in/meta")
        for value in (sign(body)["X-Hub-Signature-256"], "sha256=0"):
            connection.putheader("X-Hub-Signature-256", value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        assert connection.getresponse().status == 401
        connection.close()
        assert hooks.counted("unsigned") == 2 and hooks.counted("wrong") == 5 and hooks.counted("nobody") == 1
        assert not hooks.texts() and not hooks.waiting()
        for _ in range(20):  # far more failures than who guesses a token may have: the true one is still heard
            hooks.send(body, {})
        assert hooks.send(body) == 200
        hooks.heard("Acme es un fraude")
        log = house.log()
        assert len(house.events("webhook.refused", why="unsigned")) == 1
        assert SECRET not in log and WORD not in log
    kept = b"".join(p.read_bytes() for p in house.state.iterdir() if p.is_file())
    assert SECRET.encode() not in kept and WORD.encode() not in kept


def test_what_comes_again_is_taken_once(house, hooks):
    """FAULTS A7: a replay is answered as the first was, also after a restart; what Meta repeats in another batch is known by its id."""
    body = post_of("Acme es un fraude")
    with house.running(env=ENV):
        assert [hooks.send(body) for _ in range(3)] == [200, 200, 200]
        assert hooks.counted("repeated") == 2
        hooks.heard("Acme es un fraude")
    with house.running(env=ENV):
        assert hooks.send(body) == 200 and hooks.counted("repeated") == 1
        assert hooks.send(post_of("Acme es un fraude", "Acme, otra")) == 200
        hooks.heard("Acme es un fraude", "Acme, otra")
        assert len(house.hits()) == 2


def test_handshakes(house, hooks):
    with house.running(env=ENV):
        ask = f"/in/meta?hub.mode=subscribe&hub.challenge=115820%2F1444&hub.verify_token={WORD}"
        assert hooks.ask("GET", ask) == (200, b"115820/1444")
        assert hooks.ask("GET", ask + "x")[0] == 403
        assert hooks.ask("GET", ask + f"&hub.verify_token={WORD}")[0] == 403  # twice: two readers, two meanings
        assert hooks.ask("GET", "/in/meta")[0] == 400 and hooks.ask("GET", "/in/bot")[0] == 400
        assert hooks.counted("handshake") == 1 and hooks.counted("wrong_handshake") == 2
        assert house.events("webhook.handshake", source="meta") and WORD not in house.log()


def test_a_platform_of_ones_own_asks_by_hmac(house, hooks):
    """X's and LinkedIn's questions, by platform files of this house."""
    folder = house.folder / "platforms"
    (folder / "maps").mkdir(parents=True)
    (folder / "maps/eco.jq").write_text("# scope: eco\neach({id, text})\n")
    for hello in ("crc", "challenge"):
        (folder / f"eco-{hello}.yaml").write_text(
            f"platform: eco-{hello}\ntitle: {{es: Eco, en: Eco}}\nhelp: {{es: Eco, en: Eco}}\ntransport: webhook\n"
            "params: {secret: {secret: true, required: true, help: {es: La clave, en: The key}}}\n"
            f"webhook: {{hello: {hello}, sign: {{header: X-Sign, encoding: base64, secret: '{{secret}}'}}}}\nmap: {{use: eco}}\n")
    house.configure([{"name": h, "platform": f"eco-{h}", "secret": {"env": "APP"}} for h in ("crc", "challenge")],
                    http={"listen": f"127.0.0.1:{hooks.port}"}, platforms="platforms/")
    mac = hmac.new(SECRET.encode(), b"uno", hashlib.sha256)
    with house.running(env=ENV):
        assert json.loads(hooks.ask("GET", "/in/crc?crc_token=uno")[1]) == {
            "response_token": "sha256=" + base64.b64encode(mac.digest()).decode()}
        assert json.loads(hooks.ask("GET", "/in/challenge?challengeCode=uno")[1]) == {
            "challengeCode": "uno", "challengeResponse": mac.hexdigest()}
        body = b'{"id": 1, "text": "Acme habla"}'
        assert hooks.send(body, {"X-Sign": base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()}, "crc") == 200
        hooks.heard("Acme habla")


def test_x_and_linkedin_by_the_files_that_came_with_the_program(house, hooks):
    """Each signs its own fixture in its own way, and is believed in that alone."""
    fixtures = Path(__file__).resolve().parents[2] / "conf/platforms/fixtures"
    house.configure([{"name": "x", "platform": "x-webhook", "consumer_secret": {"env": "APP"}},
                     {"name": "li", "platform": "linkedin-webhook", "client_secret": {"env": "APP"}}],
                    http={"listen": f"127.0.0.1:{hooks.port}"})
    post, notice = (fixtures / "x-webhook.json").read_bytes(), (fixtures / "linkedin-webhook.json").read_bytes()
    by_x = "sha256=" + base64.b64encode(hmac.new(SECRET.encode(), post, hashlib.sha256).digest()).decode()
    by_linkedin = hmac.new(SECRET.encode(), b"hmacsha256=" + notice, hashlib.sha256).hexdigest()
    with house.running(env=ENV):
        assert json.loads(hooks.ask("GET", "/in/x?crc_token=uno")[1])["response_token"].startswith("sha256=")
        assert json.loads(hooks.ask("GET", "/in/li?challengeCode=uno")[1])["challengeCode"] == "uno"
        assert hooks.send(post, {"X-LI-Signature": by_linkedin}, "x") == 401
        assert hooks.send(notice, {"X-LI-Signature": hmac.new(SECRET.encode(), notice, hashlib.sha256).hexdigest()}, "li") == 401
        assert hooks.send(post, {"x-twitter-webhooks-signature": by_x}, "x") == 200
        assert hooks.send(notice, {"X-LI-Signature": by_linkedin}, "li") == 200
        hooks.heard("El molinillo Andino no enciende", "¿Cuándo abren en Quito?")


def test_a_body_that_cannot_be_read_costs_itself(house, hooks):
    """It was signed, and yet is none: told, and out of the way of the next."""
    with house.running(env=ENV):
        assert hooks.send(b'{"object": "page", "entry": [') == 200
        house.told("webhook.unread", source="meta")
        assert hooks.send(post_of("Acme es un fraude")) == 200
        hooks.heard("Acme es un fraude")
        assert hooks.send(b'{"object": "page", "entry": []}') == 200  # nothing to be told of is no fault
        until(lambda: not hooks.waiting())
        house.wait_source("meta", state="ok")


def test_what_is_no_json_is_refused_where_its_sender_sees_it(house, hooks):
    """Packed, or as a form: signed, and yet nobody could read it; other types, and several at once of the same, are taken."""
    body = post_of("Acme es un fraude")
    with house.running(env=ENV):
        for wrong in ({"Content-Encoding": "gzip"}, {"Content-Encoding": "GZIP, br"}, {"Content-Type": "application/x-www-form-urlencoded"},
                      {"Content-Type": "multipart/form-data; boundary=x"}):
            status, said = hooks.ask("POST", "/in/meta", body, {**sign(body), **wrong})
            assert status == 415 and "application/json" in json.loads(said)["message"], wrong
        packed = gzip.compress(body)
        assert hooks.send(packed, {**sign(packed), "Content-Encoding": "gzip"}) == 415
        assert hooks.send(body, {"Content-Encoding": "gzip"}) == 401  # who can't sign learns nothing
        assert hooks.counted("no_json") == 5 and not hooks.waiting() and not hooks.texts()
        types = ["application/json; charset=utf-8", "text/plain", "application/vnd.x+json", "", "application/json", "identity"]
        with concurrent.futures.ThreadPoolExecutor(6) as many:
            taken = list(many.map(lambda t: hooks.send(body, {**sign(body), **({"Content-Encoding": t} if t == "identity" else {"Content-Type": t})}), types))
        assert taken == [200] * 6 and hooks.counted("taken") == 1 and hooks.counted("repeated") == 5
        hooks.heard("Acme es un fraude")


def test_bounds(house, hooks):
    """A body of 1 MiB, one above it, other routes' own bound; a flood of one source (429) leaves the others alone."""
    with house.running(env=ENV):
        most = post_of("Acme al límite")
        most += b" " * (1024 * 1024 - len(most))
        assert hooks.send(most) == 200
        hooks.heard("Acme al límite")
        with socket.create_connection(("127.0.0.1", hooks.port), timeout=60) as s:
            s.sendall(b"POST /in/meta HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n")
            assert s.recv(100).startswith(b"HTTP/1.1 413")
        house.told("serve.refused", status=413)
        assert hooks.ask("POST", "/v1/reload", b"x" * (512 * 1024 + 1), {"Content-Type": "application/json"}, "127.0.0.1")[0] == 413
        with concurrent.futures.ThreadPoolExecutor(20) as many:
            found = list(many.map(lambda n: hooks.send(b" " * n + b"{}"), range(900)))
        assert set(found) == {200, 429} and 590 <= found.count(200) < 800, found.count(200)
        assert hooks.send(b"{}", {"X-Telegram-Bot-Api-Secret-Token": WORD}, "bot") == 200
        assert len(house.events("webhook.refused", why="slower")) == 1


def test_what_nobody_reads_waits(house, hooks):
    """Readers stand still: what was answered with 200 is in the log, and is read when they go on."""
    house.configure(hooks.sources, http={"listen": f"127.0.0.1:{hooks.port}"}, readers=2)
    with house.running(env=ENV):
        readers = house.two_readers()
        for pid in readers:
            os.kill(pid, signal.SIGSTOP)
        assert hooks.send(post_of("Acme espera")) == 200
        assert hooks.waiting() == 1 and not hooks.texts()
        for pid in readers:
            os.kill(pid, signal.SIGCONT)
        hooks.heard("Acme espera")


def test_killed_at_any_point_nothing_is_lost_or_doubled(house, hooks, redis):
    """FAULTS D3: what was answered with 200 is there once, however often the daemon is killed in the midst of it."""
    house.configure(hooks.sources, http={"listen": f"127.0.0.1:{hooks.port}"}, queue={"redis": redis.url()})
    taken, n = [], 0
    for turn in range(8):
        house.start(env=ENV)
        deadline = time.monotonic() + 0.02 + 0.03 * turn
        while time.monotonic() < deadline:
            text = f"Acme dice {n}"
            if hooks.send(post_of(text, first=n)) == 200:
                taken.append(text)
            n += 1
        house.kill()
    with house.running(env=ENV):
        hooks.heard(*taken)
        assert sorted(h["text"] for h in house.hits()) == sorted(taken)
        assert len(taken) > 8


def mention_of(*media, more=()):
    """Mentions on Instagram, of which ids come alone, and beside them comments in full."""
    changes = [{"field": "mentions", "value": {"media_id": str(m)} if not isinstance(m, tuple) else {"media_id": str(m[0]), "comment_id": str(m[1])}}
               for m in media]
    changes += [{"field": "comments", "value": {"id": f"c{i}", "text": text, "from": {"id": "5", "username": "leo"}}} for i, text in enumerate(more)]
    return json.dumps({"object": "instagram", "entry": [{"id": "9", "time": int(time.time()), "changes": changes}]}).encode()


class Graph:
    """Instagram, asked for what the ids of mentions stand for, one a request."""

    def __init__(self, house, web, hooks, **more):
        self.asked, self.refuse = [], None
        web.route("/v21.0/17", handler=self.answer)
        platform_at(house.folder, "meta_webhook", web)
        hooks.sources[0].update(account="17", token={"env": "TOKEN"}, allow_private=["127.0.0.0/8"], **more)
        house.configure(hooks.sources, http={"listen": f"127.0.0.1:{hooks.port}"}, platforms="platforms/")

    def answer(self, h):
        assert h.arg("access_token") == "s3creto"
        what, _, number = h.arg("fields").partition("{")[0].rstrip(")").partition("(")
        self.asked.append(number)
        if self.refuse:
            return reply(h, {"error": {"message": self.refuse, "code": 4}}, 400)
        if number == "404":
            return reply(h, {"id": "17"})
        kind = what.partition(".")[0]
        reply(h, {"id": "17", kind: {"id": number, "caption" if kind == "mentioned_media" else "text": f"Acme, dice {number}",
                                     "timestamp": "2026-11-22T10:00:00+0000", "like_count": 3}})


ENV_GRAPH = {**ENV, "TOKEN": "s3creto"}


def test_ids_alone_are_asked_for_before_they_are_judged(house, web, hooks):
    """What came in full is there at once; what came as an id is read from the platform, and what it does not show is nothing."""
    graph = Graph(house, web, hooks)
    with house.running(env=ENV_GRAPH):
        assert hooks.send(mention_of(101, (101, 202), 404, more=["Acme, en pleno"])) == 200
        hooks.heard("Acme, en pleno", "Acme, dice 101", "Acme, dice 202")
        hits = house.hits()
        assert sorted(h["text"] for h in hits) == ["Acme, dice 101", "Acme, dice 202", "Acme, en pleno"]
        assert graph.asked == ["101", "202", "404"] and "s3creto" not in house.log()
        assert house.wait_source("meta", state="ok")["new"] == 3
        assert hooks.send(mention_of(101)) == 200  # once more, otherwise wrapped
        until(lambda: len(graph.asked) == 4 and not hooks.waiting())
        assert len(hooks.texts()) == 3


def test_what_cannot_be_asked_for_waits_and_is_given_up_at_last(house, web, hooks):
    """Others behind it are read; it is tried again; after a day it is kept as it came, and that is told."""
    graph = Graph(house, web, hooks)
    graph.refuse = "Application request limit reached"
    with house.running(env=ENV_GRAPH):
        assert hooks.send(mention_of(101, more=["Acme, en pleno"])) == 200
        failing = house.wait_source("meta", why="refused")
        assert "request limit" in failing["detail"]
        assert hooks.send(mention_of(102)) == 200 and hooks.send(post_of("Acme, detrás")) == 200
        until(lambda: "Acme, detrás" in hooks.texts() and hooks.waiting() == 2)
        assert graph.asked == ["101"]  # what came meanwhile is no reason to ask again at once
        house.ctl("poll", "meta")
        until(lambda: graph.asked == ["101", "101"])  # what is refused once a poll is not asked for again by the next row
        house.wait_source("meta", running=False, failures=2)
        graph.refuse = None
        house.ctl("poll", "meta")
        hooks.heard("Acme, en pleno", "Acme, detrás", "Acme, dice 101", "Acme, dice 102")
        house.wait_source("meta", state="ok", failures=0)
        graph.refuse = "no"
        assert hooks.send(mention_of(103)) == 200
        house.wait_source("meta", why="refused", running=False)
    with contextlib.closing(sqlite3.connect(house.state / "escuchad.db")) as db, db:
        db.execute("UPDATE inbox SET at = at - 86400000")
    with house.running(env=ENV_GRAPH):
        house.ctl("poll", "meta")
        until(lambda: not hooks.waiting())
        assert house.sql("SELECT guid FROM mention WHERE text = '' OR text IS NULL") == [("103",)]
        house.told("webhook.hydrate_given_up")
        house.told("operators.tell", kind="textless", subject="meta")
        assert house.sources()["meta"]["textless"] == 1 and "1 mention without text" in house.ctl("sources").out


def test_what_is_asked_for_keeps_to_the_budget(house, web, hooks):
    graph = Graph(house, web, hooks, budget={"calls_per_day": 2})
    with house.running(env=ENV_GRAPH):
        assert hooks.send(mention_of(1, 2, 3)) == 200
        house.wait_source("meta", why="budget")
        assert graph.asked == ["1", "2"] and hooks.waiting() == 1
        house.ctl("poll", "meta")
        until(lambda: house.source_is("meta", running=False, failures=2))
        assert graph.asked == ["1", "2"]


def test_killed_while_it_is_asked_for_nothing_is_lost_or_doubled(house, web, hooks):
    """FAULTS D3: the body stands in the inbox until all that it speaks of is known."""
    graph = Graph(house, web, hooks)
    for turn in range(6):
        house.start(env=ENV_GRAPH)
        hooks.send(mention_of(1000 + turn, (7, 2000 + turn), more=[f"Acme, en pleno {turn}"]).replace(b'"c0"', f'"c{turn}"'.encode()))
        deadline = time.monotonic() + 0.01 + 0.015 * turn
        until(lambda: time.monotonic() > deadline)
        house.kill()
    with house.running(env=ENV_GRAPH):
        house.ctl("poll", "meta")
        hooks.heard(*[f"Acme, en pleno {t}" for t in range(6)], *[f"Acme, dice {n + t}" for t in range(6) for n in (1000, 2000)])
        assert len(house.hits()) == 18


def test_a_reload_takes_and_leaves_sources(house, hooks):
    with house.running(env=ENV):
        assert hooks.send(b"{}", {"X-Telegram-Bot-Api-Secret-Token": WORD}, "bot") == 200
        hooks.sources.pop()
        hooks.configure()
        house.ctl("reload")
        assert hooks.send(b"{ }", {"X-Telegram-Bot-Api-Secret-Token": WORD}, "bot") == 404
        assert hooks.send(post_of("Acme es un fraude")) == 200
        hooks.heard("Acme es un fraude")


def test_a_source_that_nobody_can_reach_is_told(house, hooks):
    house.configure(hooks.sources)
    found = house.check(env=ENV).findings()
    assert [f["severity"] for f in found] == ["warning", "warning"] and "/in/meta" in found[0]["message"]
