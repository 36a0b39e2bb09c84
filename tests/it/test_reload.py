"""A new configuration: a good one takes the old one's place whole, a bad one changes nothing and is told (FAULTS C1, C2, C3)."""
import json
import os
import signal
import threading
import time

import pytest

from daemon import ACME, ESCUCHAD, PATIENCE, Watcher, feed, item, resident_kb, until


def swapped(house):
    """How often a new configuration took the place of the old one."""
    return len(house.events("reload.done"))


@pytest.fixture
def running(house, web):
    web.route("/a", feed(item("http://a.example/1", "Acme")))
    web.route("/b", feed(item("http://b.example/1", "Acme, un fraude")))
    house.rules(acme=ACME)
    house.configure([house.source("a", web.url("/a"))])
    with house.running():
        house.settled()
        yield house


def refused(house, key, line=None, file=None):
    """The reload is refused with one finding at this key; what ran goes on, and status says so until it is mended."""
    before, generation = swapped(house), house.status()["readers"]["generation"]
    done = house.ctl("reload", "--json", code=78)
    [finding] = done.findings()
    assert finding["severity"] == "error" and finding["key"] == key and finding["message"] and finding["line"] and finding["column"]
    assert finding["file"].endswith(file or "escuchad.yaml") and line in (None, finding["line"])
    text = house.ctl("reload", code=78).err  # and in words: FILE:LINE:COLUMN: key: …
    assert f"{finding['file']}:{finding['line']}:{finding['column']}: " in text
    status = house.status()
    assert status["rules"]["failed"] is True and status["readers"]["generation"] == generation and swapped(house) == before
    assert house.events("reload.failed") and any(finding["key"] in e for e in house.events("reload.finding"))
    house.poll("a")  # the old one works on
    return finding


def accepted(house):
    house.ctl("reload")
    assert house.status()["rules"]["failed"] is False


# FAULTS C2: what stands in the file, which key is told
BAD = {
    "unknown-key": (lambda s: s.replace("every:", "evry:"), "sources[0].evry"),
    "bad-value": (lambda s: s.replace("every: 1h", "every: soon"), "sources[0].every"),
    "twice": (lambda s: s + "language: es\n", "language"),
    "state": (lambda s: s.replace("state: state", "state: elsewhere\nsocket: state/escuchad.sock"), "state"),
    "contact": (lambda s: s + "contact: 'ops@otra.example.com'\n", "contact"),
    "readers": (lambda s: s + "readers: 3\n", "readers"),
    "topic": (lambda s: s.replace("every:", "topic: akme\n  every:"), "sources[0].topic"),
    "secret": (lambda s: s.replace("every:", "user: ana\n  password: {file: nada/de/nada}\n  every:"), "sources[0].password"),
    "missing-rules": (lambda s: s.replace("rules: rules/", "rules: [nada.yaml]"), None),
}


@pytest.mark.parametrize("how", BAD)
def test_a_bad_configuration_changes_nothing(running, how):
    """FAULTS C2"""
    change, key = BAD[how]
    good = running.config.read_text()
    running.write(change(good))
    if key is None:
        assert "nada.yaml" in running.ctl("reload", code=78).err
        assert running.status()["rules"]["failed"] is True
    else:
        finding = refused(running, key)
        if how == "unknown-key":
            assert '"every"' in finding["message"]
        if how == "topic":
            assert '"acme"' in finding["message"]
    running.write(good)
    accepted(running)


# FAULTS C2
@pytest.mark.parametrize("how, change, key", [
    ("bad regex", lambda s: s.replace("robo)", "robo"), "patterns.theft"),
    ("unknown name", lambda s: s.replace("when: 'theft'", "when: 'theff'"), "rules[0].when"),
    ("failing test", lambda s: s + "tests:\n  - {text: 'acme va bien', hits: [fraud]}\n", "tests[0]"),
    ("unknown key", lambda s: s + "rol: brand\n", "rol"),
])
def test_bad_rules_change_nothing(running, how, change, key):
    """FAULTS C2"""
    running.rules(acme=change(ACME))
    refused(running, key, file="acme.yaml")
    running.rules(acme=ACME)
    accepted(running)


def test_all_errors_are_told_at_once(running):
    running.write(running.config.read_text().replace("every: 1h", "every: soon\n  backfill: never").replace("language: en", "language: xx"))
    assert [f["key"] for f in running.ctl("reload", "--json", code=78).findings()] == ["language", "sources[0].every", "sources[0].backfill"]


def test_a_signal_reloads_and_tells_the_log(running):
    """SIGHUP: nobody waits for an answer, so the log has it."""
    good = running.config.read_text()
    running.write(good + "langage: es\n")
    os.kill(running.pid, signal.SIGHUP)
    running.told("reload.failed")
    assert any("language" in e for e in running.told("reload.finding"))
    running.write(good)
    os.kill(running.pid, signal.SIGHUP)
    running.told("reload.done")
    running.poll("a")


def test_a_good_one_takes_the_place(running, web):
    """A source comes, one goes, rules change; the stream of hits and what is known of each source go on."""
    house = running
    assert house.titles() == ["Acme"]
    house.rules(acme=ACME, otra=ACME.replace("topic: acme", "topic: otra").replace("[acme]", "[marca]"))
    web.route("/b", feed(item("http://b.example/1", "Acme y la marca, un robo")))
    house.configure([house.source("b", web.url("/b"), every="2h")], language="es")
    house.ctl("reload")
    house.wait_source("b", state="ok")
    assert set(house.sources()) == {"b"}
    assert "a" not in house.sources() and web.count("/a") == 1
    [_, hit] = house.hits()
    assert sorted(h["topic"] for h in hit["hits"]) == ["acme", "otra"]
    assert house.status()["rules"]["topics"] == 2
    house.ctl("poll", "a", code=1)
    house.configure([house.source("a", web.url("/a")), house.source("b", web.url("/b"))])
    web.route("/a", feed(item("http://a.example/1", "Acme"), item("http://a.example/2", "Acme de vuelta")))
    house.ctl("reload")
    house.poll("a")  # FAULTS C4: what it had shown before it went is known, and what is new is no baseline
    assert [(h["title"], h.get("baseline", False)) for h in house.hits()] == [
        ("Acme", True), ("Acme y la marca, un robo", True), ("Acme de vuelta", False)]


def test_a_source_keeps_its_name_and_gets_another_address(running, web):
    running.configure([running.source("a", web.url("/b"))])
    running.ctl("reload")
    until(lambda: len(running.titles()) == 2, "the new address")
    assert web.count("/b") == 1 and "if-none-match" not in web.last("/b").headers


def test_a_hundred_signals_in_a_second(running, web):
    """FAULTS C3: coalesced, the last wins, and no hit is lost meanwhile."""
    house, stop, served = running, threading.Event(), []
    lock = threading.Lock()

    def serve(h):
        with lock:
            served.append(len(served))
            body = feed(*(item(f"http://a.example/n{i}", f"Acme n{i}") for i in served[-400:]))
        h.answer(200, body)

    web.route("/a", handler=serve)
    good = house.config.read_text()
    before = resident_kb(house.pid, "VmRSS")
    watcher = Watcher(house, "-n", 1)
    until(lambda: watcher.hits, "the watcher to be there")

    def load():
        while not stop.is_set():
            house.ctl_alone("poll", "a")

    loader = threading.Thread(target=load)
    loader.start()
    try:
        begun = time.monotonic()
        for i in range(100):
            house.write(good.replace("every: 1h", f"every: {60 + i}m"))
            os.kill(house.pid, signal.SIGHUP)
            time.sleep(max(0, begun + (i + 1) / 100 - time.monotonic()))
        house.write(good.replace("  every: 1h\n", "  every: 1h\n- name: last\n  platform: feed\n  url: http://127.0.0.1:1/\n  every: 1h\n"))
        house.ctl("reload")  # what is asked for last is what stands, whatever came before
        assert set(house.sources()) == {"a", "last"}
        assert 1 <= swapped(house) <= 102
        assert not house.events("reload.failed")
        assert house.source_is("a", state="ok")
    finally:
        stop.set()
        loader.join()
    house.poll("a")
    # one more may be on its way: it was asked for while another ran
    until(lambda: {f"Acme n{i}" for i in served} <= set(house.titles()), "all that was served to be in the log")
    wanted = {f"Acme n{i}" for i in served}
    assert len(house.titles()) == len(set(house.titles()))
    until(lambda: wanted <= {h["title"] for h in watcher.hits}, "all hits to be followed")
    assert len({h["cursor"] for h in watcher.hits}) == len(watcher.hits)
    watcher.stop()
    house.two_readers()  # generations before the last are gone
    assert len(house.events("nursery.started")) == swapped(house) + 1
    assert resident_kb(house.pid, "VmRSS") - before < 32 * 1024 * PATIENCE


def test_a_reload_at_the_very_start_and_at_the_end(house, web):
    web.route("/a", feed(item("http://a.example/1", "Acme")))
    house.configure([house.source("a", web.url("/a"))])
    house.start(ready=False)
    until(lambda: "event=started" in house.log(), "the start")
    os.kill(house.pid, signal.SIGHUP)
    house.told("reload.done")
    os.kill(house.pid, signal.SIGHUP)
    assert house.stop().code == 0


# --- FAULTS C1: what a configuration may not be; every error with its place, within a second ---

BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{','.join([f'*{chr(97 + i)}'] * 10)}]\n" for i in range(8))


@pytest.mark.parametrize("text, line, words", [
    ("sources: []\nsuorces: []\n", 2, '"sources"'),
    ("sources: {}\n", 1, "list"),
    ("language: es\nlanguage: en\n", 2, "language"),
    ("sources:\n\t- name: a\n", 2, "tab"),
    (b"language: \xff\xfe\n", 1, "UTF-8"),
    ("language: es\n---\nlanguage: en\n", 2, "document"),
    ("sources: &x [*x]\n", 1, "x"),
    (BOMB, None, None),
    ("sources: " + "[" * 50_000 + "]" * 50_000, 1, None),
    ("".join(f"- &a{i} x\n" for i in range(100_000)), None, None),
    ("x: " + "y" * 2_000_000, None, None),
    ("language: [\n", None, None),
], ids=["unknown-key", "type", "duplicate", "tab", "utf8", "two-documents", "self-alias", "bomb", "depth", "anchors", "size", "open"])
def test_what_a_configuration_may_not_be(house, text, line, words):
    """FAULTS C1"""
    house.configure([])
    house.write(text)
    begun = time.monotonic()
    findings = house.check(code=1).findings()
    assert time.monotonic() - begun < 2 * PATIENCE
    assert findings and findings[0]["file"].endswith("escuchad.yaml") and len(json.dumps(findings)) < 100_000
    assert line is None or findings[0]["line"] == line and findings[0]["column"] >= 1
    assert words is None or words in findings[0]["message"] + str(findings[0].get("key"))
    started = house.run(ESCUCHAD, "-c", house.config, code=None)
    assert started.code == 78 and "escuchad.yaml" in started.err


# The traps of YAML that people fall into, and what is said about them.
@pytest.mark.parametrize("words, says", [
    ("@andino", "'@andino'"), ("#andino", "'#andino'"), ("*andino", "'*andino'"), ('"\\bandino\\b"', "'\\bandino\\b'"),
    ("''", None), ("{a, b}", None)])
def test_traps_are_told_in_plain_words(house, words, says):
    house.rules(acme=f"topic: acme\nrole: brand\npatterns:\n  name:\n    words:\n      - acme\n      - {words}\n")
    house.configure([])
    for lang in ("en", "es"):
        house.write(house.config.read_text().replace("language: en", f"language: {lang}"))
        findings = [f for f in house.check(code=1).findings() if f["severity"] == "error"]
        assert findings and findings[0]["file"].endswith("acme.yaml") and findings[0]["line"] == 7
        assert says is None or any(says in f["message"] for f in findings), findings
