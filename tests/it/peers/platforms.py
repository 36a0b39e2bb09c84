"""Plays every platform that is polled, from a table: recorded shapes (conf/platforms/fixtures) cut into pages, and what the
interface's documents say of who may ask, what may be asked, where the next page is, and what is told at the limit.

    stage = Stage(web, "disqus", "127.0.0.12", 12)   # one host each
    stage.post(7)                                    # the newest last
    stage.play()                                     # its routes, on the web
    stage.faults                                     # what was asked that the documents don't allow

Posts are invented. An item is the first of the recorded answer that is a mention, with an id and a time of its own.
"""
import base64
import copy
import datetime
import email.utils
import json
import re
import subprocess
import tempfile
import time
import urllib.parse
from collections import namedtuple
from pathlib import Path

from peers.stages import STAGES

TOP = Path(__file__).resolve().parents[3]
PLATFORMS, FIXTURES = TOP / "conf/platforms", TOP / "conf/platforms/fixtures"
Post = namedtuple("Post", "n at")


def put(value, path, new):
    """Sets what stands at a dotted path."""
    *way, last = path.split(".")
    for key in way:
        value = value[int(key) if isinstance(value, list) else key]
    value[last] = new


def at(value, path):
    for key in filter(None, path.split(".")):
        value = value[int(key) if isinstance(value, list) else key]
    return value


def moment(seconds, form):
    when = datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc)
    return {"epoch": lambda: int(seconds), "epoch_ms": lambda: int(seconds) * 1000, "text": lambda: str(int(seconds)),
            "rfc822": lambda: email.utils.formatdate(seconds, usegmt=True)}.get(form, lambda: when.strftime(form))()


class Stage:
    def __init__(self, web, name, host, number):
        self.web, self.name, self.host, self.number = web, name, host, number
        self.row = {"serves": 3, "first": 7, "second": 4, "order": -1, "items": "", "auth": ("none",), **STAGES[name]}
        self.posts, self.faults, self.asked = [], [], 0
        self.left, self.full, self.revoked = 50, False, False
        self.secret = f"s3creto-{name}-xyz"
        self.access, self.tokens = None, 0
        self.etag = 0

    # --- the town ---

    def post(self, how_many):
        for _ in range(how_many):
            k = len(self.posts) + 1
            self.posts.append(Post(self.number * 10000 + k, time.time() - 900 + k))
        self.etag += 1

    def guids(self, how_many=None):
        return sorted(self.row["guid"].format(n=p.n) for p in self.posts[:how_many])

    # --- its file, its source ---

    @property
    def base(self):
        return self.web.url("", host=self.host)

    def file(self, folder):
        """The file that comes with the program, its hosts replaced by ours."""
        text = (PLATFORMS / f"{self.name}.yaml").read_text()
        text = re.sub(r"(\b(?:url|default): )'https://[^/']+", lambda m: f"{m.group(1)}'{self.base}", text)
        text = re.sub(r"\n +pattern: 'https:[^\n]*", "", text)  # google.com's alone
        text = text.replace("transport: longpoll\n", "")  # asked in turns, as all others are
        (folder / f"{self.name}.yaml").write_text(text)

    def source(self):
        params = {}
        for key, value in self.row.get("params", {}).items():
            params[key] = {"env": self.env} if value == "SECRET" else value.replace("BASE", self.base)
        return {"name": self.name, "platform": self.name, "allow_private": ["127.0.0.0/8"], "every": "12h", **params}

    @property
    def env(self):
        return "S_" + re.sub(r"\W", "_", self.name).upper()

    # --- who may ask ---

    def give(self, h, **more):
        self.tokens += 1
        self.access = f"access-{self.name}-{self.tokens}"
        self.json(h, 200, {"access_token": self.access, "token_type": "bearer", "expires_in": 3600, **more})

    def expire(self):
        self.access = None

    def form(self, h):
        return {k: v[0] for k, v in urllib.parse.parse_qs(h.said).items()}

    def token(self, h):
        """The place where tokens are had."""
        kind = self.row["auth"][0]
        good = not self.revoked and getattr(self, f"token_{kind}")(h)
        if not good:
            return self.json(h, *self.row.get("token_wrong", (400, {"error": "invalid_grant", "error_description": "revoked"})))
        if kind == "refresh" and self.row.get("rotates"):  # the old one is worth nothing from now on
            self.secret_now = f"{self.secret}-{self.tokens}"
            return self.give(h, refresh_token=self.secret_now, refresh_token_expires_in=86400 * 300)
        return self.give(h)

    def token_client(self, h):
        form = self.form(h)
        if self.name == "tiktok":
            return form == {"client_key": "awxxxxxxxxxxxxxx", "client_secret": self.secret, "grant_type": "client_credentials"}
        basic = base64.b64encode(f"a1B2c3D4e5:{self.secret}".encode()).decode()
        return form == {"grant_type": "client_credentials"} and h.headers["Authorization"] == f"Basic {basic}"

    def token_refresh(self, h):
        form = self.form(h)
        if self.row.get("basic"):  # the app says who it is as a user does
            basic = base64.b64encode(f"a1B2c3D4e5:{self.secret}".encode()).decode()
            return form == {"grant_type": "refresh_token", "refresh_token": self.secret} and h.headers["Authorization"] == f"Basic {basic}"
        return (form.pop("refresh_token", None) == getattr(self, "secret_now", self.secret) and form.pop("grant_type") == "refresh_token"
                and set(form) == {"client_id", "client_secret"} and form["client_secret"] == self.secret)

    def token_exchange(self, h):
        now = self.access or self.secret
        return h.args == {"grant_type": ["th_refresh_token"], "access_token": [now]}

    def token_account(self, h):
        """A statement as RFC 7523 has it, signed with the account's key."""
        form = self.form(h)
        head, claims, signature = form["assertion"].split(".")
        head, claims = (json.loads(base64.urlsafe_b64decode(x + "==")) for x in (head, claims))
        with tempfile.NamedTemporaryFile() as mark, tempfile.NamedTemporaryFile() as key:
            mark.write(base64.urlsafe_b64decode(signature + "=="))
            key.write(self.public)
            mark.flush()
            key.flush()
            signed = form["assertion"].rpartition(".")[0].encode()
            checked = subprocess.run(["openssl", "dgst", "-sha256", "-verify", key.name, "-signature", mark.name], input=signed,
                                     capture_output=True, check=False)
        return (checked.returncode == 0 and form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer" and head["alg"] == "RS256"
                and claims["iss"] == "acme@example.iam" and claims["aud"] == f"{self.base}/token"
                and claims["scope"].endswith("/auth/androidpublisher") and claims["iat"] <= time.time() < claims["exp"] <= claims["iat"] + 3600)

    def account(self):
        """A service account's JSON, with a key made for this run."""
        key = subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], capture_output=True, check=True)
        self.public = subprocess.run(["openssl", "pkey", "-pubout"], input=key.stdout, capture_output=True, check=True).stdout
        return json.dumps({"type": "service_account", "client_email": "acme@example.iam", "private_key": key.stdout.decode(),
                           "token_uri": f"{self.base}/token"})

    def session(self, h):
        if h.path.endswith("refreshSession"):
            good = h.headers["Authorization"] == f"Bearer refresh-{self.name}-{self.tokens}"
        else:
            good = json.loads(h.said) == {"identifier": "acme.bsky.social", "password": self.secret}
        if not good or self.revoked:
            return self.json(h, 401, {"error": "AuthenticationRequired", "message": "Invalid identifier or password"})
        self.tokens += 1
        self.access = f"access-{self.name}-{self.tokens}"
        return self.json(h, 200, {"accessJwt": self.access, "refreshJwt": f"refresh-{self.name}-{self.tokens}"})

    def admitted(self, h):
        kind, *how = self.row["auth"]
        if kind == "none":
            return True
        if self.revoked:
            return False
        if kind == "bearer":
            return h.headers["Authorization"] == f"Bearer {self.secret}"
        if kind == "query":
            return self.args.pop(how[0], None) == self.secret
        if kind == "header":
            return all(h.headers[k] == v.replace("SECRET", self.secret) for k, v in how[0].items())
        if kind == "basic":
            return h.headers["Authorization"] == "Basic " + base64.b64encode(f"ana:{self.secret}".encode()).decode()
        if kind == "path":
            return f"/bot{self.secret}/" in h.path
        if kind == "exchange":
            return self.args.pop("access_token", None) == (self.access or self.secret)
        return self.access and h.headers["Authorization"] == f"Bearer {self.access}"

    # --- what may be asked ---

    def heed(self, h):
        """Only what the documents name, within their bounds; self.args is all that was asked."""
        bounds = self.row.get("asks", {})
        for key, value in self.args.items():
            if key not in bounds:
                self.faults.append(f"nobody documents {key}={value}")
            elif isinstance(bounds[key], int) and int(value) > bounds[key]:
                self.faults.append(f"{key}={value} is more than {bounds[key]}")
            elif isinstance(bounds[key], str) and not re.fullmatch(bounds[key], str(value)):
                self.faults.append(f"{key}={value} is not {bounds[key]}")
        for key, value in self.row.get("headers", {}).items():
            if not re.fullmatch(value, h.headers.get(key, "")):
                self.faults.append(f"{key}: {h.headers.get(key)}")
        if "raw" in self.row and self.row["raw"] not in h.path:
            self.faults.append(f"{h.path}: not {self.row['raw']}")

    def since(self):
        """From when on, in seconds, by the parameter that says so."""
        name, form = self.row.get("since", (None, None))
        text = self.args.get(name, "") if name else ""
        found = re.search({"epoch": r"\d{9,}", "iso": r"\d{4}-\d\d-\d\dT[\d:]+", "stamp": r"\d{14}", "day": r"\d{8}",
                           "date": r"\d{4}-\d\d-\d\d"}[form], text) if name else None
        if name and not found and not (self.row.get("optional_since") and not text):
            self.faults.append(f"no time in {name}={text}")
        if not found:
            return 0
        if form == "epoch":
            return int(found.group())
        shape = {"iso": "%Y-%m-%dT%H:%M:%S", "stamp": "%Y%m%d%H%M%S", "day": "%Y%m%d", "date": "%Y-%m-%d"}[form]
        return datetime.datetime.strptime(found.group(), shape).replace(tzinfo=datetime.timezone.utc).timestamp()

    # --- pages: (posts of this one, what is put into the answer, headers) ---

    def cut(self, found):
        return getattr(self, "pages_" + self.row["pages"][0])(found, *self.row["pages"][1:])

    def size(self, name):
        """As many as are asked for, at most; a platform whose short pages mean nothing gives fewer."""
        return min(int(self.args.get(name, 10**6)), self.row["serves"])

    def pages_one(self, found):
        return found, {}, []

    def pages_token(self, found, name, where, end=None):
        """The answer says what the next request has to send."""
        size = self.row["serves"]
        start = int(re.search(r"\d+$", str(self.args.get(name) or 0)).group())
        more = len(found) > start + size
        token = self.row.get("token", "t{}").format(start + size)
        puts = {where: int(token) if self.row.get("token") == "{}" else token} if more else {}
        if end:
            puts[end] = more
        return found[start:start + size], puts, []

    def pages_before(self, found, name, where):
        """Ids lower than the one sent; the answer's own last id is the token."""
        before = int(self.args.get(name, 10**9))
        return [p for p in found if p.n < before][:self.row["serves"]], {}, []

    def pages_url(self, found, size_name, where="paging.next"):
        start, size = self.after, self.size(size_name)
        more = len(found) > start + size
        query = urllib.parse.urlencode({**{k: v[-1] for k, v in self.sent.items()}, "after": start + size})
        return found[start:start + size], {where: f"{self.base}{self.path}?{query}"} if more else {}, []

    def pages_link(self, found, size_name):
        page, size = int(self.args.get("page", "1")), self.size(size_name)
        query = urllib.parse.urlencode({**{k: v[-1] for k, v in self.sent.items()}, "page": page + 1})
        link = f'<{self.base}{self.path}?{query}>; rel="next", <{self.base}/x>; rel="last"'
        return found[(page - 1) * size:page * size], {}, [("Link", link)] if len(found) > page * size else []

    def pages_number(self, found, name, size_name, first=1, puts=None, total=None):
        page, size = int(self.args.get(name, first)) - first, self.size(size_name) if size_name else self.row["serves"]
        n = -(-len(found) // size)
        facts = {k: v(page, n) for k, v in (puts or {}).items()}
        return found[page * size:(page + 1) * size], facts, [(total, str(n))] if total else []

    def pages_offset(self, found, name, size_name, puts=None):
        start, size = int(self.args.get(name, 0)), self.size(size_name)
        return found[start:start + size], {k: v(start + size, len(found)) for k, v in (puts or {}).items()}, []

    def pages_min(self, found, name, size_name):
        """Right after an id; without one, the newest. Newest first within a page."""
        after, size = int(self.args.get(name, 0)), self.size(size_name)
        if not after:
            return found[:size], {}, []
        return sorted([p for p in found if p.n > after], key=lambda p: p.n)[:size][::-1], {}, []

    def pages_updates(self, found, name, size_name):
        """From a number on, which also forgets all that came before it; oldest first."""
        offset, size = int(self.args.get(name, 0)), self.size(size_name)
        if offset:
            self.gone = offset
        return [p for p in found if p.n >= max(offset, getattr(self, "gone", 0))][:size], {}, []

    # --- the answer ---

    def item(self, whole, post):
        items = at(whole, self.row["items"])
        item = copy.deepcopy(items[self.row.get("item", 0)])
        for path, value in self.row["sets"].items():
            if value is None:
                item.pop(path)
                continue
            form, _, what = value.partition("@")
            put(item, path, moment(post.at, what) if value[0] == "@" else int(form.format(n=post.n)) if what == "int"
                else form.format(n=post.n))
        return {"id": str(post.n), "type": "mention", "status": item} if self.row.get("wrapped") else item

    def usage(self):
        """How much may still be asked, as this platform tells it."""
        names = self.row.get("rate")
        if names == "meta":
            used = 100 if self.left == 0 else 12
            return [("X-App-Usage", json.dumps({"call_count": used, "total_time": 3, "total_cputime": 1})),
                    ("X-Business-Use-Case-Usage", json.dumps({"17": [{"type": "pages", "call_count": used, "total_cputime": 2, "total_time": 2,
                                                                       "estimated_time_to_regain_access": 120 if self.left == 0 else 0}]}))]
        if not names:
            return []
        form = {"seconds": "7200.0"}.get(names[2]) or moment(time.time() + 7200, names[2])
        return [(names[0], f"{self.left}.0" if names[2] == "seconds" else str(self.left)), (names[1], str(form))]

    def json(self, h, code, value, headers=()):
        body = value.encode() if isinstance(value, str) else json.dumps(value).encode()
        h.answer(code, body, headers, "application/json")

    def feed(self, h, found):
        etag = f'"{self.etag}"'
        if h.headers.get("If-None-Match") == etag:
            return h.head(304, [("ETag", etag)])
        items = "".join(self.row["item"].format(n=p.n, when=moment(p.at, self.row["when"])) for p in found)
        return h.answer(200, self.row["feed"].format(items=items).encode(), [("ETag", etag)], "application/xml")

    def answer(self, h):
        h.said = h.rfile.read(int(h.headers.get("Content-Length") or 0)).decode()
        self.path = urllib.parse.urlsplit(h.path).path
        if self.path == self.row.get("token_path"):
            return self.token(h)
        if ".server." in self.path:
            return self.session(h)
        self.asked += 1
        self.sent = urllib.parse.parse_qs(urllib.parse.urlsplit(h.path).query)
        self.args = {k: ",".join(v) for k, v in self.sent.items()}
        for name, where in self.row.get("body", {}).items():
            try:
                self.args[name] = at(json.loads(h.said), where)
            except KeyError:
                pass
        if "page_path" in self.row:
            self.args["page"] = re.search(self.row["page_path"], self.path).group(1)
        if not self.admitted(h):
            return self.json(h, *self.row["wrong"])
        if self.full:
            return self.json(h, *self.row["limited"])
        after = int(self.args.pop("after", 0)) if self.row.get("pages", [""])[0] == "url" else 0  # of an address of ours
        self.heed(h)
        since = self.since()
        found = [p for p in self.posts if p.at >= since and p.n > int(self.args.get(self.row.get("after_id"), 0))]
        found.sort(key=lambda p: self.row["order"] * p.n)
        if "feed" in self.row:
            return self.feed(h, found)
        return self.play_page(h, found, after)

    def play_page(self, h, found, after):
        self.after = after
        part, puts, headers = self.cut(found)
        whole = json.loads((FIXTURES / f"{self.row['fixture']}.json").read_text())
        items = [self.item(whole, p) for p in part]
        for path, value in self.row.get("bare", {}).items():
            put(whole, path, copy.deepcopy(value))
        if "under" in self.row:
            whole = {self.row["under"]: items}
        elif self.row["items"]:
            put(whole, self.row["items"], items)
        else:
            whole = items
        for path, value in puts.items():
            put(whole, path, value)
        if "newest" in self.row and part:
            put(whole, self.row["newest"], str(part[0].n))
        self.json(h, 200, whole, [*headers, *self.usage()])

    def paths(self):
        row = self.row
        return [*row["paths"], *([row["token_path"]] if "token_path" in row else [])]


class Playhouse:
    """All of them on one web, each at a host of its own."""

    def __init__(self, web):
        self.stages = {name: Stage(web, name, f"127.0.1.{i}", i) for i, name in enumerate(sorted(STAGES), 1)}
        self.hosts = {f"{s.host}:{web.port}": s for s in self.stages.values()}
        for stage in self.stages.values():
            for path in stage.paths():
                web.route(path.replace("SECRET", stage.secret), handler=self.answer)

    def answer(self, h):
        stage = self.hosts[h.headers["Host"]]
        try:
            stage.answer(h)
        except OSError:
            raise
        except Exception as error:
            stage.faults.append(f"{type(error).__name__}: {error} ({h.path})")
            raise
