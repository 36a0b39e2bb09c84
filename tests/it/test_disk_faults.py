"""A disk that fails under the real daemon: strace makes the kernel say so (FAULTS D7)."""
import shutil
import subprocess
from pathlib import Path

import pytest

from daemon import SANITIZED, feed, item, until

pytestmark = pytest.mark.skipif(SANITIZED or not shutil.which("strace"), reason="strace makes a disk fail, and no sanitizer bears it")


def test_a_sync_that_fails_ends_it(house, web):
    """FAULTS D7: the process ends with 75, and the next one has it all, once."""
    web.route("/a", feed(item("http://a.example/1", "Acme uno")))
    house.configure([house.source("a", web.url("/a"))])
    daemon = house.start()
    house.settled()
    web.route("/a", feed(*(item(f"http://a.example/{i}", f"Acme {i}") for i in range(1, 4))))
    strace = subprocess.Popen(["strace", "-f", "-qq", "-o", house.folder / "strace", "-e", "trace=fdatasync,fsync",
                               "-e", "inject=fdatasync,fsync:error=EIO", "-p", str(daemon.pid)])
    try:
        tracer = Path(f"/proc/{daemon.pid}/status")
        until(lambda: "TracerPid:\t0" not in tracer.read_text(), "strace to be there")
        house.ctl("poll", "a", code=None)
        assert daemon.wait(20) == 75, house.log()
    finally:
        strace.kill()
        strace.wait()
    house.process = None
    assert house.sql("PRAGMA integrity_check") == [("ok",)]
    house.once()  # whether or not what could not be synced is there, the cursor goes with it
    assert sorted(house.titles()) == ["Acme 1", "Acme 2", "Acme 3"]
