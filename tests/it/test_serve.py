"""serve/ over its Unix socket, driven by tests/tools/serve_canned: what it answers, and what it bears (FAULTS A1 to A5),
and by TCP where that is another door. Who may come in by it is test_http.py's."""
import contextlib
import json
import os
import resource
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

BUILD = Path(os.environ.get("ESCUCHAD_BUILD", "build"))
CANNED = BUILD / "tests/tools/serve_canned"
REQUEST_MS, ANSWER_MS, HEARTBEAT_MS = 800, 1500, 400
PATIENCE = 5 if CANNED.exists() and b"__asan_init" in CANNED.read_bytes() else 1


class Canned:
    def __init__(self, folder, *times, preexec=None, port=None):
        self.path = str(folder / "s")
        self.log = folder / "log"
        self.port = port
        if port:
            (folder / "http.yaml").write_text(f"listen: '127.0.0.1:{port}'\n")
            times = [*times, folder / "http.yaml"]
        self.process = subprocess.Popen([CANNED, self.path, *map(str, times)], stdout=subprocess.PIPE,
                                        stderr=open(self.log, "w"), preexec_fn=preexec, env=dict(os.environ, LC_ALL="C"))
        assert self.process.stdout.readline() == b"ready\n", self.log.read_text()

    def connect(self, timeout=10):
        s = socket.socket(socket.AF_INET if self.port else socket.AF_UNIX)
        s.settimeout(timeout)
        s.connect(("127.0.0.1", self.port) if self.port else self.path)
        return s

    def raw(self, request, timeout=10):
        """Everything that comes back until the other side closes."""
        with self.connect(timeout) as s:
            s.sendall(request)
            return read_all(s)

    def ask(self, method, target, body=None, headers=()):
        lines = [f"{method} {target} HTTP/1.1", "Host: localhost", "Connection: close", *headers]
        data = b""
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            lines += [f"Content-Length: {len(data)}"]
            if not any(h.lower().startswith("content-type") for h in headers):
                lines += ["Content-Type: application/json"]
        return Answer(self.raw("\r\n".join(lines).encode() + b"\r\n\r\n" + data))

    def get(self, target):
        return self.ask("GET", target)

    def post(self, target, body):
        return self.ask("POST", target, body)

    def poll(self, name):
        assert self.post("/v1/sources/poll", {"name": name}).status == 200

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(20)
        log = self.log.read_text()
        assert code == 0 and "Sanitizer" not in log and "runtime error" not in log, log
        assert not os.path.exists(self.path)


class Answer:
    def __init__(self, raw):
        head, _, self.body = raw.partition(b"\r\n\r\n")
        first, *rest = head.decode().split("\r\n")
        assert first.startswith("HTTP/1.1 "), raw[:200]
        self.status = int(first.split()[1])
        self.headers = {k.lower(): v for k, v in (h.split(": ", 1) for h in rest)}
        if self.headers.get("transfer-encoding") == "chunked":
            self.body = dechunk(self.body)

    def json(self):
        return json.loads(self.body)

    def lines(self):
        return [json.loads(line) for line in self.body.decode().splitlines()]


def read_all(s):
    parts = []
    while True:
        try:
            part = s.recv(65536)
        except ConnectionResetError:
            break
        if not part:
            break
        parts.append(part)
    return b"".join(parts)


def dechunk(data):
    out = b""
    while data:
        size, _, data = data.partition(b"\r\n")
        n = int(size, 16)
        out, data = out + data[:n], data[n + 2:]
        if n == 0:
            break
    return out


def cpu_s(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_for(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.02)


@pytest.fixture
def canned(tmp_path):
    c = Canned(tmp_path)
    yield c
    c.end()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture(params=["unix", "tcp"])
def hasty(tmp_path, request):
    c = Canned(tmp_path, REQUEST_MS, ANSWER_MS, HEARTBEAT_MS, port=free_port() if request.param == "tcp" else None)
    yield c
    c.end()


def test_routes(canned):
    assert os.stat(canned.path).st_mode & 0o7777 == 0o660
    status = canned.get("/v1/status")
    assert status.status == 200 and status.json()["pid"] == 4711
    assert status.headers["content-type"] == "application/json"
    assert [s["name"] for s in canned.get("/v1/sources").lines()] == ["hn", "muro", "prensa-ñ"]
    assert [s["name"] for s in canned.get("/v1/sources?after=hn&limit=1").lines()] == ["muro"]
    assert [s["name"] for s in canned.get("/v1/sources?state=new").lines()] == ["hn"]
    assert canned.post("/v1/sources/poll", {"name": "prensa"}).json() == {"polled": 1}
    assert canned.post("/v1/sources/poll", {"all": True}).json() == {"polled": 3}
    assert canned.post("/v1/sources/poll", {"name": "nadie"}).status == 404
    assert canned.get("/v1/search?q=acme%20fraude&limit=2").lines()[1]["title"] == "Acme 1"
    assert canned.get("/v1/mentions/" + "0" * 31 + "1").json()["title"] == "Acme 1"
    assert canned.get("/v1/mentions/" + "f" * 32).status == 404
    added = canned.post("/v1/mentions", {"text": "Llamó una clienta", "topic": "acme"})
    assert added.status == 201 and added.json()["text"] == "Llamó una clienta"


def test_hits_by_cursor_and_topic(canned):
    for _ in range(5):
        canned.poll("hit")
    hits = canned.get("/v1/hits?limit=2").lines()
    assert [h["cursor"] for h in hits] == ["1003-0", "1004-0"]
    assert list(hits[0])[0] == "cursor"
    assert [h["cursor"] for h in canned.get("/v1/hits?after=1000-0&topic=acme").lines()] == ["1001-0", "1003-0"]


def test_a_reload_says_when_it_is_done_or_why_not(canned):
    assert canned.post("/v1/reload", b"").json() == {"findings": []}
    canned.poll("break")
    answer = canned.post("/v1/reload", b"{}")
    assert answer.status == 422
    assert answer.json()["findings"][0] == {
        "severity": "error", "file": "rules/acme.yaml", "line": 7, "column": 3, "key": "rules[0].when",
        "message": 'unknown key "nmae"; did you mean "name"?'}


@pytest.mark.parametrize("target", [
    "/", "/v1", "/v1/status/", "/v1//status", "/v1/statuſ", "/v1/status%20", "/v1/%73tatus", "/v1/status;x", "/V1/STATUS",
    "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//evil/v1/status", "http://localhost/v1/status", "/v1/status%00",
    "/v1/mentions/", "/v1/mentions/" + "0" * 32 + "/x", "/v1/status#x",
])
def test_a_path_is_exact(canned, target):  # FAULTS A5
    assert canned.get(target).status in (400, 404)


@pytest.mark.parametrize("target", [
    "/v1/status?x=1", "/v1/hits?limit=0", "/v1/hits?limit=1001", "/v1/hits?limit=1&limit=2", "/v1/hits?after=x",
    "/v1/hits?topic=%00", "/v1/search?q=%00", "/v1/search?q=", "/v1/search", "/v1/search?q=%ff", "/v1/hits?folow=1",
    "/v1/mentions/" + "0" * 31, "/v1/mentions/" + "0" * 31 + "A", "/v1/mentions/%30",
])
def test_parameters_are_judged(canned, target):
    answer = canned.get(target)
    assert answer.status == 400 and answer.json()["error"] == "invalid" and answer.json()["message"]


def test_methods(canned):
    answer = canned.ask("PUT", "/v1/status")
    assert answer.status == 405 and answer.headers["allow"] == "GET"
    assert canned.get("/v1/reload").status == 405
    assert canned.ask("DELETE", "/v1/mentions", b"").status in (400, 405)
    assert canned.ask("OPTIONS", "/v1/status").status == 405
    for method in ("TRACE", "BREW"):
        assert canned.ask(method, "/v1/status").status == 501, method
    with canned.connect() as s:  # evhttp takes it for a proxy's, whose Connection header doesn't count
        s.sendall(b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\n")
        assert s.recv(65536).startswith(b"HTTP/1.1 501")


def test_a_post_must_be_json(canned):
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "application/jsonp"):
        assert canned.ask("POST", "/v1/reload", b"{}", [f"Content-Type: {content_type}"]).status == 415
    assert canned.ask("POST", "/v1/reload", headers=["Content-Length: 0"]).status == 415
    assert canned.ask("POST", "/v1/reload", b"{}", ["Content-Type: application/json; charset=utf-8"]).status == 200
    assert canned.post("/v1/reload", {"force": 1}).status == 400
    assert canned.post("/v1/mentions", {"text": "x", "url": "javascript:alert(1)"}).status == 400


HEAD = b"POST /v1/reload HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize("request_, statuses", [
    (HEAD + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", (400,)),
    (HEAD + b"Content-Length: 2\r\ncontent-length: 5\r\n\r\n{}", (400,)),
    (HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", (400,)),
    (HEAD + b"Content-Length: -1\r\n\r\n", (400,)),
    (HEAD + b"Content-Length: 99999999999\r\n\r\n", (413,)),
    (HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffffff\r\n", (413,)),
    (b"GET /v1/status HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", (400,)),
    (b"GET /v1/status HTTP/2.0\r\n\r\n", (400,)),
    (b"GET /v1/status HTTP/1.1\r\nX: " + b"x" * 9000 + b"\r\n\r\n", (400,)),
    (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n", (400,)),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", (400,)),
])
def test_lengths_and_sizes(canned, request_, statuses):  # FAULTS A4
    assert Answer(canned.raw(request_)).status in statuses
    assert canned.get("/v1/status").status == 200


def test_requests_in_a_row_on_one_connection(canned):
    one = b"GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /v1/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert canned.raw(one * 20 + last).count(b"HTTP/1.1 200 OK") == 21


def test_slowloris_is_closed(hasty):  # FAULTS A1
    started = time.monotonic()
    with hasty.connect() as s:
        try:
            for byte in b"GET /v1/status HTTP/1.1\r\n" + b"X: y\r\n" * 1000:
                s.send(bytes([byte]))
                time.sleep(0.01)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert read_all(s) == b""
    assert REQUEST_MS / 1000 * 0.9 < time.monotonic() - started < REQUEST_MS / 1000 + 2


def test_an_idle_connection_is_closed_and_a_busy_one_not(hasty):
    with hasty.connect() as idle, hasty.connect() as busy:
        for _ in range(8):
            busy.sendall(b"GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert busy.recv(65536).startswith(b"HTTP/1.1 200")
            time.sleep(0.25)
        assert idle.recv(1) == b""


def test_an_answer_may_come_later_or_too_late(hasty):
    assert hasty.post("/v1/sources/poll", {"name": "later"}).json() == {"late": True}
    answer = hasty.post("/v1/sources/poll", {"name": "never"})
    assert answer.status == 504 and answer.json()["error"] == "late"
    hasty.poll("prensa")  # the op's own answer goes nowhere, at the latest when the program ends


def test_the_client_may_go_before_the_answer(hasty):
    for name in ("later", "never"):
        body = json.dumps({"name": name}).encode()
        with hasty.connect() as s:
            s.sendall(b"POST /v1/sources/poll HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                      b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            time.sleep(0.05)
    time.sleep(0.4)
    hasty.poll("prensa")
    time.sleep(ANSWER_MS / 1000 + 0.6)
    assert hasty.get("/v1/status").status == 200


def test_who_only_waits_makes_room(hasty):
    idle = [hasty.connect() for _ in range(64)]
    time.sleep(0.15)  # they had their moment
    for _ in range(3):
        assert hasty.get("/v1/status").status == 200
    assert "made room for another" in hasty.log.read_text()
    for s in idle:
        s.close()


def test_connections_have_a_cap(canned):
    body = b'{"name":"never"}'
    busy = [canned.connect() for _ in range(64)]
    for s in busy:  # each waits for an answer: none has to go
        s.sendall(b"POST /v1/sources/poll HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    late = canned.connect()
    late.sendall(b"GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n")
    late.settimeout(0.5)
    with pytest.raises(TimeoutError):
        late.recv(1)
    assert cpu_s(canned.process.pid) < 1
    for s in busy[:2]:
        s.close()
    late.settimeout(10)
    late.close()
    for s in busy[2:]:
        s.close()


@pytest.mark.parametrize("door", ["unix", "tcp"])
def test_two_hundred_slow_clients(tmp_path, door):  # FAULTS A1, A2: and few descriptors
    c = Canned(tmp_path, 10000, 10000, 10000, port=free_port() if door == "tcp" else None,
               preexec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (48, 48)))
    slow = [c.connect(None) for _ in range(200)]
    for i, s in enumerate(slow):
        with contextlib.suppress(OSError):
            s.sendall(b"GET /v1/sta" if i % 2 else b"")
    time.sleep(0.5)
    took = []
    for _ in range(5):
        started = time.monotonic()
        assert c.get("/v1/status").status == 200
        took.append(time.monotonic() - started)
    assert max(took) <= 1 * PATIENCE, took
    assert cpu_s(c.process.pid) < 1 * PATIENCE
    assert len(c.log.read_text().splitlines()) <= 10
    for s in slow:
        s.close()
    c.end()


@pytest.mark.parametrize("door", ["unix", "tcp"])
def test_strangers_at_one_door_leave_the_other_free(tmp_path, door):
    c = Canned(tmp_path, 10000, 10000, 10000, port=free_port())
    there, c.port = c.port, None if door == "tcp" else c.port
    body = b'{"name":"never"}'
    held = []
    for _ in range(64):
        s = socket.socket(socket.AF_INET if door == "tcp" else socket.AF_UNIX)
        s.connect(("127.0.0.1", there) if door == "tcp" else c.path)
        s.sendall(b"POST /v1/sources/poll HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                  b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        held.append(s)
    assert c.get("/v1/status").status == 200
    for s in held:
        s.close()
    c.end()


@pytest.mark.parametrize("door", ["unix", "tcp"])
def test_no_descriptors_left(tmp_path, door):  # FAULTS A2
    limit = 26
    c = Canned(tmp_path, 10000, 10000, 10000, port=free_port() if door == "tcp" else None, preexec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)))
    held = [c.connect() for _ in range(limit)]
    time.sleep(1)
    before = cpu_s(c.process.pid)
    time.sleep(2)
    assert cpu_s(c.process.pid) - before < 0.2
    for s in held:
        s.close()
    assert c.get("/v1/status").status == 200
    assert c.log.read_text().count("serve.accept_failed") <= 2
    c.end()


class Follower:
    def __init__(self, canned, query=""):
        self.socket = canned.connect()
        self.socket.sendall(f"GET /v1/hits?follow=1{query} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        self.raw = b""

    def lines(self):
        head, _, body = self.raw.partition(b"\r\n\r\n")
        lines = dechunk_partial(body).decode().split("\n")[:-1]
        return [json.loads(line) for line in lines]

    def until(self, condition, seconds=10):
        deadline = time.monotonic() + seconds
        while not condition(self.lines()):
            assert time.monotonic() < deadline, self.raw[-2000:]
            part = self.socket.recv(65536)
            assert part, self.raw[-2000:]
            self.raw += part
        return self.lines()


def dechunk_partial(data):
    out = b""
    while b"\r\n" in data:
        size, _, rest = data.partition(b"\r\n")
        n = int(size, 16)
        if len(rest) < n + 2:
            break
        out, data = out + rest[:n], rest[n + 2:]
    return out


def cursors(lines):
    return [x["cursor"] for x in lines if "cursor" in x]


def test_follow(hasty):
    hasty.poll("hit")
    f = Follower(hasty)
    acme = Follower(hasty, "&topic=acme")
    f.until(lambda lines: any("heartbeat" in x for x in lines))
    acme.until(lambda lines: any("heartbeat" in x for x in lines))
    for _ in range(4):
        hasty.poll("hit")
    assert cursors(f.until(lambda lines: len(cursors(lines)) == 5)) == [f"{1000 + i}-0" for i in range(5)]
    assert cursors(acme.until(lambda lines: len(cursors(lines)) == 2)) == ["1001-0", "1003-0"]
    beats = f.until(lambda lines: sum("heartbeat" in x for x in lines) >= 3)  # and lives past every deadline
    assert b"application/x-ndjson" in f.raw and beats
    f.socket.close()
    hasty.poll("hit")
    assert cursors(acme.until(lambda lines: len(cursors(lines)) == 3))[-1] == "1005-0"
    acme.socket.close()


def test_no_hit_is_lost_or_doubled_between_reading_and_following(canned):
    canned.poll("hit")
    canned.poll("hold")
    f = Follower(canned)
    time.sleep(0.1)
    canned.poll("hit")  # committed while the op has not read: in its answer, and pushed
    canned.poll("release")
    f.until(lambda lines: any("heartbeat" in x for x in lines))
    canned.poll("hit")
    assert cursors(f.until(lambda lines: len(cursors(lines)) == 3)) == ["1000-0", "1001-0", "1002-0"]
    f.socket.close()


def test_a_full_page_is_not_followed_over_a_hole(canned):
    for _ in range(4):
        canned.poll("hit")
    lines = canned.get("/v1/hits?follow=1&after=1000-0&limit=2").lines()
    assert cursors(lines) == ["1001-0", "1002-0"] and lines[-1] == {"more": True}
    f = Follower(canned, "&after=1002-0&limit=2")
    f.until(lambda lines: any("heartbeat" in x for x in lines))
    assert cursors(f.lines()) == ["1003-0"]
    f.socket.close()


def test_a_follower_that_does_not_read_is_cut(canned):  # FAULTS A3
    f = Follower(canned)
    f.until(lambda lines: any("heartbeat" in x for x in lines))
    other = canned.connect()
    canned.poll("flood")
    wait_for(lambda: "follower too slow" in canned.log.read_text())
    assert canned.get("/v1/status").status == 200
    data = read_all(f.socket)
    assert len(data) < 8 * 1024 * 1024
    other.close()
    f.socket.close()


def test_followers_have_a_cap(canned):
    held = [Follower(canned) for _ in range(16)]
    for f in held:
        f.until(lambda lines: any("heartbeat" in x for x in lines))
    assert canned.get("/v1/hits?follow=1").status == 503
    held[0].socket.close()
    wait_for(lambda: b" 200 " in first_line(canned))
    for f in held[1:]:
        f.socket.close()


def first_line(canned):
    with canned.connect() as s:
        s.sendall(b"GET /v1/hits?follow=1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return s.recv(100)


def test_an_answer_has_a_bound_and_says_so(canned):
    lines = canned.get("/v1/search?q=big").lines()
    assert lines[-1] == {"more": True} and 10 < len(lines) < 20


def test_a_reader_that_takes_nothing_is_closed(hasty):  # FAULTS A3
    with hasty.connect() as s:
        s.sendall(b"GET /v1/search?q=big HTTP/1.1\r\nHost: localhost\r\n\r\n")
        wait_for(lambda: "the answer is not taken" in hasty.log.read_text())
        assert len(read_all(s)) < 4 * 1024 * 1024


def test_the_end_with_everything_open(tmp_path):
    c = Canned(tmp_path)
    f = Follower(c)
    f.until(lambda lines: any("heartbeat" in x for x in lines))
    waiting = c.connect()
    waiting.sendall(HEAD.replace(b"/v1/reload", b"/v1/sources/poll") + b'Content-Length: 16\r\n\r\n{"name":"never"}')
    idle = c.connect()
    c.poll("hold")
    held = Follower(c)
    time.sleep(0.1)
    c.end()
    assert read_all(f.socket) == read_all(waiting) == read_all(idle) == read_all(held.socket) == b""


def test_many_at_once(canned):
    def work():
        for _ in range(10):
            assert canned.get("/v1/status").status == 200
            assert canned.post("/v1/sources/poll", {"name": "later"}).status == 200
    threads = [threading.Thread(target=work) for _ in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


def test_a_second_daemon_is_refused_and_a_dead_ones_socket_taken(tmp_path):
    first = Canned(tmp_path)
    second = subprocess.run([CANNED, first.path], capture_output=True, timeout=10)
    assert second.returncode == 75
    assert first.get("/v1/status").status == 200
    first.process.kill()
    first.process.wait()
    assert os.path.exists(first.path)
    third = Canned(tmp_path)
    assert third.get("/v1/status").status == 200
    third.end()
