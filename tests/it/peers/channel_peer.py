"""What stands behind channels: one server that speaks as Telegram, Slack, Discord, Teams and the others do. It refuses what their documents say
that they refuse, with their words, keeps what it took, and can be told to be down, slow or strict.

    with ChannelPeer() as peer:
        peer.url("/telegram")               # what a channel's `api`, `server` or `webhook` begins with
        peer.taken["telegram"]              # [{"method", "path", "headers", "body"}, …]
        peer.next["slack"] = [(429, {"Retry-After": "1"}, b"{}")]      # the next answers, in their order
    peer.silent.add("ntfy"), peer.hangs_up.add("matrix")           # no answer ever comes; the connection ends instead of one
    peer.held["slack"] = threading.Event()                         # what it takes is answered once this is set"""
import base64
import contextlib
import json
import re
import threading
import time
import urllib.parse
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = "sup3rs3cret-t0ken"


def utf16(text):
    return len(text.encode("utf-16-le")) // 2


class Refused(Exception):
    """(status, what the service answers)"""


def need(condition, status, answer):
    if not condition:
        raise Refused(status, answer)


def only(body, required, allowed):
    """The members that a body has to have, and those that it may have."""
    need(set(required) <= set(body), 400, {"error": f"missing {set(required) - set(body)}"})
    need(set(body) <= set(required) | set(allowed), 400, {"error": f"unknown {set(body) - set(required) - set(allowed)}"})


def bearer(q, answer=None):
    need(q["headers"].get("Authorization") == f"Bearer {TOKEN}", 401, answer or {"error": "unauthorized"})


# --- each: what it checks, and what it answers ---

def telegram(q, n):
    """core.telegram.org/bots/api#sendmessage"""
    if q["path"].startswith(f"/bot{TOKEN}/getUpdates"):  # nobody writes here: no message of ours
        raise Refused(200, {"ok": True, "result": []})
    found = re.fullmatch(r"/bot([^/]+)/(sendMessage|editMessageText)", q["path"])
    need(found and found[1] == TOKEN, 404, {"ok": False, "error_code": 404, "description": "Not Found"})
    b = q["json"]
    only(b, ["chat_id", "text"], ["link_preview_options", "reply_parameters", "reply_markup", "message_id"])
    need(b["chat_id"] != "404", 400, {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"})
    need(0 < utf16(b["text"]) <= 4096, 400, {"ok": False, "error_code": 400, "description": "Bad Request: message is too long"})
    for row in b.get("reply_markup", {}).get("inline_keyboard", []):
        for button in row:
            need(set(button) in ({"text", "url"}, {"text", "callback_data"}), 400, {"ok": False, "error_code": 400, "description": "BUTTON_DATA_INVALID"})
            need(len(button.get("callback_data", "").encode()) <= 64, 400, {"ok": False, "error_code": 400, "description": "BUTTON_DATA_INVALID"})
    if found[2] == "editMessageText":
        need(isinstance(b.get("message_id"), int), 400, {"ok": False, "error_code": 400, "description": "Bad Request: message to edit not found"})
    if "reply_parameters" in b:
        need(isinstance(b["reply_parameters"]["message_id"], int), 400, {"ok": False, "error_code": 400, "description": "Bad Request"})
    return 200, {"ok": True, "result": {"message_id": 1000 + n, "chat": {"id": b["chat_id"]}, "text": b["text"]}}


def rich_text(blocks):
    """docs.slack.dev/reference/block-kit/blocks/rich-text-block"""
    for block in blocks:
        need(block["type"] in ("rich_text", "actions"), 200, {"ok": False, "error": "invalid_blocks"})
        for section in block["elements"] if block["type"] == "rich_text" else []:
            need(section["type"] == "rich_text_section" and section["elements"], 200, {"ok": False, "error": "invalid_blocks"})
            for e in section["elements"]:
                need((e["type"] == "text" and e["text"]) or (e["type"] == "link" and e["url"]), 200, {"ok": False, "error": "invalid_blocks"})
        for button in block["elements"] if block["type"] == "actions" else []:
            need(len(button["text"]["text"]) <= 75 and len(button["url"]) <= 3000, 200, {"ok": False, "error": "invalid_blocks"})


def slack(q, n):
    """docs.slack.dev/reference/methods/chat.postMessage"""
    bearer(q, {"ok": False, "error": "invalid_auth"})
    b = q["json"]
    need(q["path"] == "/chat.postMessage", 404, {"ok": False, "error": "unknown_method"})
    only(b, ["channel", "text"], ["blocks", "mrkdwn", "parse", "link_names", "unfurl_links", "unfurl_media", "thread_ts", "reply_broadcast"])
    need(b["channel"] != "C404", 200, {"ok": False, "error": "channel_not_found"})
    need("<" not in b["text"] and ">" not in b["text"], 200, {"ok": False, "error": "markup"})
    rich_text(b["blocks"])
    return 200, {"ok": True, "channel": b["channel"], "ts": f"1790000000.{n:06}"}


def slack_webhook(q, n):
    need(q["path"] == f"/{TOKEN}", 403, "invalid_token")
    rich_text(q["json"]["blocks"])
    return 200, "ok"


def discord(q, n):
    """discord.com/developers/docs/resources/webhook"""
    path, _, query = q["path"].partition("?")
    need(path.startswith(f"/{TOKEN}"), 401, {"code": 50027, "message": "Invalid Webhook Token"})
    b = q["json"]
    need(utf16(b["content"]) <= 2000, 400, {"code": 50035, "message": "Invalid Form Body"})
    need(b["allowed_mentions"] == {"parse": []}, 400, {"code": 50035, "message": "mentions"})
    need(q["method"] == ("PATCH" if "/messages/" in path else "POST"), 405, {"message": "405: Method Not Allowed"})
    return (200, {"id": str(2000 + n)}) if "wait=true" in query or "/messages/" in path else (204, None)


def teams(q, n):
    """adaptivecards.io/explorer; learn.microsoft.com: post to a channel when a webhook request is received"""
    need(q["path"] == f"/{TOKEN}", 401, {"error": {"code": "DirectApiAuthorizationRequired", "message": "the signature is wrong"}})
    attachment, = q["json"]["attachments"]
    card = attachment["content"]
    need(attachment["contentType"] == "application/vnd.microsoft.card.adaptive" and card["type"] == "AdaptiveCard" and card["version"], 400, {"error": {"message": "card"}})
    need(len(q["raw"]) <= 28 * 1024, 413, {"error": {"message": "too large"}})
    for block in card["body"]:
        need(block["type"] == "RichTextBlock" and all(run["type"] == "TextRun" and run["text"] for run in block["inlines"]), 400, {"error": {"message": "block"}})
    for action in card.get("actions", []):
        need(action["type"] == "Action.OpenUrl" and action["url"].startswith("https://"), 400, {"error": {"message": "action"}})
    return 202, None


def mattermost(q, n):
    bearer(q, {"id": "api.context.session_expired.app_error", "message": "Invalid or expired session", "status_code": 401})
    b = q["json"]
    only(b, ["channel_id", "message"], ["props", "root_id"])
    need(q["path"] == "/api/v4/posts" and len(b["message"]) <= 16383, 400, {"message": "too long"})
    need(not re.search(r"@(all|channel|here)\b", b["message"]), 400, {"message": "mention"})
    return 201, {"id": f"post{n:022}"}


def matrix(q, n):
    """spec.matrix.org: PUT /_matrix/client/v3/rooms/{roomId}/send/{eventType}/{txnId}"""
    bearer(q, {"errcode": "M_UNKNOWN_TOKEN", "error": "Unknown token"})
    found = re.fullmatch(r"/_matrix/client/v3/rooms/([^/]+)/send/m\.room\.message/([0-9a-f]{32})", q["path"])
    need(q["method"] == "PUT" and found, 404, {"errcode": "M_UNRECOGNIZED", "error": "Unrecognized request"})
    b = q["json"]
    need(b["msgtype"] == "m.text" and b["m.mentions"] == {} and "@room" not in b["body"] and len(q["raw"]) < 65000, 400, {"errcode": "M_BAD_JSON", "error": "bad"})
    return 200, {"event_id": f"$event{n}"}


def ntfy(q, n):
    b = q["json"]
    only(b, ["topic", "message"], ["title", "markdown", "priority", "tags", "click", "actions"])
    need(re.fullmatch(r"[-_A-Za-z0-9]{1,64}", b["topic"]) and len(b["message"].encode()) <= 4096 and 1 <= b["priority"] <= 5, 400, {"code": 40000, "error": "bad request"})
    need(len(b.get("actions", [])) <= 3, 400, {"code": 40018, "error": "invalid request: actions invalid"})
    return 200, {"id": f"ntfy{n}"}


def pushover(q, n):
    f = q["form"]
    need(f["token"] == TOKEN, 400, {"token": "invalid", "errors": ["application token is invalid"], "status": 0})
    need(0 < len(f["message"]) <= 1024 and len(f["title"]) <= 250 and f["priority"] in "-1 0 1" and q["path"] == "/1/messages.json", 400, {"errors": ["message"], "status": 0})
    return 200, {"status": 1, "request": f"r{n}"}


def whatsapp(q, n):
    """developers.facebook.com: message templates: parameters hold no line break, tab or four blanks in a row"""
    bearer(q, {"error": {"message": "Invalid OAuth access token", "code": 190}})
    b = q["json"]
    need(b["messaging_product"] == "whatsapp" and b["type"] == "template" and re.fullmatch(r"/\d+/messages", q["path"]), 400, {"error": {"message": "param", "code": 100}})
    for p in b["template"]["components"][0]["parameters"]:
        need(p["type"] == "text" and 0 < len(p["text"]) <= 1024 and not re.search(r"[\n\t]| {4}", p["text"]), 400, {"error": {"message": "(#132018) parameter", "code": 132018}})
    return 200, {"messages": [{"id": f"wamid.{n}"}]}


def twilio(q, n):
    f = q["form"]
    sent = base64.b64decode(q["headers"].get("Authorization", "Basic ").split()[-1]).decode()
    need(sent == f"AC{'0' * 32}:{TOKEN}", 401, {"code": 20003, "message": "Authenticate"})
    need(set(f) == {"To", "From", "Body"} and 0 < utf16(f["Body"]) <= 1600, 400, {"code": 21602, "message": "Message body is required"})
    return 201, {"sid": f"SM{n:032}"}


def pagerduty(q, n):
    """developer.pagerduty.com: Events API v2"""
    b = q["json"]
    need(b["routing_key"] == TOKEN and q["path"] == "/v2/enqueue", 400, {"status": "invalid event", "message": "Event object is invalid"})
    need(b["event_action"] in ("trigger", "acknowledge", "resolve") and 0 < len(b["dedup_key"]) <= 255, 400, {"message": "dedup_key"})
    if b["event_action"] == "trigger":
        p = b["payload"]
        need(0 < len(p["summary"]) <= 1024 and p["source"] and p["severity"] in ("critical", "error", "warning", "info"), 400, {"message": "payload"})
    return 202, {"status": "success", "dedup_key": b["dedup_key"]}


def opsgenie(q, n):
    b = q["json"]
    need(q["headers"].get("Authorization") == f"GenieKey {TOKEN}", 422, {"message": "Key format is not valid!"})
    if q["path"] == "/v2/alerts":
        need(0 < len(b["message"]) <= 130 and len(b["alias"]) <= 512 and b["priority"] in ("P1", "P2", "P3", "P4", "P5"), 422, {"message": "message"})
    else:
        need(re.fullmatch(r"/v2/alerts/[^/]+/close\?identifierType=alias", q["path"]), 404, {"message": "no such"})
    return 202, {"result": "Request will be processed", "requestId": f"q{n}"}


def alertmanager(q, n):
    for alert in q["json"]:
        need(all(re.fullmatch(r"[a-zA-Z_]\w*", name) and isinstance(value, str) and value for name, value in alert["labels"].items()), 400, {"code": 400, "message": "labels"})
        need(q["path"] == "/api/v2/alerts" and alert["startsAt"].endswith("Z"), 400, {"code": 400, "message": "startsAt"})
    return 200, None


def webhook(q, n):
    need(q["path"] == f"/{TOKEN}" and q["headers"].get("Idempotency-Key") == q["json"]["key"], 403, {"error": "no"})
    return 200, {"taken": True}


KINDS = {"telegram": telegram, "slack": slack, "slack-webhook": slack_webhook, "discord": discord, "teams": teams, "mattermost": mattermost,
         "matrix": matrix, "ntfy": ntfy, "pushover": pushover, "whatsapp": whatsapp, "twilio-sms": twilio, "pagerduty": pagerduty,
         "opsgenie": opsgenie, "alertmanager": alertmanager, "webhook": webhook}


class ChannelPeer:
    def __init__(self):
        self.taken, self.refused, self.next, self.silent = defaultdict(list), defaultdict(list), defaultdict(list), set()
        self.held, self.hangs_up = {}, set()
        self.end = threading.Event()
        peer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                _, kind, rest = self.path.split("/", 2) if self.path.count("/") > 1 else (None, self.path[1:], "")
                peer.serve(self, kind, {"method": self.command, "path": "/" + rest, "headers": dict(self.headers), "raw": raw, "at": time.monotonic()})

            do_POST = do_PUT = do_PATCH = do_GET = answer

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.end.set()
        self.server.shutdown()
        self.server.server_close()

    def url(self, path):
        return f"http://127.0.0.1:{self.server.server_address[1]}{path}"

    @staticmethod
    def read(q):
        kind = q["headers"].get("Content-Type", "")
        if kind == "application/json":
            q["json"] = json.loads(q["raw"])
        elif kind == "application/x-www-form-urlencoded":
            q["form"] = dict(urllib.parse.parse_qsl(q["raw"].decode("ascii"), strict_parsing=True, keep_blank_values=True))

    def serve(self, handler, kind, q):
        if kind in self.silent:
            self.refused[kind].append((0, q))
            self.end.wait(60)
            return
        if kind in self.hangs_up:
            self.refused[kind].append((0, q))
            handler.close_connection = True
            return
        if self.next[kind]:
            status, headers, body = self.next[kind].pop(0)
            self.refused[kind].append((status, q))
        else:
            headers = {}
            try:
                self.read(q)
                status, body = KINDS[kind](q, len(self.taken[kind]) + 1)
                self.taken[kind].append(q)
                if kind in self.held:
                    self.held[kind].wait(60)
            except Refused as e:
                status, body = e.args
                self.refused[kind].append((status, body, q))
            except Exception as e:  # what no service could read at all
                status, body = 400, {"error": f"{type(e).__name__}: {e}"}
                self.refused[kind].append((status, body, q))
        body = b"" if body is None else body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else json.dumps(body).encode()
        with contextlib.suppress(OSError):
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)
