"""A wall clock that is set, and a machine that sleeps (FAULTS T1, T2): the real daemon with a clock that is ours."""
import os
import signal
import struct
import time

import pytest

from daemon import BUILD, SANITIZED, feed, item, until

HOUR, MINUTE = 3600_000, 60_000
pytestmark = pytest.mark.skipif(SANITIZED, reason="a sanitizer has to be the first library of all")


class Clock:
    """What is added to the wall clock and to the clock that counts sleep (tests/tools/shift_clock.c)."""

    def __init__(self, house):
        self.folder, self.wall, self.boot = house.folder / "clock", 0, 0
        self.folder.mkdir()
        (self.folder / "shift").write_bytes(bytes(16))
        os.mkfifo(self.folder / "set")
        self.fifo = os.open(self.folder / "set", os.O_RDWR | os.O_NONBLOCK)
        self.shift = os.open(self.folder / "shift", os.O_WRONLY)
        house.env = {"LD_PRELOAD": str(BUILD / "tests/tools/libshift_clock.so"), "SHIFT_CLOCK": str(self.folder)}

    def jump(self, wall=0, boot=0):
        self.wall, self.boot = self.wall + wall, self.boot + boot
        os.pwrite(self.shift, struct.pack("=qq", self.wall, self.boot), 0)
        os.write(self.fifo, b"x")

    def passes(self, ms):
        self.jump(wall=ms, boot=ms)

    def set(self, ms):
        """By hand or by NTP: the machine has not slept."""
        self.jump(wall=ms)

    def close(self):
        os.close(self.fifo)
        os.close(self.shift)


class Sources:
    def __init__(self, house, web, n):
        self.house, self.web, self.n, self.news = house, web, n, 0
        self.publish()
        (house.folder / "in").mkdir()
        self.config = [house.source(f"s{i}", web.url(f"/s{i}"), every="15m", slowest="15m") for i in range(n)]
        self.config.append({"name": "in", "platform": "file", "path": "in/*.xml", "every": "1s"})

    def publish(self):
        self.news += 1
        for i in range(self.n):
            self.web.route(f"/s{i}", feed(*(item(f"http://s{i}.example/{k}", f"Acme {k} de {i}") for k in range(self.news))))

    def counts(self):
        return [self.web.count(f"/s{i}") for i in range(self.n)]

    def ticks(self):
        """The file of a source that is read each second: what is due on the steady clock comes."""
        path = self.house.folder / f"in/{time.monotonic_ns()}.xml"
        path.write_bytes(feed(item(f"http://f.example/{path.name}", f"Acme, archivo {path.name}")))
        until(lambda: any(path.name in title for title in self.house.titles()), "the file to be read", 10)

    def settled(self, polls):
        until(lambda: min(self.counts()) >= polls, f"{polls} polls of each; {self.counts()}")
        self.house.settled()


@pytest.mark.parametrize("jump", [-2 * HOUR, 48 * HOUR], ids=["back", "ahead"])
def test_the_wall_clock_is_set(house, web, redis, clock, jump):
    """FAULTS T1: no storm, no freeze; the stream's ids never go back."""
    sources = Sources(house, web, 10)
    house.configure(sources.config, queue={"redis": redis.url()})
    with house.running():
        sources.settled(1)
        clock.set(jump)
        sources.ticks()
        sources.ticks()
        assert sources.counts() == [1] * 10  # not due: a quarter of an hour has not passed
        sources.publish()
        for _ in range(20):
            clock.passes(MINUTE)
            time.sleep(0.05)  # what is due within the minute is asked for
        sources.settled(2)
        assert sources.counts() == [2] * 10
        until(lambda: len(redis.entries()) == 20 + 2, "the new hits in the stream")
        ids = [tuple(map(int, id.split("-"))) for id, _ in redis.entries()]
        assert ids == sorted(ids)
    sources.publish()
    with house.running():  # and what was planned by the old clock does not wait for it
        for _ in range(18):
            clock.passes(MINUTE)
            time.sleep(0.05)
        sources.settled(3)
        assert max(sources.counts()) == 3


def test_set_back_while_it_did_not_run(house, web, clock):
    """FAULTS T1: a plan made by a clock that was two days ahead is not waited for."""
    sources = Sources(house, web, 5)
    house.configure(sources.config)
    clock.set(48 * HOUR)
    with house.running():
        sources.settled(1)
    clock.set(-48 * HOUR)
    with house.running():
        for _ in range(18):
            clock.passes(MINUTE)
            time.sleep(0.05)
        sources.settled(2)
        assert max(sources.counts()) == 2


def test_a_night_of_sleep(house, web, clock):
    """FAULTS T2: every source is due when the machine wakes; each is asked once, and not all of them at once."""
    n = 60
    sources = Sources(house, web, n)
    house.configure(sources.config)
    with house.running():
        sources.settled(1)
        os.kill(house.pid, signal.SIGSTOP)
        clock.passes(8 * HOUR)
        os.kill(house.pid, signal.SIGCONT)
        sources.ticks()
        at_once = sum(sources.counts()) - n
        assert at_once < n / 2
        for _ in range(12 * 6):  # twelve minutes: less than would make one due a second time
            clock.passes(10_000)
            time.sleep(0.02)
        sources.settled(2)
        assert sources.counts() == [2] * n
