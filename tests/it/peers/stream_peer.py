"""Plays what tells as it comes: lines (X), server-sent events (Mastodon, Wikipedia), a long poll (Telegram). Each connection is the
handler's own thread; `cut` says after how many frames the server closes, in the middle of the next one."""
import json
import threading
import time


class Wire:
    """What was said, oldest first, and who listens."""

    def __init__(self):
        self.said, self.more = [], threading.Condition()
        self.connections = self.now = self.most = 0
        self.asked = []       # Last-Event-ID of each connection
        self.cut = None       # frames a connection
        self.cuts = 0
        self.silent = False   # it lives no sign
        self.refuse = None
        self.generation = 0   # connections of an earlier one end

    def say(self, *frames):
        with self.more:
            self.said += frames
            self.more.notify_all()

    def hang_up(self):
        """Ends the connections that there are."""
        with self.more:
            self.generation += 1
            self.more.notify_all()

    def listen(self, h, kind, beat, frame, start):
        """start: the index of what comes first; frame(i, said): its bytes."""
        self.asked.append(h.headers.get("Last-Event-ID"))
        self.connections += 1
        self.now += 1
        self.most = max(self.most, self.now)
        h.close_connection = True
        try:
            h.head(200, [("Content-Type", kind), ("Connection", "close")])
            self.pour(h, beat, frame, start)
        finally:
            self.now -= 1

    def pour(self, h, beat, frame, at):
        sent, beaten, generation = 0, 0, self.generation
        while h.go_on() and generation == self.generation:
            with self.more:
                if at >= len(self.said):
                    self.more.wait(0.05)
                fresh = self.said[at:at + 500]
            if not fresh and not self.silent and time.monotonic() - beaten > 0.3:
                h.wfile.write(beat)
                beaten = time.monotonic()
            for said in fresh:
                bytes_ = frame(at, said)
                if self.cut is not None and sent >= self.cut:
                    h.wfile.write(bytes_[:len(bytes_) // 2])
                    self.cuts += 1
                    return
                h.wfile.write(bytes_)
                at += 1
                sent += 1
            h.wfile.flush()


def wikipedia(web, wire):
    """Ids as Wikipedia's: a JSON array; what came after the one that is named, or what comes from now on."""
    def frame(i, said):
        event = {"meta": {"id": f"e{i}", "domain": "es.wikipedia.org"}, "type": "edit", "bot": False, "title": said, "comment": said,
                 "timestamp": int(time.time()), "user": "Ana", "server_url": "https://es.wikipedia.org", "server_name": "es.wikipedia.org",
                 "revision": {"old": i, "new": i + 1}}
        where = json.dumps([{"topic": "eqiad.mediawiki.recentchange", "partition": 0, "offset": i}])
        return f"event: message\nid: {where}\ndata: {json.dumps(event)}\n\n".encode()

    def stream(h):
        if wire.refuse:
            return wire.refuse(h)
        last = h.headers.get("Last-Event-ID")
        start = json.loads(last)[0]["offset"] + 1 if last else len(wire.said)
        wire.listen(h, "text/event-stream", b":ok\n\n", frame, start)
    web.route("/v2/stream/recentchange", handler=stream)


def toot(i, text):
    return {"id": str(i), "uri": f"https://plaza.example/{i}", "url": f"https://plaza.example/@ana/{i}", "content": f"<p>{text}</p>",
            "visibility": "public", "created_at": "2026-11-22T10:00:00.000Z", "account": {"acct": "ana", "url": "https://plaza.example/@ana"}}


def mastodon(web, wire):
    """Events of several kinds; from now on only. A frame that is bytes goes out as it is."""
    def frame(i, said):
        if isinstance(said, bytes):
            return said
        return f"event: update\ndata: {json.dumps(toot(i, said))}\n\n".encode()
    web.route("/api/v1/streaming/hashtag", handler=lambda h: wire.refuse(h) if wire.refuse else
              wire.listen(h, "text/event-stream", b":thump\n", frame, len(wire.said)))


def x(web, wire):
    def frame(i, said):
        if isinstance(said, bytes):
            return said
        tweet = {"data": {"id": str(1800000000000000000 + i), "text": said, "author_id": "7"},
                 "includes": {"users": [{"id": "7", "username": "ana", "name": "Ana"}]}}
        return json.dumps(tweet).encode() + b"\r\n"
    web.route("/2/tweets/search/stream", handler=lambda h: wire.refuse(h) if wire.refuse else
              wire.listen(h, "application/json", b"\r\n", frame, len(wire.said)))


def telegram(web, wire, token):
    """An answer when there is something, else an empty one at the time's end."""
    def updates(h):
        start, until = int(h.arg("offset", "0")), time.monotonic() + min(int(h.arg("timeout", "0")), 20)
        wire.asked.append(start)
        wire.now += 1
        generation = wire.generation
        with wire.more:
            wire.more.wait_for(lambda: len(wire.said) > start or generation != wire.generation, max(0, until - time.monotonic()))
            found = list(enumerate(wire.said))[start:start + 100]
        wire.now -= 1
        body = {"ok": True, "result": [{"update_id": i, "message": {
            "message_id": i, "date": int(time.time()), "text": said, "chat": {"id": -1001, "title": "Clientes"},
            "from": {"id": 7, "first_name": "Ana", "username": "ana"}}} for i, said in found]}
        h.answer(200, json.dumps(body).encode(), kind="application/json")
    web.route(f"/bot{token}/getUpdates", handler=updates)
