"""fetch/websocket on the wire, driven by tests/tools/fetch_one: an upgrade that is none, wrong frames, pings, TLS (FAULTS F3, F9, P10)."""
import base64
import hashlib
import json
import shutil
import socket
import ssl
import subprocess
import threading

import pytest

from peers.certificates import make
from peers.socket_peer import Hose, frame
from test_fetch import FETCH

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def accept(key):
    return base64.b64encode(hashlib.sha1(key + GUID).digest())


class Wire:
    """Answers one connection by hand: the upgrade, or what `answer` makes of it, then `more`; then it keeps what it hears, or goes."""

    def __init__(self, answer=None, more=(), stay=True):
        self.answer, self.more, self.stay, self.heard, self.request = answer, more, stay, b"", b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"ws://127.0.0.1:{self.listener.getsockname()[1]}/subscribe?x=%20y"
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        with self.listener, self.listener.accept()[0] as c:
            c.settimeout(10)
            while b"\r\n\r\n" not in self.request:
                self.request += c.recv(4096)
            key = next(line.split(b": ")[1] for line in self.request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
            head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: " + accept(key) + b"\r\n\r\n"
            try:
                c.sendall(self.answer(head) if self.answer else head)
                for part in self.more:
                    c.sendall(part)
                while self.stay and (got := c.recv(65536)):
                    self.heard += got
            except OSError:
                pass

    def frames(self):
        """What the client sent: (opcode, payload), each of it masked."""
        out, b = [], self.heard
        while len(b) >= 6:
            assert b[1] & 0x80, "a client masks"
            n = b[1] & 0x7F
            mask, body = b[2:6], b[6:6 + n]
            out.append((b[0] & 0xF, bytes(c ^ mask[i % 4] for i, c in enumerate(body))))
            b = b[6 + n:]
        return out


def talk(url, *args, allow=True, seconds=20):
    """(messages, result); a message is its text, or the length of one that was too long."""
    done = subprocess.run([str(FETCH), *(("--allow", "127.0.0.0/8") if allow else ()), *map(str, args), url], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=seconds)
    assert done.returncode == 0 and b"Sanitizer" not in done.stderr and b"runtime error" not in done.stderr, done.stderr.decode()
    *lines, result, _ = [json.loads(line) for line in done.stdout.decode().splitlines()]
    return [line.get("message", line.get("too_long")) for line in lines if "open" not in line], result


def test_text_comes_whole_however_it_is_cut():
    wire = Wire(more=[frame(b"uno"), frame(b"do", fin=False), frame(b"", 9), frame(b"s \xc3", 0, fin=False), frame(b"\xb1", 0),
                      frame("ñandú".encode() * 30000), frame(b""), frame(b"\x03\xe9adi\xc3\xb3s", 8)])
    messages, r = talk(wire.url)
    assert messages == ["uno", "dos ñ", "ñandú" * 30000]
    assert (r["class"], r["detail"]) == ("aborted", "closed with 1001: adiós")
    wire.thread.join(5)
    assert wire.frames()[-1] == (8, b"\x03\xe9adi\xc3\xb3s")  # sent back
    assert wire.request.startswith(b"GET /subscribe?x=%20y HTTP/1.1\r\nHost: 127.0.0.1:")


@pytest.mark.parametrize("goodbye, want, detail", [
    (b"", "aborted", "closed with 1005"), (b"\x03\xe8", "aborted", "closed with 1000"), (b"\x03\xf4", "aborted", "closed with 1012"),
    (b"\x03", "aborted", "closed with 1005"), (b"\x03\xe7", "aborted", "closed with 999"),
    (b"\x03\xea", "protocol", "closed with 1002"), (b"\x03\xf0no es para ti", "protocol", "closed with 1008: no es para ti"),
    (b"\x0f\xa0otra vez", "protocol", "closed with 4000: otra vez"),
])
def test_who_says_goodbye_says_whether_to_come_back(goodbye, want, detail):
    """aborted: opened again after a pause; protocol: it says that we are wrong, and the pauses grow."""
    wire = Wire(more=[b"\x81\x7f" + (70000).to_bytes(8, "big") + b"x" * 70000, frame(b"hola", 10), frame(goodbye, 8)])
    messages, r = talk(wire.url)
    assert ([len(m) for m in messages], r["class"], r["detail"]) == ([70000], want, detail)
    wire.thread.join(5)
    assert wire.frames()[-1][0] == 8


def test_a_server_that_would_compress_does_not():
    """python3-websockets as it comes, which offers permessage-deflate to whoever asks, in fragments and with pings between them."""
    async def hello(ws):
        await ws.send(["uno " + "a" * 5000, "b", "ñ"])
        await (await ws.ping())
        await ws.send("dos")
    hose = Hose(compression="deflate", hello=hello)
    messages, r = talk(f"ws://{hose.host}/")
    assert (messages, r["detail"]) == (["uno " + "a" * 5000 + "bñ", "dos"], "closed with 1000")
    assert "Sec-WebSocket-Extensions" not in hose.headers[0]
    hose.close()


def test_what_comes_with_the_answer_counts():
    messages, _ = talk(Wire(answer=lambda head: head + frame(b"uno") + frame(b"dos") + frame(b"\x03\xe8", 8)).url)
    assert messages == ["uno", "dos"]


def test_a_word_before_the_answer_is_no_answer():
    """103 and the like may come in the same bytes as the answer itself, and nothing behind it."""
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    wire = Wire(answer=lambda head: early + early + head + frame(b"uno"))
    messages, r = talk(wire.url, "--ping-ms", 300)
    assert (messages, r["detail"]) == (["uno"], "no answer to a ping")


@pytest.mark.parametrize("part, times", [(frame(b"x" * (1 << 20), 0, fin=False), 65), (frame(b"", 0, fin=False) * 65536, 2)], ids=["long", "many"])
def test_a_message_without_end_has_one(part, times):
    wire = Wire(more=[frame(b"uno"), frame(b"dos", fin=False), *[part] * times])
    messages, r = talk(wire.url, "--ping-ms", 2000)
    assert (messages, r["class"], r["detail"]) == (["uno"], "protocol", "a frame, or a message, beyond all bounds")
    wire.thread.join(5)
    assert wire.frames()[-1] == (8, b"\x03\xf1")


def test_pings_that_come_at_once_are_answered():
    """A peer that was not heard for long may have sent many: those that can be answered are no flood."""
    pings = b"".join(frame(b"%d" % i, 9) for i in range(1000)) + frame(b"uno")
    wire = Wire(more=[pings])
    messages, r = talk(wire.url, "--ping-ms", 500)
    assert (messages, r["detail"]) == (["uno"], "no answer to a ping")
    wire.thread.join(5)
    assert [payload for opcode, payload in wire.frames() if opcode == 10] == [b"%d" % i for i in range(1000)]
    messages, r = talk(Wire(more=[pings + frame(b"\x03\xe8", 8)]).url)
    assert (messages, r["detail"]) == (["uno"], "closed with 1000")


def test_a_message_beyond_the_bound_is_passed_over():
    messages, _ = talk(Wire(more=[frame(b"a" * (1 << 20)), frame(b"a" * ((1 << 20) + 1)), frame(b"b" * 700000, fin=False),
                                  frame(b"b" * 700000, 0), frame(b"dos"), frame(b"\x03\xe8", 8)]).url)
    assert messages == ["a" * (1 << 20), (1 << 20) + 1, 1400000, "dos"]


@pytest.mark.parametrize("wrong, code, detail", [
    (frame(b"\x00", opcode=2), 1003, "a message that is no text"),
    (frame(b"\xff\xfe"), 1007, "a message that is no UTF-8"),
    (frame(b"uno", rsv=4), 1002, "a frame that breaks the protocol"),
    (frame(b"uno", opcode=3), 1002, "a frame that breaks the protocol"),
    (frame(b"uno", mask=True), 1002, "a frame that breaks the protocol"),
    (frame(b"a" * 126, opcode=9), None, "a frame that breaks the protocol"),
    (frame(b"", opcode=9, fin=False), None, "a frame that breaks the protocol"),
    (frame(b"uno", opcode=0), 1002, "a frame that breaks the protocol"),
    (b"\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xffa", 1009, "a frame, or a message, beyond all bounds"),
    (frame(b"uno", rsv=2), 1002, "a frame that breaks the protocol"),
    (frame(b"", opcode=11), 1002, "a frame that breaks the protocol"),
    (frame(b"\x00", opcode=2, fin=False) + frame(b"\x01", 0), 1003, "a message that is no text"),
    (frame(b"uno", fin=False) + frame(b"dos"), 1002, "a frame that breaks the protocol"),
    (frame(b"se\xc3", fin=False) + frame(b"or", 0), 1007, "a message that is no UTF-8"),
    (frame(b"se\xc3"), 1007, "a message that is no UTF-8"),
    (frame(b"\xed\xa0\x80"), 1007, "a message that is no UTF-8"),
    (frame(b"\x03\xe8\xff", 8), 1007, "a message that is no UTF-8"),
    (b"\x81\x7e\x00\x03uno", None, "a frame that breaks the protocol"),  # a length in more bytes than it takes
    (b"\x81\x7f\x00\x00\x00\x00\x00\x00\x00\x03uno", None, "a frame that breaks the protocol"),
    (b"\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x00a", None, "a frame that breaks the protocol"),
])
def test_wrong_frames_end_it(wrong, code, detail):
    wire = Wire(more=[frame(b"antes"), wrong])
    messages, r = talk(wire.url)
    assert (messages, r["class"], r["detail"]) == (["antes"], "protocol", detail)
    wire.thread.join(5)
    opcode, said = wire.frames()[-1]
    assert opcode == 8 and said[:2] == (code.to_bytes(2, "big") if code else b"")


@pytest.mark.parametrize("code, want", [(1000, "aborted"), (1012, "aborted"), (1013, "aborted"), (1002, "protocol"), (1008, "protocol"), (4001, "protocol")])
def test_a_close_is_told_with_its_code(code, want):
    _, r = talk(Wire(more=[frame(code.to_bytes(2, "big") + b"porque \x1b[31ms\xc3\xad", 8)]).url)
    assert r["class"] == want and r["detail"].startswith(f"closed with {code}: porque") and "\x1b" not in r["detail"]


def test_cut_in_the_middle_of_a_frame():
    messages, r = talk(Wire(more=[frame(b"uno") + frame(b"dos")[:3]], stay=False).url)
    assert (messages, r["class"]) == (["uno"], "aborted")


def test_a_peer_that_answers_no_ping_is_given_up():
    wire = Wire(more=[frame(b"uno")])
    messages, r = talk(wire.url, "--ping-ms", 300)
    assert (messages, r["class"], r["detail"]) == (["uno"], "timeout", "no answer to a ping")
    wire.thread.join(5)
    assert wire.frames()[0] == (9, b"")


def test_its_own_pings_are_answered():
    """Each with what it holds: python3-websockets waits for that."""
    hose, done = Hose(), []

    def ping():
        done.extend(hose.each(lambda ws: answered(ws)))
        hose.hang_up()

    async def answered(ws):
        await (await ws.ping(b"\x00quien"))
        return True
    threading.Timer(1, ping).start()
    _, r = talk(f"ws://{hose.host}/subscribe")
    assert r["class"] == "aborted" and done == [True]
    hose.close()


def test_one_that_does_is_not():
    hose = Hose()
    threading.Timer(1.5, hose.hang_up).start()
    messages, r = talk(f"ws://{hose.host}/subscribe", "--ping-ms", 200)
    assert (messages, r["class"]) == ([], "aborted") and r["detail"].startswith("closed with 1001")
    hose.close()


def test_a_receiver_that_is_full_loses_nothing():
    """What waits is at the other end; what libwslay holds already still comes."""
    many = [f"{i} " + "x" * 2000 for i in range(60)]
    messages, _ = talk(Wire(more=[frame(m.encode()) for m in many] + [frame(b"\x03\xe8", 8)]).url, "--pause-ms", 5)
    assert messages == many


def head(**changes):
    def answer(right):
        for old, new in changes.values():
            assert old in right
            right = right.replace(old, new)
        return right
    return answer


@pytest.mark.parametrize("answer, detail", [
    (head(a=(b"Upgrade: WebSocket", b"Upgrade: h2c")), "no WebSocket: its answer says no Upgrade"),
    (head(a=(b"keep-alive, Upgrade", b"keep-alive")), "no WebSocket: its answer says no Connection: Upgrade"),
    (head(a=(b"Sec-WebSocket-Accept: ", b"Sec-WebSocket-Accept: A")), "no WebSocket: its Sec-WebSocket-Accept is not of our key"),
    (head(a=(b"Upgrade: W", b"Sec-WebSocket-Extensions: permessage-deflate\r\nUpgrade: W")), "it uses an extension that was not offered"),
    (head(a=(b"Upgrade: W", b"Sec-WebSocket-Protocol: chat\r\nUpgrade: W")), "it uses a protocol that was not asked for"),
    (lambda _: b"SSH-2.0-OpenSSH\r\n\r\n", "what answers is no HTTP"),
    (lambda _: b"HTTP/1.1 101 x\r\n" + b"X: y\r\n" * 20000, "the head of its answer has no end"),
    (lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "it answers, and opens no WebSocket"),
])
def test_an_answer_that_opens_none(answer, detail):
    messages, r = talk(Wire(answer=answer).url)
    assert (messages, r["class"], r["detail"]) == ([], "protocol", detail)


@pytest.mark.parametrize("said, status, want", [
    (b"HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nContent-Length: 5\r\n\r\nluego, y m\xc3\xa1s", 503, "limited"),
    (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n", 302, "http_302"),
    (b"HTTP/1.1 401 No\r\n\r\nuntil the end", 401, "http_401"),
])
def test_an_error_is_one_of_http(said, status, want):
    _, r = talk(Wire(answer=lambda _: said, stay=False).url, "--body")
    assert (r["class"], r["status"]) == (want, status)
    assert r["body"] == {503: "luego", 302: "", 401: "until the end"}[status]


def test_an_answer_that_never_comes():
    _, r = talk(Wire(answer=lambda _: b"HTTP/1.1 101 x\r\n").url, "--connect-ms", 500)
    assert (r["class"], r["detail"]) == ("timeout", "no answer")


def test_private_addresses_are_not_for_everybody():
    """FAULTS F9: the guard is that of every fetch."""
    hose = Hose()
    _, r = talk(f"ws://127.0.0.1:{hose.port}/", allow=False)
    assert r["class"] == "ssrf_blocked" and not hose.connections
    hose.close()


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")
@pytest.mark.parametrize("name, want", [("good", "aborted"), ("other", "tls_host"), ("self", "tls_untrusted")])
def test_tls(tmp_path, name, want):
    """More in one go than TLS hands out at once: what it holds the socket doesn't show."""
    make(tmp_path, {name: "bueno.example"})
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / f"{name}.pem", tmp_path / f"{name}.key")
    context.set_alpn_protocols(["h2", "http/1.1"])
    hose = Hose(tls=context)
    hose.say(*[f"{i} " + "x" * 3000 for i in range(200)])
    goodbye = threading.Timer(3, hose.hang_up)
    goodbye.start()
    messages, r = talk(f"wss://bueno.example:{hose.port}/?cursor=1", "--ca", tmp_path / "ca.pem", "--resolve",
                       f"bueno.example:{hose.port}:127.0.0.1")
    assert r["class"] == want and len(messages) == (200 if name == "good" else 0)
    if name == "good":
        assert r["cert_until"] and [json.loads(m)["commit"]["rkey"] for m in messages] == [f"3k{i}" for i in range(200)]
    goodbye.cancel()
    goodbye.join()
    hose.close()
