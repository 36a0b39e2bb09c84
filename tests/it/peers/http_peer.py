"""A web server that behaves badly on request: the other end of every fetch in these tests.

As a program:   python3 tests/it/peers/http_peer.py --root DIR     prints its address and serves the folder and the modes
In a test:      with HttpPeer(root=folder) as peer: … peer.url("/etag") … peer.requests … peer.route("/x", body=b"…")

What a path does stands beside its handler below (MODES). Everything ends by itself: a handler after MAX_SECONDS, a body
after MAX_BYTES, the records after MAX_REQUESTS."""
import argparse
import base64
import email.utils
import hashlib
import http.server
import mimetypes
import socket
import ssl
import struct
import threading
import time
import urllib.parse
import zlib
from pathlib import Path

MAX_SECONDS, MAX_BYTES, MAX_REQUESTS = 30, 1 << 28, 100_000
BOMB_BYTES = 1 << 28

FEED = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>Diario de prueba</title><link>http://example.com/</link>
<item><guid>uno</guid><title>La niña comió piñas en Logroño</title><link>http://example.com/1</link></item>
<item><guid>dos</guid><title>Otra vez llueve</title><link>http://example.com/2</link></item>
</channel></rss>
""".encode()
# 256 MiB of zeros, and "hola, mundo\n", as Debian's brotli writes them: Python has no encoder of its own.
BROTLI_BOMB = base64.b64decode(
    "z///f/gnAOKxQCD3/p/////wTwDEYQGA7v0/////4Z8AiMMiAN37f/7//8M/ARCHBQC69//8//+HfwIgDgsAdO//+f//D/8EQBwWAOje//P//x"
    "/+CYA4LADQvf/n//8//BMAcVgAoHv/z///f/gnAOKwAED3/p/////wTwDEYQGA7v0/////4Z8AiMMCAN37f/7//8M/ARCHBQC69//8//+HfwIg"
    "DgsAdO//+f//D/8EQBwWAOje//P//x/+CYA4LADQvf/n//8//BMAcVgAoHv/Pw==")
BROTLI_HELLO = base64.b64decode("jwWAaG9sYSwgbXVuZG8KAw==")


def gzip(data, level=9):
    packer = zlib.compressobj(level, wbits=31)
    return packer.compress(data) + packer.flush()


def gzips(data, times):
    return gzips(gzip(data), times - 1) if times else data


def gzip_bomb(size=BOMB_BYTES):
    packer, zeros = zlib.compressobj(9, wbits=31), bytes(1 << 20)
    return b"".join(packer.compress(zeros) for _ in range(size >> 20)) + packer.flush()


def zstd_frame(blocks):
    """RFC 8878 by hand: no checksum, a window of 2 MiB; blocks of (type, size, bytes), 0 raw and 1 one repeated byte."""
    out = [b"\x28\xb5\x2f\xfd\x00\x58"]
    for i, (kind, size, data) in enumerate(blocks):
        out.append(struct.pack("<I", (i == len(blocks) - 1) | kind << 1 | size << 3)[:3] + data)
    return b"".join(out)


def zstd_bomb(size=BOMB_BYTES):
    return zstd_frame([(1, 1 << 17, b"\0")] * (size >> 17))


class Request:
    def __init__(self, handler):
        self.method, self.path, self.at = handler.command, handler.path, time.monotonic()
        self.headers = {k.lower(): v for k, v in handler.headers.items()}
        self.client = handler.client_address

    def __repr__(self):
        return f"<{self.method} {self.path}>"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = MAX_SECONDS
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def send_error(self, code, *args, **kwargs):  # of http.server itself; its page would only be noise
        self.answer(code)

    def do_GET(self):
        self.until = time.monotonic() + MAX_SECONDS
        peer = self.server.peer
        split = urllib.parse.urlsplit(self.path)
        self.args = urllib.parse.parse_qs(split.query, keep_blank_values=True)
        with peer.lock:
            if len(peer.requests) < MAX_REQUESTS:
                peer.requests.append(Request(self))
            peer.now += 1
            peer.most_at_once = max(peer.most_at_once, peer.now)
            route = peer.routes.get(split.path)
        try:
            if route:
                route(self)
            else:
                self.mode(split.path)
        except (BrokenPipeError, ConnectionResetError, TimeoutError, ssl.SSLError):
            self.close_connection = True
        finally:
            with peer.lock:
                peer.now -= 1

    do_HEAD = do_POST = do_GET

    def mode(self, path):
        name, _, rest = path.strip("/").partition("/")
        handler = MODES.get(name)
        if handler:
            handler(self, rest)
        elif self.server.peer.root:
            self.file(path)
        else:
            self.answer(404, b"nada")

    # --- what modes are made of ---

    def arg(self, name, default=None):
        return self.args.get(name, [default])[0]

    def head(self, code, headers=()):
        self.send_response(code)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()

    def answer(self, code=200, body=b"", headers=(), kind="application/rss+xml"):
        self.head(code, [("Content-Type", kind), ("Content-Length", str(len(body))), *headers])
        if self.command != "HEAD":
            self.wfile.write(body)

    def raw(self, data):
        """Bytes as they are, and no more requests on this connection."""
        self.close_connection = True
        self.wfile.write(data)
        self.wfile.flush()

    def go_on(self):
        return time.monotonic() < self.until and not self.server.peer.stopping.is_set()

    def rest(self, seconds):
        self.server.peer.stopping.wait(min(seconds, max(0, self.until - time.monotonic())))

    def pour(self, data, pause=0):
        sent = 0
        while self.go_on() and sent < MAX_BYTES:
            self.wfile.write(data)
            sent += len(data)
            if pause:
                self.wfile.flush()
                self.rest(pause)
        self.close_connection = True

    def conditional(self, body, etag, changed, kind="application/rss+xml"):
        if self.headers.get("If-None-Match") == etag:
            return self.head(304, [("ETag", etag)])
        self.answer(200, body, [("ETag", etag), ("Last-Modified", changed)], kind)

    def file(self, path):
        root = Path(self.server.peer.root).resolve()
        target = (root / urllib.parse.unquote(path).lstrip("/")).resolve()
        if root not in target.parents or not target.is_file():
            return self.answer(404, b"nada")
        body = target.read_bytes()
        kind = mimetypes.guess_type(target.name)[0] or "application/octet-stream"
        self.conditional(body, '"%s"' % hashlib.sha256(body).hexdigest()[:16],
                         email.utils.formatdate(target.stat().st_mtime, usegmt=True), kind)


CHANGED = "Sun, 22 Nov 2026 10:00:00 GMT"


def status(h, rest):
    """/status/503?retry=120&retry=-5: any status, with any Retry-After headers; 304 with a body, against the rules."""
    h.answer(int(rest), b"<p>estado %s</p>" % rest.encode(), [("Retry-After", v) for v in h.args.get("retry", [])], "text/html")


def redirect(h, rest):
    """/redirect/301?to=URL"""
    h.answer(int(rest), b"", [("Location", h.arg("to", ""))])


def chain(h, rest):
    """/chain/5: so many redirects (302, or ?code=) before a feed."""
    left, code = int(rest), h.arg("code", "302")
    h.answer(int(code), b"", [("Location", f"/chain/{left - 1}?code={code}")]) if left else h.answer(200, FEED)


def loop(h, rest):
    """/loop/a → /loop/b → /loop/a"""
    h.answer(302, b"", [("Location", "/loop/b" if rest == "a" else "/loop/a")])


def coded(h, rest):
    """/coded/gzip, br, zstd, deflate, bare, padded, five; gzip-cut, gzip-broken, not-gzip, compress, and with six encodings: /coded/six"""
    code, body = {
        "gzip": ("gzip", lambda: gzip(FEED)), "br": ("br", lambda: BROTLI_HELLO),
        "zstd": ("zstd", lambda: zstd_frame([(0, len(FEED), FEED)])), "gzip-cut": ("gzip", lambda: gzip(FEED)[:-60]),
        "deflate": ("deflate", lambda: zlib.compress(FEED)), "bare": ("deflate", lambda: zlib.compress(FEED)[2:-4]),
        "padded": ("x-gzip", lambda: gzip(FEED) + bytes(8)), "five": ("gzip, gzip, gzip, gzip, gzip", lambda: gzips(FEED, 5)),
        "compress": ("compress", lambda: FEED),
        "gzip-broken": ("gzip", lambda: gzip(FEED)[:40] + b"\xff" * 40 + gzip(FEED)[80:]),
        "not-gzip": ("gzip", lambda: FEED), "six": ("gzip, gzip, gzip, gzip, gzip, gzip", lambda: FEED)}[rest]
    h.answer(int(h.arg("status", "200")), body(), [("Content-Encoding", code), ("ETag", '"v1"')])


def bomb(h, rest):
    """/bomb/gzip, br, zstd, and gzip in gzip: /bomb/twice"""
    code = {"twice": "gzip, gzip"}.get(rest, rest)
    h.answer(200, h.server.peer.bomb(rest), [("Content-Encoding", code)])


def endless(h, rest):
    """/endless/chunked, length, close, headers, line, redirect"""
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    if rest == "headers":
        h.wfile.write(b"HTTP/1.1 200 OK\r\n")
        return h.pour(b"X-Mas: " + b"y" * 100 + b"\r\n")
    if rest == "line":
        h.wfile.write(b"HTTP/1.1 200 OK\r\nX-Mas: ")
        return h.pour(b"y" * 4096)
    if rest == "length":
        h.head(200, [("Content-Length", str(1 << 40))])
        return h.pour(b"x" * 65536)
    if rest == "close":
        h.head(200, [("Connection", "close")])
        return h.pour(b"x" * 65536)
    if rest == "redirect":
        h.head(302, [("Location", "/ok"), ("Transfer-Encoding", "chunked")])
        return h.pour(chunk)
    h.head(200, [("Transfer-Encoding", "chunked")])
    h.pour(chunk)


def drip(h, rest):
    """/drip/body, /drip/headers: a byte each ?ms="""
    pause = float(h.arg("ms", "200")) / 1000
    if rest == "headers":
        h.wfile.write(b"HTTP/1.1 200 OK\r\nX-Mas: ")
    else:
        h.head(200, [("Content-Length", "1000000")])
    h.pour(b"x", pause)


def never(h, rest):
    """/never: takes the request and says nothing."""
    h.rest(MAX_SECONDS)
    h.close_connection = True


def cut(h, rest):
    """/cut/length, chunked, nothing: closes in the middle; /cut/garbage: no HTTP at all"""
    h.raw({"length": b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<rss>",
           "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\n",
           "garbage": b"\x00\x01\x02 hola, soy un buzon\r\n220 ready\r\n", "nothing": b""}[rest])


def auth(h, rest):
    """/auth: only with user ana and password s3creto"""
    good = h.headers.get("Authorization") == "Basic " + base64.b64encode(b"ana:s3creto").decode()
    h.answer(200, FEED) if good else h.answer(401, b"no", [("WWW-Authenticate", 'Basic realm="x"')])


def slow(h, rest):
    """/slow?ms=500: a feed, after a while"""
    h.rest(float(h.arg("ms", "500")) / 1000)
    h.answer(200, FEED)


MODES = {
    "ok": lambda h, rest: h.answer(200, FEED),
    "etag": lambda h, rest: h.conditional(FEED, h.arg("is", 'W/"v1, \\"raro\\""'), CHANGED),
    "etag-changes": lambda h, rest: h.answer(200, FEED, [("ETag", f'"{time.monotonic_ns()}"')]),
    "html": lambda h, rest: h.answer(200, b"<!DOCTYPE html><title>Portal</title><p>Acepte", kind="text/html; charset=utf-8"),
    "type": lambda h, rest: h.answer(200, FEED, kind=h.arg("is", "image/png")),
    "big": lambda h, rest: h.answer(200, b"x" * min(int(h.arg("bytes", "1000")), MAX_BYTES)),
    "header": lambda h, rest: h.answer(200, FEED, [(k, v) for k, vs in h.args.items() for v in vs]),
    "status": status, "redirect": redirect, "chain": chain, "loop": loop, "coded": coded, "bomb": bomb,
    "endless": endless, "drip": drip, "never": never, "cut": cut, "auth": auth, "slow": slow,
}


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def __init__(self, address, peer):
        self.peer = peer
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, Handler)

    def server_bind(self):
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)  # "::" hears IPv4 too
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = self.server_address[:2]  # no reverse look-up

    def get_request(self):
        connection, address = super().get_request()
        self.peer.connections += 1
        return connection, address

    def finish_request(self, request, address):
        if self.peer.tls:
            request.settimeout(MAX_SECONDS)
            try:
                request = self.peer.tls.wrap_socket(request, server_side=True)
            except OSError:
                return
        super().finish_request(request, address)

    def handle_error(self, request, address):
        pass


class HttpPeer:
    """Serves from construction until stop(); tls is an ssl.SSLContext. host "::" hears every loopback address."""

    def __init__(self, root=None, host="127.0.0.1", port=0, tls=None):
        self.root, self.tls, self.host = root, tls, host
        self.requests, self.routes, self.bombs = [], {}, {}
        self.connections = self.now = self.most_at_once = 0
        self.lock, self.stopping = threading.Lock(), threading.Event()
        self.server = Server((host, port), self)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.stop()

    def stop(self):
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()

    def url(self, path="/", host=None):
        host = host or ("127.0.0.1" if self.host == "::" else self.host)
        return f"http{'s' if self.tls else ''}://{host}:{self.port}{path}"

    def route(self, path, body=b"", code=200, headers=(), kind="application/rss+xml", handler=None):
        """What path answers from now on; handler gets the http.server handler and answers itself."""
        with self.lock:
            self.routes[path] = handler or (lambda h: h.answer(code, body, headers, kind))

    def count(self, path):
        with self.lock:
            return sum(urllib.parse.urlsplit(r.path).path == path for r in self.requests)

    def paths(self):
        with self.lock:
            return [r.path for r in self.requests]

    def last(self, path):
        """The last request for path, or None."""
        with self.lock:
            return next((r for r in reversed(self.requests) if urllib.parse.urlsplit(r.path).path == path), None)

    def bomb(self, kind):
        with self.lock:
            if kind not in self.bombs:
                make = {"gzip": gzip_bomb, "twice": lambda: gzip(gzip_bomb()), "br": lambda: BROTLI_BOMB, "zstd": zstd_bomb}
                self.bombs[kind] = make[kind]()
            return self.bombs[kind]


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--root", help="a folder to serve beside the modes")
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int, default=0)
    given = options.parse_args()
    with HttpPeer(root=given.root, host=given.host, port=given.port) as peer:
        print(peer.url("/"), flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
