"""What escuchad tells whoever started it, and is given by it: a socket of our own plays systemd. FAULTS S1, S2.

The real one is tests/systemd/run."""
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

import pytest

from daemon import ACME, CTL, ESCUCHAD, PATIENCE, feed, item, until
from pages import TOP

pytestmark = pytest.mark.skipif(not ESCUCHAD.exists() or b"sd_notify" not in ESCUCHAD.read_bytes(), reason="built without libsystemd")
STOPS = int(os.environ.get("ESCUCHAD_STOPS", "8"))  # 50 and more by hand


class Manager:
    """The datagram socket that $NOTIFY_SOCKET names."""

    def __init__(self, folder):
        self.path = str(folder / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.setblocking(False)
        self.said = []  # (when, {NAME: value})

    def hear(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                message = self.socket.recv(8192).decode()
                self.said.append((time.monotonic(), dict(line.split("=", 1) for line in message.splitlines())))
        return self.said

    def heard(self, **fields):
        return [(at, m) for at, m in self.hear() if all(m.get(k) == str(v) for k, v in fields.items())]

    def order(self):
        """READY, RELOADING, STOPPING as they came."""
        return [k for _, m in self.hear() for k in ("READY", "RELOADING", "STOPPING") if k in m]


@pytest.fixture
def manager(tmp_path):
    m = Manager(tmp_path)
    yield m
    m.socket.close()


@pytest.fixture
def ready(house, web, manager):
    """A house with one source that a daemon told us about."""
    web.route("/a", feed(item("uno", "Acme falla")))
    house.rules(acme=ACME)
    house.configure([house.source("a", web.url("/a"))])
    house.start(env={"NOTIFY_SOCKET": manager.path})
    until(lambda: manager.heard(READY=1), "READY=1")
    return house


def test_ready_comes_when_it_listens_and_says_so_for_people(ready, manager):
    status = manager.heard(READY=1)[0][1]["STATUS"]
    assert status == "Sources: 1, failing: 0. Topics: 1."
    assert manager.hear()[0][1]["STATUS"] == "Loading the rules"
    ready.stop()
    assert manager.order() == ["READY", "STOPPING"]


def test_a_reload_is_told_good_or_bad(ready, manager):
    ready.ctl("reload")
    assert manager.order() == ["READY", "RELOADING", "READY"], "before escuchactl is answered"
    assert int(manager.heard(RELOADING=1)[0][1]["MONOTONIC_USEC"]) > 0
    ready.rules(acme="topic: [")
    ready.ctl("reload", code=78)
    assert manager.order() == ["READY", "RELOADING", "READY"] + ["RELOADING", "READY"]
    assert "reload failed" in manager.heard(READY=1)[-1][1]["STATUS"]
    ready.rules(acme=ACME)
    ready.process.send_signal(signal.SIGHUP)
    until(lambda: len(manager.heard(READY=1)) == 4, "the end of a reload by SIGHUP")
    assert "reload failed" not in manager.heard(READY=1)[-1][1]["STATUS"]
    ready.stop()


def test_the_watchdog_is_fed_by_the_loop(house, web, manager):
    web.route("/a", feed(item("uno", "Acme falla")))
    house.rules(acme=ACME)
    house.configure([house.source("a", web.url("/a"))])
    house.start(env={"NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "400000"})
    until(lambda: len(manager.heard(WATCHDOG=1)) >= 10, "WATCHDOG=1")
    times = [at for at, _ in manager.heard(WATCHDOG=1)][4:]  # a start that takes long is made up for
    assert times[-1] - times[0] >= (len(times) - 1) * 0.2 * 0.7, "half of its time, not faster"
    # A loop that stalls feeds nobody: nothing else does it.
    os.kill(house.pid, signal.SIGSTOP)
    time.sleep(0.1)
    manager.hear()
    fed = len(manager.heard(WATCHDOG=1))
    time.sleep(1)
    assert len(manager.heard(WATCHDOG=1)) == fed
    os.kill(house.pid, signal.SIGCONT)
    until(lambda: len(manager.heard(WATCHDOG=1)) > fed, "WATCHDOG=1 again")
    house.stop()


def test_without_systemd_nothing_is_said(house, web, manager):
    web.route("/a", feed(item("uno", "Acme falla")))
    house.rules(acme=ACME)
    house.configure([house.source("a", web.url("/a"))])
    house.once(env={"NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "400000"})
    assert manager.hear() == []


ACTIVATE = """
import os, sys
os.dup2(int(sys.argv[1]), 3, inheritable=True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES=sys.argv[2])
os.execv(sys.argv[3], sys.argv[3:])
"""


def activated(house, fd, name="escuchad.socket"):
    """escuchad with a descriptor of ours, as systemd hands it over."""
    path = house.folder / f"activated-{fd}-{time.monotonic_ns()}.err"
    house.errors.append(path)
    with open(path, "wb") as log:
        process = subprocess.Popen([sys.executable, "-c", ACTIVATE, str(fd), name, ESCUCHAD, "-c", house.config, "-v"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log, pass_fds=[fd],
                                   env=house.environment({}), cwd=house.folder)
    return process, lambda: path.read_text(errors="replace")


def test_a_socket_of_systemd_refuses_nobody_while_escuchad_is_away(house, web):
    web.route("/a", feed(item("uno", "Acme falla")))
    house.rules(acme=ACME)
    path = str(house.folder / "s")
    house.configure([house.source("a", web.url("/a"))], socket=path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(path)
        listening.listen(16)
        first = subprocess.Popen([CTL, "status", "--json", "-c", house.config], stdout=subprocess.PIPE, cwd=house.folder,
                                 env=house.environment({}))  # nobody is there yet: it waits
        for _ in range(2):
            process, log = activated(house, listening.fileno())
            try:
                out, _ = first.communicate(timeout=30 * PATIENCE)
                assert first.returncode == 0, log()
                assert json.loads(out)["pid"] == process.pid
                assert "by=systemd" in log()
                process.send_signal(signal.SIGTERM)
                assert process.wait(20 * PATIENCE) == 0, log()
            finally:
                process.kill()
                process.wait()
            assert os.path.exists(path), "it is systemd's, not ours"
            first = subprocess.Popen([CTL, "status", "--json", "-c", house.config], stdout=subprocess.PIPE, cwd=house.folder,
                                     env=house.environment({}))
        first.kill()
        first.wait()


@pytest.mark.parametrize("name,bound", [("another.socket", "s"), ("escuchad.socket", "elsewhere")])
def test_a_socket_that_is_not_ours_is_told_and_let_go(house, web, name, bound):
    web.route("/a", feed(item("uno", "Acme falla")))
    house.rules(acme=ACME)
    house.configure([house.source("a", web.url("/a"))], socket=str(house.folder / "s"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(str(house.folder / bound) if bound == "elsewhere" else str(house.folder / "other"))
        listening.listen(16)
        process, log = activated(house, listening.fileno(), name)
        try:
            until(lambda: "event=listening" in log(), "escuchad to listen")
            assert "event=systemd.socket_unused" in log() and "by=escuchad" in log()
            house.ctl("status")
            process.send_signal(signal.SIGTERM)
            assert process.wait(20 * PATIENCE) == 0
        finally:
            process.kill()
            process.wait()


def test_the_journal_s_catalogue_explains_every_id_in_both_languages():
    code = (TOP / "daemon/base/log_journal.c").read_text()
    ids = dict(re.findall(r'\{"([a-z._]+)", "([0-9a-f]{32})"\}', code))
    assert len(ids) > 5 and len(set(ids.values())) == len(ids)
    logged = set(re.findall(r'"([a-z]+(?:\.[a-z_]+)?)"', "".join(p.read_text() for p in TOP.glob("daemon/*/*.c"))))
    assert not [event for event in ids if event not in logged], "an id for what nobody logs"
    texts = {}
    for name in ("escuchad.catalog", "escuchad.es.catalog"):
        text = (TOP / "systemd" / name).read_text()
        texts[name] = {part[:32]: part for part in text.split("\n-- ")[1:]}
        assert list(texts[name]) == list(ids.values())
        assert all(re.search(r"^Subject: \S", part, re.M) and "\n\n" in part for part in texts[name].values())
    for id in ids.values():  # what is filled in is the same
        assert len({tuple(sorted(set(re.findall(r"@(\w+)@", t[id])))) for t in texts.values()}) == 1


# --- S1: SIGTERM under load ---

def test_sigterm_under_load_ends_in_time_and_in_order(house, web, redis):
    """FAULTS S1"""
    sources = 12
    for i in range(sources):
        web.route(f"/{i}", feed(*[item(f"{i}-{k}", f"Acme {i} {k}") for k in range(40)]))
    house.rules(acme=ACME)
    house.configure([house.source(f"s{i}", web.url(f"/{i}"), every="1m") for i in range(sources)], queue={"redis": redis.url()})
    for stop in range(STOPS):
        for i in range(sources):
            web.route(f"/{i}", feed(*[item(f"{i}-{k}", f"Acme {i} {k}") for k in range(stop * 10, stop * 10 + 40)]))
        house.start()
        house.ctl_alone("poll", "--all")
        time.sleep(0.02 * (stop % 8))
        started = time.monotonic()
        done = house.stop(code=0)
        assert time.monotonic() - started < 10 * PATIENCE
        assert "event=stopping" in done.err and "event=stopped status=0" in done.err
    house.once()
    stored = house.titles()
    assert len(stored) == len(set(stored)), "stored twice"
    assert {f"Acme {i} {k}" for i in range(sources) for k in range((STOPS - 1) * 10, (STOPS - 1) * 10 + 40)} <= set(stored), "what was shown last is missing"
    sent = [json.loads(fields[fields.index("mention") + 1])["title"] for _, fields in redis("XRANGE", "escucha:hits", "-", "+")]
    assert sorted(sent) == sorted(stored), "each once in the stream"


def test_a_slow_server_does_not_hold_the_end_up(house, web):
    """FAULTS S1: what was not heard yet is asked again after the start."""
    house.rules(acme=ACME)
    house.configure([house.source("a", web.url("/never"))])
    house.start()
    until(lambda: web.count("/never"), "a request")
    started = time.monotonic()
    house.stop()
    assert time.monotonic() - started < 3 * PATIENCE


def test_log_json(house, web):
    web.route("/a", feed(item("uno", "Acme falla")))
    house.rules(acme=ACME)
    house.configure([house.source("a", web.url("/a"))], log="json")
    process = house.begin(ESCUCHAD, "-c", house.config)
    path = process.paths[1]
    until(lambda: '"event":"listening"' in path.read_text(), "escuchad to listen")
    process.send_signal(signal.SIGTERM)
    assert house.end(process, 20).code == 0
    events = [json.loads(line) for line in path.read_text().splitlines()]
    assert {"started", "listening", "stopping"} <= {e["event"] for e in events} and events[-1]["event"] == "stopped"
    assert all({"time", "level", "event"} <= set(e) for e in events)


def test_log_changes_with_a_reload(ready):
    whole = ready.config.read_text()
    ready.config.write_text(whole + "\nlog: json\n")
    ready.ctl("reload")
    until(lambda: '"event":"reload.done"' in ready.log(), "JSON")
    ready.config.write_text(whole)
    ready.ctl("reload")
    ready.told("reload.done")
    ready.stop()
