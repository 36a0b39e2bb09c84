"""A bot's Telegram: what ChannelPeer takes, and the other half: people write to it and press buttons, which one reader fetches by getUpdates
until it has confirmed them by asking for what follows.

    with TelegramPeer() as bot:
        bot.write(42, "la tomo")            # in a private chat
        bot.press(42, message, "take 1")    # a button under a message (as it was taken) of ours
        bot.texts(42)                       # what that chat was told, the oldest first
        bot.conflicts                       # how often two asked at once, which Telegram refuses"""
import json
import re
import threading
import time

from daemon import until
from peers.channel_peer import TOKEN, ChannelPeer

HELD_S = 1  # what is a minute at Telegram


class TelegramPeer(ChannelPeer):
    def __init__(self):
        super().__init__()
        self.updates, self.changed, self.asking, self.conflicts, self.pressed = [], threading.Condition(), 0, 0, []
        self.number, self.offsets, self.on_delivered = 0, [], None

    def add(self, **update):
        with self.changed:
            self.number += 1
            self.updates.append({"update_id": 5000 + self.number, **update})
            self.changed.notify_all()

    def message(self, chat, text, kind="private"):
        return {"message_id": self.number + 1, "date": int(time.time()), "chat": {"id": chat, "type": kind},
                "from": {"id": chat, "is_bot": False, "first_name": f"P{chat}"}, "text": text}

    def write(self, chat, text, kind="private"):
        self.add(message=self.message(chat, text, kind))

    def press(self, chat, q, data, by=None):
        """q: as it was taken."""
        n = self.taken["telegram"].index(q) + 1
        self.add(callback_query={"id": f"p{self.number}", "chat_instance": "1", "data": data, "from": {"id": by or chat, "is_bot": False, "first_name": "P"},
                                 "message": {"message_id": q["json"].get("message_id", 1000 + n), "date": int(time.time()), "chat": {"id": chat, "type": "private"},
                                             "text": q["json"]["text"]}})

    def of(self, chat):
        return [q for q in self.taken["telegram"] if q["json"]["chat_id"] == str(chat)]

    def texts(self, chat):
        return [q["json"]["text"] for q in self.of(chat)]

    def told(self, chat, words, since=0):
        return until(lambda: next((q for q in self.of(chat)[since:] if words in q["json"]["text"]), None),
                     f"{chat} to read '{words}': {self.texts(chat)} {dict(self.refused)}")

    def confirmed(self):
        """All that was written was fetched, and is not sent again."""
        return until(lambda: not self.updates, f"all to be fetched: {self.updates}")

    # --- the other side ---

    def get_updates(self, offset):
        """https://core.telegram.org/bots/api#getupdates"""
        with self.changed:
            if self.asking:
                self.conflicts += 1
                return 409, {"ok": False, "error_code": 409, "description": "Conflict: terminated by other getUpdates request"}
            self.asking += 1
            self.offsets.append(offset)
            self.updates = [u for u in self.updates if u["update_id"] >= offset]
            try:
                self.changed.wait_for(lambda: self.updates or self.end.is_set(), HELD_S)
            finally:
                self.asking -= 1
            return 200, {"ok": True, "result": list(self.updates)}

    def serve(self, handler, kind, q):
        found = re.fullmatch(rf"/bot{TOKEN}/(getUpdates|answerCallbackQuery)(?:\?(.*))?", q["path"]) if kind == "telegram" else None
        if not found:
            return super().serve(handler, kind, q)
        if found[1] == "getUpdates":
            offset = re.search(r"offset=(\d+)", found[2] or "")
            status, body = self.get_updates(int(offset[1]) if offset else 0)
        else:
            self.pressed.append(json.loads(q["raw"]))
            status, body = 200, {"ok": True, "result": True}
        raw = json.dumps(body).encode()
        try:
            handler.send_response(status)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Content-Length", str(len(raw)))
            handler.end_headers()
            handler.wfile.write(raw)
            handler.wfile.flush()
        except OSError:
            return None
        if body.get("result") and found[1] == "getUpdates" and self.on_delivered:
            self.on_delivered()
        return None
