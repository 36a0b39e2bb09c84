"""Very many sources: all of one list, asked within their interval, by one core, in little memory (FAULTS T2).

The one who is asked says when (tests/tools/feed_farm): each source's first question after the start, the time from each to
the next, and how many came in one second. tests/scale runs it with 100,000 sources and fifteen minutes."""
import collections
import contextlib
import http.client
import os
import re
import socket
import subprocess
import time

import pytest
from daemon import BUILD, LOCAL, SANITIZED, children, resident_kb, until

SOURCES = int(os.environ.get("ESCUCHAD_SOURCES", 10_000))
MINUTES = int(os.environ.get("ESCUCHAD_MINUTES", 1))
ROUNDS = float(os.environ.get("ESCUCHAD_ROUNDS", 0.25))  # after each was asked once: so many intervals more
HOSTS = max(1, min(1000, SOURCES // 100))
JITTER = 0.1  # waits are spread by a tenth (source/pace)
LATE_S = max(2, MINUTES * 60 / 100)  # a hundredth of the interval: what a machine with other work may add
SPREAD_S = min(300, MINUTES * 60)  # what is due at once at the start is spread over so long
TICKS = os.sysconf("SC_CLK_TCK")


class Farm:
    """tests/tools/feed_farm, and what it was asked."""

    def __init__(self, folder):
        self.log = folder / "farm.log"
        self.process = subprocess.Popen([BUILD / "tests/tools/feed_farm", str(HOSTS), self.log], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def url(self, i):
        host = i % HOSTS
        return f"http://127.1.{host // 250}.{host % 250}:{self.port}/seccion/{i}"

    def asked(self):
        """(seconds, path, status) of each request."""
        with open(self.log) as log:
            for line in log:
                if not line.endswith("\n"):
                    return  # it is being written
                ms, _, path, status = line.split()
                yield int(ms) / 1000, path, int(status)

    def close(self):
        self.process.stdin.close()
        self.process.wait(20)


@pytest.fixture
def farm(tmp_path):
    farm = Farm(tmp_path)
    yield farm
    farm.close()


class Unix(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self.path))


def metrics(house):
    link = Unix(house.state / "escuchad.sock")
    link.request("GET", "/metrics")
    text = link.getresponse().read().decode()
    link.close()
    return {name: float(value) for name, value in re.findall(r"^([a-z_]+(?:\{[^}]*\})?) (\S+)$", text, re.M)}


def worst_bucket(m, histogram, part):
    """The upper end of the bucket under which this part of all lies."""
    total = m[f"{histogram}_count"]
    for le, count in ((le, v) for k, v in m.items() for le in re.findall(rf'{histogram}_bucket{{le="([^"]+)"}}', k)):
        if count >= part * total:
            return le
    return "+Inf"


def cpu_s(pid):
    """Of a process with all its children."""
    fields = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS + sum(map(cpu_s, children(pid)))


def part_of(values, part):
    return sorted(values)[min(len(values) - 1, int(part * len(values)))] if values else 0


@pytest.mark.skipif(SANITIZED, reason="sanitizers cost more than the core that this is about")
def test_all_are_asked_within_their_interval(house, farm):
    every = MINUTES * 60
    longest = every * (1 + JITTER) + LATE_S
    outlines = "".join(f'<outline type="rss" text="Sección {i}" xmlUrl="{farm.url(i)}"/>\n' for i in range(SOURCES))
    (house.folder / "prensa.opml").write_text(f'<?xml version="1.0"?><opml version="2.0"><body>\n{outlines}</body></opml>\n')
    house.configure([{"name": "prensa", "platform": "opml", "file": "prensa.opml", "every": f"{MINUTES}m",
                      "slowest": f"{MINUTES}m", "allow_private": LOCAL}])
    house.start(prefix=("taskset", "-c", "0"))
    with contextlib.ExitStack() as stack:
        stack.callback(house.close)
        until(lambda: house.events("list.read"), "the list to be read", 60)
        began = time.monotonic()
        peak = resident_kb(house.pid)
        waiting = second = cpu = 0
        while time.monotonic() < began + longest + ROUNDS * every * (1 + JITTER) + LATE_S:
            time.sleep(min(10, every / 20))
            waiting = max(waiting, house.status()["readers"]["waiting"])
            if not second and time.monotonic() > began + longest:
                second, cpu = time.monotonic(), cpu_s(house.pid)
        share = (cpu_s(house.pid) - cpu) / (time.monotonic() - second)
        m, main_kb = metrics(house), resident_kb(house.pid, "VmRSS")
        readers_kb = [resident_kb(p, "VmRSS") for p in house.readers()]
        highest_kb = resident_kb(house.pid)
        ended = time.monotonic()
        house.stop()

    times, statuses, tens = collections.defaultdict(list), collections.Counter(), collections.Counter()
    for at, path, status in farm.asked():
        times[path].append(at)
        statuses[status] += 1
        tens[int(at - began) // 10] += 1
    first = [t[0] - began for t in times.values()]
    gaps = [b - a for t in times.values() for a, b in zip(t, t[1:])]
    since = [ended - t[-1] for t in times.values()]
    busiest = tens.most_common(1)[0][1]
    print(f"\nsources={SOURCES} every_s={every} asked={len(times)} requests={sum(statuses.values())} statuses={dict(statuses)}\n"
          f"first_s p50={part_of(first, .5):.1f} p99={part_of(first, .99):.1f} max={max(first):.1f}\n"
          f"gap_s p50={part_of(gaps, .5):.2f} p99={part_of(gaps, .99):.2f} max={max(gaps):.2f} min={min(gaps):.2f} n={len(gaps)}\n"
          f"busiest_ten_seconds={busiest} mean={10 * SOURCES / SPREAD_S:.0f}\n"
          f"cpu_share={share:.3f} jobs_waiting={waiting} loop_lag_p999_le={worst_bucket(m, 'escuchad_loop_lag_seconds', .999)} "
          f"loop_lag_all_le={worst_bucket(m, 'escuchad_loop_lag_seconds', 1)}\n"
          f"main_kb={main_kb} after_list_kb={peak} highest_kb={highest_kb} readers_kb={readers_kb}")
    assert len(times) == SOURCES and max(first) <= every + LATE_S
    assert max(gaps) <= longest and max(since) <= longest + LATE_S  # each within its interval, to the end
    assert min(gaps) >= every * (1 - JITTER) - 1  # and none too often
    assert statuses[304] >= SOURCES * 0.35 * ROUNDS  # every second one has an ETag
    assert busiest <= 2 * 10 * SOURCES / SPREAD_S + 100  # no herd
    assert main_kb <= 25_000 + SOURCES * 0.75
