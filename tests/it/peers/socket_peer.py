"""Plays Jetstream: python3-websockets serves it, plain or over TLS, in a thread and loop of its own. A connection with a cursor gets what was
said after it, one without what is said from now on; `cut` says after how many frames the peer dies, in the middle of the next one."""
import asyncio
import json
import struct
import threading
import urllib.parse

import websockets

BASE_US = 1795341600000000


def post(i, text, did="did:plc:ana", **record):
    return {"did": did, "time_us": BASE_US + i * 1000, "kind": "commit", "commit": {
        "rev": "r", "operation": "create", "collection": "app.bsky.feed.post", "rkey": f"3k{i}",
        "record": {"$type": "app.bsky.feed.post", "createdAt": "2026-11-22T10:00:00Z", "langs": ["es"], "text": text, **record}, "cid": "c"}}


def frame(payload, opcode=1, fin=True, rsv=0, mask=False):
    """As it goes over the wire, wrong ones too."""
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    bit, n = 0x80 if mask else 0, len(payload)
    if n < 126:
        head += bytes([bit | n])
    elif n < 1 << 16:
        head += bytes([bit | 126]) + struct.pack(">H", n)
    else:
        head += bytes([bit | 127]) + struct.pack(">Q", n)
    return head + (b"\0\0\0\0" if mask else b"") + payload


class Hose:
    def __init__(self, tls=None, compression=None, hello=None):
        self.compression, self.hello = compression, hello  # hello(ws), a coroutine: in place of what was said
        self.said, self.asked, self.headers, self.closes, self.pongs = [], [], [], [], 0
        self.connections = self.now = self.most = self.cuts = 0
        self.cut = None       # frames a connection
        self.deaf = False     # answers no ping, as a host that has gone
        self.refuse = None    # status, headers, body: instead of a WebSocket
        self.tls, self.socks = tls, set()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.server = self.call(self.serve())
        self.port = self.server.sockets[0].getsockname()[1]
        self.host = f"127.0.0.1:{self.port}"

    def call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(20)

    async def serve(self):
        self.more = asyncio.Condition()
        return await websockets.serve(self.listen, "127.0.0.1", 0, ssl=self.tls, process_request=self.first, compression=self.compression,
                                      ping_interval=None, max_size=None, close_timeout=1)

    async def first(self, path, headers):
        self.headers.append(headers)
        return self.refuse

    async def listen(self, ws, path):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(path).query)
        cursor = int(query["cursor"][0]) if "cursor" in query else None
        self.asked.append(cursor)
        self.connections += 1
        self.now += 1
        self.most = max(self.most, self.now)
        self.socks.add(ws)
        if self.deaf:
            ws.transport.pause_reading()
        try:
            if self.hello:
                return await self.hello(ws)
            await self.pour(ws, len(self.said) if cursor is None else next((i for i in range(len(self.said)) if self.us(i) >= cursor), len(self.said)))
        except websockets.ConnectionClosed:
            pass
        finally:
            self.closes.append(ws.close_code)
            self.gone(ws)

    def gone(self, ws):
        self.now -= ws in self.socks
        self.socks.discard(ws)

    def us(self, i):
        return BASE_US + i * 1000

    async def pour(self, ws, at):
        sent = 0
        reading = asyncio.ensure_future(ws.recv())
        while not reading.done():
            async with self.more:
                if at >= len(self.said):
                    waiting = asyncio.ensure_future(self.more.wait())
                    await asyncio.wait([waiting, reading], return_when=asyncio.FIRST_COMPLETED)
                    if not waiting.done():
                        waiting.cancel()
                        await asyncio.wait([waiting])
            for said in self.said[at:at + 500]:
                whole = said if isinstance(said, bytes) else frame(json.dumps(post(at, said) if isinstance(said, str) else said, ensure_ascii=at % 2 == 0).encode())
                if self.cut is not None and sent >= self.cut:
                    ws.transport.write(whole[:len(whole) // 2])
                    self.cuts += 1
                    self.gone(ws)
                    ws.transport.close()
                    reading.cancel()
                    return
                ws.transport.write(whole)
                at += 1
                sent += 1
            await asyncio.sleep(0)
        reading.cancelled() or reading.exception()

    async def tell(self, frames):
        async with self.more:
            self.said += frames
            self.more.notify_all()

    def say(self, *frames):
        self.call(self.tell(frames))

    def each(self, what):
        """what(ws), a coroutine, with each connection that there is."""
        async def do():
            return [await what(ws) for ws in list(self.socks)]
        return self.call(do())

    def hang_up(self, code=1001, reason=""):
        self.each(lambda ws: ws.close(code, reason))

    def close(self):
        async def stop():
            self.server.close()
            for ws in list(self.socks):
                ws.transport.abort()
            await asyncio.wait_for(self.server.wait_closed(), 5)
        try:
            self.call(stop())
        finally:
            self.loop.call_soon_threadsafe(self.loop.stop)
            self.thread.join(5)
