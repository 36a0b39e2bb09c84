"""The real escuchad, escuchactl and escuchad-reader in a folder of their own, and conditions that are awaited.

    def test_x(house, web):                              # fixtures of conftest.py
        web.route("/a", feed(item("uno", "Acme falla")))
        house.rules(acme=ACME)
        house.configure([house.source("a", web.url("/a"))])
        house.once()                                     # escuchad --once
        with house.running(): house.poll("a")            # the daemon, its end checked

Nothing sleeps for luck: until() looks again and again, to a deadline. What every program wrote is kept in house.folder,
shown when a test fails (conftest.py), and searched for a sanitizer's report when it ends."""
import contextlib
import fcntl
import json
import os
import pty
import signal
import sqlite3
import struct
import subprocess
import sys
import termios
import threading
import time
from email.utils import formatdate
from pathlib import Path
from xml.sax.saxutils import escape

import yaml

BUILD = Path(os.environ.get("ESCUCHAD_BUILD", "build")).resolve()
ESCUCHAD, CTL, READER = BUILD / "daemon/main/escuchad", BUILD / "daemon/main/escuchactl", BUILD / "daemon/reader/escuchad-reader"
SANITIZED = ESCUCHAD.exists() and b"__asan_init" in ESCUCHAD.read_bytes()
PATIENCE = 5 if SANITIZED else 1
LOCAL = ["127.0.0.0/8"]

ACME = """topic: acme
role: brand
patterns:
  name: {words: [acme]}
  theft: '\\b(estafa\\w*|fraude|robo)\\b'
about: 'name'
rules:
  - {name: fraud, when: 'theft', tags: [crisis, legal]}
"""


def built_or_exit():
    """For the commands in tests/, which run with nobody to explain a traceback."""
    if not ESCUCHAD.exists():
        sys.exit(f"{ESCUCHAD} is not there. Build it first: meson setup {BUILD} && ninja -C {BUILD} "
                 "(or say with ESCUCHAD_BUILD=FOLDER where it is)")


def until(condition, what="", seconds=20):
    """What condition() returned, once that is true."""
    deadline = time.monotonic() + seconds * PATIENCE
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"waited {seconds * PATIENCE} s in vain{': ' + what if what else ''}"
        time.sleep(0.02)


def item(guid, title, text="", link=None, date=None, extra=""):
    """One <item>; guid None: none; date: seconds since 1970, or a text as it shall stand."""
    when = formatdate(date, usegmt=True) if isinstance(date, (int, float)) else date
    return "".join(["<item>", f"<guid>{escape(guid)}</guid>" if guid else "", f"<title>{escape(title)}</title>",
                    f"<description>{escape(text)}</description>" if text else "", f"<link>{escape(link)}</link>" if link else "",
                    f"<pubDate>{escape(when)}</pubDate>" if when else "", extra, "</item>\n"])


def feed(*items, title="Prensa"):
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:slash="http://purl.org/rss/1.0/modules/slash/">'
            f"<channel><title>{escape(title)}</title><link>http://prensa.example/</link>\n{''.join(items)}</channel></rss>\n").encode()


def processes():
    """{pid: (parent, name, state)} of all that live; a zombie is gone."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                head, _, tail = (folder / "stat").read_text().rpartition(")")
                state, parent = tail.split()[:2]
                if state not in "ZX":
                    found[int(folder.name)] = (int(parent), head.partition("(")[2], state)
    return found


def children(pid):
    return sorted(p for p, (parent, _, _) in processes().items() if parent == pid)


def resident_kb(pid, key="VmHWM"):
    return int(next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(key)).split()[1])


class Plain(yaml.SafeDumper):
    """YAML as a person writes it."""

    def ignore_aliases(self, data):
        return True


class Done:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __repr__(self):
        return f"exit {self.code}\n{self.out}\n{self.err}"

    def lines(self):
        return [json.loads(line) for line in self.out.splitlines()]

    def findings(self):
        """What --check --json or reload --json says, but for notes: rules as short as most of ours here have some."""
        said = json.loads(self.out)
        return [f for f in (said["findings"] if isinstance(said, dict) else said) if f["severity"] != "note"]


class House:
    def __init__(self, folder):
        self.folder, self.config, self.state = folder, folder / "escuchad.yaml", folder / "state"
        self.rules_folder = folder / "rules"
        self.process, self.n, self.errors, self.env = None, 0, [], {}

    # --- files ---

    def rules(self, **files):
        """rules/NAME.yaml of each; None takes one away."""
        self.rules_folder.mkdir(exist_ok=True)
        for name, text in files.items():
            path = self.rules_folder / f"{name}.yaml"
            if text is None:
                path.unlink()
            else:
                path.write_text(text)

    @staticmethod
    def source(name, url, **more):
        return {"name": name, "platform": "feed", "url": url, "allow_private": LOCAL, "every": "1h", **more}

    def configure(self, sources, **top):
        if not self.rules_folder.exists():
            self.rules(acme=ACME)
        whole = {"state": "state", "rules": "rules/", "language": "en", "timezone": "UTC", "sources": sources, **top}
        self.write(yaml.dump(whole, Dumper=Plain, allow_unicode=True, sort_keys=False))

    def write(self, text):
        """As an editor does it: the new file takes the old one's place whole."""
        new = self.folder / "escuchad.yaml.new"
        new.write_bytes(text if isinstance(text, bytes) else text.encode())
        new.replace(self.config)

    # --- programs ---

    def environment(self, env):
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "TZ") or k.endswith("SAN_OPTIONS")}
        return {**kept, "HOME": str(self.folder), "LANG": "C.UTF-8", "NO_COLOR": "1", **self.env, **env}

    def begin(self, program, *args, env=None, prefix=(), stdin=subprocess.DEVNULL):
        """A program whose output goes to files; .paths are theirs."""
        self.n += 1
        paths = [self.folder / f"{self.n:02}-{program.name}.{kind}" for kind in ("out", "err")]
        self.errors.append(paths[1])
        with open(paths[0], "wb") as out, open(paths[1], "wb") as err:
            process = subprocess.Popen([*prefix, program, *map(str, args)], stdin=stdin, stdout=out, stderr=err,
                                       cwd=self.folder, env=self.environment(env or {}))
        process.paths = paths
        return process

    def end(self, process, seconds=60):
        code = process.wait(seconds * PATIENCE)
        return Done(code, *(p.read_text(errors="backslashreplace") for p in process.paths))

    def run(self, program, *args, code=0, **kwargs):
        done = self.end(self.begin(program, *args, **kwargs))
        assert code is None or done.code == code, done
        return done

    def on_terminal(self, width, *args, code=0):
        """The lines that escuchactl writes to a terminal of that width."""
        main, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        process = subprocess.Popen([CTL, *args, "-c", self.config], stdout=other, stdin=subprocess.DEVNULL, cwd=self.folder,
                                   env=self.environment({}))
        os.close(other)
        out = b""
        with contextlib.suppress(OSError):  # its end
            while part := os.read(main, 4096):
                out += part
        os.close(main)
        assert process.wait() == code
        return out.decode().replace("\r", "").splitlines()

    def begin_once(self, **kwargs):
        return self.begin(ESCUCHAD, "-c", self.config, "--once", **kwargs)

    def once(self, code=0, **kwargs):
        return self.run(ESCUCHAD, "-c", self.config, "--once", code=code, **kwargs)

    def check(self, code=0, **kwargs):
        return self.run(ESCUCHAD, "-c", self.config, "--check", "--json", code=code, **kwargs)

    def ctl(self, *args, code=0, **kwargs):
        return self.run(CTL, *args, "-c", self.config, code=code, **kwargs)

    def ctl_alone(self, *args):
        """A command of which nothing is kept, for those that are run by the hundred."""
        return subprocess.run([CTL, *args, "-c", self.config], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, cwd=self.folder, env=self.environment({}), timeout=30 * PATIENCE).returncode

    # --- the daemon ---

    def start(self, ready=True, **kwargs):
        self.process = self.begin(ESCUCHAD, "-c", self.config, "-v", **kwargs)
        if ready:
            until(lambda: "event=listening" in self.log() or self.process.poll() is not None, "escuchad to listen")
            assert self.process.poll() is None, self.log()
        return self.process

    def stop(self, code=0):
        """SIGTERM, and what it ended with."""
        process, self.process = self.process, None
        if process:
            process.send_signal(signal.SIGTERM)
            done = self.end(process, 20)
            assert done.code == code, done
            return done

    def kill(self):
        process, self.process = self.process, None
        process.kill()
        process.wait()

    @contextlib.contextmanager
    def running(self, **kwargs):
        self.start(**kwargs)
        try:
            yield self
        except BaseException:
            if self.process:  # what went wrong is told, not how it ends after that
                self.kill()
            raise
        self.stop()

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        """What the daemon that runs has written."""
        return self.process.paths[1].read_text(errors="backslashreplace")

    def events(self, event, **fields):
        """The log's lines of this event that hold all of these fields."""
        return [line for line in self.log().splitlines()
                if f" event={event} " in line + " " and all(f" {k}={v} " in line + " " for k, v in fields.items())]

    def told(self, event, seconds=20, **fields):
        return until(lambda: self.events(event, **fields), f"event={event} {fields}", seconds)

    def status(self):
        return self.ctl("status", "--json").lines()[0]

    def sources(self):
        return {s["name"]: s for s in self.ctl("sources", "--json").lines()}

    def source_is(self, name, **facts):
        s = self.sources().get(name, {})
        return s if all(s.get(k) == v for k, v in facts.items()) else None

    def wait_source(self, name, seconds=20, **facts):
        return until(lambda: self.source_is(name, **facts), f"source {name}: {facts}; is {self.sources().get(name)}", seconds)

    def settled(self):
        """All sources were polled, and none is being polled."""
        return until(lambda: (s := self.sources()) and all(x["state"] != "new" and not x["running"] for x in s.values()) and s,
                     "all sources to settle")

    def polls(self, name):
        """How many polls of this source have ended: the log tells each, but for failures repeated within ten seconds."""
        return len([line for line in self.log().splitlines() if " event=poll." in line and f" source={name} " in line])

    def poll(self, name):
        """Polls a source that will answer, and waits for the end of that."""
        before = self.polls(name)
        self.ctl("poll", name)
        until(lambda: self.polls(name) > before, f"{name} to be polled")

    def nursery(self):
        """The newest."""
        found = [p for p in children(self.pid) if processes().get(p, (0, "", ""))[1].startswith("escuchad-reader")]
        return found[-1] if found else None

    def readers(self):
        nursery = self.nursery()
        return children(nursery) if nursery else []

    def two_readers(self):
        return until(lambda: (r := self.readers()) and len(r) == 2 and self.status()["readers"]["alive"] == 2 and r, "two readers")

    # --- the log ---

    def sql(self, query, *values):
        """Straight from the file, read alone; nothing while there is no log yet."""
        try:
            with contextlib.closing(sqlite3.connect(f"file:{self.state}/escuchad.db?mode=ro", uri=True, timeout=20)) as db:
                return db.execute(query, values).fetchall()
        except sqlite3.OperationalError as error:
            if any(words in str(error) for words in ("unable to open", "no such table")):
                return []
            raise

    def mentions(self):
        """Every mention in the log: (source, title, in the stream), as they came."""
        return self.sql("SELECT name.name, mention.title, mention.stream IS NOT NULL FROM mention "
                        "JOIN name ON name.id = mention.source ORDER BY mention.id")

    def titles(self):
        return [title for _, title, _ in self.mentions()]

    def hits(self):
        """From a daemon that runs: what tail says, oldest first; at most 1000."""
        return self.ctl("tail", "--json", "-n", 1000).lines()

    # --- the end ---

    def close(self):
        if self.process:
            self.kill()

    def sanitizer_reports(self):
        return [f"{p.name}: {line}" for p in self.errors for line in p.read_text(errors="replace").splitlines()
                if "Sanitizer" in line or "runtime error:" in line]

    def story(self):
        """What every program wrote, for whoever has to find out why a test failed."""
        parts = [f"--- {self.config.name}\n{self.config.read_text(errors='replace')}"] if self.config.exists() else []
        for path in self.errors:
            for p in (path.with_suffix(".out"), path):
                text = p.read_text(errors="backslashreplace")
                if text and "escuchactl" not in p.name:
                    parts.append(f"--- {p.name}\n{text[:2000] + ' […] ' + text[-6000:] if len(text) > 8000 else text}")
        return "\n".join(parts)


class Watcher:
    """escuchactl tail -f --json, read as it writes."""

    def __init__(self, house, *args):
        self.hits = []
        self.process = house.begin(CTL, "tail", "-f", "--json", *args, "-c", house.config)
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        with open(self.process.paths[0], encoding="utf-8") as out:
            line = ""
            while not self.stopping.is_set():
                line += out.readline()
                if line.endswith("\n"):
                    self.hits.append(json.loads(line))
                    line = ""
                else:
                    time.sleep(0.02)

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.stopping.set()
        self.thread.join()
