"""HTTP over TCP, by the real daemon: who may do what (FAULTS A6), health and readiness (R1), metrics, what a reload changes, and
that conf/openapi.yaml, the alert rules and the dashboard say what is."""
import copy
import http.client
import json
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest
import yaml

from daemon import ACME, ESCUCHAD, feed, item, until

TOP = Path(__file__).resolve().parents[2]
OPENAPI = yaml.safe_load((TOP / "conf/openapi.yaml").read_text())
ROUTES = {path: methods for path, methods in OPENAPI["paths"].items() if not path.startswith(("/in/", "/a/"))}  # test_webhook, test_answers
TOKENS = {role: f"{role}-0123456789abcdef" for role in ("read", "ack", "admin")}
JSON = {"Content-Type": "application/json"}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Reply:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    def json(self):
        return json.loads(self.body)

    def lines(self):
        return [json.loads(line) for line in self.body.decode().splitlines()]

    def __repr__(self):
        return f"{self.status} {self.body[:500]}"


class Port:
    """A house with http: on a port of its own."""

    def __init__(self, house, web, tokens=True, **http):
        self.house, self.port = house, free_port()
        for role, token in TOKENS.items():
            (house.folder / role).write_text(token + "\n")
            (house.folder / role).chmod(0o600)
        web.route("/a", feed(item("http://a.example/1", "Acme, un fraude"), item("http://a.example/2", "Hoy abre Acme")))
        house.rules(acme=ACME)
        self.sources = [house.source("a", web.url("/a"))]
        self.http = {"listen": f"127.0.0.1:{self.port}", **http}
        if tokens:
            self.http["tokens"] = [self.token(role) for role in TOKENS]
        self.configure()

    @staticmethod
    def token(role, file=None):
        return {"role": role, "token": {"file": file or role}}

    def configure(self, **top):
        self.house.configure(self.sources, **({"http": self.http} if self.http else {}), **top)

    def ask(self, method, target, role=None, body=None, headers=(), port=None, token=None, host=None, timeout=60):
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=timeout)
        all_headers = {"Host": host or f"127.0.0.1:{port or self.port}", **dict(headers)}
        if token or role:
            all_headers["Authorization"] = f"Bearer {token or TOKENS[role]}"
        if body is not None and "Content-Type" not in all_headers:
            all_headers |= JSON
        try:
            connection.request(method, target, body=json.dumps(body) if body is not None else None, headers=all_headers)
            return Reply(connection.getresponse())
        finally:
            connection.close()

    def get(self, target, role="admin", **kwargs):
        return self.ask("GET", target, role, **kwargs)

    def metrics(self):
        """{'name{labels}': value}"""
        text = self.get("/metrics", "read").body.decode()
        return {k: float(v) for k, v in (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))}


@pytest.fixture
def port(house, web):
    p = Port(house, web)
    with house.running():
        house.settled()
        yield p


@pytest.fixture
def open_port(house, web):
    p = Port(house, web, tokens=False)
    with house.running():
        house.settled()
        yield p


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


# --- who may do what: FAULTS A6 ---

WHO = [  # method, target, body, the least role, what it then answers
    ("GET", "/v1/status", None, "read", 200),
    ("GET", "/v1/sources", None, "read", 200),
    ("GET", "/v1/hits", None, "read", 200),
    ("GET", "/v1/search?q=acme", None, "read", 200),
    ("GET", "/v1/mentions/" + "0" * 32, None, "read", 404),
    ("GET", "/metrics", None, "read", 200),
    ("GET", "/v1/outbox", None, "read", 409),
    ("POST", "/v1/mentions", {"text": "Acme al teléfono"}, "ack", 201),
    ("POST", "/v1/sources/poll", {"name": "a"}, "admin", 200),
    ("POST", "/v1/reload", {}, "admin", 200),
    ("POST", "/v1/outbox/requeue", {}, "admin", 409),
    ("POST", "/v1/outbox/drop", {"ids": ["1-0"]}, "admin", 409),
    ("POST", "/v1/channels/test", {"channel": "correo"}, "admin", 404),
    ("GET", "/v1/nothing", None, "read", 404),
    ("PUT", "/v1/status", None, "read", 405),
]


def test_roles(port):
    for method, target, body, least, status in WHO:
        for role in TOKENS:
            enough = list(TOKENS).index(role) >= list(TOKENS).index(least)
            answer = port.ask(method, target, role, body)
            assert answer.status == (status if enough else 403), (role, method, target, answer)
            if not enough:
                assert answer.json()["error"] == "role" and least in answer.json()["message"]


def test_strangers(port):
    for target in ("/healthz", "/readyz"):
        assert port.get(target, None).status == 200
    said = []
    for method, target, body, _, _ in WHO[:9]:  # one fewer than make an address wait
        answer = port.ask(method, target, None, body)
        said.append(answer.status)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer") and answer.json()["error"] == "token"
    assert said == [401] * 9
    assert "admin-0123456789abcdef" not in port.house.log()


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer admin", "Basic YWRtaW46", "Bearer admin-0123456789abcdeF",
                                    "Bearer admin-0123456789abcdef ñ", "admin-0123456789abcdef"])
def test_what_is_no_token(port, header):
    assert port.ask("GET", "/v1/status", headers={"Authorization": header.encode()}).status == 401


def test_a_token_may_be_said_in_its_ways_but_once(port):
    assert port.ask("GET", "/v1/status", headers={"authorization": f"bEaReR  {TOKENS['read']}"}).status == 200
    raw = (f"GET /v1/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {TOKENS['read']}\r\n"
           f"Authorization: Bearer {TOKENS['admin']}\r\n\r\n")
    with socket.create_connection(("127.0.0.1", port.port)) as s:
        s.sendall(raw.encode())
        assert s.recv(4096).startswith(b"HTTP/1.1 401")


def test_ten_failures_a_minute(port):
    started = time.monotonic()
    answers = [port.ask("GET", "/v1/status", token=f"wrong-{i}") for i in range(12)]
    assert time.monotonic() - started < 5
    assert [a.status for a in answers] == [401] * 10 + [429] * 2
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 6 and answers[-1].json()["error"] == "slower"
    assert port.get("/v1/status", "admin").status == 429  # who guesses does not learn that it guessed right
    assert port.get("/healthz", None).status == 200
    assert port.house.status()["pid"] == port.house.pid  # the socket is another door
    until(lambda: port.get("/v1/status", "admin").status == 200, "to be let in again", 10)
    assert port.house.events("serve.denied", why="token", address="127.0.0.1")
    assert len(port.house.events("serve.denied")) <= 10


@pytest.mark.parametrize("host, status", [
    ("127.0.0.1:{port}", 200), ("localhost", 200), ("LOCALHOST:{port}", 200), ("[::1]:{port}", 200), ("localhost.", 200),
    ("evil.example", 421), ("evil.example:{port}", 421), ("localhost.evil.example", 421), ("127.0.0.2", 421), ("a b", 421),
    ("localhost@evil.example", 421), ("evil.example#localhost", 421),
])
def test_hosts(port, host, status):
    for target, role in (("/v1/status", "read"), ("/healthz", None)):
        assert port.get(target, role, host=host.format(port=port.port)).status == status


@pytest.mark.parametrize("lines", [b"", b"Host: localhost\r\nHost: localhost\r\n", b"Host: localhost\r\nHost: evil.example\r\n"])
def test_a_host_is_said_once(port, lines):
    with socket.create_connection(("127.0.0.1", port.port)) as s:
        s.sendall(b"GET /healthz HTTP/1.1\r\nConnection: close\r\n" + lines + b"\r\n")
        assert s.recv(4096).startswith((b"HTTP/1.1 421", b"HTTP/1.1 400"))


def test_hosts_of_ones_own(house, web):
    p = Port(house, web, hosts=["escucha.example.com"], public_url="https://other.example.com/")
    with house.running():
        assert p.get("/healthz", None, host="escucha.example.com").status == 200
        assert p.get("/healthz", None, host="localhost").status == 421
        assert p.get("/healthz", None, host="other.example.com").status == 421
        del p.http["hosts"]
        p.configure()
        house.ctl("reload")
        assert p.get("/healthz", None, host="other.example.com").status == 200


def test_on_loopback_without_tokens_everybody_may(open_port):
    for method, target, body, _, status in WHO:
        assert open_port.ask(method, target, None, body).status == status, target
    for content_type in ("text/plain", "application/x-www-form-urlencoded"):  # what a page can send without being asked
        assert open_port.ask("POST", "/v1/reload", None, {}, {"Content-Type": content_type}).status == 415
    assert open_port.ask("GET", "/v1/status", host="rebound.example").status == 421


def test_an_open_door_is_a_mistake(house, web):
    p = Port(house, web, tokens=False)
    p.http["listen"] = f"0.0.0.0:{p.port}"
    p.configure()
    [finding] = house.check(code=1).findings()
    assert finding["key"] == "http.listen" and "tokens" in finding["message"] and finding["line"]
    assert house.run(ESCUCHAD, "-c", house.config, code=78) and not listens(p.port)
    p.http["tokens"] = [p.token("read")]
    p.configure()
    house.check()


def test_every_address(house, web):
    p = Port(house, web)
    p.http["listen"] = f"0.0.0.0:{p.port}"
    p.configure()
    with house.running():
        assert p.get("/v1/status", "read").status == 200  # the address that it came to
        assert p.get("/v1/status", "read", host="127.0.0.9").status == 421


def test_the_socket_needs_no_token(port):
    assert port.house.status()["pid"] == port.house.pid
    assert (port.house.state / "escuchad.sock").stat().st_mode & 0o777 == 0o660


def test_without_http_there_is_no_port(house, web):
    p = Port(house, web)
    p.http = None
    p.configure()
    with house.running():
        assert not listens(p.port)
        inodes = {line.split()[9] for f in ("tcp", "tcp6") for line in Path(f"/proc/{house.pid}/net/{f}").read_text().splitlines()[1:]
                  if line.split()[3] == "0A"}
        links = [str(fd.readlink()) for fd in Path(f"/proc/{house.pid}/fd").iterdir()]
        assert not [link for link in links if link.startswith("socket:[") and link[8:-1] in inodes]


# --- reload ---

def test_a_reload_changes_the_tokens(port):
    connection = http.client.HTTPConnection("127.0.0.1", port.port, timeout=60)
    admin = {"Authorization": f"Bearer {TOKENS['admin']}"}
    connection.request("GET", "/v1/status", headers=admin)
    assert Reply(connection.getresponse()).status == 200
    follower = socket.create_connection(("127.0.0.1", port.port), timeout=20)
    follower.sendall(f"GET /v1/hits?follow=1 HTTP/1.1\r\nHost: localhost\r\nAuthorization: {admin['Authorization']}\r\n\r\n".encode())
    data = follower.recv(65536)
    while b"heartbeat" not in data:
        data += follower.recv(65536)
    (port.house.folder / "new").write_text("new-0123456789abcdef")
    (port.house.folder / "new").chmod(0o600)
    port.http["tokens"] = [port.token("read"), port.token("admin", "new")]
    port.configure()
    port.house.ctl("reload")
    connection.request("GET", "/v1/status", headers=admin)  # on the connection that was there before
    assert Reply(connection.getresponse()).status == 401
    while follower.recv(65536):
        pass  # it is cut
    assert port.ask("POST", "/v1/reload", None, {}, token="new-0123456789abcdef").status == 200
    assert port.get("/v1/status", "read").status == 200


def test_a_reload_moves_the_address(port):
    old, port.port = port.port, free_port()
    port.http["listen"] = f"127.0.0.1:{port.port}"
    port.configure()
    answer = port.ask("POST", "/v1/reload", "admin", {}, port=old)  # answered where it was asked
    assert answer.status == 200 and not [f for f in answer.json()["findings"] if f["severity"] != "note"]
    assert port.get("/v1/status", "read").status == 200
    until(lambda: not listens(old), "the old address to close")
    port.http = None
    port.configure()
    port.house.ctl("reload")
    until(lambda: not listens(port.port), "the address to close")
    port.http = {"listen": f"127.0.0.1:{port.port}"}
    port.configure()
    port.house.ctl("reload")
    assert port.get("/v1/status", None).status == 200


def test_an_address_that_is_taken_is_told(port):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port.http["listen"] = f"127.0.0.1:{other.getsockname()[1]}"
        port.configure()
        [finding] = port.house.ctl("reload", "--json", code=78).findings()
        assert finding["key"] == "http.listen" and finding["line"] and str(other.getsockname()[1]) in finding["message"]
        assert port.get("/v1/status", "read").status == 200
        assert port.metrics()["escuchad_config_last_reload_successful"] == 0
    port.house.ctl("reload")  # now it is free
    assert port.get("/v1/status", "read", port=int(port.http["listen"].split(":")[1])).status == 200


def test_an_address_that_is_taken_at_the_start_is_told(house, web):
    p = Port(house, web)
    with socket.socket() as other:
        other.bind(("127.0.0.1", p.port))
        other.listen()
        done = house.run(ESCUCHAD, "-c", house.config, code=75)
        assert str(p.port) in done.err


# --- health ---

def test_alive_and_ready(port):
    assert port.get("/healthz", None).json() == {"alive": True}
    assert port.get("/readyz", None).json() == {"ready": True}


def test_redis_away(house, web):  # FAULTS R1
    p = Port(house, web)
    p.configure(queue={"redis": f"unix://{house.folder}/nobody.sock"})
    with house.running():
        until(lambda: p.metrics()["escuchad_outbox_rows"] == 2, "two hits to wait")
        assert p.get("/healthz", None).status == 200
        answer = p.get("/readyz", None)
        assert answer.status == 503 and [r["reason"] for r in answer.json()["reasons"]] == ["queue"]
        assert answer.json()["ready"] is False and answer.json()["reasons"][0]["message"]
        m = p.metrics()
        assert m["escuchad_ready"] == 0 and m["escuchad_queue_connected"] == 0 and m["escuchad_outbox_oldest_seconds"] >= 0


# --- metrics ---

def test_metrics_count(port, web):
    house = port.house
    web.route("/a", feed(item("http://a.example/3", "Acme: un robo"), item("http://a.example/1", "Acme, un fraude")))
    house.poll("a")
    web.route("/a", code=404)
    house.poll("a")
    house.ctl("add", "Acme, un fraude")
    m = port.metrics()
    polls = {r: m.get(f'escuchad_polls_total{{source="a",result="{r}"}}', 0) for r in ("ok", "failed")}
    assert polls == {"ok": 2, "failed": 1}
    assert m['escuchad_poll_failures_total{class="http_404"}'] == 1
    assert m["escuchad_poll_duration_seconds_count"] == 3
    assert m['escuchad_mentions_total{source="a"}'] == 3 and m['escuchad_items_total{source="a"}'] == 4
    assert m['escuchad_hits_total{topic="acme",rule="fraud"}'] == 3  # one by hand
    assert m['escuchad_hits_total{topic="acme",rule=""}'] == 1
    assert m['escuchad_sources{state="failing"}'] == 1
    assert abs(m['escuchad_source_last_success_timestamp_seconds{source="a"}'] - time.time()) < 600
    assert m["escuchad_log_mentions"] == 4 and m["escuchad_log_hits"] == 4 and m["escuchad_log_up"] == 1
    assert m["escuchad_readers"] == 2 and m["escuchad_topics"] == 1 and m["escuchad_ready"] == 1
    assert m['escuchad_http_requests_total{route="/v1/mentions",status="201"}'] == 1
    assert [k for k in m if re.fullmatch(r'escuchad_build_info\{version="[0-9.]+"\}', k)]
    assert m["escuchad_config_last_reload_successful"] == 1
    house.rules(acme="topic: [")
    house.ctl("reload", code=78)
    assert port.metrics()["escuchad_config_last_reload_successful"] == 0
    house.rules(acme=ACME)
    before = time.time()
    house.ctl("reload")
    m = port.metrics()
    assert m["escuchad_config_last_reload_successful"] == 1
    assert m["escuchad_config_last_reload_success_timestamp_seconds"] >= int(before)


def test_a_reader_that_dies_is_counted(port):
    import os
    import signal
    os.kill(port.house.two_readers()[0], signal.SIGKILL)
    until(lambda: port.metrics()["escuchad_reader_restarts_total"] == 1, "the restart to be counted")


@pytest.mark.skipif(not shutil.which("promtool"), reason="no promtool")
def test_prometheus_takes_them(port):
    answer = port.get("/metrics", "read")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    r = subprocess.run(["promtool", "check", "metrics"], input=answer.body, capture_output=True)
    assert r.returncode == 0 and not r.stderr and not r.stdout, r
    r = subprocess.run(["promtool", "check", "rules", TOP / "conf/escuchad.rules.yml"], capture_output=True, text=True)
    assert r.returncode == 0 and "SUCCESS" in r.stdout, r


@pytest.mark.skipif(not shutil.which("promtool"), reason="no promtool")
def test_notices_that_do_not_get_through_wake_somebody(tmp_path):
    """FAULTS O8"""
    job = {"job": "escuchad", "instance": "i"}

    def series(result, channel, values):
        return {"series": f'escuchad_notices_total{{job="escuchad",instance="i",channel="{channel}",result="{result}"}}', "values": values}

    def rules(at, alert, severity, there):
        expected = [{"exp_labels": {**job, "severity": severity}}] if there else []
        return {"eval_time": at, "alertname": alert, "exp_alerts": expected}
    alerts = yaml.safe_load((TOP / "conf/escuchad.rules.yml").read_text())
    for group in alerts["groups"]:
        for rule in group["rules"]:
            rule.pop("annotations", None)
    (tmp_path / "rules.yml").write_text(yaml.dump(alerts))
    fail, lost = ("EscuchadNoticesFail", "warning"), ("EscuchadNoticesLost", "critical")
    tests = [
        {"input_series": [series("away", "correo", "0+1x60"), series("sent", "correo", "0x60"), series("undelivered", "", "0x60")],
         "alert_rule_test": [rules("30m", *fail, True), rules("30m", *lost, False)]},
        {"input_series": [series("away", "correo", "0+1x60"), series("sent", "otro", "0+1x60"), series("undelivered", "", "0x60")],
         "alert_rule_test": [rules("30m", *fail, False), rules("30m", *lost, False)]},
        {"input_series": [series("undelivered", "", "0x10 1x50")],
         "alert_rule_test": [rules("5m", *lost, False), rules("30m", *lost, True), rules("30m", *fail, False)]},
    ]
    (tmp_path / "test.yml").write_text(yaml.dump({"rule_files": ["rules.yml"], "evaluation_interval": "1m",
                                                  "tests": [{"interval": "1m", **t} for t in tests]}))
    r = subprocess.run(["promtool", "test", "rules", tmp_path / "test.yml"], capture_output=True, text=True)
    assert r.returncode == 0, r.stdout + r.stderr


def test_every_metric_stands_in_the_manual(port):
    port.house.poll("a")
    text = port.get("/metrics", "read").body.decode()
    there = {*re.findall(r"^# TYPE (\S+)", text, flags=re.M), "escuchad_poll_failures_total", "escuchad_source_deaf_seconds",
             "escuchad_rule_limits_total", "escuchad_source_token_end_timestamp_seconds",
             "escuchad_source_budget_left_ratio"}  # and what shows only once it happens
    page = (TOP / "daemon/main/escuchad.8.scd").read_text().split("# WATCHING IT")[1].split("\n# ")[0]
    told = {name for row in re.findall(r"^(\*\w.+)$", page.replace("\\", ""), flags=re.M) for name in re.findall(r"\*(\w+)\*", row)}
    assert len(told) > 20 and told == there


def test_rules_and_dashboard_ask_for_what_there_is(port):
    port.house.poll("a")
    text = port.get("/metrics", "read").body.decode()
    there = set(re.findall(r"^# TYPE (\S+)", text, flags=re.M)) | {"up"}
    there |= {f"{name}_bucket" for name in re.findall(r"^# TYPE (\S+) histogram", text, flags=re.M)}
    there |= {"escuchad_poll_failures_total", "escuchad_source_deaf_seconds",
             "escuchad_rule_limits_total"}  # and what shows only once it happens  # none has failed
    rules = [r["expr"] for g in yaml.safe_load((TOP / "conf/escuchad.rules.yml").read_text())["groups"] for r in g["rules"]]
    board = json.loads((TOP / "conf/dashboard.json").read_text())
    asked = [t["expr"] for p in board["panels"] for t in p["targets"]]
    assert len(rules) > 5 and len(asked) > 15
    named = {n for e in rules + asked for n in re.findall(r"\b(?:escuchad|process|up)\w*(?=[{\s\[)]|$)", re.sub(r'"[^"]*"', '""', e))}
    assert named >= {"escuchad_ready", "escuchad_hits_total", "up"}
    assert not named - there
    assert [t["query"]["query"] for t in board["templating"]["list"] if t["name"] == "instance"] == ["label_values(escuchad_build_info, instance)"]


# --- the description ---

def strict(schema):
    """The same, where what is not described is wrong."""
    if isinstance(schema, dict):
        schema = {k: strict(v) for k, v in schema.items()}
        if schema.get("type") == "object" and "properties" in schema:
            schema.setdefault("additionalProperties", False)
    elif isinstance(schema, list):
        schema = [strict(x) for x in schema]
    return schema


class Described:
    """Asks, and holds each answer to the description."""

    def __init__(self, port):
        self.jsonschema = pytest.importorskip("jsonschema")
        self.port, self.seen = port, set()
        self.whole = strict(copy.deepcopy(OPENAPI))

    def validate(self, value, schema):
        schema = {**schema, "components": self.whole["components"]}
        self.jsonschema.Draft4Validator(schema).validate(value)

    def ask(self, method, path, status, role="admin", body=None, target=None, **kwargs):
        answer = self.port.ask(method, target or path, role, body, **kwargs)
        assert answer.status == status, (method, path, answer)
        responses = self.whole["paths"][path][method.lower()]["responses"]
        assert str(status) in responses, f"{method} {path} may answer {status}, and conf/openapi.yaml doesn't say so"
        self.seen.add((path, method.lower(), str(status)))
        described = responses[str(status)]
        if "$ref" in described:
            described = self.whole["components"]["responses"][described["$ref"].rsplit("/", 1)[1]]
        kind = answer.headers["Content-Type"].split(";")[0]
        schema = described["content"][kind]["schema"]
        if kind == "application/json":
            self.validate(answer.json(), schema)
        elif kind == "application/x-ndjson":
            assert answer.lines() or not kwargs.get("lines")
            for line in answer.lines():
                self.validate(line, schema)
        return answer


def test_the_description_is_sound():
    jsonschema = pytest.importorskip("jsonschema")
    assert OPENAPI["openapi"].startswith("3.0.")
    for schema in OPENAPI["components"]["schemas"].values():
        jsonschema.Draft4Validator.check_schema(schema)
    refs = re.findall(r"#/components/(\w+)/(\w+)", (TOP / "conf/openapi.yaml").read_text())
    assert refs and not [r for r in refs if r[1] not in OPENAPI["components"][r[0]]]
    ids = [o["operationId"] for p in OPENAPI["paths"].values() for o in p.values()]
    assert len(ids) == len(set(ids))


def test_every_route_is_described():
    code = (TOP / "daemon/serve/route.c").read_text()
    routes = set(re.findall(r'\{"(/[^"]*)", \w+, EVHTTP_REQ_(\w+), (\w+), \w+, \{([^}]*)\}\}', code))
    described = {(path, method.upper()): o for path, methods in ROUTES.items() for method, o in methods.items()}
    assert len(routes) > 8
    assert {(p + "{id}" if p.endswith("/") else p, m) for p, m, _, _ in routes} == set(described)
    for path, method, role, parameters in routes:
        o = described[(path + "{id}" if path.endswith("/") else path, method)]
        assert (o.get("security") == []) == (role == "ANYBODY")
        assert role == "ANYBODY" or f"role {role.lower()}." in o["summary"]
        assert {p["name"] for p in o.get("parameters", []) if p["in"] == "query"} == set(re.findall(r'"(\w+)"', parameters))


def test_every_answer_is_as_described(house, web):
    p = Port(house, web)
    p.configure(queue={"redis": f"unix://{house.folder}/nobody.sock"})
    web.route("/gone", code=410)
    p.sources.append(house.source("gone", web.url("/gone")))
    p.configure(queue={"redis": f"unix://{house.folder}/nobody.sock"},
                channels=[{"name": "correo", "kind": "smtp", "url": "smtp://127.0.0.1:9", "from": "e@example.com"},
                          {"name": "bot", "kind": "telegram", "token": {"env": "HOME"}, "api": "https://127.0.0.1:9"}],
                people=[{"name": "luis", "reach": [{"correo": "luis@example.com"}]}, {"name": "ana", "reach": [{"bot": "paired"}]}],
                operators=["luis"])
    d = Described(p)
    with house.running():
        house.settled()
        for path, methods in ROUTES.items():
            for method, o in methods.items():
                target = path.format(id="0" * 32)
                body = {} if method == "post" else None
                d.ask(method.upper(), path, 421, body=body, target=target, host="evil.example")
                if "403" in o["responses"]:
                    d.ask(method.upper(), path, 403, "read", body, target + ("?names=1" if path == "/v1/export" else ""))
                if "415" in o["responses"]:
                    d.ask(method.upper(), path, 415, body=body, target=target, headers={"Content-Type": "text/plain"})
        d.ask("GET", "/healthz", 200, None)
        d.ask("GET", "/readyz", 503, None)
        d.ask("GET", "/metrics", 200)
        d.ask("GET", "/v1/status", 200)
        d.ask("GET", "/v1/status", 400, target="/v1/status?x=1")
        d.ask("GET", "/v1/sources", 200)
        d.ask("GET", "/v1/sources", 400, target="/v1/sources?limit=0")
        d.ask("GET", "/v1/coverage", 200)
        d.ask("GET", "/v1/coverage", 400, target="/v1/coverage?since=7")
        d.ask("GET", "/v1/topics", 200)
        d.ask("POST", "/v1/incidents", 200, "ack", {"do": "open", "topic": "acme", "who": "ana"})
        d.ask("POST", "/v1/incidents", 409, "ack", {"do": "open", "topic": "acme", "who": "ana"})
        d.ask("POST", "/v1/incidents", 404, "ack", {"do": "ack", "incident": 7, "who": "ana"})
        for wrong in ({"do": "dance", "who": "ana"}, {"do": "ack", "who": "ana"}, {"do": "ack", "incident": 0, "who": "ana"},
                      {"do": "note", "incident": 1, "who": "ana"}, {"do": "ack", "incident": 1}, {"do": "open", "who": "ana"},
                      {"do": "open", "topic": "acme", "incident": 1, "who": "ana"}):
            d.ask("POST", "/v1/incidents", 400, "ack", wrong)
        assert [i["incident"] for i in d.ask("GET", "/v1/incidents", 200, target="/v1/incidents?open=1").lines()] == [1]
        d.ask("GET", "/v1/incidents", 400, target="/v1/incidents?open=x")
        assert d.ask("GET", "/v1/incidents/{id}", 200, target="/v1/incidents/1").json()["events"][0]["what"] == "opened"
        d.ask("GET", "/v1/incidents/{id}", 404, target="/v1/incidents/7")
        d.ask("GET", "/v1/incidents/{id}", 400, target="/v1/incidents/x")
        d.ask("GET", "/v1/dossiers/{id}", 200, target="/v1/dossiers/1")
        d.ask("GET", "/v1/dossiers/{id}", 404, target="/v1/dossiers/7")
        d.ask("GET", "/v1/dossiers/{id}", 400, target="/v1/dossiers/x")
        d.ask("GET", "/v1/digest", 200, target="/v1/digest?of=luis&since=7d")
        d.ask("GET", "/v1/digest", 200, target="/v1/digest?of=acme")
        d.ask("GET", "/v1/digest", 404, target="/v1/digest?of=nadie")
        d.ask("GET", "/v1/digest", 400)
        d.ask("POST", "/v1/sources/poll", 200, body={"name": "a"})
        d.ask("POST", "/v1/sources/poll", 404, body={"name": "nobody"})
        d.ask("POST", "/v1/sources/poll", 400, body={"nam": "a"})
        assert d.ask("POST", "/v1/channels/test", 200, body={"channel": "correo", "person": "luis"}).json()["result"] == "away"
        d.ask("POST", "/v1/channels/test", 404, body={"channel": "otro"})
        d.ask("POST", "/v1/channels/test", 400, body={"person": "luis"})
        d.ask("POST", "/v1/canary", 200, body={"within": "1s"})
        d.ask("POST", "/v1/canary", 400, body={"x": 1})
        hits = d.ask("GET", "/v1/hits", 200).lines()
        assert len(hits) == 2
        d.ask("GET", "/v1/hits", 400, target="/v1/hits?after=x")
        until(lambda: d.ask("GET", "/v1/search", 200, target="/v1/search?q=acme").lines(), "the index to know them")
        d.ask("GET", "/v1/search", 400)
        added = d.ask("POST", "/v1/mentions", 201, "ack", {"text": "Acme", "title": "T", "author": "Ana", "url": "https://e.example/"})
        d.ask("POST", "/v1/mentions", 400, "ack", {"text": ""})
        d.ask("GET", "/v1/mentions/{id}", 200, target="/v1/mentions/" + added.json()["id"])
        d.ask("GET", "/v1/mentions/{id}", 200, target="/v1/mentions/" + hits[0]["id"])
        d.ask("GET", "/v1/mentions/{id}", 404, target="/v1/mentions/" + "0" * 32)
        d.ask("GET", "/v1/mentions/{id}", 400, target="/v1/mentions/x")
        d.ask("GET", "/v1/stories", 200)
        d.ask("GET", "/v1/stories", 400, target="/v1/stories?since=ayer")
        d.ask("GET", "/v1/authors", 200, target="/v1/authors?topic=acme")
        d.ask("GET", "/v1/authors", 400, target="/v1/authors?topic=No Topic".replace(" ", "%20"))
        d.ask("POST", "/v1/tone", 200, "ack", {"id": hits[0]["id"], "label": "negative"})
        d.ask("POST", "/v1/tone", 404, "ack", {"id": "0" * 32, "label": "negative"})
        d.ask("POST", "/v1/tone", 400, "ack", {"id": hits[0]["id"], "label": "bad"})
        assert d.ask("GET", "/v1/export", 200, target="/v1/export?topic=acme&since=1d&until=0s").lines()
        assert d.ask("GET", "/v1/export", 200, target="/v1/export?limit=1").lines()[-1].keys() == {"next"}
        d.ask("GET", "/v1/export", 400, target="/v1/export?sentiment=bad")
        d.ask("GET", "/v1/export", 400, target="/v1/export?since=ayer")
        assert d.ask("GET", "/v1/tones", 200).lines()
        d.ask("GET", "/v1/tones", 400, target="/v1/tones?limit=x")
        d.ask("POST", "/v1/forget", 200, body={"author": "@nadie"})
        d.ask("POST", "/v1/forget", 404, body={"author": "@nadie", "welcome": True})
        d.ask("POST", "/v1/forget", 400, body={"autor": "@nadie"})
        d.ask("POST", "/v1/reload", 200, body={})
        d.ask("POST", "/v1/reload", 400, body={"x": 1})
        house.rules(acme="topic: [")
        d.ask("POST", "/v1/reload", 422, body={})
        house.rules(acme=ACME)
        assert len(d.ask("GET", "/v1/outbox", 200).lines()) == 3
        d.ask("GET", "/v1/outbox", 400, target="/v1/outbox?limit=x")
        d.ask("POST", "/v1/mutes", 409, "ack", {"do": "unmute", "topic": "acme", "who": "ana"})
        d.ask("POST", "/v1/mutes", 200, "ack", {"do": "mute", "topic": "acme", "for": "2h", "who": "ana", "why": "obras"})
        for wrong in ({"do": "mute", "topic": "acme", "who": "ana"}, {"do": "mute", "topic": "acme", "who": "ana", "for": "soon"},
                      {"do": "mute", "topic": "acme", "for": "2h"}, {"do": "hush", "topic": "acme", "for": "2h", "who": "ana"},
                      {"do": "mute", "topic": "acme", "for": "2h", "who": "ana", "severity": "mild"}):
            d.ask("POST", "/v1/mutes", 400, "ack", wrong)
        d.ask("GET", "/v1/status", 200)
        d.ask("POST", "/v1/pairs", 200, body={"do": "pair", "person": "ana"})
        d.ask("POST", "/v1/pairs", 409, body={"do": "pair", "person": "luis"})  # a mailbox is no chat
        d.ask("POST", "/v1/pairs", 404, body={"do": "pair", "person": "nadie"})
        d.ask("POST", "/v1/pairs", 400, body={"do": "hug", "person": "ana"})
        d.ask("POST", "/v1/pairs", 409, body={"do": "unpair", "person": "ana"})
        d.ask("POST", "/v1/outbox/requeue", 200, body={"since": "1h"})
        d.ask("POST", "/v1/outbox/requeue", 400, body={"since": "soon"})
        assert d.ask("POST", "/v1/outbox/drop", 200, body={"ids": [hits[0]["cursor"]]}).json() == {"dropped": 1}
        d.ask("POST", "/v1/outbox/drop", 400, body={"ids": []})
        p.configure()
        d.ask("POST", "/v1/reload", 200, body={})
        until(lambda: p.get("/readyz", None).status == 200)
        d.ask("GET", "/readyz", 200, None)
        d.ask("GET", "/v1/outbox", 409)
        d.ask("POST", "/v1/outbox/requeue", 409, body={})
        d.ask("POST", "/v1/outbox/drop", 409, body={"ids": [hits[1]["cursor"]]})
        guarded = [(path, m) for path, methods in ROUTES.items() for m, o in methods.items() if "401" in o["responses"]]
        for path, method in guarded[:10]:
            d.ask(method.upper(), path, 401, None, {} if method == "post" else None, path.format(id="0" * 32))
        d.seen |= {(path, method, "401") for path, method in guarded[10:]}  # ten wrong ones, and an address has to wait
        for path, method in guarded:
            d.ask(method.upper(), path, 429, "admin", {} if method == "post" else None, path.format(id="0" * 32))
    promised = {(path, m, s) for path, methods in ROUTES.items() for m, o in methods.items() for s in o["responses"]
                if s != "default"}
    assert promised - d.seen == {("/v1/hits", "get", "503"), ("/v1/mentions", "post", "503")}  # of too much at once: test_serve.py
