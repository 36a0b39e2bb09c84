"""Everything goes wrong at once, and somebody asks all the time how long the loop kept him waiting: tests/loop_lag."""
import collections
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time

from conserve import Press, account, ask
from daemon import BUILD, ESCUCHAD, LOCAL, feed, item

Seen = collections.namedtuple("Seen", "ours bare inside cpu slowest result")  # the first four: figures()
SLOW_DISK = "inject=fsync,fdatasync:delay_enter=300000", "inject=pwrite64:delay_enter=3000"  # microseconds

# Its own process, since Python runs one thread at a time: asks two sockets in turn, each 5 ms, and prints what each took.
PROBE = """
import json, socket, sys, time
def connect(path):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(30)
    s.connect(path)
    return s
paths, end = sys.argv[2:], time.monotonic() + float(sys.argv[1])
sockets, took = [connect(p) for p in paths], [[] for _ in paths]
while time.monotonic() < end:
    for i, s in enumerate(sockets):
        begun = time.monotonic()
        try:
            s.sendall(b"GET /healthz HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
            if not s.recv(4096):
                raise ConnectionError
        except ConnectionError:  # a connection has its time
            sockets[i] = connect(paths[i])
            continue
        took[i].append(time.monotonic() - begun)
        time.sleep(0.005)
print(json.dumps(took))
"""


def figures(took):
    took = sorted(took)
    return {"n": len(took), "p50": took[len(took) // 2], "p99.9": took[int(len(took) * 0.999)], "worst": took[-1]}


class Everything:
    """hundreds of sources: of some, items come all the time; the rest hang, drip, burst, lie, or are not there."""

    def __init__(self, house, web, redis, feeds=200):
        self.house, self.web, self.redis, self.n, self.strace, self.alone = house, web, redis, 0, None, False
        self.press = Press(house, web, feeds=feeds)
        big = feed(*(item(f"http://big.example/{i}", f"Nada {i}", "texto " * 400) for i in range(400)))
        web.route("/big", big)
        bad = ["/never", "/drip/body", "/drip/headers", "/bomb/gzip", "/bomb/br", "/bomb/zstd", "/endless/chunked", "/endless/headers", "/cut/length",
               "/cut/garbage", "/status/503", "/status/429?retry=1", "/loop/a", "/coded/gzip-broken", "/html", "/big"]
        self.bad = [house.source(f"mal{i}", web.url(path, f"127.0.2.{i + 1}")) for i, path in enumerate(bad * 4)]
        self.bad += [house.source(f"{kind}{i}", f"http://{kind}{i}.example:{web.port}/big") for kind in ("slow", "late", "dead", "gone") for i in range(10)]
        self.bad += [{**house.source(f"nadie{i}", f"http://192.0.2.{i + 1}/"), "allow_private": [*LOCAL, "192.0.2.0/24"]} for i in range(20)]
        self.write()

    def write(self, **top):
        self.n += 1
        self.house.configure([*self.press.sources(), *self.bad], queue={"redis": self.redis.url()}, language="es" if self.n % 2 else "en", **top)

    def kill(self, pids):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def fault(self, second, seconds):
        """What happens in this second of so many."""
        ask(self.house, "/v1/sources/poll", {"all": True})
        if second % 3 == 0:
            self.kill(self.house.readers()[:1])
        if second % 17 == 9:
            self.kill([self.house.nursery()])
        if second % 7 == 0:
            if second % 4 == 0:
                self.write(langage="es")
            else:
                self.write()
            ask(self.house, "/v1/reload", {}, seconds=60)
        if second == seconds // 5:
            self.redis.freeze()
        if second == seconds // 5 + 30 or second == seconds - 1:
            self.redis.thaw()
        if second == seconds * 3 // 4:
            self.redis.kill()
            self.redis.start()
        if second == seconds // 2:
            self.slow_disk()
        self.press.turn_page()

    def slow_disk(self):
        """From now on each thread but the loop's own waits for its disk, as on a worn card."""
        tasks = [t for t in os.listdir(f"/proc/{self.house.pid}/task") if int(t) != self.house.pid]
        args = [a for part in SLOW_DISK for a in ("-e", part)]
        self.strace = subprocess.Popen(["strace", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync,pwrite64", *args,
                                        *(a for t in tasks for a in ("-p", t))])

    def first(self, pid):
        """Goes before all other work of this machine, which is none of the loop's doing; the threads that it starts don't."""
        with contextlib.suppress(PermissionError):
            os.sched_setscheduler(pid, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(1))
            self.alone = True

    def slowest(self):
        """The loop's functions that took longest, by their CPU time, as the log named them: (name, times, cpu_us, us)."""
        longest = collections.defaultdict(lambda: [0, 0, 0])
        for at, us, cpu in re.findall(r"event=loop.slow at=(\S+) us=(\d+) cpu_us=(\d+)", self.house.log()):
            n, most, wall = longest[at]
            longest[at] = [n + 1, max(most, int(cpu)), max(wall, int(us))]
        if not longest:
            return []
        said = subprocess.run(["addr2line", "-s", "-f", "-e", ESCUCHAD, *longest], stdout=subprocess.PIPE, text=True).stdout.splitlines()
        names = [f"{name} ({place.split()[0]})" for name, place in zip(said[::2], said[1::2])] or list(longest)
        return sorted(((name, *f) for name, f in zip(names, longest.values())), key=lambda f: -f[2])[:5]

    def write_disk(self, stop):
        """Somebody else's writes, synced, on the disk that the log is on."""
        path, block = self.house.folder / "load", os.urandom(1 << 22)
        while not stop.wait(0.2):
            with open(path, "wb") as out:
                out.write(block)
                os.fsync(out.fileno())

    @contextlib.contextmanager
    def bare(self):
        """The same HTTP server, with nothing else to do."""
        path = self.house.folder / "bare.sock"
        with open(self.house.folder / "bare.log", "wb") as log:
            process = subprocess.Popen([BUILD / "tests/tools/serve_canned", path], stdin=subprocess.PIPE, stdout=log, stderr=log)
            while not path.exists():
                time.sleep(0.02)
            yield path, process.pid
            process.kill()
            process.wait()

    def run(self, seconds, first=False):
        self.house.start()
        stop, worst, cpu = threading.Event(), [], []
        disk = threading.Thread(target=self.write_disk, args=[stop])
        disk.start()
        with self.bare() as (bare, bare_pid):
            probe = subprocess.Popen([sys.executable, "-c", PROBE, str(seconds), self.house.state / "escuchad.sock", bare], stdout=subprocess.PIPE)
            if first:
                for pid in (self.house.pid, bare_pid, probe.pid):
                    self.first(pid)
            begun = time.monotonic()
            for second in range(seconds):
                with contextlib.suppress(OSError):
                    self.fault(second, seconds)
                    status = json.loads(ask(self.house, "/v1/status")[1])
                    worst.append(status["loop_lag_us"] / 1e6)
                    cpu.append(status["loop_cpu_us"] / 1e6)
                time.sleep(max(0, begun + second + 1 - time.monotonic()))
            ours, other = map(figures, json.loads(probe.communicate(timeout=seconds + 60)[0]))
        stop.set()
        disk.join()
        if self.strace:
            self.strace.terminate()  # lets go of what it holds
            self.strace.wait()
        self.write()
        ask(self.house, "/v1/reload", {}, seconds=60)
        result = account(self.house, self.redis, self.press)
        slowest = self.slowest()
        self.house.stop()
        return Seen(ours, other, figures(worst), figures(cpu), slowest, result)
