"""Counts that are read again: a platform that is asked for its posts by their ids, rules that are judged by what it says then, and
what enters the stream because of it."""
import time

import pytest

from daemon import CTL, until
from peers.platform_peer import platform_at, reply, source

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
        self.likes, self.asked, self.refuse = {}, [], False
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


def test_who_cannot_be_asked_says_so(house, web):
    house.rules(acme=ACME)
    house.configure([{"name": "hn", "platform": "hackernews", "query": "acme", "recheck": ["1h"]}])
    assert "hackernews" in house.check(code=1).out
    house.configure([{"name": "hn", "platform": "feed", "url": "https://a.example/rss", "recheck": ["1h"]}])
    assert "recheck" in house.check(code=1).out
