"""What servers do to escuchad as a whole: each costs its source and nobody else (FAULTS F1 to F10)."""
import contextlib
import json
import os
import re
import shutil
import time

import pytest

from daemon import LOCAL, SANITIZED, House, children, feed, item, resident_kb, until
from peers.certificates import make
from peers.http_peer import HttpPeer
from peers.names import network

# FAULTS F4, F5, F6, F7, F8: what is asked for, and what is said of it
BAD = {
    "endless": ("/endless/chunked", "too_large"),
    "endless-length": ("/endless/length", "too_large"),
    "endless-close": ("/endless/close", "too_large"),
    "endless-headers": ("/endless/headers", "too_large"),
    "endless-line": ("/endless/line", "too_large"),
    "bomb-gzip": ("/bomb/gzip", "too_large"),
    "bomb-brotli": ("/bomb/br", "too_large"),
    "bomb-zstd": ("/bomb/zstd", "too_large"),
    "bomb-twice": ("/bomb/twice", "too_large"),
    "six-codings": ("/coded/six", "decode"),
    "broken-gzip": ("/coded/gzip-broken", "decode"),
    "loop": ("/loop/a", "redirect_loop"),
    "chain-six": ("/chain/6", "redirects_many"),
    "to-file": ("/redirect/302?to=file:///etc/passwd", "redirect_scheme"),
    "to-ftp": ("/redirect/302?to=ftp://127.0.0.1/x", "redirect_scheme"),
    "to-gopher": ("/redirect/302?to=gopher://127.0.0.1/x", "redirect_scheme"),
    "to-smb": ("/redirect/302?to=smb://127.0.0.1/x/y", "redirect_scheme"),
    "cut": ("/cut/length", "aborted"),
    "cut-chunked": ("/cut/chunked", "aborted"),
    "garbage": ("/cut/garbage", "protocol"),
    "nothing": ("/cut/nothing", "aborted"),
    "not-found": ("/status/404", "http_404"),
    "broken": ("/status/500", "http_500"),
    "limited": ("/status/429?retry=120", "limited"),
    "portal": ("/html", "not_a_feed"),
}


@pytest.fixture(scope="module", autouse=True)
def dripping(tmp_path_factory):
    """A drip is given up after half a minute: begun before all other tests, looked at after them."""
    house = House(tmp_path_factory.mktemp("drip"))
    with HttpPeer() as web:
        house.configure([house.source("drip", web.url("/drip/body?ms=500"))])
        house.start()
        yield house
        house.close()


def test_each_costs_its_source_and_no_other(house, web):
    """FAULTS F4, F5, F6, F7, F8, F11, F12"""
    web.route("/good", feed(item("uno", "Acme sigue en pie")))
    # Who asks for patience speaks for its whole host: it has one of its own.
    urls = {name: web.url(path) for name, (path, _) in BAD.items()}
    urls["limited"] = urls["limited"].replace("127.0.0.1", "localhost")
    house.configure([house.source(name, url) for name, url in urls.items()] +
                    [house.source("good", web.url("/good")), house.source("chain-five", web.url("/chain/5"))])
    with house.running():
        before = resident_kb(house.pid, "VmRSS")
        sources = house.settled()
        assert {n: sources[n]["why"] for n in BAD} == {n: why for n, (_, why) in BAD.items()}
        assert all(sources[n]["state"] == "failing" and sources[n]["next"] for n in BAD)
        assert sources["good"]["state"] == sources["chain-five"]["state"] == "ok"
        assert [h["title"] for h in house.hits()] == ["Acme sigue en pie"]
        status = house.status()
        assert status["sources"]["failing"] == len(BAD) and {d["source"] for d in status["deaf"]} <= set(BAD)
        assert status["readers"]["restarts"] == 0
        assert SANITIZED or resident_kb(house.pid) - before < 8 * 32 * 1024  # several at once, each at most 10 MB and its frame
    assert not web.count("/etc/passwd")


# FAULTS F5
@pytest.mark.parametrize("kind", ["gzip", "br", "zstd", "twice"])
def test_a_bomb_costs_little_memory(house, web, kind):
    web.bomb(kind)
    web.route("/good", feed(item("uno", "Acme")))
    house.configure([house.source("good", web.url("/good")), house.source("bomb", web.url(f"/bomb/{kind}"), every="1h")])
    with house.running():
        house.settled()
        before = resident_kb(house.pid)  # the first one may be counted in it: the next ones may not add to it
        for failures in (2, 3):
            house.ctl("poll", "bomb")
            house.wait_source("bomb", failures=failures, running=False)
        assert house.source_is("bomb", why="too_large")
        assert SANITIZED or resident_kb(house.pid) - before < 32 * 1024
        assert SANITIZED or resident_kb(house.pid) < 128 * 1024


def test_ftp_and_files_are_no_addresses(house):
    """FAULTS F8"""
    for url in ("ftp://example.com/feed", "file:///etc/passwd", "gopher://example.com/"):
        house.configure([house.source("x", url)])
        assert [f["key"] for f in house.check(code=1).findings()] == ["sources[0].url"]


def test_proxies_of_the_environment_are_ignored(house, web):
    """FAULTS F10"""
    web.route("/good", feed(item("uno", "Acme")))
    house.configure([house.source("good", web.url("/good"))])
    with HttpPeer() as proxy:
        names = ("http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY")
        house.once(env={name: proxy.url("/") for name in names})
        assert proxy.connections == 0 and web.count("/good") == 1


def test_conditional_requests_to_the_letter(house, web):
    """Validators go back as they came, and a 304 costs no reader; a body that is the same costs none either."""
    web.route("/etag", handler=lambda h: h.conditional(feed(item("uno", "Acme")), 'W/"v1, \\"raro\\""', "Sun, 22 Nov 2026 10:00:00 GMT"))
    web.route("/same", feed(item("dos", "Acme")))
    house.configure([house.source("etag", web.url("/etag")), house.source("same", web.url("/same"))])
    house.once()
    assert "if-none-match" not in web.last("/etag").headers
    with house.running():
        house.poll("etag")
        house.poll("same")
        sent = web.last("/etag").headers
        assert sent["if-none-match"] == 'W/"v1, \\"raro\\""' and sent["if-modified-since"] == "Sun, 22 Nov 2026 10:00:00 GMT"
        assert house.status()["readers"]["jobs"] == 0
    assert len(house.titles()) == 2


def test_gone_is_not_asked_again(house, web):
    web.route("/gone", b"", code=410)
    house.configure([house.source("gone", web.url("/gone"), every="1m")])
    with house.running():
        house.wait_source("gone", state="gone")
    with house.running():  # nor by the next daemon
        until(lambda: house.sources()["gone"]["state"] == "gone", "gone to be remembered")
        assert web.count("/gone") == 1
        web.route("/gone", feed(item("uno", "Acme ha vuelto")))
        house.poll("gone")  # unless somebody asks for it
        assert house.source_is("gone", state="ok") and house.titles() == ["Acme ha vuelto"]


def test_allowed_networks_are_a_sources_own(house, web):
    """FAULTS F9: what one source may reach, its neighbour may not."""
    web.route("/good", feed(item("uno", "Acme")))
    house.configure([house.source("inside", web.url("/good"), allow_private=LOCAL),
                     house.source("other", web.url("/good"), allow_private=["10.0.0.0/8"])])
    with house.running():
        sources = house.settled()
        assert sources["inside"]["state"] == "ok" and sources["other"]["why"] == "ssrf_blocked"
        assert web.connections == 1


def test_dead_names_cost_few_threads(house):
    """FAULTS F1, F2: 100 sources whose names nobody knows, and one in their midst that is well."""
    names = [f"dead{i}" for i in range(100)]
    names.insert(50, "vivo")
    house.configure([house.source(name, f"http://{name}.example/ok") for name in names])
    process, most = house.begin_once(prefix=network(house.folder)), 0
    while process.poll() is None:
        for pid in children(process.pid):
            with contextlib.suppress(OSError):
                most = max(most, len(os.listdir(f"/proc/{pid}/task")))
        time.sleep(0.02)
    log = process.paths[1].read_text()
    assert 16 < most <= 64
    assert log.count("class=dns_timeout") == 100, log
    assert len(house.titles()) == 2  # of the one that is well


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")
def test_certificates_cost_their_source_and_are_told_in_time(house):
    """FAULTS F3"""
    bad = {"old": "tls_expired", "future": "tls_expired", "other": "tls_host", "self": "tls_untrusted"}
    names = ["good", "long", *bad]
    make(house.folder, {name: f"{name}.example" for name in names})
    house.configure([house.source(name, f"https://{name}.example/ok", every="5m") for name in names])
    process = house.begin_once(prefix=network(house.folder))
    log = house.end(process).err
    for name, why in bad.items():
        failed = re.search(rf"event=poll.failed source={name} class=(\S+) .*retry_s=(\d+)", log)
        assert failed and failed[1] == why and int(failed[2]) >= 3200, log  # not at its pace of five minutes
    told = re.findall(r"event=source.cert .*host=(\S+) state=(\S+) left_s=(\d+)", log)
    assert [(host, state) for host, state, _ in told] == [("good.example", "ends")] and 8 * 86400 < int(told[0][2]) <= 9 * 86400
    requests = json.loads((house.folder / "requests.json").read_text())
    assert sorted(r["host"] for r in requests) == ["good.example", "long.example"]


@pytest.mark.skipif(SANITIZED, reason="a sanitizer has to be the first library of all")
def test_connections_from_before_a_sleep_are_not_used(house, web, clock):
    """FAULTS F15: the other end is gone, and nobody says so."""
    half_open = set()
    web.route("/feed", handler=lambda h: h.rest(60) if h.client_address in half_open else h.answer(200, feed(item("uno", "Acme"))))
    house.configure([house.source("feed", web.url("/feed"))])
    with house.running():
        house.settled()
        house.poll("feed")
        assert web.connections == 1  # kept
        half_open.add(web.last("/feed").client)
        clock.passes(10 * 60 * 1000)
        house.poll("feed")
        assert house.source_is("feed", state="ok") and web.connections == 2 and len(web.requests) == 3


def test_a_drip_is_given_up(dripping):
    """FAULTS F6"""
    drip = dripping.wait_source("drip", 50, state="failing")
    assert drip["why"] == "too_slow"
    dripping.stop()
    assert not dripping.sanitizer_reports()
