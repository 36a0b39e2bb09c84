"""A firehose by WebSocket (Jetstream): python3-websockets at the other end, cut, silent, refused, wrong. FAULTS O7, P10, F9, F3."""
import json
from http import HTTPStatus
from pathlib import Path

import pytest

from daemon import CTL, until
from peers.platform_peer import platform_at, source
from peers.socket_peer import Hose, frame, post


@pytest.fixture
def hose():
    made = Hose()
    yield made
    made.close()


def texts(house):
    return [t for t, in house.sql("SELECT text FROM mention ORDER BY id")]


def at(house, host, scheme="ws", **changes):
    """The platform's file with this peer in it."""
    (house.folder / "platforms").mkdir(exist_ok=True)
    platform_at(house.folder, "jetstream", type("web", (), {"url": staticmethod(lambda path="": "http://127.0.0.1:9" + path)}),
                **{"'wss://{server}/": f"'{scheme}://{{server}}/", "reconnect: 5s": "reconnect: 0s", **changes})
    return source("bsky", "jetstream", server=host, every="1s")


def listen(house, hose, more=None, env=None, **changes):
    house.configure([{**at(house, hose.host, **changes), **(more or {})}], platforms="platforms/")
    return house.running(env=env)


def test_what_speaks_of_us_is_kept_and_the_rest_is_passed_over(house, hose):
    with listen(house, hose):
        house.wait_source("bsky", state="ok")
        until(lambda: hose.now == 1)
        hose.say("nada", "Acme uno", "otra cosa", "el ACM\u00c9 \u2014 dos", {"kind": "identity", "did": "did:plc:x", "time_us": 1}, "nada m\u00e1s")
        until(lambda: len(texts(house)) == 2)
        assert texts(house) == ["Acme uno", "el ACM\u00c9 \u2014 dos"]
        assert [h["source"] for h in house.hits()] == ["bsky", "bsky"] and not any(h.get("baseline") for h in house.hits())
        until(lambda: house.source_is("bsky", passed_over=4))
        assert "connected" in house.wait_source("bsky") and hose.asked == [None]
        asked = hose.headers[0]
        assert asked["Host"] == hose.host and asked["Sec-WebSocket-Version"] == "13" and "Sec-WebSocket-Extensions" not in asked


def test_a_firehose_killed_a_hundred_times_loses_nothing_and_doubles_nothing(house, hose):
    """Closed in mid-frame, again and again: each goes on from the cursor that was kept, less its overlap."""
    with listen(house, hose, **{"overlap: 5s": "overlap: 0s"}):
        until(lambda: hose.now == 1)
        hose.say("Acme 0")
        until(lambda: texts(house) == ["Acme 0"])
        hose.cut = 7
        hose.hang_up()
        hose.say(*[f"Acme {i}" if i % 2 else f"ruido {i}" for i in range(1, 640)])
        until(lambda: hose.cuts >= 100, "a hundred cuts", 90)
        hose.cut = None
        wanted = ["Acme 0"] + [f"Acme {i}" for i in range(1, 640, 2)]
        until(lambda: len(texts(house)) >= len(wanted), "all of them", 30)
        assert sorted(texts(house)) == sorted(wanted)
        hits = house.hits()
        assert len(hits) == len(wanted) == len({h["id"] for h in hits})
        assert hose.most <= 2  # the end of a connection may reach the peer behind the beginning of the next
        assert house.sql("SELECT count(*) FROM deaf WHERE why IS NOT NULL") == [(0,)]  # all of it was heard, if later


def test_a_restart_goes_on_where_it_stood(house, hose):
    with listen(house, hose, **{"overlap: 5s": "overlap: 1s"}):
        until(lambda: hose.now == 1)
        hose.say("Acme uno")
        until(lambda: texts(house) == ["Acme uno"])
    until(lambda: hose.now == 0)
    hose.say("ruido", "Acme dos, mientras nadie oía")
    with house.running():
        until(lambda: len(texts(house)) == 2)
    assert hose.asked == [None, hose.us(0) - 1_000_000]
    assert hose.closes[0] == 1001  # it said goodbye


def test_of_noise_alone_the_cursor_is_kept_too(house, hose):
    """Nothing is written for each batch of a firehose, and yet after seconds it is known how far it was heard."""
    with listen(house, hose, **{"overlap: 5s": "overlap: 0s"}):
        until(lambda: hose.now == 1)
        hose.say(*[f"ruido {i}" for i in range(3000)])
        until(lambda: house.source_is("bsky", passed_over=3000), seconds=30)
    with house.running():
        until(lambda: len(hose.asked) == 2)
    assert hose.asked[1] == hose.us(2999)
    assert texts(house) == []


def test_without_the_filter_all_of_it_is_kept(house, hose):
    with listen(house, hose, more={"filter": "false"}):
        until(lambda: hose.now == 1)
        hose.say("nada", "Acme uno")
        until(lambda: len(texts(house)) == 2)
        assert [h["text"] for h in house.hits()] == ["Acme uno"] and "passed_over" not in house.wait_source("bsky")


def test_of_a_source_with_a_topic_all_is_a_hit(house, hose):
    with listen(house, hose, more={"topic": "acme"}):
        until(lambda: hose.now == 1)
        hose.say("nada", "ruido")
        until(lambda: len(house.hits()) == 2)


def test_a_rule_without_words_reads_the_whole_stream(house, hose):
    house.rules(acme="topic: acme\nrole: brand\nabout: 'platform == bluesky'\n")
    with listen(house, hose):
        until(lambda: hose.now == 1)
        hose.say("nada", "ruido")
        until(lambda: len(house.hits()) == 2)
    checked = house.check()
    assert "the source bsky is read whole" in checked.out and "the topic acme" in checked.out
    house.rules(acme="topic: acme\nrole: brand\npatterns:\n  name: acme\n")
    assert "read whole" not in house.check().out


def test_what_breaks_the_protocol_is_told_and_not_asked_again_at_once(house, hose):
    with listen(house, hose):
        until(lambda: hose.now == 1)
        hose.say("Acme uno", frame(b"\x00\x01", opcode=2))
        failing = house.wait_source("bsky", why="protocol")
        assert failing["detail"] == "a message that is no text" and texts(house) == ["Acme uno"]
        assert hose.connections == 1 and hose.closes == [1003]
        house.ctl("poll", "bsky")
        until(lambda: hose.connections == 2)


def test_a_refusal_is_told_with_its_status(house, hose):
    hose.refuse = (HTTPStatus.TOO_MANY_REQUESTS, [("Retry-After", "600"), ("Content-Type", "application/json")], b'{"error": "slow down"}')
    with listen(house, hose):
        house.wait_source("bsky", why="limited")
        hose.refuse = None
        house.ctl("poll", "bsky")
        house.wait_source("bsky", state="ok")


def test_try_and_once_listen_until_something_comes(house, hose):
    house.configure([at(house, hose.host)], platforms="platforms/")
    process = house.begin(CTL, "try", "bsky", "--json", "-c", house.config)
    until(lambda: hose.now == 1)
    hose.say("de todo se muestra algo")
    done = house.end(process)
    assert done.code == 0 and "de todo se muestra algo" in done.out
    process = house.begin_once()
    until(lambda: hose.now == 1)
    hose.say("ruido", "Acme uno")
    house.end(process)
    assert texts(house) == ["Acme uno"]


SAMPLES = Path(__file__).resolve().parents[3] / "shared/samples"


def strings(value):
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(inner)


def recorded():
    """Jetstream's own frames, and posts of what people say in all other recorded answers: accents, emoji, HTML, entities."""
    frames = [json.loads(line) for line in (SAMPLES / "bluesky/jetstream_golden_v1.jsonl").read_text().splitlines()]
    said = set()
    for path in sorted(SAMPLES.rglob("*.json")):
        try:
            said.update(s for s in strings(json.loads(path.read_text())) if " " in s and len(s) < 5000)
        except ValueError:
            continue
    return frames + [post(i, s) for i, s in enumerate(sorted(said)[:3000])]


@pytest.mark.skipif(not SAMPLES.exists(), reason="no recorded answers here")
def test_recorded_texts_give_the_same_hits_with_the_filter_and_without(house, hose):
    frames = recorded()
    house.rules(acme="topic: acme\nrole: brand\npatterns:\n  a: '\\b(good|precio|game)\\b'\n  b: {words: [niño, año, café, 'vide*']}\nabout: 'a or b'\n")
    found = {}
    for name, more in (("con", {}), ("sin", {"filter": "false"})):
        with listen(house, hose, more={"name": name, **more}):
            until(lambda: hose.now == 1)
            hose.say(*frames, post(9999, "a good end", did=f"did:plc:{name}"))
            until(lambda: any(h["author"].get("handle") == f"did:plc:{name}" for h in house.hits()), seconds=60)
            found[name] = sorted(h["url"] for h in house.hits() if h["author"].get("handle") != f"did:plc:{name}")
        until(lambda: hose.now == 0)
        for file in house.state.glob("escuchad.db*"):
            file.unlink()
        hose.said.clear()
    assert found["con"] == found["sin"] and 20 < len(found["con"]) < len(frames) / 2
