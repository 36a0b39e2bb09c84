"""Plays platforms: what their interfaces do that a feed does not. Each is a function of the web's handler and of a Town, the posts
that there are; invented, all of them.

    town = Town(); town.say("Acme falla")
    hackernews(web, town)                      # the paths of the platform, on this peer
    house.platform("hackernews", web)          # its file, with the peer in place of the platform's own host
"""
import json
import re
import time
import urllib.parse
from pathlib import Path

from daemon import LOCAL

PLATFORMS = Path(__file__).resolve().parents[3] / "conf/platforms"


def source(name, platform, **params):
    return {"name": name, "platform": platform, "allow_private": LOCAL, **params}


def platform_at(folder, name, web, **changes):
    """The file that comes with the program, asking the peer; changes: what else is replaced in it, by text."""
    text = (PLATFORMS / f"{name}.yaml").read_text()
    text = re.sub(r"'https://[a-z0-9.-]+(/[^']*|)'", lambda m: f"'{web.url(m.group(1) or '/')}'" if m.group(1) else f"'{web.url('')}'", text)
    text = text.replace("'https://{server}", f"'{web.url('')}").replace("least: 1m", "least: 1s")
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    (folder / "platforms").mkdir(exist_ok=True)
    (folder / "platforms" / f"{name}.yaml").write_text(text)


def reply(h, value, code=200, headers=()):
    h.answer(code, json.dumps(value).encode(), headers, "application/json")


class Town:
    """Posts, oldest first, with the time at which each became visible."""

    def __init__(self):
        self.posts, self.refuse = [], None

    def say(self, text, author="ana", at=None):
        self.posts.append({"id": len(self.posts) + 1, "text": text, "author": author, "at": int(at or time.time())})

    def newest_first(self, since=0):
        return [p for p in reversed(self.posts) if p["at"] > since]


def hackernews(web, town, page=3):
    def search(h):
        if town.refuse:
            return town.refuse(h)
        since = int(re.search(r"created_at_i>(\d+)", h.arg("numericFilters", "created_at_i>0")).group(1))
        found, n = town.newest_first(since), int(h.arg("page", "0"))
        hits = [{"objectID": str(p["id"]), "comment_text": p["text"], "author": p["author"], "created_at_i": p["at"],
                 "_tags": ["comment"], "story_title": "Un hilo", "parent_id": 7} for p in found[n * page:(n + 1) * page]]
        reply(h, {"hits": hits, "page": n, "nbPages": -(-len(found) // page), "hitsPerPage": page})
    web.route("/api/v1/search_by_date", handler=search)


def seven_comments(house, web, town):
    """A house that asks Hacker News for Acme, of which seven comments speak: three pages."""
    hackernews(web, town)
    platform_at(house.folder, "hackernews", web)
    for i in range(7):
        town.say(f"Acme comentario {i}", at=time.time() - 100 + i)
    house.configure([source("hn", "hackernews", query="acme", every="1h")], platforms="platforms/")


def mastodon(web, town, tag="acme", page=40):
    """A hashtag's timeline; with min_id, what came right after it. Says how much may still be asked."""
    def timeline(h):
        if town.refuse:
            return town.refuse(h)
        after = int(h.arg("min_id", "0"))
        found = [p for p in town.posts if p["id"] > after]
        found = found[:page] if after else found[-page:]
        left = getattr(town, "left", 299)
        at = time.strftime("%Y-%m-%dT%H:%M:%S.123456Z", time.gmtime(time.time() + getattr(town, "window", 300)))
        reply(h, [{"id": str(p["id"]), "uri": f"https://plaza.example/{p['id']}", "url": f"https://plaza.example/@ana/{p['id']}",
                   "content": f"<p>{p['text']}</p>", "visibility": "public", "created_at": "2026-11-22T10:00:00.000Z",
                   "account": {"acct": p["author"], "display_name": "", "url": "https://plaza.example/@ana"}} for p in reversed(found)],
              headers=[("X-RateLimit-Limit", "300"), ("X-RateLimit-Remaining", str(left)), ("X-RateLimit-Reset", at)])
    web.route(f"/api/v1/timelines/tag/{tag}", handler=timeline)


class Sessions:
    """Bluesky's: created by a password, refreshed by a token that works once."""

    def __init__(self):
        self.created = self.refreshed = self.n = 0
        self.access, self.refresh, self.password = None, None, "app-s3creto"

    def give(self, h):
        self.n += 1
        self.access, self.refresh = f"access-{self.n}", f"refresh-{self.n}"
        reply(h, {"accessJwt": self.access, "refreshJwt": self.refresh, "handle": "acme.plaza.example"})

    def expire(self):
        self.access = "another"


def bluesky(web, town, sessions):
    def create(h):
        asked = json.loads(h.rfile.read(int(h.headers["Content-Length"])))
        if asked != {"identifier": "acme.plaza.example", "password": sessions.password}:
            return reply(h, {"error": "AuthenticationRequired", "message": "Invalid identifier or password"}, 401)
        sessions.created += 1
        sessions.give(h)

    def refresh(h):
        h.rfile.read(int(h.headers.get("Content-Length") or 0))
        if h.headers["Authorization"] != f"Bearer {sessions.refresh}":
            return reply(h, {"error": "ExpiredToken", "message": "Token has been revoked"}, 400)
        sessions.refreshed += 1
        sessions.give(h)

    def search(h):
        if h.headers["Authorization"] != f"Bearer {sessions.access}":
            return reply(h, {"error": "ExpiredToken", "message": "Token has expired"}, 400)
        if town.refuse:
            return town.refuse(h)
        reply(h, {"posts": [{"uri": f"at://did:plc:x/app.bsky.feed.post/{p['id']}", "author": {"did": "did:plc:x", "handle": "ana.plaza.example"},
                             "record": {"$type": "app.bsky.feed.post", "text": p["text"], "langs": ["es"]},
                             "indexedAt": "2026-11-22T10:00:00.000Z"} for p in town.newest_first()]})
    web.route("/xrpc/com.atproto.server.createSession", handler=create)
    web.route("/xrpc/com.atproto.server.refreshSession", handler=refresh)
    web.route("/xrpc/app.bsky.feed.searchPosts", handler=search)


def x(web, town, token="x-s3creto", page=5):
    """Newest first, a token a page, and only what is newer than since_id."""
    def search(h):
        if h.headers["Authorization"] != f"Bearer {token}":
            return reply(h, {"title": "Unauthorized", "detail": "Unauthorized", "status": 401}, 401)
        found = [p for p in town.newest_first() if p["id"] > int(h.arg("since_id", "0"))]
        start = int(h.arg("next_token", "p0")[1:])
        part = found[start:start + page]
        meta = {"result_count": len(part)}
        if part:
            meta["newest_id"] = str(part[0]["id"])
        if len(found) > start + page:
            meta["next_token"] = f"p{start + page}"
        reply(h, {"data": [{"id": str(p["id"]), "text": p["text"], "author_id": "1", "created_at": "2026-11-22T10:00:00.000Z"} for p in part],
                  "includes": {"users": [{"id": "1", "username": "ana", "name": "Ana"}]}, "meta": meta})
    web.route("/2/tweets/search/recent", handler=search)
