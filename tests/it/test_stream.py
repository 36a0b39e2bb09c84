"""The stream as its readers leave it: what is trimmed, what is kept, who holds it back (FAULTS R6, R7; DESIGN "The Redis
stream")."""
import time

import pytest

from daemon import until
from peers.redis import RedisPeer
from test_queue import STREAM, Listening

HOUR, DAY = 3600_000, 24 * 3600_000


@pytest.fixture
def redis(request, tmp_path):
    """Nodes of ten entries: trimming goes by whole ones."""
    with RedisPeer(tmp_path / "redis", stream_node_max_entries=10) as peer:
        request.node.stories = [*getattr(request.node, "stories", []), ("redis", peer.log)]
        yield peer


def ago(ms):
    return int(time.time() * 1000) - ms


def fill(redis, start, n=100):
    """n entries, a second apart."""
    for i in range(n):
        redis("XADD", STREAM, f"{start + i * 1000}-0", "mention", f'{{"title":"antes {i}"}}')


def ids(redis):
    return [int(id.split("-")[0]) for id, _ in redis.entries()]


def test_age_alone_without_groups(house, web, redis):
    """FAULTS R6"""
    old, young = ago(9 * DAY), ago(6 * DAY)
    fill(redis, old)
    fill(redis, young)
    listening = Listening(house, web, redis)
    with house.running():
        listening.say(1)
        assert house.told("queue.trimmed", entries=100)
        until(lambda: ids(redis)[0] == young and len(ids(redis)) == 101)
        assert not house.events("queue.group_behind")


def test_what_a_group_needs_stays(house, web, redis):
    """FAULTS R6: one group lags, one has never read; neither loses anything, and both are named."""
    old = ago(9 * DAY)
    fill(redis, old)
    redis("XGROUP", "CREATE", STREAM, "rapido", "0")
    redis("XGROUP", "CREATE", STREAM, "lento", "0")
    taken = redis("XREADGROUP", "GROUP", "rapido", "a", "COUNT", 100, "STREAMS", STREAM, ">")[0][1]
    redis("XACK", STREAM, "rapido", *[id for id, _ in taken])
    taken = redis("XREADGROUP", "GROUP", "lento", "a", "COUNT", 80, "STREAMS", STREAM, ">")[0][1]
    redis("XACK", STREAM, "lento", *[id for id, _ in taken if int(id.split("-")[0]) != old + 55_000])
    listening = Listening(house, web, redis)
    with house.running():
        assert house.told("queue.trimmed", entries=50)  # the node that holds the 56th stays whole
        assert house.told("queue.group_behind", group="lento", oldest_ms=old + 55_000)
        assert [g["group"] for g in house.status()["queue"]["behind"]] == ["lento"]
        assert "lento" in house.ctl("status").out
        assert not house.events("queue.group_behind", group="rapido")
    redis("XACK", STREAM, "lento", f"{old + 55_000}-0")
    redis("XGROUP", "CREATE", STREAM, "nuevo", "0")  # has never read
    with house.running():
        assert house.told("queue.group_behind", group="nuevo", oldest_ms=old + 50_000)
        assert len(ids(redis)) == 50
    redis("XGROUP", "DESTROY", STREAM, "nuevo")
    with house.running():  # what lento has not read since stays
        assert house.told("queue.trimmed", entries=30)
    redis("XGROUP", "DESTROY", STREAM, "lento")
    with house.running():
        assert house.told("queue.trimmed", entries=20)
        listening.say(3)
        listening.whole()


def test_a_group_that_reads_all_holds_nothing(house, web, redis):
    redis("XGROUP", "CREATE", STREAM, "equipo", "0", "MKSTREAM")
    fill(redis, ago(9 * DAY), 20)
    taken = redis("XREADGROUP", "GROUP", "equipo", "a", "COUNT", 100, "STREAMS", STREAM, ">")[0][1]
    redis("XACK", STREAM, "equipo", *[id for id, _ in taken])
    fill(redis, ago(HOUR), 20)  # it has not read these, but they are young
    Listening(house, web, redis)
    with house.running():
        assert house.told("queue.trimmed", entries=20)
        assert not house.events("queue.group_behind")
        assert redis("XLEN", STREAM) == 20


def test_keep_is_what_the_configuration_says(house, web, redis):
    start = ago(3 * HOUR)
    fill(redis, start, 50)
    listening = Listening(house, web, redis, keep="4h")
    with house.running():
        listening.say(1)
        # it may trim before the new one is sent: none of the fifty goes, and it comes
        until(lambda: "cmdstat_xtrim" in redis("INFO", "commandstats") and redis("XLEN", STREAM) == 51)
    listening.configure(keep="2h")
    with house.running():
        assert house.told("queue.trimmed", entries=50)


def test_a_server_that_lets_nobody_trim(house, web, redis):
    """FAULTS R5: sending goes on."""
    redis("ACL", "SETUSER", "default", "-xtrim")
    fill(redis, ago(9 * DAY), 20)
    listening = Listening(house, web, redis)
    with house.running():
        assert "NOPERM" in house.told("queue.not_trimmed")[0]
        listening.say(5)
        until(lambda: listening.pending() == 0 and redis("XLEN", STREAM) == 25)
        assert house.status()["queue"]["connected"]


def test_a_group_that_was_lost(house, web, redis):
    """FAULTS R7: it is made anew where it stood, and misses nothing."""
    listening = Listening(house, web, redis)
    redis("XGROUP", "CREATE", STREAM, "equipo", "0", "MKSTREAM")
    with house.running():
        listening.say(30)
        until(lambda: redis("XLEN", STREAM) == 30)
        first = redis("XREADGROUP", "GROUP", "equipo", "a", "COUNT", 10, "STREAMS", STREAM, ">")[0][1]
        redis("XACK", STREAM, "equipo", *[id for id, _ in first])
        redis("XGROUP", "DESTROY", STREAM, "equipo")
        listening.say(30)
        until(lambda: redis("XLEN", STREAM) == 60)
        redis("XGROUP", "CREATE", STREAM, "equipo", first[-1][0])
        rest = redis("XREADGROUP", "GROUP", "equipo", "a", "COUNT", 100, "STREAMS", STREAM, ">")[0][1]
        assert [id for id, _ in first + rest] == [id for id, _ in redis.entries()]


# --- what waits ------------------------------------------------------------------------------------------------------

def test_too_much_waits(house, web, redis):
    """An alarm at queue.high_water, once; it ends by itself."""
    listening = Listening(house, web, redis, high_water=20)
    with house.running():
        listening.say(5)
        listening.whole()
        redis.stop()
        listening.say(25)
        assert house.told("queue.high_water", pending=25, high_water=20)
        assert house.status()["queue"]["high_water"] is True
        assert "25 hits wait for Redis" in house.ctl("status").out
        redis.start()
        listening.whole()
        assert house.told("queue.high_water_over", seconds=40)
        assert house.status()["queue"]["high_water"] is False
        assert len(house.events("queue.high_water")) == 1


def waiting(house):
    return house.ctl("outbox", "list", "--json").lines()


def test_the_outbox_is_shown_and_thinned(house, web, redis):
    """escuchactl outbox list, drop."""
    listening = Listening(house, web, redis)
    with house.running():
        listening.connected()
        assert "nothing waits" in house.ctl("outbox", "list").out
        redis.stop()
        listening.say(5)
        rows = waiting(house)
        assert sorted(row["title"] for row in rows) == listening.wanted()
        assert rows[1]["cursor"] in house.ctl("outbox", "list", "-n", 2).out
        assert len(house.ctl("outbox", "list", "-n", 2, "--json").lines()) == 2
        done = house.ctl("outbox", "drop", rows[1]["cursor"], rows[3]["cursor"])
        assert "2 hits wait no more" in done.out
        house.ctl("outbox", "drop", rows[1]["cursor"], code=1)  # it waits no more
        house.ctl("outbox", "drop", "mañana", code=1)
        assert listening.pending() == 3 and len(waiting(house)) == 3
        redis.start()
        until(lambda: listening.pending() == 0 and redis("XLEN", STREAM) == 3)
        house.ctl("outbox", "requeue")
        until(lambda: listening.pending() == 0)
        assert sorted(listening.titles()) == sorted(row["title"] for i, row in enumerate(rows) if i not in (1, 3))
        assert len(house.hits()) == 5  # the log has them all


def test_what_lay_before_the_rewind_is_sent_when_asked_for(house, web, tmp_path):
    """FAULTS R4: escuchactl outbox requeue."""
    with RedisPeer(tmp_path / "redis", save=False) as redis:
        listening = Listening(house, web, redis, rewind="1s")
        with house.running():
            listening.outlive_rewind()
            assert house.told("queue.rewound", too_old=4)
            listening.say(2)
            until(lambda: redis("XLEN", STREAM) == 2)
            assert "0 hits are sent again" in (out := house.ctl("outbox", "requeue", "--since", "0s").out) and "6 hits are older" in out
            house.ctl("outbox", "requeue", "--since", "ayer", code=2)
            assert "6 hits are sent again" in house.ctl("outbox", "requeue").out
            listening.whole()
            assert redis("XLEN", STREAM) == 6


def test_without_a_queue_nothing_waits(house, web):
    web.route("/a", b"")
    house.configure([house.source("a", web.url("/a"))])
    with house.running():
        assert "no Redis is configured" in house.ctl("outbox", "list", code=1).err
