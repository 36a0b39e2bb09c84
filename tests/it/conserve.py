"""Nothing is lost, nothing comes twice: newspapers that print without end, somebody who has them all read at once and again,
and the count in the end.

    with Press(web, feeds=4, seed=7) as press, Load(house, press):
        …                                                    # whatever is done to escuchad, its readers and Redis
        account(house, redis, press)                         # waits until all is in, and compares

An item that was shown stays on show until the log has it, and REPEATED more after that: so it is with real feeds, and what is
lost then was lost by escuchad. Items come by ETag: a cursor ahead of its data would hide them for good."""
import contextlib
import json
import random
import socket
import threading
from collections import Counter

from daemon import PATIENCE, feed, item, until

STREAM = "escucha:hits"
SHOWN_MAX, REPEATED, NEW_MAX = 300, 40, 4


class Press:
    """Newspapers that have something new each time that they are asked."""

    def __init__(self, house, web, feeds=4, seed=1, new_max=NEW_MAX):
        self.house, self.web, self.feeds, self.new_max = house, web, feeds, new_max
        self.chance, self.lock, self.printing = random.Random(seed), threading.Lock(), True
        self.low, self.high = [0] * feeds, [0] * feeds  # of each: what it shows, from item low to before item high
        for i in range(feeds):
            web.route(f"/diario{i}", handler=lambda h, i=i: self.serve(h, i))

    def serve(self, h, i):
        with self.lock:
            if self.printing and self.high[i] - self.low[i] < SHOWN_MAX:
                self.high[i] += self.chance.randint(0, self.new_max)
            low, high = self.low[i], self.high[i]
        body = feed(*(item(self.guid(i, k), f"Acme n{k} del diario {i}", "otra vez, un fraude") for k in range(low, high)))
        h.conditional(body, f'"{low}-{high}"', "Sun, 22 Nov 2026 10:00:00 GMT")

    @staticmethod
    def guid(i, k):
        return f"http://d{i}.example/n{k}"

    def turn_page(self):
        """What the log has is shown a little longer, and then no more."""
        had = dict(self.house.sql("SELECT name.name, count(*) FROM mention JOIN name ON name.id = mention.source GROUP BY 1"))
        with self.lock:
            for i in range(self.feeds):
                self.low[i] = max(self.low[i], had.get(f"diario{i}", 0) - REPEATED)

    def served(self):
        with self.lock:
            return sum(self.high)

    def wanted(self):
        return {self.guid(i, k) for i in range(self.feeds) for k in range(self.high[i])}

    def sources(self):
        """Each on a host of its own: no more than a few at once are asked of one."""
        return [self.house.source(f"diario{i}", self.web.url(f"/diario{i}", self.host(i))) for i in range(self.feeds)]

    def host(self, i):
        return f"127.0.1.{i % 250 + 1}" if self.web.host == "::" else None


def ask(house, path, body=None, seconds=10):
    """(status, answer) of a request to escuchad itself: no process is started for it."""
    data = b"" if body is None else json.dumps(body).encode()
    head = f"{'GET' if body is None else 'POST'} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    if body is not None:
        head += f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n"
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(seconds * PATIENCE)
        s.connect(str(house.state / "escuchad.sock"))
        s.sendall(head.encode() + b"\r\n" + data)
        answer = b"".join(iter(lambda: s.recv(65536), b""))
    head, _, rest = answer.partition(b"\r\n\r\n")
    if not rest and not head:
        raise ConnectionError("escuchad closed the connection")
    return int(head.split()[1]), rest.decode()


class Load:
    """Has every source asked anew as soon as escuchad answers, while in a with."""

    def __init__(self, house, pause=0.01):
        self.house, self.pause, self.stopping = house, pause, threading.Event()
        self.thread = threading.Thread(target=self.work, daemon=True)

    def work(self):
        while not self.stopping.wait(self.pause):
            with contextlib.suppress(OSError):
                ask(self.house, "/v1/sources/poll", {"all": True}, seconds=2)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *exception):
        self.stopping.set()
        self.thread.join()


class Account:
    def __init__(self, wanted, entries, rows):
        mentions = [json.loads(fields["mention"]) for _, fields in entries]
        times = Counter(m["guid"] for m in mentions)
        self.items = len(wanted)
        self.lost = sorted(wanted - set(times))
        self.doubled = sorted(guid for guid, n in times.items() if n > 1)
        self.unknown = sorted(set(times) - wanted)
        self.log_agrees = rows == [(id, m["id"]) for (id, _), m in zip(entries, mentions)]

    def good(self):
        return not self.lost and not self.doubled and not self.unknown and self.log_agrees

    def __str__(self):
        some = "".join(f"; {what}: {' '.join(which[:5])}" for what, which in
                       [("lost", self.lost), ("doubled", self.doubled), ("unknown", self.unknown)] if which)
        return (f"{self.items} items, {len(self.lost)} lost, {len(self.doubled)} doubled, "
                f"the log {'agrees' if self.log_agrees else 'DISAGREES'}{some}")


def account(house, redis, press, seconds=60):
    """Of a daemon that runs: everything that was ever shown is read and sent; compared, then, with what Redis holds."""
    press.printing = False
    with Load(house, pause=0.2), contextlib.suppress(AssertionError):  # what is missing is in the account
        until(lambda: house.sql("SELECT count(*) FROM mention")[0][0] >= press.served(), "the log to have them all", seconds)
        until(lambda: redis("XLEN", STREAM) >= press.served() and not house.status()["queue"]["pending"], "Redis to have them", seconds)
    rows = house.sql("SELECT outbox.id, mention.key FROM outbox JOIN mention ON mention.id = outbox.mention WHERE state = 1 ORDER BY outbox.id")
    assert house.sql("PRAGMA integrity_check") == [("ok",)]
    return Account(press.wanted(), redis.entries(seconds=60), [(f"{id >> 20}-{id & 0xFFFFF}", key.hex()) for id, key in rows])
