"""Kills without warning, at moments that a seed chose, while everything is busy (FAULTS D1, D2): tests/kills, test_kills.py."""
import contextlib
import os
import random
import signal
import time
from collections import Counter

from conserve import Load, Press, account
from daemon import PATIENCE

FEEDS, NEW_MAX = 6, 8  # so many that 200 kills see 12,000 items
KINDS = {"daemon": 10, "daemon and Redis": 5, "Redis": 3, "reader": 3, "nursery": 1}


class LossyDisk:
    """Of Redis: what reaches the append-only file after sync() may be gone after a kill, as after a power cut with
    appendfsync everysec. A kill -9 alone would lose nothing of it: the kernel has it."""

    def __init__(self, redis):
        self.redis, self.synced = redis, {}

    def files(self):
        return {path: path.stat().st_size for path in (self.redis.folder / "appendonlydir").glob("*.incr.aof")}

    def sync(self):
        self.synced = self.files()

    def cut(self, chance):
        for path, size in self.files().items():
            os.truncate(path, chance.randint(min(self.synced.get(path, 0), size), size))


class Killing:
    def __init__(self, house, web, redis, seed):
        self.house, self.redis, self.seed = house, redis, seed
        self.chance, self.kills, self.cuts = random.Random(seed), Counter(), 0
        self.press, self.disk = Press(house, web, feeds=FEEDS, seed=seed, new_max=NEW_MAX), LossyDisk(redis)
        redis.settings["auto_aof_rewrite_percentage"] = 0  # the file that grows is one
        self.restart_redis()
        house.configure(self.press.sources(), queue={"redis": redis.url()})

    # --- who is killed ---

    def restart_redis(self):
        """Killed, with what it says it does when: always loses nothing that was acknowledged, everysec up to a second."""
        lossy = self.redis.settings.get("appendfsync") == "everysec"
        self.redis.kill()
        if lossy:
            self.disk.cut(self.chance)
            self.cuts += 1
        self.redis.settings["appendfsync"] = self.chance.choice(["always", "everysec"])
        self.redis.start()
        self.disk.sync()

    def kill_reader(self, nursery):
        victim = self.house.nursery() if nursery else self.chance.choice(self.house.readers() or [None])
        with contextlib.suppress(ProcessLookupError):
            if victim:
                os.kill(victim, signal.SIGKILL)
        return bool(victim)

    def wait_ready(self):
        path = self.house.state / "escuchad.sock"
        deadline = time.monotonic() + 30 * PATIENCE
        while "event=listening" not in self.house.log():
            assert self.house.process.poll() is None and time.monotonic() < deadline, self.house.log()
            time.sleep(0.003)
        assert path.exists()

    def strike(self):
        """One kill; whoever was killed is back, or coming, when it returns."""
        kind = self.chance.choices(list(KINDS), KINDS.values())[0]
        if self.house.process is None:
            self.house.start(ready=False)
            if self.chance.random() < 0.15:  # in the midst of starting, recovery of the last kill included
                time.sleep(self.chance.uniform(0, 0.1) * PATIENCE)
                kind = "daemon at its start"
            else:
                self.wait_ready()
        if kind != "daemon at its start":
            time.sleep(self.chance.uniform(0.005, 0.125) if self.chance.random() < 0.9 else self.chance.uniform(0.125, 1))
        if kind in ("reader", "nursery") and not self.kill_reader(kind == "nursery"):
            kind = "daemon"  # it had none yet
        if "daemon" in kind:
            self.house.kill()
        if "Redis" in kind:
            self.restart_redis()
        self.kills[kind] += 1
        self.press.turn_page()
        if self.chance.random() < 0.3:
            self.disk.sync()

    def run(self, n):
        with Load(self.house):
            for _ in range(n):
                self.strike()
        if self.house.process is None:
            self.house.start(ready=False)
        self.wait_ready()
        result = account(self.house, self.redis, self.press)
        self.house.stop()
        return result

    def __str__(self):
        kinds = ", ".join(f"{n} {kind}" for kind, n in self.kills.most_common())
        return f"seed {self.seed}: {sum(self.kills.values())} kills ({kinds}; {self.cuts} times Redis lost what it had not synced)"
