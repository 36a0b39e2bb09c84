#!/usr/bin/python3
"""A backtest over a log of 100,000 mentions beside `escuchactl match` over the same mentions: mentions a second of CPU, all
processes, one side after the other in each round, the median of five.

    tests/bench/bench_backtest.py BUILD [MENTIONS]

Both judge by the same readers. The backtest reads the log besides, holds each mention against its hits there and has several
readers; match reads and writes JSON. Exit status 1 below the goal: as fast as match."""
import ctypes
import json
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/it"))
os.environ["ESCUCHAD_BUILD"] = sys.argv[1]
from daemon import ACME, CTL, House, feed, item  # noqa: E402
from peers.http_peer import HttpPeer  # noqa: E402

ROUNDS, GOAL, PR_SET_CHILD_SUBREAPER = 5, 1.0, 36
FILL = """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
INSERT INTO mention (id, key, seen, published, source, flags, platform, kind, author_name, url, title, text)
SELECT 1000 + i, CAST(printf('%%016d', i) AS BLOB), m.seen, m.published, m.source, m.flags, m.platform, m.kind, 'autor ' || i %% 997,
'http://prensa.example/' || i, CASE i %% 10 WHEN 0 THEN 'Acme ' || i ELSE 'nota ' || i END,
'un texto como tantos otros, de una longitud que es la usual en una red, y con ' || CASE i %% 30 WHEN 0 THEN 'un fraude ' ELSE 'nada ' END || i
FROM n, (SELECT * FROM mention LIMIT 1) m"""


def cpu_of(*command, **kwargs):
    """Of the command and all that it started: readers that outlive their parents come to us, and are waited for."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **kwargs)
    assert child.wait() == 0, command
    took = time.monotonic() - began
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        pass
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, took


def main():
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    n = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    with tempfile.TemporaryDirectory(prefix="e") as folder, HttpPeer() as web:
        house = House(Path(folder))
        web.route("/a", feed(item("uno", "Acme", "una estafa")))
        house.rules(acme=ACME)
        house.configure([house.source("prensa", web.url("/a"))])
        house.once()
        with sqlite3.connect(house.state / "escuchad.db") as db:
            db.execute(FILL % n)
        lines = house.folder / "mentions.jsonl"
        with sqlite3.connect(house.state / "escuchad.db") as db, open(lines, "w") as out:
            for url, title, text, author in db.execute("SELECT url, title, text, author_name FROM mention"):
                out.write(json.dumps({"url": url, "title": title, "text": text, "author": {"name": author}}) + "\n")
        sides = {"backtest": (CTL, "backtest", "--json", "-c", house.config), "match": (CTL, "match", lines, "-c", house.config)}
        taken = {name: [] for name in sides}
        for _ in range(ROUNDS):
            for name, command in sides.items():
                taken[name].append(cpu_of(*command, cwd=folder, env=house.environment({})))
        cpu = {name: statistics.median(c for c, _ in v) for name, v in taken.items()}
        wall = {name: statistics.median(w for _, w in v) for name, v in taken.items()}
    ratio = cpu["match"] / cpu["backtest"]
    print(f"mentions={n} backtest_per_cpu_s={n / cpu['backtest']:.0f} match_per_cpu_s={n / cpu['match']:.0f} ratio={ratio:.2f} "
          f"backtest_per_s={n / wall['backtest']:.0f} match_per_s={n / wall['match']:.0f} goal={GOAL}")
    return 0 if ratio >= GOAL else 1


sys.exit(main())
