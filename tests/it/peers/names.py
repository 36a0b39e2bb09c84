#!/usr/bin/python3
"""A network of its own, with a name server and a web server in it: run by unshare -n -m, as root.

    unshare -n -m python3 names.py FOLDER COMMAND…

COMMAND runs where every NAME.example is 127.0.0.1, but for dead*.example, of which nobody hears, and gone*.example, which
isn't there; slow*.example is told after SLOW_S, and late*.example when nobody waits any more. On 127.0.0.1:80 answers an HttpPeer; where FOLDER has a ca.pem, the system trusts that alone, and another answers on
127.0.0.1:443, to https://NAME.example with FOLDER's NAME.pem (peers/certificates). Who asked it for what is told in FOLDER/requests.json afterwards, and which
names were asked for in FOLDER/names.json. Exit status: COMMAND's; 77 where such a network can't be had.
"""
import contextlib
import json
import os
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from peers.http_peer import HttpPeer

NXDOMAIN, SLOW_S, LATE_S = 3, 0.7, 3


def network(folder):
    """What is put before a command, so that it runs in such a network; skips the test where there can be none."""
    import pytest
    if subprocess.run(["unshare", "-n", "-m", "true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
        pytest.skip("needs unshare -n -m, as root")
    if not shutil.which("ip"):
        pytest.skip("needs ip")
    return ["unshare", "-n", "-m", "/usr/bin/python3", str(Path(__file__).resolve()), str(folder)]


def name_of(query):
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode())
        at += 1 + query[at]
    return ".".join(labels), query[12:at + 5]


def answer(query):
    """What a name server says; None: nothing, ever."""
    name, question = name_of(query)
    kind = struct.unpack(">H", question[-4:-2])[0]
    if name.startswith("dead"):
        return None
    if name.startswith("gone") or not name.endswith(".example"):
        return query[:2] + struct.pack(">5H", 0x8180 | NXDOMAIN, 1, 0, 0, 0) + question
    found = struct.pack(">HHHIH", 0xC00C, 1, 1, 60, 4) + bytes([127, 0, 0, 1]) if kind == 1 else b""
    return query[:2] + struct.pack(">5H", 0x8180, 1, bool(found), 0, 0) + question + found


def serve(asked):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 53))

    def run():
        while True:
            query, who = s.recvfrom(4096)
            asked.append(name_of(query)[0])
            said = answer(query)
            wait = {"slow": SLOW_S, "late": LATE_S}.get(name_of(query)[0][:4])
            if wait:
                threading.Timer(wait, s.sendto, [said, who]).start()
            elif said:
                s.sendto(said, who)

    threading.Thread(target=run, daemon=True).start()


def settle(folder):
    """Nothing of the host's own settings is left. Tries are short, so that tests are."""
    for name, text in (("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"), ("nsswitch.conf", "hosts: files dns\n")):
        (folder / name).write_text(text)
        subprocess.run(["mount", "--bind", folder / name, f"/etc/{name}"], check=True)
    if (folder / "ca.pem").exists():
        subprocess.run(["mount", "--bind", folder / "ca.pem", "/etc/ssl/certs/ca-certificates.crt"], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def tls(folder):
    """Each name has its own certificate."""
    def context(name):
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
        return made

    def choose(connection, name, _):
        connection.context = context(name.partition(".")[0])

    first = context("good")
    first.sni_callback = choose
    return first


def main():
    folder, command = Path(sys.argv[1]), sys.argv[2:]
    asked = []
    try:
        settle(folder)
    except (OSError, subprocess.CalledProcessError) as e:
        print(e, file=sys.stderr)
        return 77
    serve(asked)
    with contextlib.ExitStack() as stack:
        webs = [stack.enter_context(HttpPeer(port=80))]
        if (folder / "ca.pem").exists():
            webs.append(stack.enter_context(HttpPeer(port=443, tls=tls(folder))))
        child = subprocess.Popen(command)
        signal.signal(signal.SIGTERM, lambda *_: child.terminate())
        code = child.wait()
        requests = [{"host": r.headers.get("host"), "path": r.path, **r.headers} for web in webs for r in web.requests]
    (folder / "requests.json").write_text(json.dumps(requests))
    (folder / "names.json").write_text(json.dumps(asked))
    return code


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)
