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

PLATFORMS = Path(__file__).resolve().parents[3] / "conf/platforms"


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
