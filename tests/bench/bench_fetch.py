#!/usr/bin/python3
"""A round of 304: the daemon's main process against bare_fetch.c on the same feeds, HTTP with connections that are kept, and
HTTPS with a connection and a whole handshake for each; and a round of 200 whose bodies come in gzip.

    bench_fetch.py BUILD [--feeds N] [--rounds N] [--only http|https|gzip] [--pause]

The daemon is the whole one: schedule, queues, fetch, guard, and the commit of what each poll found, the writer thread
included, and what it writes only seconds later; its readers have nothing to do. Both sides are warm, and asked in turns for the same round; CPU time of their
threads, the median of the rounds' ratios. HTTPS needs unshare -m (root), since both are to trust the bench's own authority
beside the system's. Exit status 1 where a goal is missed, 77 where nginx or bare_fetch are not there.
"""
import argparse
import gzip
import os
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

MARKS_S = 6  # a little longer than what polls were is gathered before it is written (source/marks)
GOALS = {"http": 1.4, "https": 1.15, "gzip": 1.6}
SKIPPED, HOSTS, FEED_BYTES, DEADLINE_S = 77, 32, 30_000, 300
TRUST = 'mount --bind "$1" /etc/ssl/certs/ca-certificates.crt && shift && exec "$@"'
SYSTEM_CA = Path("/etc/ssl/certs/ca-certificates.crt")


class Skipped(Exception):
    pass


class Children:
    """Whatever was started ends with the bench, however that ends."""

    def __init__(self):
        self.all = []
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))

    def start(self, *args, **more):
        self.all.append(subprocess.Popen(*args, **more))
        return self.all[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for child in reversed(self.all):
            child.terminate()
        for child in self.all:
            try:
                child.wait(30)
            except subprocess.TimeoutExpired:
                child.kill()


def until(condition, what):
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"waited in vain for {what}")
        time.sleep(0.05)


def text_of(n, described):
    items, size = [], 0
    while size < FEED_BYTES:
        i = len(items)
        items.append(f"<item><title>Nota {n}-{i}</title><link>https://medio-{n}.example/{i}</link><guid>https://medio-{n}.example/{i}</guid>"
                     f"<description>{described()}</description></item>\n")
        size += len(items[-1])
    return (f'<?xml version="1.0"?><rss version="2.0"><channel><title>Medio {n}</title>'
            f"<link>https://medio-{n}.example/</link>{''.join(items)}</channel></rss>")


def write_feeds(folder, count):
    """N.xml, and N.gz of words at random: as people write, it shrinks to a fourth."""
    chance = random.Random(7)
    words = ["".join(chance.choices("aeiou" "bcdlmnprst", k=chance.randint(2, 9))) for _ in range(2000)]
    often = [1 / (i + 1) for i in range(len(words))]
    folder.mkdir()
    for n in range(count):
        (folder / f"{n}.xml").write_text(text_of(n, lambda: "Llueve en la ciudad desde temprano. " * 35))
        (folder / f"{n}.gz").write_bytes(gzip.compress(text_of(n, lambda: " ".join(chance.choices(words, often, k=200))).encode()))


def certificates(home):
    """One for all of the hosts, which are addresses."""
    def openssl(*args):
        subprocess.run(["openssl", *args], cwd=home, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    (home / "ext").write_text("subjectAltName=" + ",".join(f"IP:{host(n)}" for n in range(HOSTS)) + "\n")
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "100", "-subj", "/CN=Bench")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "web.key", "-out", "web.csr", "-subj", "/CN=web")
    openssl("x509", "-req", "-in", "web.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "web.pem", "-days", "90", "-extfile", "ext")
    (home / "all.pem").write_bytes(SYSTEM_CA.read_bytes() + (home / "ca.pem").read_bytes())


def host(n):
    return f"127.0.0.{n + 1}"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Web:
    """nginx with one worker on HOSTS addresses: HTTP that keeps connections, HTTPS that keeps neither them nor sessions."""

    def __init__(self, home, children):
        self.home, self.ports, self.status = home, {scheme: free_port() for scheme in GOALS}, free_port()
        nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        if not nginx:
            raise Skipped("nginx is needed")
        temporary = "".join(f"{kind}_temp_path {home}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (home / "nginx.conf").write_text(
            f"daemon off; worker_processes 1; pid {home}/nginx.pid; error_log stderr warn; {'user root;' if os.geteuid() == 0 else ''}\n"
            f"events {{ worker_connections 4096; }}\nhttp {{ access_log off; sendfile on; {temporary} types {{ application/rss+xml xml gz; }}\n"
            f"server {{ root {home}/feeds; keepalive_requests 100000000; keepalive_timeout 600;\n{self.listen('http', '')} }}\n"
            f"server {{ root {home}/feeds; keepalive_timeout 0; ssl_session_cache off; ssl_session_tickets off;\n"
            f"ssl_certificate {home}/web.pem; ssl_certificate_key {home}/web.key;\n{self.listen('https', ' ssl')} }}\n"
            f"server {{ root {home}/feeds; keepalive_requests 100000000; keepalive_timeout 600; etag off; if_modified_since off;\n"
            f"add_header Last-Modified ''; add_header Content-Encoding gzip;\n{self.listen('gzip', '')} }}\n"
            f"server {{ listen 127.0.0.1:{self.status}; stub_status; }} }}\n")
        self.log = open(home / "nginx.log", "wb")
        self.process = children.start([nginx, "-p", home, "-c", home / "nginx.conf"], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        until(self.listening, "nginx")

    def listen(self, scheme, more):
        return "".join(f"listen {host(n)}:{self.ports[scheme]}{more};\n" for n in range(HOSTS))

    def listening(self):
        if self.process.poll() is not None:
            raise RuntimeError((self.home / "nginx.log").read_text())
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.status)) == 0

    def counts(self):
        """Connections accepted, requests answered; this one is left out of neither, so only differences mean anything."""
        text = urllib.request.urlopen(f"http://127.0.0.1:{self.status}/").read().decode()
        accepted, _, requests = re.search(r"(\d+) (\d+) (\d+)", text).groups()
        return int(accepted), int(requests)

    def urls(self, scheme, count):
        speaks, ending = {"gzip": ("http", "gz")}.get(scheme, (scheme, "xml"))
        return [f"{speaks}://{host(n % HOSTS)}:{self.ports[scheme]}/{n}.{ending}" for n in range(count)]


class Bare:
    def __init__(self, program, home, urls, ca, children):
        self.whole = urls[0].endswith("gz")
        (home / "urls").write_text("".join(f"{u}\n" for u in urls))
        self.process = children.start([program, home / "urls", *([ca] if ca else [])], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.line()

    def line(self):
        return {k: int(v) for k, v in re.findall(r"(\w+)=(\d+)", self.process.stdout.readline())}

    def round(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        said = self.line()
        if said["failed"] or said["not_modified" if self.whole else "ok"]:
            raise RuntimeError(f"bare_fetch: {said}")
        return said["cpu_us"] / 1e6

    def stop(self):
        self.process.stdin.close()
        self.process.wait(30)


class Daemon:
    def __init__(self, build, home, web, urls, ca, children):
        self.build, self.home, self.web, self.count = build, home, web, len(urls)
        home.mkdir()
        (home / "rules").mkdir()
        (home / "rules" / "acme.yaml").write_text("topic: acme\nrole: brand\npatterns:\n  name:\n    words: |\n      acme\nabout: 'name'\n")
        sources = "".join(f"  - {{name: f{n}, platform: feed, url: '{url}', allow_private: [127.0.0.0/8], every: 1h}}\n" for n, url in enumerate(urls))
        (home / "escuchad.yaml").write_text(f"state: state\nrules: rules/\nlanguage: en\ntimezone: UTC\nsources:\n{sources}")
        self.log = open(home / "log", "wb")
        prefix = ["unshare", "-m", "sh", "-c", TRUST, "sh", str(ca)] if ca else []
        self.process = children.start([*prefix, build / "daemon/main/escuchad", "-c", home / "escuchad.yaml"], stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log, cwd=home)
        until(lambda: self.ctl("status") == 0, "escuchad")
        self.round()  # the baseline, ...
        self.round()  # ... and whatever is done once after it

    def ctl(self, *args):
        return subprocess.run([self.build / "daemon/main/escuchactl", *args, "-c", self.home / "escuchad.yaml"], cwd=self.home,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode

    def cpu_ns(self):
        """Of all threads that live; they all do, for the length of a round."""
        total = 0
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
        return total

    def settled(self):
        """It has asked for everything, and rests."""
        before = self.cpu_ns()
        time.sleep(0.25)
        return self.cpu_ns() - before < 3_000_000 and self.process.poll() is None

    def round(self):
        before, asked = self.cpu_ns(), self.web.counts()[1]
        if self.ctl("poll", "--all") != 0:
            raise RuntimeError(f"escuchactl poll: {(self.home / 'log').read_text()[-2000:]}")
        until(lambda: self.web.counts()[1] - asked > self.count, "all to be asked for")
        time.sleep(MARKS_S)
        until(self.settled, "escuchad to rest")
        return (self.cpu_ns() - before) / 1e9

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def compare(options, home, web, scheme, children):
    ca = home / "all.pem" if scheme == "https" else None
    if ca and (os.geteuid() != 0 or not shutil.which("unshare")):
        print("https: needs unshare -m, as root")
        return False
    urls = web.urls(scheme, options.feeds)
    daemon = Daemon(options.build, home / scheme, web, urls, ca, children)
    bare = Bare(options.bare, home / scheme, urls, ca, children)
    ours, theirs, connections = [], [], []
    if options.pause:
        input(f"{scheme}: escuchad is {daemon.process.pid}; Enter goes on ")
    for number in range(options.rounds):
        start = web.counts()[0]
        ours.append(daemon.round())
        middle = web.counts()[0]
        theirs.append(bare.round())
        print(f"  {scheme} round {number + 1}: escuchad {1e6 * ours[-1] / options.feeds:.0f} µs a poll, bare {1e6 * theirs[-1] / options.feeds:.0f}: "
              f"{ours[-1] / theirs[-1]:.2f} (connections {middle - start}, {web.counts()[0] - middle})", flush=True)
    daemon.stop()
    bare.stop()
    ratio = statistics.median(a / b for a, b in zip(ours, theirs))
    print(f"{scheme}, {options.feeds} feeds, {200 if scheme == 'gzip' else 304}: {ratio:.2f} times the bare program's CPU (goal: at most {GOALS[scheme]}); "
          f"{1e6 * statistics.median(ours) / options.feeds:.0f} µs a poll, {1e6 * statistics.median(theirs) / options.feeds:.0f}", flush=True)
    return ratio > GOALS[scheme]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=lambda p: Path(p).resolve())
    parser.add_argument("--bare", type=lambda p: Path(p).resolve())
    parser.add_argument("--feeds", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=GOALS)
    parser.add_argument("--pause", action="store_true", help="waits before the rounds, for a profiler")
    options = parser.parse_args()
    options.bare = options.bare or options.build / "tests/bench/bare_fetch"
    try:
        if not options.bare.exists():
            raise Skipped("bare_fetch was not built")
        with tempfile.TemporaryDirectory(prefix="bench-fetch-") as folder, Children() as children:
            home = Path(folder)
            write_feeds(home / "feeds", options.feeds)
            certificates(home)
            web = Web(home, children)
            return int(any([compare(options, home, web, scheme, children) for scheme in GOALS if options.only in (None, scheme)]))
    except Skipped as why:
        print(f"skipped: {why}")
        return SKIPPED


if __name__ == "__main__":
    sys.exit(main())
