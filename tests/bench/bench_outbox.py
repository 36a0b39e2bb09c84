#!/usr/bin/python3
"""Runs bench_outbox against a redis-server of its own, whose CPU is nobody's. Exit status: its own; 77 without Redis.

    bench_outbox.py BENCH_OUTBOX [plain]
"""
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

START_S, DEADLINE_S, SKIPPED = 20, 600, 77


def main():
    redis = shutil.which("redis-server")
    if not redis:
        print("skipped: redis-server is needed")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="bench-outbox-") as home:
        socket = Path(home) / "redis.sock"
        server = subprocess.Popen([redis, "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--dir", home],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + START_S
            while not socket.exists():
                if server.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("redis-server did not start")
                time.sleep(0.05)
            return subprocess.run([sys.argv[1], socket, *sys.argv[2:]], stdin=subprocess.DEVNULL, timeout=DEADLINE_S).returncode
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    sys.exit(main())
