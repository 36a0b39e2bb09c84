"""No address leads where its source may not go (FAULTS F9): every spelling, as a feed, as a redirect, and behind a name."""
import shutil
import subprocess

import pytest

from daemon import House, feed, item
from peers.http_peer import HttpPeer

# {port} is a listener's that hears all of this machine's addresses, IPv4 and IPv6.
SPELLINGS = [
    "http://127.0.0.1:{port}/", "http://127.1:{port}/", "http://127.0.1:{port}/", "http://2130706433:{port}/", "http://0x7f000001:{port}/",
    "http://0x7f.1:{port}/", "http://0177.0.0.1:{port}/", "http://017700000001:{port}/", "http://0:{port}/", "http://0.0.0.0:{port}/",
    "http://127.255.255.254:{port}/", "http://[::1]:{port}/", "http://[::]:{port}/", "http://[0:0:0:0:0:0:0:1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/", "http://[::ffff:7f00:1]:{port}/", "http://[::127.0.0.1]:{port}/", "http://[::7f00:1]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/", "http://[64:ff9b:1::7f00:1]:{port}/", "http://[2002:7f00:1::]:{port}/", "http://[fe80::1]:{port}/",
    "http://[fc00::1]:{port}/", "http://[fd12:3456::1]:{port}/", "http://[ff02::1]:{port}/", "http://169.254.169.254:{port}/latest/meta-data/",
    "http://localhost:{port}/", "http://LOCALHOST:{port}/", "http://foo.localhost:{port}/",
    "http://example.com@127.0.0.1:{port}/", "http://b@[::1]:{port}/", "http://127。0。0。1:{port}/", "http://①②⑦.0.0.1:{port}/",
    "http://10.0.0.1:{port}/", "http://172.16.0.1:{port}/", "http://192.168.0.1:{port}/", "http://100.64.0.1:{port}/",
    "http://198.18.0.1:{port}/", "http://255.255.255.255:{port}/",
]
REDIRECTS_ALONE = ["http://a:b@127.0.0.1:{port}/", "//127.1:{port}/"]  # a configuration refuses these


@pytest.fixture
def everywhere():
    with HttpPeer(host="::") as peer:
        yield peer


def all_blocked(house, names, listener):
    sources = house.settled()
    assert {n: sources[n].get("why") for n in names} == {n: "ssrf_blocked" for n in names}
    assert all(sources[n].get("detail") for n in names)  # which address it was
    assert listener.connections == 0
    return sources


def test_no_spelling_of_a_feed_reaches_a_listener(house, everywhere):
    """FAULTS F9"""
    urls = {f"s{i}": url.format(port=everywhere.port) for i, url in enumerate(SPELLINGS)}
    house.configure([{"name": name, "platform": "feed", "url": url, "every": "1h"} for name, url in urls.items()])
    with house.running():
        all_blocked(house, urls, everywhere)
        out = house.ctl("sources").out  # and it is told to a person in so many lines
        assert out.count("it lies in a private network") == len(urls) >= 22
        assert house.status()["sources"]["failing"] == len(urls)


def test_no_redirect_reaches_a_listener(house, everywhere):
    """FAULTS F9: the first hop is allowed, where it leads is not."""
    targets = {f"s{i}": url.format(port=everywhere.port) for i, url in enumerate(SPELLINGS)}
    with HttpPeer(host="127.0.0.2") as door:  # allowed; what it answers names what isn't
        targets.update((f"r{i}", url.format(port=everywhere.port)) for i, url in enumerate(REDIRECTS_ALONE))
        for name, url in targets.items():
            code = 301 + len(name) % 2
            door.route(f"/{name}", code=code, headers=[("Location", url.encode().decode("latin-1"))])
            door.route(f"/far/{name}", code=307, headers=[("Location", f"/{name}")])
        sources = [{"name": n, "platform": "feed", "url": door.url(f"/{n}"), "every": "1h", "allow_private": ["127.0.0.2"]}
                   for n in targets]
        sources += [dict(s, name=f"far-{s['name']}", url=door.url(f"/far/{s['name']}")) for s in sources[:5]]
        house.configure(sources)
        with house.running():
            all_blocked(house, [s["name"] for s in sources], everywhere)
        assert all(door.count(f"/{n}") for n in targets)


def test_a_backslash_fools_nobody(house, everywhere):
    """FAULTS F9: parsers disagree about whose name this is; neither reading reaches the listener."""
    urls = [f"http://127.0.0.1:{everywhere.port}\\@example.invalid/", f"http://example.invalid\\@127.0.0.1:{everywhere.port}/"]
    for url in urls:
        house.configure([{"name": "x", "platform": "feed", "url": url}])
        if house.check(code=None).code == 0:
            house.once(code=1)
    assert everywhere.connections == 0


HOSTS = """
mount --make-rprivate / && mount --bind "$1" /etc/hosts || exit 99
shift
exec "$@"
"""


def test_no_name_leads_inside(tmp_path, request, everywhere):
    """FAULTS F9: names that somebody out there points at this machine; one that points at both sides of the wall, too."""
    if not shutil.which("unshare") or subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
        pytest.skip("needs unshare -m (root)")
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 localhost\n127.0.0.1 loop.test\n::1 six.test\n169.254.169.254 cloud.test\n10.1.2.3 net.test\n"
                     "127.0.0.1 both.test\n::1 both.test\n127.0.0.2 turn.test\n127.0.0.1 turn.test\n")
    house = House(tmp_path)
    request.node.stories = [("escuchad", house.story)]
    names = ["loop", "six", "cloud", "net", "both"]
    with HttpPeer(host="127.0.0.2", port=everywhere.port + 1 if everywhere.port < 65535 else 0) as door:
        door.route("/turn", feed(item("uno", "Acme")))
        house.configure([{"name": n, "platform": "feed", "url": f"http://{n}.test:{everywhere.port}/"} for n in names] +
                        [{"name": "turn", "platform": "feed", "url": f"http://turn.test:{door.port}/turn", "allow_private": ["127.0.0.2"]}])
        try:
            # The mount is seen by the daemon alone. Of a name with two addresses only the allowed one is gone to.
            with house.running(prefix=["unshare", "-m", "sh", "-c", HOSTS, "sh", str(hosts)]):
                sources = all_blocked(house, names, everywhere)
                assert sources["turn"]["state"] == "ok" and house.titles() == ["Acme"]
                assert {r.client[0] for r in door.requests} <= {"127.0.0.1", "127.0.0.2"} and door.count("/turn") == 1
        finally:
            house.close()
    assert not house.sanitizer_reports()


def test_what_is_allowed_is_allowed_alone(house, everywhere):
    """FAULTS F9: a list of networks opens these to its source, in whatever spelling, and nothing else to anybody."""
    everywhere.route("/feed", feed(item("uno", "Acme")))
    port = everywhere.port
    house.configure([
        {"name": "four", "platform": "feed", "url": f"http://127.1:{port}/feed", "allow_private": ["127.0.0.1/32"]},
        {"name": "mapped", "platform": "feed", "url": f"http://[::ffff:127.0.0.1]:{port}/feed", "allow_private": ["127.0.0.1/32"]},
        {"name": "six", "platform": "feed", "url": f"http://[::1]:{port}/feed", "allow_private": ["::1"]},
        {"name": "beside", "platform": "feed", "url": f"http://127.0.0.2:{port}/feed", "allow_private": ["127.0.0.1/32"]},
        {"name": "other", "platform": "feed", "url": f"http://[::1]:{port}/feed", "allow_private": ["127.0.0.0/8"]},
        {"name": "none", "platform": "feed", "url": f"http://127.0.0.1:{port}/feed"}])
    with house.running():
        sources = house.settled()
        states = {n: (s["state"], s.get("why")) for n, s in sources.items()}
        assert states == {**{n: ("ok", None) for n in ("four", "mapped", "six")},
                          **{n: ("failing", "ssrf_blocked") for n in ("beside", "other", "none")}}
    assert everywhere.connections == 3
