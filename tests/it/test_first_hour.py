"""A brand of one's own, from nothing to its first hit: init, --check, --once, the daemon, and every online command."""
import http.server
import json
import os
import signal
import subprocess
import threading
import time

import pytest

from test_serve import BUILD
from test_ctl import ctl, lines, until

ESCUCHAD = BUILD / "daemon/main/escuchad"
ITEM = "<item><guid>https://example.com/{n}</guid><title>{title}</title><description>{text}</description></item>"


class Feed(http.server.BaseHTTPRequestHandler):
    items = []

    def do_GET(self):
        body = ("<rss version='2.0'><channel><title>Prensa</title>" + "".join(self.items) + "</channel></rss>").encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def feed():
    Feed.items = [ITEM.format(n=1, title="Ñandú &amp; Co es una estafa", text="Dice una clienta"),
                  ITEM.format(n=2, title="Mañana lloverá", text="Por la tarde")]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Feed)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def environment():
    return {"PATH": os.environ["PATH"], "LANG": "es", "HOME": "/nonexistent",
            **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}}


def escuchad(*args):
    r = subprocess.run([ESCUCHAD, *map(str, args)], capture_output=True, text=True, timeout=90, env=environment())
    assert r.returncode == 0, (r.returncode, r.stdout, r.stderr)
    return r


def test_from_nothing_to_the_first_hit(tmp_path, feed):
    folder = tmp_path / "mi marca"
    config = folder / "escuchad.yaml"
    ctl("init", folder, "--lang", "es", "--brand", "Ñandú & Co", "--competitors", "Rival", "--country", "cl", "--no-news",
        "--feed", f"http://127.0.0.1:{feed.server_port}/rss", "--yes")
    # a server on this machine is none that init would name: private addresses are only listened to where it is said
    config.write_text(config.read_text().replace("    every: 10m\n", "    every: 10m\n    allow_private: [127.0.0.0/8]\n"))
    escuchad("--check", "-c", config)
    assert "estafa" in escuchad("--once", "-c", config).stdout
    log = open(tmp_path / "log", "w")
    daemon = subprocess.Popen([ESCUCHAD, "-c", config], stderr=log, stdout=log, env=environment())
    try:
        until(lambda: subprocess.run([BUILD / "daemon/main/escuchactl", "status", "-c", config], capture_output=True,
                                     env=environment()).returncode == 0, 30)
        online(config, folder)
    finally:
        daemon.send_signal(signal.SIGTERM)
        code = daemon.wait(30)
        print((tmp_path / "log").read_text())
    assert code == 0


def online(config, folder):
    until(lambda: json.loads(ctl("status", "--json", "-c", config).stdout).get("sources", {}).get("ok") == 1, 30)
    status = json.loads(ctl("status", "--json", "-c", config).stdout)
    assert status["rules"]["topics"] == 2 and status["log"]["hits"] == 1
    assert "fuentes" in ctl("status", "-c", config).stdout
    source = lines(ctl("sources", "--json", "-c", config).stdout)[0]
    assert source["name"] == "127-0-0-1" and source["state"] == "ok"
    first = lines(ctl("tail", "--json", "-c", config).stdout)
    assert len(first) == 1 and first[0]["baseline"] and first[0]["hits"][0]["rules"][0] == "quejas"
    assert "Ñandú & Co es una estafa" in ctl("tail", "-c", config).stdout

    follower = subprocess.Popen([BUILD / "daemon/main/escuchactl", "tail", "-f", "--json", "-c", config], text=True,
                                stdout=subprocess.PIPE, env=environment())
    seen = []
    threading.Thread(target=lambda: seen.extend(follower.stdout), daemon=True).start()
    until(lambda: len(seen) == 1)
    Feed.items.insert(0, ITEM.format(n=3, title="Nuevo", text="#ÑandúCo no, pero Ñandú &amp; Co sí"))
    ctl("poll", source["name"], "-c", config)
    until(lambda: len(seen) == 2)
    assert "baseline" not in json.loads(seen[1])
    added = json.loads(ctl("add", "Llamó una clienta:", "Ñandú & Co", "no funciona", "--json", "-c", config).stdout)
    assert added["hits"][0]["rules"][0] == "quejas"
    until(lambda: len(seen) == 3)
    follower.terminate()
    assert json.loads(seen[2])["id"] == added["id"]

    until(lambda: "lloverá" in ctl_search(config, "llovera"), 30)  # no hit, and found all the same, accents or not
    rules = folder / "rules/rival.yaml"
    right = rules.read_text()
    rules.write_text(right.replace("role: competitor", "role: competitr"))
    r = ctl("reload", "-c", config, code=78, lang="es")
    assert "rival.yaml:" in r.stderr and "competitor" in r.stderr
    assert "ATENCIÓN" in ctl("status", "-c", config).stdout
    rules.write_text(right)
    ctl("reload", "-c", config)
    assert "ATENCIÓN" not in ctl("status", "-c", config).stdout
    time.sleep(0.1)
    assert len(lines(ctl("tail", "--json", "-c", config).stdout)) == 3


def ctl_search(config, text):
    return subprocess.run([BUILD / "daemon/main/escuchactl", "search", text, "-c", config], capture_output=True, text=True,
                          env=environment()).stdout
