"""Counts that are read again: a platform that is asked for its posts by their ids, rules that are judged by what it says then, and
what enters the stream because of it."""
import json
import time
import urllib.parse

import pytest

from daemon import CTL, until
from peers.http_peer import HttpPeer
from peers.platform_peer import platform_at, reply, source
from peers.platforms import FIXTURES, Stage, put

ACME = """topic: acme
role: brand
patterns:
  name: {words: [acme]}
about: 'name'
rules:
  - {name: loud, when: 'likes >= 500', tags: [crisis]}
"""


class Videos:
    """YouTube: searches know of no counts, and videos are asked for by their ids."""

    def __init__(self, web):
        self.likes, self.asked, self.refuse, self.minds = {}, [], False, set()
        web.route("/youtube/v3/search", handler=self.search)
        web.route("/youtube/v3/videos", handler=self.videos)

    def search(self, h):
        reply(h, {"items": [{"kind": "youtube#searchResult", "id": {"kind": "youtube#video", "videoId": i},
                             "snippet": {"title": f"Acme {i}", "description": "", "channelId": "c", "publishedAt": "2026-11-22T10:00:00Z"}}
                            for i in self.likes]})

    def videos(self, h):
        ids = h.arg("id").split(",")
        self.asked.append(ids)
        if self.refuse:
            return reply(h, {"error": {"code": 403, "message": "quota", "errors": [{"reason": "quotaExceeded"}]}}, 403)
        if self.minds & set(ids):
            return reply(h, {"error": {"code": 400, "message": "Invalid video id", "errors": [{"reason": "invalidId"}]}}, 400)
        reply(h, {"items": [{"kind": "youtube#video", "id": i, "snippet": {"title": f"Acme {i}", "description": "otra"},
                             "statistics": {"likeCount": str(self.likes[i]), "viewCount": "9"}} for i in ids if i in self.likes]})


@pytest.fixture
def videos(house, web):
    house.rules(acme=ACME)
    platform_at(house.folder, "youtube_search", web, **{"least: 15m": "least: 1s", "most: 50": "most: 2"})
    return Videos(web)


def configure(house, **more):
    house.configure([source("video", "youtube_search", query="acme", key={"env": "YT"}, recheck=["1s", "1h"], **more)],
                    platforms="platforms/")


ENV = {"YT": "s3creto"}


def poll_until(house, condition):
    """It is asked again and again, a little slower than it can be: there are a hundred searches a day."""
    def met():
        house.poll("video")
        return condition() or time.sleep(0.2)
    until(met)


def counts(house):
    return house.sql("SELECT m.guid, m.likes FROM mention m ORDER BY m.guid")


def test_a_rule_on_counts_is_met_later(house, videos):
    """Asked for in batches; the counts' history is kept; what gains a rule enters the stream once more, the rest doesn't."""
    configure(house)
    videos.likes = {"v0": 1}
    with house.running(env=ENV):
        house.poll("video")
        assert videos.asked == []  # a first poll's are left alone
        videos.likes = {"v0": 1, **{f"v{i}": 3 for i in range(1, 6)}}
        house.poll("video")
        until(lambda: len(counts(house)) == 6)
        entered = dict(house.sql("SELECT m.guid, m.stream FROM mention m"))
        videos.likes["v2"] = 700
        poll_until(house, lambda: house.sql("SELECT 1 FROM mention WHERE likes = 700"))
        assert {i for ids in videos.asked for i in ids} == {f"v{i}" for i in range(1, 6)} and max(map(len, videos.asked)) == 2
        hits = {h["guid"]: h for h in house.hits()}
        assert hits["v2"]["hits"][0]["rules"] == ["loud"] and hits["v2"]["hits"][0]["tags"] == ["crisis"] and hits["v2"]["likes"] == 700
        assert all(not hits[f"v{i}"]["hits"][0]["rules"] for i in (0, 1, 3, 4, 5))
        assert hits["v2"]["text" if "text" in hits["v2"] else "title"] == "Acme v2"  # its words are left alone
        now = dict(house.sql("SELECT m.guid, m.stream FROM mention m"))
        assert now["v2"] > max(entered.values()) and {g: s for g, s in now.items() if g != "v2"} == {g: s for g, s in entered.items() if g != "v2"}
        assert [g for g, in house.sql("SELECT m.guid FROM stream s JOIN mention m ON m.id = s.mention ORDER BY s.id")][-1] == "v2"
        assert house.sql("SELECT count(*) FROM counts c JOIN mention m ON m.id = c.mention WHERE m.guid = 'v2'")[0][0] >= 2
        asked = len(videos.asked)
        poll_until(house, lambda: len(videos.asked) > asked)
        assert videos.asked[asked:] == [["v2"]]  # it entered anew, and is looked after anew
    with house.running(env=ENV):  # the marks outlive a restart
        house.poll("video")
        assert len(videos.asked) == asked + 1 and not house.events("source.recheck_failed")
    assert "Nothing would change." in house.run(CTL, "backtest", "-c", house.config, env=ENV).out


def test_it_costs_the_poll_nothing(house, videos):
    """Refused, or past the budget: the source is heard as ever, the log says why, and it is tried again."""
    configure(house)
    with house.running(env=ENV):
        house.poll("video")
        videos.likes = {"v1": 3}
        house.poll("video")
        videos.refuse = True
        poll_until(house, lambda: house.events("source.recheck_failed"))
        assert house.sources()["video"]["state"] == "ok"
        videos.refuse = False
        videos.likes["v1"] = 900
        poll_until(house, lambda: counts(house) == [("v1", 900)])


def test_what_it_cannot_pay_for_comes_with_the_next(house, videos):
    """Ten posts, two a request, four requests a day: eight are asked for and done with, and the rest is left for tomorrow."""
    path = house.folder / "platforms/youtube_search.yaml"
    path.write_text(path.read_text().replace("calls_per_day: 5000", "calls_per_day: 4"))
    configure(house, every="24h")
    with house.running(env=ENV):
        house.poll("video")  # a first poll's are left alone
        videos.likes = {f"v{i}": 1 for i in range(10)}
        poll_until(house, lambda: house.events("source.rechecked"))
        assert house.events("source.rechecked", asked=8) and len(videos.asked) == 4
        assert len({i for ids in videos.asked for i in ids}) == 8
        house.poll("video")
        assert len(videos.asked) == 4


def test_an_id_that_is_refused_harms_no_other(house, videos):
    """One of twenty makes the platform refuse them all: it is found in halves, asked for alone once, told, and left alone."""
    path = house.folder / "platforms/youtube_search.yaml"
    path.write_text(path.read_text().replace("most: 2", "most: 50"))
    configure(house)
    with house.running(env=ENV):
        house.poll("video")
        videos.likes = {f"v{i:02}": 1 for i in range(20)}
        house.poll("video")
        until(lambda: len(counts(house)) == 20)
        videos.likes, videos.minds = {i: 9 for i in videos.likes}, {"v13"}
        poll_until(house, lambda: house.events("source.recheck_refused"))
        until(lambda: house.sql("SELECT count(*) FROM mention WHERE likes = 9")[0][0] == 19)
        told, = house.events("source.recheck_refused")
        assert "posts=1 " in told and "invalidId: Invalid video id" in told
        assert [ids for ids in videos.asked if ids == ["v13"]] == [["v13"]] and len(videos.asked) <= 11  # 2 * log2(20) + the whole
        asked = len(videos.asked)
        time.sleep(1.1)  # the step is over for all of them
        house.poll("video")
        assert len(videos.asked) == asked


def test_a_platform_that_refuses_all_is_not_asked_for_ever(house, videos):
    """RECHECK_SORT_MAX: so many requests more, then they are left alone until their next step."""
    path = house.folder / "platforms/youtube_search.yaml"
    path.write_text(path.read_text().replace("most: 2", "most: 50"))
    configure(house)
    with house.running(env=ENV):
        house.poll("video")
        videos.likes = {f"v{i:02}": 1 for i in range(40)}
        videos.minds = set(videos.likes)
        house.poll("video")
        until(lambda: len(counts(house)) == 40)
        poll_until(house, lambda: house.events("source.rechecked"))
        assert house.events("source.rechecked", asked=40, refused=40) and len(videos.asked) == 1 + 14
        time.sleep(1.1)
        house.poll("video")
        assert len(videos.asked) == 15 and house.sources()["video"]["state"] == "ok"


# How each is asked for posts by their ids, as its documents say: where, by which parameter, joined by what, and what of an item counts likes.
LOOKUPS = {
    "bluesky": ("/xrpc/app.bsky.feed.getPosts", "uris", None, 25, "likeCount"),
    "reddit": ("/api/info", "id", ",", 100, "data.score"),
    "stackexchange": ("/2.3/questions/", None, ";", 100, "score"),
    "x": ("/2/tweets", "ids", ",", 100, "public_metrics.like_count"),
}


class Asked:
    """A stage that is asked by ids, too. One post is gone: the platform says so in its own way."""

    def __init__(self, web, name, number):
        self.stage = Stage(web, name, f"127.0.1.{number}", number)
        self.path, self.name, self.join, self.most, self.likes = LOOKUPS[name]
        self.asked, self.gone = [], None
        for path in self.stage.paths():
            web.route(path, handler=self.stage.answer)

    def ids(self, h):
        if not self.name:
            return urllib.parse.unquote(urllib.parse.urlsplit(h.path).path.removeprefix(self.path)).split(self.join)
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(h.path).query)[self.name]
        return query if self.join is None else query[0].split(self.join)

    def answer(self, h):
        self.stage.args = {k: v[0] for k, v in urllib.parse.parse_qs(urllib.parse.urlsplit(h.path).query).items()}
        assert self.stage.admitted(h), h.path
        self.asked.append(self.ids(h))
        whole = json.loads((FIXTURES / f"{self.stage.row['fixture']}.json").read_text())
        items = [self.stage.item(whole, p) for p in self.stage.posts if self.stage.row["guid"].format(n=p.n) in self.asked[-1]
                 and p.n != self.gone]
        for item in items:
            put(item, self.likes, 777)
        if not items and self.stage.name == "x":
            return reply(h, {"errors": [{"value": self.asked[-1][0], "title": "Not Found Error", "resource_type": "tweet", "parameter": "ids",
                                         "detail": "Could not find tweet with ids.", "type": "https://api.twitter.com/2/problems/resource-not-found"}]})
        for path, value in self.stage.row.get("bare", {}).items():
            put(whole, path, value)
        put(whole, self.stage.row["items"], items)
        return reply(h, whole)


@pytest.fixture
def everywhere():
    """A web at all of loopback's addresses: a host for each platform."""
    with HttpPeer(host="0.0.0.0") as web:
        yield web


def test_each_is_asked_as_its_documents_say(house, everywhere):
    """Counts of all, by their ids, in the platform's own form; what is gone is asked for once a step."""
    web = everywhere
    house.rules(acme=ACME)
    (house.folder / "platforms").mkdir()
    asked = {name: Asked(web, name, i) for i, name in enumerate(sorted(LOOKUPS), 60)}
    hosts = {f"{a.stage.host}:{web.port}": a for a in asked.values()}
    for a in asked.values():
        a.stage.file(house.folder / "platforms")
    for a in asked.values():
        web.route(a.path, handler=lambda h: hosts[h.headers["Host"]].answer(h))
    house.configure([{**a.stage.source(), "topic": "acme", "recheck": ["1s", "1h"]} for a in asked.values()], platforms="platforms/")

    def liked():
        return {name: n for name, n in house.sql(
            "SELECT name.name, count(*) FROM mention JOIN name ON name.id = mention.source WHERE likes = 777 GROUP BY 1")}
    with house.running(env={a.stage.env: a.stage.secret for a in asked.values()}):
        for name in asked:
            house.wait_source(name, state="ok")
        for name, a in asked.items():
            a.stage.post(2)
            house.poll(name)
            web.route(a.path + ";".join(a.stage.guids()), handler=a.answer)
            web.route(a.path + ";".join(reversed(a.stage.guids())), handler=a.answer)

        def all_are():
            for name in asked:
                house.poll(name)
            return liked() == dict.fromkeys(asked, 2)
        until(all_are, seconds=20)
        for name, a in asked.items():
            assert sorted(a.asked[0]) == a.stage.guids(), name
            assert house.hits()[0]["hits"][0]["rules"] == ["loud"]
        x = asked["x"]
        x.stage.post(1)
        x.gone = x.stage.posts[-1].n
        house.poll("x")
        before = len(x.asked)
        until(lambda: house.poll("x") or len(x.asked) > before and house.events("source.recheck_refused"))
        time.sleep(1.1)
        house.poll("x")
        gone = x.stage.row["guid"].format(n=x.gone)
        assert sum(gone in ids for ids in x.asked) == 1
        assert "Could not find tweet" in house.events("source.recheck_refused", source="x")[0]


def test_who_cannot_be_asked_says_so(house, web):
    house.rules(acme=ACME)
    house.configure([{"name": "hn", "platform": "hackernews", "query": "acme", "recheck": ["1h"]}])
    assert "hackernews" in house.check(code=1).out
    house.configure([{"name": "hn", "platform": "feed", "url": "https://a.example/rss", "recheck": ["1h"]}])
    assert "recheck" in house.check(code=1).out
