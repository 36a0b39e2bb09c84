"""What is told as it comes: server-sent events, lines, a long poll; cut, silent, refused, flooded. FAULTS O7, P10."""
import json
import time

import pytest

from daemon import CTL, LOCAL, until
from peers.platform_peer import platform_at, source
from peers.socket_peer import BASE_US, post
from peers.stream_peer import Wire, mastodon, telegram, toot, wikipedia, x


@pytest.fixture
def wire(web):
    made = Wire()
    yield made
    made.hang_up()


def texts(house):
    return [t for t, in house.sql("SELECT text FROM mention ORDER BY id")]


def listen(house, web, platform, env=None, changes=None, **params):
    platform_at(house.folder, platform, web, **(changes or {}))
    house.configure([source("vivo", platform, every="1s", **params)], platforms="platforms/")
    return house.running(env=env)


TOOTS = {"server": "plaza.example", "tag": "acme", "token": {"env": "TOKEN"}}
TOKEN = {"TOKEN": "s3creto-7"}
FAST = {"keepalive: 60s, reconnect: 5s": "keepalive: 2s, reconnect: 0s"}


def test_a_stream_killed_a_hundred_times_loses_nothing_and_doubles_nothing(house, web, wire):
    """Closed in mid-frame, again and again: each goes on from the id that was committed with what came before it."""
    wikipedia(web, wire)
    with listen(house, web, "wikipedia", changes={"{keepalive: 60s}": "{keepalive: 5s, reconnect: 0s}"}):
        house.wait_source("vivo", state="ok")
        until(lambda: wire.now == 1)
        wire.say("Acme 0")
        until(lambda: texts(house) == ["Acme 0"])
        wire.cut = 3
        wire.hang_up()
        wire.say(*[f"Acme {i}" for i in range(1, 320)])
        until(lambda: wire.cuts >= 100, "a hundred cuts", 60)
        until(lambda: len(texts(house)) >= 320, "all of them", 30)
        assert sorted(texts(house)) == sorted(f"Acme {i}" for i in range(320))
        hits = house.hits()
        assert len(hits) == 320 == len({h["id"] for h in hits}) and not any(h.get("baseline") for h in hits)
        assert wire.most == 1
        assert house.sql("SELECT count(*) FROM deaf WHERE why IS NOT NULL") == [(0,)]  # all of it was heard, if later


def test_lines_killed_a_hundred_times_lose_nothing_and_double_nothing(house, web, wire):
    """Lines as Jetstream would say them: each connection goes on from the time that was committed with what came before it."""
    def lines(h):
        start = (int(h.arg("cursor")) - BASE_US) // 1000 if h.arg("cursor") else len(wire.said)
        wire.listen(h, "application/x-ndjson", b"\r\n", lambda i, said: json.dumps(post(i, said)).encode() + b"\r\n", start)
    web.route("/subscribe", handler=lines)
    changes = {"transport: websocket": "transport: ndjson", "'wss://{server}/": f"'{web.url('/')}", "overlap: 5s": "overlap: 0s",
               "keepalive: 60s, reconnect: 5s, filter: true": "keepalive: 5s, reconnect: 0s"}
    with listen(house, web, "jetstream", changes=changes):
        until(lambda: wire.now == 1)
        wire.say("Acme 0")
        until(lambda: texts(house) == ["Acme 0"])
        wire.cut = 4
        wire.hang_up()
        wire.say(*[f"Acme {i}" for i in range(1, 330)])
        until(lambda: wire.cuts >= 100, "a hundred cuts", 60)
        wire.cut = None
        until(lambda: len(texts(house)) >= 330, "all of them", 30)
        assert sorted(texts(house)) == sorted(f"Acme {i}" for i in range(330))
        assert len({h["id"] for h in house.hits()}) == len(house.hits()) == 330


def test_long_polls_killed_a_hundred_times_lose_nothing_and_double_nothing(house, web):
    """Fifty bots, each cut in the midst of two answers: what was not read whole is asked for again, and nothing twice."""
    kills, confirmed = {}, {}

    def bot(name):
        def updates(h):
            start, found = int(h.arg("offset", "0")), []
            confirmed.setdefault(name, []).append(start)
            for i in range(start, min(start + 2, 6)):
                found.append({"update_id": i, "message": {"message_id": i, "date": int(time.time()), "text": f"Acme {name} {i}",
                                                          "chat": {"id": -1000 - name, "title": "Clientes"}, "from": {"id": 7, "first_name": "Ana"}}})
            body = json.dumps({"ok": True, "result": found}).encode()
            if found and kills.setdefault(name, set()).isdisjoint({start}) and start in (0, 2):
                kills[name].add(start)
                h.close_connection = True
                h.head(200, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
                h.wfile.write(body[:len(body) - 20])
                return
            if not found:
                time.sleep(0.5)
            h.answer(200, body, kind="application/json")
        web.route(f"/botb{name}/getUpdates", handler=updates)
    for name in range(50):
        bot(name)
    platform_at(house.folder, "telegram", web)
    house.configure([source(f"b{n}", "telegram", token={"env": f"B{n}"}) for n in range(50)], platforms="platforms/")
    with house.running(env={f"B{n}": f"b{n}" for n in range(50)}):
        wanted = sorted(f"Acme {n} {i}" for n in range(50) for i in range(6))
        until(lambda: len(texts(house)) >= len(wanted), "all of them", 60)
        assert sorted(texts(house)) == wanted and sum(len(k) for k in kills.values()) == 100
        until(lambda: all(starts[-1] == 6 for starts in confirmed.values()))
        assert len(house.hits()) == len({h["id"] for h in house.hits()}) == 300


def test_who_opens_and_closes_at_once_is_no_storm_and_is_told(house, web, wire):
    """Each opening is no good news: the pauses grow, and who can be asked about it hears that the source is deaf. FAULTS T2."""
    mastodon(web, wire)
    opened = []

    def slam(h):
        opened.append(time.monotonic())
        h.close_connection = True
        h.head(200, [("Content-Type", "text/event-stream"), ("Connection", "close")])
    wire.refuse = slam
    with listen(house, web, "mastodon-stream", env=TOKEN, changes=FAST, **TOOTS):
        until(lambda: house.source_is("vivo", failures=3), seconds=30)
        assert house.told("source.deaf", source="vivo", kind="unreachable")
        assert len(opened) <= 5 and opened[-1] - opened[0] > 2.5
        wire.refuse = None
        house.ctl("poll", "vivo")
        until(lambda: wire.now == 1)
        wire.say("Acme uno")  # it has said something: the doubt is over at once
        until(lambda: texts(house) == ["Acme uno"])
        house.wait_source("vivo", state="ok")


def test_of_many_who_are_cut_one_is_told_to_wait_for_all(house, web, wire):
    """FAULTS F11: 429 speaks for the host; those who were about to come back keep away, too."""
    mastodon(web, wire)
    refused = []
    platform_at(house.folder, "mastodon-stream", web, **{"keepalive: 60s, reconnect: 5s": "keepalive: 60s, reconnect: 2s"})
    house.configure([source(f"v{n}", "mastodon-stream", every="1s", **{**TOOTS, "tag": f"t{n}"}) for n in range(20)], platforms="platforms/")

    def later(h):
        refused.append(time.monotonic())
        return h.answer(429, b'{"error": "Too many requests"}', [("Retry-After", "600")], "application/json")
    with house.running(env=TOKEN):
        until(lambda: wire.now == 20)
        wire.say("Acme uno")
        until(lambda: len(texts(house)) == 1)
        wire.refuse = later
        wire.hang_up()
        until(lambda: sum(s.get("why") == "limited" for s in house.settled().values()) == 20, "all of them wait", 20)
        assert 1 <= len(refused) < 10


def test_a_restart_goes_on_where_it_stood(house, web, wire):
    wikipedia(web, wire)
    with listen(house, web, "wikipedia"):
        until(lambda: wire.now == 1)
        wire.say("Acme uno")
        until(lambda: texts(house) == ["Acme uno"])
    wire.say("Acme dos, mientras nadie oía")
    with house.running():
        until(lambda: len(texts(house)) == 2)
    assert wire.asked[0] is None and json.loads(wire.asked[1])[0]["offset"] == 0


def test_events_of_other_kinds_comments_and_broken_frames(house, web, wire):
    """Only what is a post counts; what can't be read costs itself; a frame beyond 1 MiB is passed over, and told."""
    mastodon(web, wire)
    with listen(house, web, "mastodon-stream", env=TOKEN, **TOOTS):
        until(lambda: wire.now == 1)
        connected = house.wait_source("vivo", state="ok")
        assert "connected" in connected
        spread = json.dumps(toot(50, "Acme en tres líneas"), indent=1).replace("\n", "\r\ndata: ")
        wire.say(b"event: delete\ndata: 123\n\n", b":thump\n", b"event: update\ndata: {\"content\": \xff\xfe\x00\n\n",
                 b"event: update\ndata: " + b"[" * 10000 + b"\n\n", b"event: update\r\ndata: " + spread.encode() + b"\r\n\r\n",
                 b"event: update\ndata: \"" + b"a" * (1 << 20) + b"\"\n\n", b"unknown: field\nretry: 5\nevent:update\ndata:\n\n", "Acme uno")
        until(lambda: len(texts(house)) == 2)
        assert set(texts(house)) == {"Acme en tres líneas", "Acme uno"}
        house.told("stream.frame")
        assert wire.connections == 1 and "s3creto" not in house.log()


def test_what_a_cut_hid_is_in_the_ledger(house, web, wire):
    """Mastodon tells nothing again: from the cut until it is heard again the source was deaf."""
    mastodon(web, wire)
    with listen(house, web, "mastodon-stream", env=TOKEN, changes=FAST, **TOOTS):
        until(lambda: wire.now == 1)
        wire.say("Acme uno")
        until(lambda: texts(house) == ["Acme uno"])
        wire.hang_up()
        until(lambda: wire.connections == 2)
        until(lambda: house.sql("SELECT count(*) FROM deaf WHERE why = 'cut' AND ended > began") == [(1,)])
        wire.say("Acme dos")
        until(lambda: len(texts(house)) == 2)


def test_silence_beyond_the_platforms_word_is_a_dead_connection(house, web, wire):
    mastodon(web, wire)
    wire.silent = True
    with listen(house, web, "mastodon-stream", env=TOKEN, changes=FAST, **TOOTS):
        until(lambda: wire.connections >= 2)  # nobody closed the first: it was given up
        house.wait_source("vivo", why="timeout")


def test_a_refusal_is_told_in_the_platforms_words(house, web, wire):
    mastodon(web, wire)
    wire.refuse = lambda h: h.answer(401, b'{"error": "The access token is invalid"}', kind="application/json")
    with listen(house, web, "mastodon-stream", env=TOKEN, **TOOTS):
        failing = house.wait_source("vivo", why="http_401")
        assert failing["detail"] == "The access token is invalid"
        wire.refuse = lambda h: h.answer(429, b'{"error": "Too many requests"}', [("Retry-After", "600")], "application/json")
        house.ctl("poll", "vivo")
        house.wait_source("vivo", why="limited")
        wire.refuse = None
        house.ctl("poll", "vivo")
        house.wait_source("vivo", state="ok")


def test_an_error_within_is_told_and_what_came_before_it_counts(house, web, wire):
    x(web, wire)
    with listen(house, web, "x-stream", env=TOKEN, token={"env": "TOKEN"}):
        until(lambda: wire.now == 1)
        wire.say("Acme 7173219218917098794", b'{"title":"operational-disconnect","disconnect_type":"UpstreamOperationalDisconnect",'
                 b'"detail":"This stream has been disconnected upstream for operational reasons."}\r\n')
        failing = house.wait_source("vivo", state="failing")
        assert failing["detail"] == "This stream has been disconnected upstream for operational reasons."
        assert texts(house) == ["Acme 7173219218917098794"]
        until(lambda: wire.connections == 2)
        wire.say("Acme dos")
        until(lambda: len(texts(house)) == 2)


def test_a_flood_waits_at_the_other_end(house, web, wire):
    """Far more than a reader takes at once: nothing is lost, and what waits here is bounded."""
    x(web, wire)
    with listen(house, web, "x-stream", env=TOKEN, token={"env": "TOKEN"}):
        until(lambda: wire.now == 1)
        wire.say(*[f"Acme {i} " + "ruido " * 300 for i in range(3000)])
        until(lambda: house.sql("SELECT count(*) FROM mention") == [(3000,)], "all of them", 60)
        assert wire.connections == 1


def test_a_long_poll_answers_at_once_and_takes_nobodys_place(house, web, wire):
    """Three bots wait at one host, where two requests may run: each of them, and the feed there, is heard at once."""
    for token in ("uno", "dos", "tres"):
        telegram(web, wire, token)
    platform_at(house.folder, "telegram", web)
    web.route("/feed", body=b'<rss version="2.0"><channel><title>t</title><item><guid>a</guid><title>Acme feed</title></item></channel></rss>')
    house.configure([source(t, "telegram", token={"env": t.upper()}) for t in ("uno", "dos", "tres")] +
                    [{"name": "prensa", "platform": "feed", "url": web.url("/feed"), "allow_private": LOCAL}], platforms="platforms/")
    with house.running(env={"UNO": "uno", "DOS": "dos", "TRES": "tres"}):
        house.wait_source("prensa", state="ok")
        until(lambda: wire.now == 3)
        began = time.monotonic()
        wire.say("Acme, ¿me oyen?")
        until(lambda: "Acme, ¿me oyen?" in texts(house))
        assert time.monotonic() - began < 5
        until(lambda: sorted(wire.asked)[-3:] == [1, 1, 1])  # each goes on after it


def test_once_listens_until_something_comes(house, web, wire):
    mastodon(web, wire)
    platform_at(house.folder, "mastodon-stream", web)
    house.configure([source("vivo", "mastodon-stream", **TOOTS)], platforms="platforms/")
    process = house.begin_once(env=TOKEN)
    until(lambda: wire.now == 1)
    wire.say("Acme uno")
    house.end(process)
    assert texts(house) == ["Acme uno"]


def test_try_listens_until_something_comes(house, web, wire):
    x(web, wire)
    platform_at(house.folder, "x-stream", web)
    house.configure([source("vivo", "x-stream", token={"env": "TOKEN"})], platforms="platforms/")
    process = house.begin(CTL, "try", "vivo", "--json", "-c", house.config, env=TOKEN)
    until(lambda: wire.now == 1)
    wire.say("Acme uno")
    done = house.end(process)
    assert done.code == 0 and "Acme uno" in done.out
    until(lambda: wire.now == 0)
