#!/usr/bin/python3
"""A cold poll: `escuchad --once` on an empty state, against bare_spine.c and Debian's newsboat on the same feeds.

    bench_poll.py BUILD [--feeds N] [--rounds N] [--newsboat N] [--keep FOLDER]

CPU of all processes of each side (every descendant is waited for), interleaved, the median of the rounds; newsboat, whose
cost grows faster than its feeds, takes one round in each with as many feeds as it is given. Exit status 1 where a goal is
missed, 77 where nginx, redis-server or bare_spine are not there.
"""
import argparse
import ctypes
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from email.utils import formatdate
from pathlib import Path

ITEMS, SEED, HIT_SHARE = 20, 20261122, 0.039
SPINE_GOAL, NEWSBOAT_GOAL, SKIPPED = 1.7, 1 / 20, 77
DEADLINE_S = 600
OF_ALL, PR_SET_CHILD_SUBREAPER = "--of-all", 36

# Ten rules as people write them: name, expression on plain text, the words of which a match has one, a text that it meets.
RULES = [
    ("acme", r"\b(acme|acmex)\b", ["acme"], "Compré en Acme y llegó"),
    ("andina", r"\b(andina|nortea)\b", ["andina", "nortea"], "Nortea abre otra tienda"),
    ("kroma", r"\b(kroma|belisario)\b", ["kroma", "belisario"], "lo dijo Kroma ayer"),
    ("cafe", r"\bcaf[eé] sierra\b", ["sierra"], "un Café Sierra por la mañana"),
    ("acustica", r"\bac[uú]stica mora\b", ["mora"], "la acustica mora suena"),
    ("zafiro", r"[#@]zafiro\w*", ["zafiro"], "miren #zafirofalla otra vez"),
    ("mercabien", r"\b(super|hiper)?mercabien\b", ["mercabien"], "en el Supermercabien del centro"),
    ("banco", r"\bbanco sur\b.{0,40}\b(fraude|estafa)\b", ["banco sur"], "Banco Sur otra vez con una estafa"),
    ("telenova", r"\btelenova\b.{0,40}\b(falla|robo)\b", ["telenova"], "Telenova no responde y falla"),
    ("viento", r"\bviento(?! del sur)\b", ["viento"], "El viento llegó"),
]


class Skipped(Exception):
    pass


# --- what is polled ---

def words(rng):
    """A made-up vocabulary that reads like Spanish and holds none of the rules' words."""
    heads, tails = ["ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sa", "te", "vi"], ["da", "no", "ría", "ción", "les", "mos", "r", "jo", "ña"]
    return sorted({rng.choice(heads) + "".join(rng.choices(heads, k=rng.randint(0, 2))) + rng.choice(tails) for _ in range(4000)})


def sentences(rng):
    vocabulary = words(rng)
    weights = [1 / (n + 1) for n in range(len(vocabulary))]
    return [" ".join(rng.choices(vocabulary, weights, k=rng.randint(8, 20))).capitalize() for _ in range(5000)]


def description(rng, pool, hit):
    """About a kilobyte of HTML as blogs write it; half of them escaped twice, half in CDATA."""
    parts = rng.sample(pool, 8)
    if hit:
        parts.insert(rng.randint(0, 8), rng.choice(RULES)[3])
    html = "".join(f'<p class="entry">{p}, <a href="https://medio.example/{n}">{p[:12]}</a>&nbsp;&amp; m&aacute;s.</p>\n' if n % 3 == 0 else f"<p>{p}.</p>\n"
                   for n, p in enumerate(parts))
    return f"<![CDATA[{html}]]>" if rng.random() < 0.5 else html.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def feed(rng, pool, number, now):
    items = []
    for i in range(ITEMS):
        link = f"https://medio-{number}.example/2026/11/nota-{number}-{i}.html"
        items.append(f"<item><title>{rng.choice(pool)[:70]}</title><link>{link}</link><guid isPermaLink=\"true\">{link}</guid>"
                     f"<pubDate>{formatdate(now - 60 * i, usegmt=True)}</pubDate><author>redaccion@medio-{number}.example</author>"
                     f"<category>noticias</category><description>{description(rng, pool, rng.random() < HIT_SHARE)}</description></item>\n")
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
            f"<title>Medio {number}</title><link>https://medio-{number}.example/</link><description>Noticias</description>\n"
            f"{''.join(items)}</channel></rss>\n").encode()


def write_feeds(folder, count):
    rng = random.Random(SEED)
    pool, now, size = sentences(rng), int(time.time()) - 3600, 0
    folder.mkdir()
    for number in range(count):
        body = feed(rng, pool, number, now)
        size += len(body)
        (folder / f"{number}.xml").write_bytes(body)
    return size


# --- peers ---

def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Peers:
    """nginx over the feeds, and a redis-server; each ended by its own number."""

    def __init__(self, home):
        self.home, self.running = home, []
        self.port, self.redis = free_port(), home / "redis.sock"

    def __enter__(self):
        nginx, redis = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin"), shutil.which("redis-server")
        if not nginx or not redis:
            raise Skipped("nginx and redis-server are needed")
        temporary = "".join(f"{kind}_temp_path {self.home}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        conf = self.home / "nginx.conf"
        conf.write_text(f"daemon off; worker_processes 1; pid {self.home}/nginx.pid; error_log stderr warn;\n"
                        f"events {{ worker_connections 2048; }}\nhttp {{ access_log off; sendfile on; keepalive_requests 1000000;\n"
                        f"{temporary} types {{ application/rss+xml xml; }}\n"
                        f"server {{ listen 127.0.0.1:{self.port} backlog=1024; root {self.home}/feeds; }} }}\n")
        if os.geteuid() == 0:
            conf.write_text(f"user root;\n{conf.read_text()}")
        self.start(nginx, "-p", self.home, "-c", conf)
        self.start(redis, "--port", "0", "--unixsocket", self.redis, "--save", "", "--appendonly", "no", "--dir", self.home)
        deadline = time.monotonic() + 20
        while not self.ready():
            if time.monotonic() > deadline or any(p.poll() is not None for p in self.running):
                raise RuntimeError(f"nginx or redis did not start: {(self.home / 'peers.log').read_text()}")
            time.sleep(0.05)
        return self

    def start(self, *command):
        with open(self.home / "peers.log", "ab") as log:
            self.running.append(subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    def ready(self):
        with socket.socket() as s:
            return self.redis.exists() and s.connect_ex(("127.0.0.1", self.port)) == 0

    def __exit__(self, *_):
        for process in self.running:
            process.terminate()
            process.wait(30)

    def urls(self, count):
        return [f"http://127.0.0.1:{self.port}/{n}.xml" for n in range(count)]


# --- the sides ---

def wait_for_all(command):
    """Runs a command, and waits for whatever it leaves behind, too: a nursery in a group of its own, readers that outlive it. Prints their CPU
    seconds last."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # orphans become ours
    process, code, cpu = subprocess.Popen(command), 0, 0.0
    while True:
        try:
            pid, status, used = os.wait4(-1, 0)
        except ChildProcessError:
            break
        cpu += used.ru_utime + used.ru_stime
        if pid == process.pid:
            code = process.returncode = os.waitstatus_to_exitcode(status)
    print(f"\n{cpu}", flush=True)
    return code


def cpu_of(command, **kwargs):
    """CPU seconds of a command and all its descendants, and what it printed. A process between them and us has no other children."""
    process = subprocess.Popen([sys.executable, Path(__file__).resolve(), OF_ALL, *map(str, command)], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, **kwargs)
    try:
        out = process.communicate(timeout=DEADLINE_S)[0].decode(errors="replace")
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    out, cpu = out.rstrip().rsplit("\n", 1)
    return process.returncode, float(cpu), out


class Escuchad:
    def __init__(self, build, home, peers, count):
        self.build, self.home, self.peers = build, home, peers
        (home / "rules").mkdir()
        rules = "".join(f"  - name: {name}\n    when: 'p-{name}'\n" for name, *_ in RULES)
        patterns = "".join(f"  p-{name}: '{regex}'\n" for name, regex, *_ in RULES)
        (home / "rules" / "brands.yaml").write_text(f"topic: brands\nrole: brand\npatterns:\n{patterns}rules:\n{rules}")
        sources = "".join(f"  - {{name: f{n}, platform: feed, url: '{url}', allow_private: [127.0.0.0/8], every: 1h}}\n"
                          for n, url in enumerate(peers.urls(count)))
        (home / "escuchad.yaml").write_text(f"state: state\nrules: rules/\nlanguage: en\ntimezone: UTC\nqueue:\n  redis: 'unix://{peers.redis}'\n"
                                            f"  stream: bench:hits\nsources:\n{sources}")

    def run(self, redis):
        shutil.rmtree(self.home / "state", ignore_errors=True)
        redis("DEL", "bench:hits")
        code, cpu, out = cpu_of([self.build / "daemon/main/escuchad", "-c", self.home / "escuchad.yaml", "--once"], cwd=self.home)
        if code:
            raise RuntimeError(f"escuchad: {code}\n{out[-2000:]}")
        return cpu, int(redis("XLEN", "bench:hits"))


class Spine:
    def __init__(self, program, home, peers, count):
        self.program, self.home, self.peers = program, home, peers
        (home / "urls").write_text("".join(f"{u}\n" for u in peers.urls(count)))
        (home / "rules.txt").write_text("".join("\t".join([regex, *anchors]) + "\n" for _, regex, anchors, _ in RULES))

    def run(self, redis):
        for path in self.home.glob("bare.db*"):
            path.unlink()
        redis("DEL", "bare:hits")
        code, cpu, out = cpu_of([self.program, self.home / "urls", self.home / "rules.txt", self.home / "bare.db", self.peers.redis])
        if code:
            raise RuntimeError(f"bare_spine: {code}\n{out}")
        return cpu, int(redis("XLEN", "bare:hits"))


def newsboat(home, peers, count):
    for path in home.glob("newsboat*"):
        path.unlink()
    (home / "newsboat-urls").write_text("".join(f"{u}\n" for u in peers.urls(count)))
    (home / "newsboat-config").write_text("reload-threads 1\nsuppress-first-reload yes\n")
    code, cpu, out = cpu_of(["newsboat", "-u", home / "newsboat-urls", "-c", home / "newsboat.db", "-C", home / "newsboat-config", "-x", "reload"],
                            env={"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "TERM": "dumb"})
    if code:
        raise RuntimeError(f"newsboat: {code}\n{out}")
    return cpu


def compare(options, home):
    if not options.spine.exists():
        raise Skipped("bare_spine was not built (libhs, libcurl, libevent, libxml2, hiredis, SQLite)")
    size = write_feeds(home / "feeds", options.feeds)
    ours, bare, boat = [], [], []
    with Peers(home) as peers:
        def redis(*args):
            return subprocess.run(["redis-cli", "-s", peers.redis, *args], check=True, capture_output=True, text=True).stdout.strip()

        sides = Escuchad(options.build, home, peers, options.feeds), Spine(options.spine, home, peers, options.feeds)
        small = home / "small"
        small.mkdir()
        few = Escuchad(options.build, small, peers, options.newsboat) if options.newsboat else None
        few_ours = []
        for number in range(options.rounds):
            (a, hits), (b, bare_hits) = sides[0].run(redis), sides[1].run(redis)
            if hits != bare_hits:
                raise RuntimeError(f"escuchad found {hits} hits, the bare program {bare_hits}")
            ours.append(a), bare.append(b)
            print(f"round {number + 1}: escuchad {a:.2f} s, bare {b:.2f} s of CPU: {a / b:.2f}", flush=True)
            if few and number < options.newsboat_rounds:
                few_ours.append(few.run(redis)[0])
                boat.append(newsboat(home, peers, options.newsboat))
                print(f"  {options.newsboat} feeds: escuchad {few_ours[-1]:.2f} s, newsboat {boat[-1]:.2f} s", flush=True)
    items = options.feeds * ITEMS
    ratio = statistics.median(a / b for a, b in zip(ours, bare))
    print(f"cold poll of {options.feeds} feeds, {items} items, {size / 1e6:.0f} MB, {hits} hits: escuchad {1e6 * statistics.median(ours) / items:.0f} µs "
          f"an item, bare {1e6 * statistics.median(bare) / items:.0f}: {ratio:.2f} times (goal: at most {SPINE_GOAL})")
    missed = ratio > SPINE_GOAL
    if boat:
        share = statistics.median(a / b for a, b in zip(few_ours, boat))
        print(f"cold poll of {options.newsboat} feeds: 1/{1 / share:.1f} of newsboat's CPU (goal: at most 1/{1 / NEWSBOAT_GOAL:.0f})")
        missed |= share > NEWSBOAT_GOAL
    return int(missed)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=lambda p: Path(p).resolve())
    parser.add_argument("--spine", type=lambda p: Path(p).resolve())
    parser.add_argument("--feeds", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--newsboat", type=int, default=1000, help="feeds that newsboat reloads, 0: it is left out")
    parser.add_argument("--newsboat-rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="a folder for the files, which stay")
    options = parser.parse_args()
    options.spine = options.spine or options.build / "tests/bench/bare_spine"
    if options.newsboat and not shutil.which("newsboat"):
        print("newsboat is not installed: only the bare program is compared")
        options.newsboat = 0
    options.newsboat = min(options.newsboat, options.feeds)
    try:
        if options.keep:
            options.keep.mkdir()
            return compare(options, options.keep.resolve())
        with tempfile.TemporaryDirectory(prefix="bench-poll-") as home:
            return compare(options, Path(home))
    except Skipped as why:
        print(f"skipped: {why}")
        return SKIPPED


if __name__ == "__main__":
    sys.exit(wait_for_all(sys.argv[2:]) if sys.argv[1:2] == [OF_ALL] else main())
