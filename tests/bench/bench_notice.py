#!/usr/bin/python3
"""From the commit that makes a condition true to the notice handed to its channel, while another channel is down.

    bench_notice.py BUILD [--apart N] [--together N]

Brands with the alerts that every topic has; the feed of one turns hostile, which opens an incident of which two people are told at once: ana
by a channel that works, luis by one whose service takes connections and never answers. First APART (20) of them, one after another; then
TOGETHER (40) in the same moment. The time goes from the end of the log's transaction that holds the mentions, as a reader of the log sees
it, to the request's arrival at ana's service; beside it stands the sum with all that precedes the commit, from the moment when the feed was
asked. p50, p95 and worst of each; exit status 1 where p95 from the commit is above 2 s.
"""
import argparse
import os
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

GOAL_S, PATIENCE_S, POLL_S = 2.0, 60, 0.002
RULES = """topic: {name}
role: brand
patterns:
  name: [{name}]
  danger: [estafa]
about: name
rules:
  - name: fraud
    when: danger
    tags: [crisis]
"""
WORDS = ["es una estafa, qué vergüenza de tienda", "me robaron el dinero, pura estafa, cuidado", "denunciada por estafa ante el defensor del pueblo"]


class Bench:
    def __init__(self, house, web, peer, feed, item):
        self.house, self.web, self.peer, self.feed, self.item = house, web, peer, feed, item

    def before(self, name):
        return [self.item(f"{name}-v{i}", f"{name} abre la tienda {i}") for i in range(3)]

    def hostile(self, name):
        return [self.item(f"{name}{i}", f"{name} {words}", link=f"https://sitio{i}.example/{name}") for i, words in enumerate(WORDS)]

    def committed(self, names):
        """name → when a reader of the log first sees its mentions."""
        seen, deadline = {}, time.monotonic() + PATIENCE_S
        with sqlite3.connect(f"file:{self.house.state}/escuchad.db?mode=ro", uri=True) as db:
            while set(names) - set(seen) and time.monotonic() < deadline:
                for guid, in db.execute("SELECT guid FROM mention WHERE guid LIKE '%2' AND guid NOT LIKE '%-v2'"):
                    seen.setdefault(guid[:-1], time.monotonic())
                time.sleep(POLL_S)
        return seen

    def told(self, names):
        """name → when ana was first told of it."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            at = {}
            for q in list(self.peer.taken["telegram"]):
                for name in names:
                    if name in q["json"]["text"]:
                        at.setdefault(name, q["at"])
            if len(at) == len(names):
                return at
            time.sleep(POLL_S)
        raise SystemExit(f"nobody was told of {sorted(set(names) - set(at))}: {self.house.log()[-3000:]}")

    def turn(self, names):
        """[(from the commit, from the question)] in seconds."""
        for name in names:
            self.web.route(f"/{name}", self.feed(*self.before(name), *self.hostile(name)))
        asked = time.monotonic()
        for name in names:
            threading.Thread(target=self.house.ctl, args=("poll", name), daemon=True).start()
        commit = self.committed(names)
        at = self.told(names)
        return [(max(at[name] - commit[name], 0.0), at[name] - asked) for name in names]


def p95(values):
    return sorted(values)[max(0, -(-len(values) * 95 // 100) - 1)]


def show(what, times):
    missed = False
    for since, v in zip(("the commit", "the question"), zip(*times)):
        missed |= since == "the commit" and p95(v) > GOAL_S
        print(f"{len(v)} incidents {what}, another channel silent: from {since} to the channel p50 {statistics.median(v) * 1000:.0f} ms, "
              f"p95 {p95(v) * 1000:.0f} ms, worst {max(v) * 1000:.0f} ms")
    return missed


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("build", type=Path)
    args.add_argument("--apart", type=int, default=20)
    args.add_argument("--together", type=int, default=40)
    args = args.parse_args()
    os.environ["ESCUCHAD_BUILD"] = str(args.build.resolve())
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "it"))
    from daemon import House, feed, item
    from peers.channel_peer import ChannelPeer
    from peers.http_peer import HttpPeer
    from test_channels import KINDS, channel

    apart, together = [f"marca{i:02}x" for i in range(args.apart)], [f"casa{i:02}x" for i in range(args.together)]
    with tempfile.TemporaryDirectory(prefix="notice", dir="/tmp") as folder, HttpPeer() as web, ChannelPeer() as peer:
        house = House(Path(folder))
        bench = Bench(house, web, peer, feed, item)
        peer.silent.add("ntfy")
        for name in apart + together:
            web.route(f"/{name}", feed(*bench.before(name)))
        house.rules(**{name: RULES.format(name=name) for name in apart + together})
        step = [{"after": "0s", "notify": ["ana", "luis"]}]
        house.configure([house.source(name, web.url(f"/{name}")) for name in apart + together], language="es", operators=["luis"],
                        channels=[channel(house, peer, kind, timeout="15s") for kind in ("telegram", "ntfy")],
                        people=[{"name": "ana", "reach": [{"telegram": "1"}]}, {"name": "luis", "reach": [{"ntfy": KINDS["ntfy"][1]}]}],
                        escalations=[{"name": "casa", "info": step, "warning": step, "critical": step, "repeat": "30m"}],
                        defaults={"escalation": "casa"}, notices={"gather": "1h", "pause": "1h", "retry": "1s"})
        with house.running():
            house.settled()
            missed = show("one after another", [t for name in apart for t in bench.turn([name])]) if apart else False
            missed |= show("at once", bench.turn(together)) if together else False
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
