"""Hits on their way into a real Redis, and what becomes of them when it is away, full, hanging, emptied or no Redis at all
(FAULTS R1 to R5, R8, D5; DESIGN "The Redis stream")."""
import contextlib
import json
import re
import socket
import sqlite3
import threading
import time

import pytest

from daemon import feed, item, resident_kb, until
from peers.redis import RedisError, RedisPeer, free_port

STREAM = "escucha:hits"


def news(first, n):
    return [item(f"http://prensa.example/{i}", f"Acme {i}", "Acme falla otra vez") for i in range(first, first + n)]


class Listening:
    """A house whose one source shows what say() has made it show."""

    def __init__(self, house, web, redis=None, url=None, **queue):
        self.house, self.web, self.redis, self.n = house, web, redis, 0
        self.queue = {"redis": url or redis.url(), **queue}
        web.route("/a", feed())
        self.configure()

    def configure(self, **queue):
        self.queue.update(queue)
        self.house.configure([self.house.source("a", self.web.url("/a"))], queue=self.queue)

    def publish(self, n=1):
        """n more mentions that hit."""
        first, self.n = self.n, self.n + n
        self.web.route("/a", feed(*news(first, n)))

    def say(self, n=1):
        self.house.settled()  # a poll under way, the first mostly, may have the feed of before
        self.publish(n)
        self.house.poll("a")

    def titles(self, stream=STREAM, **kwargs):
        return [json.loads(fields["mention"])["title"] for _, fields in self.redis.entries(stream, **kwargs) if "mention" in fields]

    def wanted(self):
        return [f"Acme {i}" for i in range(self.n)]

    def whole(self):
        """The stream has every mention once, and the log knows it."""
        until(lambda: self.redis("XLEN", STREAM) >= self.n and self.pending() == 0, "the stream to have them all", 40)
        assert sorted(self.titles()) == sorted(self.wanted())

    def outlive_rewind(self):
        """Redis forgets four hits while they grow older than `rewind: 1s`."""
        self.say(4)
        self.whole()
        self.redis.kill()
        time.sleep(1.2)  # the subject: they grow older
        self.redis.start()

    def pending(self):
        return self.house.status()["queue"]["pending"]

    def away(self, why, seconds=20):
        return until(lambda: (q := self.house.status()["queue"]) and not q["connected"] and why in q.get("why", "") and q,
                     f"status to say {why}; says {self.house.status()['queue']}", seconds)

    def connected(self):
        return until(lambda: self.house.status()["queue"]["connected"], "Redis to be connected", 40)


# --- all is well -----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("way", ["unix", "address", "name"])
def test_each_item_is_in_the_stream_once(house, web, redis, way):
    for s in range(10):
        web.route(f"/{s}", feed(*[item(f"http://p{s}.example/{i}", f"Acme {s} {i}", "Acme es un fraude") for i in range(20)]))
    url = redis.url(tcp=way != "unix", host="localhost" if way == "name" else "127.0.0.1")
    house.configure([house.source(f"s{s}", web.url(f"/{s}")) for s in range(10)], queue={"redis": url})
    for _ in range(2):
        assert STREAM in house.once().out
        titles = [json.loads(fields["mention"])["title"] for _, fields in redis.entries()]
        assert sorted(titles) == sorted(f"Acme {s} {i}" for s in range(10) for i in range(20))


def test_an_entry_says_what_the_mention_is(house, web, redis):
    web.route("/a", feed(item("http://e.example/1", "Acme: fraude", "«ñandú» \"x\"\r\n$5", date=1790000000),
                         item("http://e.example/2", "Nada"), item("http://e.example/3", "acme")))
    before = int(time.time() * 1000)
    house.configure([house.source("a", web.url("/a"))], queue={"redis": redis.url(), "stream": "otra:corriente"})
    house.once()
    (id1, one), (id2, two) = redis.entries("otra:corriente")
    ids = [tuple(map(int, i.split("-"))) for i in (id1, id2)]
    assert ids == sorted(ids) and before <= ids[0][0] <= time.time() * 1000
    assert list(one)[:4] == ["mention", "topics", "rules", "tags"]
    assert (one["topics"], one["rules"], one["tags"]) == ("acme", "fraud", "crisis,legal")
    assert one["published"] == "2026-09-21T14:13:20Z" and "sentiment" not in one
    mention = json.loads(one["mention"])
    assert mention["text"].startswith("«ñandú» \"x\"") and mention["hits"][0]["tags"] == ["crisis", "legal"]
    assert re.fullmatch("[0-9a-f]{32}", mention["id"]) and two["rules"] == ""
    assert redis("XLEN", "otra:corriente") == 2 and not redis("EXISTS", STREAM)


def test_a_group_of_consumers_reads_it(house, web, redis):
    """As README shows it."""
    redis("XGROUP", "CREATE", STREAM, "equipo", "0", "MKSTREAM")
    Listening(house, web, redis).publish(3)
    house.once()
    [[stream, entries]] = redis("XREADGROUP", "GROUP", "equipo", "ana", "COUNT", 10, "STREAMS", STREAM, ">")
    assert stream == STREAM and len(entries) == 3
    assert redis("XACK", STREAM, "equipo", *[id for id, _ in entries]) == 3


def test_user_password_and_database(house, web, redis):
    redis("ACL", "SETUSER", "escucha", "on", ">s3creto ñ", "~escucha:*", "+@all")
    (house.folder / "password").write_text("s3creto ñ\n")
    (house.folder / "password").chmod(0o600)
    listening = Listening(house, web, url=redis.url(tcp=True, database=3), user="escucha", password={"file": "password"})
    listening.publish(2)
    house.once()
    assert not redis("EXISTS", STREAM)
    assert redis("INFO", "keyspace").count("db3:keys=1") == 1
    assert "s3creto" not in house.story()


# --- Redis away ------------------------------------------------------------------------------------------------------

def test_not_there_at_the_start(house, web, tmp_path):
    """FAULTS R1."""
    with RedisPeer(tmp_path / "redis") as redis:
        redis.stop()
        listening = Listening(house, web, redis)
        with house.running():
            listening.say(5)
            assert listening.away("")["pending"] == 5
            assert len(house.events("queue.away")) == 2  # told once of each stream, and sought again and again
            redis.start()
            listening.whole()
            assert house.told("queue.connected")
            listening.say(3)
            listening.whole()


def test_once_waits_thirty_seconds_at_most(house, web):
    listening = Listening(house, web, url=f"redis://127.0.0.1:{free_port()}")
    listening.publish(2)
    started = time.monotonic()
    done = house.once()
    assert 29 < time.monotonic() - started < 45
    assert "2 hits wait" in done.out and "nobody answers there" in done.out


def test_frozen_and_thawed(house, web, redis):
    """FAULTS R2: the deadline is our own, memory stays as it is, and what was taken by the frozen one enters once."""
    listening = Listening(house, web, redis)
    with house.running():
        listening.say(10)
        listening.whole()
        redis.freeze()
        listening.say(300)
        listening.away("no answer in time")
        before = resident_kb(house.pid, "VmRSS")
        listening.say(300)
        listening.away("no ")
        assert resident_kb(house.pid, "VmRSS") - before < 32 * 1024
        redis.thaw()
        listening.whole()


def test_connections_killed_under_load(house, web, redis):
    """FAULTS R3."""
    listening = Listening(house, web, redis)
    stop = threading.Event()

    def kill():
        while not stop.wait(0.01):
            with contextlib.suppress(OSError, RedisError):
                redis("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")

    with house.running():
        killer = threading.Thread(target=kill)
        killer.start()
        try:
            for _ in range(5):
                listening.say(400)
        finally:
            time.sleep(0.3)
            stop.set()
            killer.join()
        listening.whole()
        assert house.events("queue.away")


@pytest.mark.parametrize("signal", ["stop", "kill"])
def test_restarted_under_load(house, web, redis, signal):
    listening = Listening(house, web, redis)
    with house.running():
        for _ in range(4):
            listening.publish(300)
            house.ctl("poll", "a")
            getattr(redis, signal)()
            until(lambda: len(house.mentions()) == listening.n)
            redis.start()
        listening.whole()


def test_emptied(house, web, tmp_path):
    """FAULTS R4, R7: what Redis lost is sent again, each once, as far back as queue.rewind."""
    with RedisPeer(tmp_path / "redis", save=False) as redis:
        listening = Listening(house, web, redis)
        with house.running():
            listening.say(200)
            listening.whole()
            redis.kill()
            redis.start()
            listening.say(20)
            listening.whole()
            assert house.told("queue.rewound", sent_again=200, too_old=0)


def test_only_the_tail_was_lost(house, web, redis):
    """FAULTS R4: another server takes over that had not got the last of it."""
    listening = Listening(house, web, redis)
    with house.running():
        listening.say(5)
        listening.whole()
        kept = redis.entries()
        listening.say(7)
        listening.whole()
        with redis.hidden():
            redis("FLUSHALL")
            for id, fields in kept:
                redis("XADD", STREAM, id, *[w for pair in fields.items() for w in pair])
            listening.say(1)
        listening.whole()
        assert house.told("queue.rewound", sent_again=7, too_old=0)
        assert redis.entries()[:5] == kept


def test_older_than_rewind_is_told(house, web, tmp_path):
    with RedisPeer(tmp_path / "redis", save=False) as redis:
        listening = Listening(house, web, redis, rewind="1s")
        with house.running():
            listening.outlive_rewind()
            assert house.told("queue.rewound", sent_again=0, too_old=4)
            listening.connected()
            assert redis("EXISTS", STREAM) == 0


# --- Redis refuses ---------------------------------------------------------------------------------------------------

def test_out_of_memory(house, web, redis):
    """FAULTS R5: the group is taken whole or not at all, and later."""
    listening = Listening(house, web, redis)
    with house.running():
        listening.say(5)
        listening.whole()
        redis("CONFIG", "SET", "maxmemory", 1)
        listening.say(200)
        listening.away("OOM")
        assert redis("XLEN", STREAM) == 5
        redis("CONFIG", "SET", "maxmemory", 0)
        listening.whole()
        listening.connected()


def test_a_replica(house, web, redis):
    listening = Listening(house, web, redis)
    with house.running():
        listening.say(5)
        listening.whole()
        redis("REPLICAOF", "127.0.0.1", free_port())
        listening.say(5)
        listening.away("READONLY")
        redis("REPLICAOF", "NO", "ONE")
        listening.whole()


def test_a_password_is_wanted(house, web, redis):
    listening = Listening(house, web, redis)
    redis("CONFIG", "SET", "requirepass", "secreta")
    with house.running():
        listening.say(3)
        listening.away("NOAUTH")
        (house.folder / "pw").write_text("falsa")
        (house.folder / "pw").chmod(0o600)
        listening.configure(password={"file": "pw"})
        house.ctl("reload")
        listening.away("WRONGPASS")
        (house.folder / "pw").write_text("secreta")
        house.ctl("reload")  # no waiting for the next try
        until(lambda: redis("XLEN", STREAM, auth=["secreta"]) == 3)
        assert not re.search("falsa|secreta", house.log())


def test_the_stream_is_something_else(house, web, redis):
    listening = Listening(house, web, redis)
    redis("SET", STREAM, "texto")
    with house.running():
        listening.say(3)
        listening.away("WRONGTYPE")
        redis("DEL", STREAM)
        house.ctl("reload")
        listening.whole()


def test_no_permission(house, web, redis):
    redis("ACL", "SETUSER", "default", "-xadd")
    listening = Listening(house, web, redis)
    with house.running():
        listening.say(3)
        listening.away("NOPERM")
        redis("ACL", "SETUSER", "default", "+xadd")
        house.ctl("reload")
        listening.whole()


# --- ids -------------------------------------------------------------------------------------------------------------

def set_unsent(house):
    """As after a crash between sending and noting it: the log has them still to send."""
    with contextlib.closing(sqlite3.connect(house.state / "escuchad.db")) as db, db:
        sent = db.execute("SELECT count(*) FROM outbox WHERE state = 1").fetchone()[0]
        db.execute("UPDATE total SET n = 0 WHERE id = 6")
    return sent


def test_copies_are_refused_by_redis_itself(house, web, redis):
    """DESIGN §5, FAULTS D1: the log forgot that they were sent."""
    listening = Listening(house, web, redis)
    listening.publish(150)
    house.once()
    before = redis.entries()
    assert set_unsent(house) == 150
    house.once()
    assert redis.entries() == before
    assert house.sql("SELECT count(*) FROM outbox WHERE state = 0") == [(0,)]


def test_a_stranger_wrote_into_the_stream(house, web, redis):
    """FAULTS D5: ids that are not above the stream's last are not taken for copies: the rows get new ones."""
    listening = Listening(house, web, redis)
    with house.running():
        listening.say(3)
        listening.whole()
        ahead = int(time.time() * 1000) + 3600_000
        redis("XADD", STREAM, f"{ahead}-0", "de", "otro")
        listening.say(140)
        until(lambda: redis("XLEN", STREAM) == 3 + 1 + 140 and listening.pending() == 0)
        assert sorted(listening.titles()) == sorted(listening.wanted())
        ids = [tuple(map(int, id.split("-"))) for id, _ in redis.entries()]
        assert ids == sorted(ids) and ids[4] > (ahead, 0)
        assert house.told("queue.new_ids")
        assert len(house.hits()) == 143


def test_an_id_beyond_all_time(house, web, redis):
    redis("XADD", STREAM, "18446744073709551615-5", "de", "otro")
    listening = Listening(house, web, redis)
    with house.running():
        listening.say(2)
        listening.away("larger than any")
        assert redis("XLEN", STREAM) == 1
        redis("DEL", STREAM)
        house.ctl("reload")
        listening.whole()


def test_another_stream_by_reload(house, web, redis):
    listening = Listening(house, web, redis)
    with house.running():
        listening.say(4)
        listening.whole()
        listening.configure(stream="nueva")
        house.ctl("reload")
        until(lambda: redis("EXISTS", "nueva") and len(listening.titles("nueva")) == 4)
        listening.say(2)
        until(lambda: len(listening.titles("nueva")) == 6)
        assert redis("XLEN", STREAM) == 4


# --- no Redis at all -------------------------------------------------------------------------------------------------

class Stranger:
    """Answers every connection with these bytes, and then as it likes."""

    def __init__(self, says, hold=True):
        self.says, self.hold, self.served = says, hold, 0
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.open = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.server.accept()
                self.served += 1
                with contextlib.suppress(OSError):
                    connection.sendall(self.says)
                if self.hold:
                    self.open.append(connection)
                else:
                    connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.server.close()
        for connection in self.open:
            connection.close()


@pytest.mark.parametrize("says, why", [
    (b"+OK POP3 ready\r\n", "no sense"),  # hiredis' own connection aborts the process on this one
    (b"*2\r\n$17\r\nlast-generated-id\r\n$3\r\n0-0\r\n+OK\r\n", "not asked"),
    (b"SSH-2.0-OpenSSH_9.2\r\n", "no Redis"),
    (b"HTTP/1.1 400 Bad Request\r\n\r\n", "no Redis"),
    (b"*2147483647\r\n", "larger than any"),
    (b"*1\r\n" * 20, "no Redis"),
    (b"*-7\r\n$-9\r\n", "no Redis"),
    (b"-ERR max number of clients reached\r\n", "max number of clients"),
    (b"-DENIED Redis is running in protected mode\r\n", "DENIED"),
    (b"-MOVED 3999 127.0.0.1:6381\r\n", "Cluster"),
    (b"*2\r\n$17\r\nlast-generated-id\r\n$3\r\nabc\r\n", "no sense"),
    (b"-\x1b[31mrojo\xff\r\n", "?[31mrojo?"),
    (b"", "no answer in time"),
])
def test_what_answers_is_no_redis(house, web, says, why):
    """FAULTS R8: it costs the queue, never the daemon."""
    with Stranger(says) as stranger:
        listening = Listening(house, web, url=f"redis://127.0.0.1:{stranger.port}")
        with house.running():
            listening.say(2)
            assert listening.away(why)["pending"] == 2
            assert "\x1b" not in house.log()
            listening.say(1)  # everything else goes on
            assert len(house.hits()) == 3


def test_connections_that_end_at_once(house, web):
    with Stranger(b"", hold=False) as stranger:
        listening = Listening(house, web, url=f"redis://127.0.0.1:{stranger.port}")
        with house.running():
            listening.say(1)
            listening.away("")
            until(lambda: stranger.served >= 3)
            time.sleep(1)
            assert stranger.served < 12  # waits that double


def test_a_name_that_is_none(house, web):
    listening = Listening(house, web, url="redis://no-such-host.invalid")
    with house.running():
        listening.say(1)
        assert listening.away("")["pending"] == 1
        assert house.told("queue.away")
