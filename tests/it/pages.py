"""What stands in a manual page or in README.md, and a world in which its examples run (test_docs.py)."""
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("ESCUCHAD_BUILD", TOP / "build")).resolve()
ESCUCHAD, ESCUCHACTL = BUILD / "daemon/main/escuchad", BUILD / "daemon/main/escuchactl"
ONLINE = ("status", "sources", "poll", "reload", "tail", "search", "add")
ONCE_ONLY = ("add", "XREADGROUP", "XACK")  # a second time they would say something else
DEADLINE_S = 20


# --- what stands in a page ---

class Example:
    def __init__(self, page, line, language, lines):
        indent = min((len(x) - len(x.lstrip("\t")) for x in lines if x.strip()), default=0)
        self.where = f"{page}:{line}"
        self.language = language
        self.lines = [x[indent:] for x in lines]
        self.text = "\n".join(self.lines) + "\n"
        name = re.match(r"(?:#|<!--) ([\w./-]+\.\w+)(?: -->)?$", self.lines[0] if self.lines else "")
        self.file = name.group(1) if name else None
        self.session = self.text.startswith("$ ")

    def commands(self):
        """[(command, the lines that it prints)]"""
        found = []
        for line in self.lines:
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
        return found


def examples(path):
    found, lines = [], None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if path.suffix == ".scd" and lines is not None:
            assert re.fullmatch(r"(?:[^\\]|\\\\)*", line), f"{path.name}:{number}: scdoc wants each backslash twice, here too"
            line = line.replace("\\\\", "\\")
        fence = re.match(r"```(\w*)$", line)
        if fence and lines is None:
            start, language, lines = number, fence.group(1), []
        elif fence:
            found.append(Example(path.name, start, language, lines))
            lines = None
        elif lines is not None:
            lines.append(line)
    assert lines is None, f"{path.name}:{start}: this example never ends"
    return found


def expectation(lines):
    parts = []
    for line in lines:
        if line.strip() == "…":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(".*".join(re.escape(part) for part in line.rstrip().split("…")) + r"[ \t]*\n")
    return re.compile("".join(parts))


# --- where examples run ---

class World:
    """A folder with a page's files, the programs on the PATH, a Redis if it is asked for, and at most one daemon."""

    def __init__(self, text):
        self.folder = Path(tempfile.mkdtemp(prefix="docs", dir="/tmp"))  # short: sockets stand in it
        self.daemon = self.redis = None
        for name in ("bin", "home", "credentials", "archive"):
            (self.folder / name).mkdir()
        shutil.copytree(TOP / "conf/demo", self.folder / "conf/demo")
        shutil.copy(TOP / "conf/quickstart.yaml", self.folder / "conf")
        self.env = {
            "PATH": f"{self.folder}/bin:/usr/bin:/bin", "HOME": f"{self.folder}/home", "LC_ALL": "C.UTF-8", "TZ": "UTC",
            "CREDENTIALS_DIRECTORY": f"{self.folder}/credentials",
            **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")},
        }
        self.secrets(text)
        (self.folder / "bin/escuchactl").symlink_to(ESCUCHACTL)
        self.script("escuchad", f'''
            import os, sys
            args = sys.argv[1:]
            at = next((i + 1 for i, a in enumerate(args) if a in ("-c", "--config")), None)
            if not {{"--check", "--help", "--version"}} & set(args):  # what runs finds Redis on the test's own socket
                given = args[at] if at else "escuchad.yaml"
                text = open(given).read().replace("redis://127.0.0.1:6379/0", "unix://{self.folder}/redis.sock")
                own = os.path.join(os.path.dirname(given), "own-" + os.path.basename(given))
                open(own, "w").write(text)
                args = args[:at] + [own] + args[at + 1:] if at else ["-c", own, *args]
            os.execv("{ESCUCHAD}", ["escuchad", *args])
        ''')
        self.script("redis-cli", f'''
            import os, sys
            os.execv("/usr/bin/redis-cli", ["redis-cli", "-s", "{self.folder}/redis.sock", *sys.argv[1:]])
        ''')
        if "redis-cli" in text:
            self.redis = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", f"{self.folder}/redis.sock", "--save", "",
                                           "--dir", str(self.folder)], stdout=subprocess.DEVNULL)

    def script(self, name, text):
        lines = text.strip("\n").splitlines()
        indent = len(lines[0]) - len(lines[0].lstrip())
        path = self.folder / "bin" / name
        path.write_text("#!/usr/bin/python3\n" + "\n".join(x[indent:] for x in lines) + "\n")
        path.chmod(0o755)

    def secrets(self, text):
        for kind, name in re.findall(r"\{(env|file|credential): ([\w./-]+)\}", text):
            if kind == "env":
                self.env[name] = f"{name}-is-a-secret"
                continue
            if name.endswith(".txt"):  # a list of values, which the page itself has
                continue
            path = self.folder / ("credentials" if kind == "credential" else "") / name
            path.touch(0o600)
            path.write_text(f"{name}-is-a-secret\n")  # no two are the same

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run(self, command):
        r = subprocess.run(["sh", "-c", command], cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        return r.returncode, r.stdout

    def follow(self, command, wanted):
        """A command that never ends by itself: what it prints until that is what was wanted."""
        log = self.folder / "follow.log"
        with open(log, "w") as out:
            p = subprocess.Popen(["sh", "-c", "exec " + command], cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL, stdout=out,
                                 stderr=subprocess.STDOUT)
        deadline = time.monotonic() + (DEADLINE_S if wanted.pattern else 1)
        while time.monotonic() < deadline and p.poll() is None and not (wanted.pattern and wanted.fullmatch(log.read_text())):
            time.sleep(0.02)
        code = p.poll() or 0
        p.send_signal(signal.SIGINT)
        p.wait(DEADLINE_S)
        return code, log.read_text()

    def start(self, command):
        assert ESCUCHAD.exists(), "escuchad is not built"
        self.log = self.folder / "daemon.log"
        self.daemon = subprocess.Popen(["sh", "-c", "exec " + command], cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL,
                                       stdout=open(self.log, "w"), stderr=subprocess.STDOUT)
        config = re.search(r" (?:-c|--config) (\S+)", command)
        ask = "escuchactl status" + (f" -c {config.group(1)}" if config else "")
        deadline = time.monotonic() + DEADLINE_S
        while self.run(ask)[0] != 0:
            assert self.daemon.poll() is None and time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.02)

    def command(self, command, lines):
        """What is wrong with it, or None."""
        wanted = expectation(lines)
        if command.endswith(" &"):
            self.start(command[:-2])
            return None
        verb = re.search(r"\bescuchactl (" + "|".join(ONLINE) + r")\b", command)
        if verb and not self.daemon:
            config = re.search(r" (?:-c|--config) (\S+)", command)
            self.start("escuchad" + (f" -c {config.group(1)}" if config else ""))
        deadline = time.monotonic() + DEADLINE_S
        while True:
            code, out = self.follow(command, wanted) if re.search(r"tail (.* )?(-f|--follow)\b", command) else self.run(command)
            right = wanted.fullmatch(out) is not None if lines else code == 0
            again = self.daemon and not any(word in command for word in ONCE_ONLY)
            if right or not again or time.monotonic() > deadline:
                return None if right else f"exit status {code}, and it printed:\n{out}"
            time.sleep(0.05)  # the daemon may not have come so far yet

    def end(self):
        try:
            if self.daemon:
                self.daemon.send_signal(signal.SIGTERM)
                assert self.daemon.wait(DEADLINE_S) == 0, self.log.read_text()
                log = self.log.read_text()
                assert "Sanitizer" not in log and "runtime error" not in log, log
        finally:
            for p in (self.daemon, self.redis):
                if p and p.poll() is None:
                    p.kill()
                    p.wait()
            shutil.rmtree(self.folder)
