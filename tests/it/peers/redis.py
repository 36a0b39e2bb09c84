"""A real redis-server of the test's own: a Unix socket and a port on loopback, in a folder that goes with the test.

    with RedisPeer(tmp_path / "redis") as redis:
        redis("XLEN", "escucha:hits")            # a reply: str, int, None, list; an error raises RedisError
        redis.url(), redis.url(tcp=True)         # for queue.redis
        redis.stop(), redis.start(), redis.kill(), redis.freeze(), redis.thaw()
"""
import contextlib
import signal
import socket
import subprocess
import time


class RedisError(Exception):
    pass


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def command(*words):
    parts = [w if isinstance(w, bytes) else str(w).encode() for w in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts)


def reply(stream):
    line = stream.readline()
    if not line.endswith(b"\r\n"):
        raise ConnectionError("Redis closed the connection")
    kind, rest = line[:1], line[1:-2]
    if kind == b"-":
        raise RedisError(rest.decode())
    if kind == b"+":
        return rest.decode()
    if kind == b":":
        return int(rest)
    if kind == b"$":
        return None if rest == b"-1" else stream.read(int(rest) + 2)[:-2].decode()
    assert kind == b"*", line
    return None if rest == b"-1" else [reply(stream) for _ in range(int(rest))]


class RedisPeer:
    """save: what it holds survives stop() and kill() (an append-only file, synced each time)."""

    def __init__(self, folder, save=True, **settings):
        self.folder, self.save, self.settings = folder, save, settings
        self.folder.mkdir(parents=True, exist_ok=True)
        self.sock, self.port, self.process = str(folder / "s"), free_port(), None
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.process:
            self.kill()

    def start(self):
        settings = {"bind": "127.0.0.1 ::1", "port": self.port, "unixsocket": self.sock, "dir": self.folder, "save": "",
                    "appendonly": "yes" if self.save else "no", "appendfsync": "always", **self.settings}
        words = [word for key, value in settings.items() for word in (f"--{key.replace('_', '-')}", *(str(value).split() or [""]))]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(["redis-server", *words], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while True:
            with contextlib.suppress(OSError, RedisError):
                if self("PING") == "PONG":
                    return
            assert self.process.poll() is None and time.monotonic() < deadline, self.log()
            time.sleep(0.02)

    def __call__(self, *words, seconds=20, auth=()):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(seconds)
            s.connect(self.sock)
            stream = s.makefile("rb")
            if auth:
                s.sendall(command("AUTH", *auth))
                reply(stream)
            s.sendall(command(*words))
            return reply(stream)

    def url(self, tcp=False, host="127.0.0.1", database=None):
        if tcp:
            return f"redis://{host}:{self.port}" + (f"/{database}" if database is not None else "")
        return f"unix://{self.sock}" + (f"?db={database}" if database is not None else "")

    def entries(self, stream="escucha:hits", **kwargs):
        """[(id, {field: value})], oldest first."""
        return [(id, dict(zip(fields[::2], fields[1::2]))) for id, fields in self("XRANGE", stream, "-", "+", **kwargs)]

    @contextlib.contextmanager
    def hidden(self):
        """Restarted where nobody else finds it; what is done to it there stays (save)."""
        shown = self.sock, self.port
        self.stop()
        self.sock, self.port = self.sock + "-hidden", free_port()
        self.start()
        yield self
        self.stop()
        self.sock, self.port = shown
        self.start()

    def stop(self):
        self.end(signal.SIGTERM)

    def kill(self):
        self.end(signal.SIGKILL)

    def end(self, signo):
        process, self.process = self.process, None
        process.send_signal(signal.SIGCONT)
        process.send_signal(signo)
        process.wait(20)

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def log(self):
        return (self.folder / "log").read_text(errors="replace")
