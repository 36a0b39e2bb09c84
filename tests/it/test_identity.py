"""What is one story, fetch after fetch (FAULTS F13), and what a first poll lets in (FAULTS F14)."""
import time

import pytest

from daemon import feed, item

STORIES, FETCHES = 12, 10
NOW = int(time.time())
DAY = 24 * 3600



# FAULTS F13: how the items of a feed misbehave: (guid, link) of story i at fetch n
KINDS = {
    "changing": lambda i, n: (f"urn:fetch:{n}:{i}", f"http://a.example/changing/{i}"),
    "changing-alone": lambda i, n: (f"id-{n}-{i}", None),
    "same": lambda i, n: ("http://a.example/", f"http://a.example/same/{i}"),
    "none": lambda i, n: (None, f"http://a.example/none/{i}"),
    "nothing": lambda i, n: (None, None),
    "utm": lambda i, n: (None, f"http://a.example/utm/{i}?utm_source=rss&utm_campaign=f{n}&fbclid=x{n * 7}"),
}


def test_each_story_is_one_mention(house, web):
    """FAULTS F13: six feeds, ten fetches each, a new story at every fetch."""
    house.configure([house.source(kind, web.url(f"/{kind}")) for kind in KINDS])

    def serve(n):
        for kind, key in KINDS.items():
            stories = range(STORIES + n)
            items = []
            for i in reversed(stories):
                guid, link = key(i, n)
                items.append(item(guid, f"Acme, historia {i} de {kind}", f"Lo que pasó con acme en {kind}, historia {i}", link, NOW - DAY + i))
            web.route(f"/{kind}", feed(*items, title=f"{kind} {n}"))

    serve(0)
    with house.running():
        house.settled()
        for n in range(1, FETCHES):
            serve(n)
            for kind in KINDS:
                house.poll(kind)
        stories = sorted(f"Acme, historia {i} de {kind}" for kind in KINDS for i in range(STORIES + FETCHES - 1))
        assert sorted(house.titles()) == stories
        hits = house.hits()
        assert sorted(h["title"] for h in hits) == stories and len({h["id"] for h in hits}) == len(stories)
        # What was there at the first poll is baseline, what came later is not.
        assert all(h.get("baseline", False) == (int(h["title"].split()[2]) < STORIES) for h in hits)
        assert [len(house.events("source.identity", source=kind)) for kind in KINDS] == [1, 1, 0, 0, 0, 0]  # told, once
        assert house.sql("SELECT count(*) FROM version") == [(0,)]


def test_the_same_story_in_two_feeds_is_one_mention(house, web):
    """Absolute guids and links agree across feeds; a weak guid is its own feed's alone."""
    both = item("http://a.example/1", "Acme en dos sitios", date=NOW)
    link = "http://a.example/2?utm_source="
    web.route("/a", feed(both, item(None, "Acme por enlace", link=link + "a"), item("7", "Acme débil en a", link="http://a.example/a7")))
    web.route("/b", feed(both, item(None, "Acme por enlace", link=link + "b"), item("7", "Acme débil en b", link="http://a.example/b7")))
    house.configure([house.source(n, web.url(f"/{n}")) for n in "ab"])
    with house.running():
        house.settled()
        assert sorted(house.titles()) == ["Acme débil en a", "Acme débil en b", "Acme en dos sitios", "Acme por enlace"]
        assert len(house.hits()) == 4
        assert house.sql("SELECT count(*) FROM sighting") == [(2,)]  # where else it was seen is kept


# FAULTS F14
@pytest.mark.parametrize("backfill, first", [(None, 5000), ("0", 0), ("7d", 1000)])
def test_a_first_poll_of_5000_items(house, web, backfill, first):
    """A thousand of them are younger than a week."""
    items = [item(f"http://a.example/{i}", f"Acme {i}", date=NOW - i * 7 * DAY // 1000 + 60) for i in range(5000)]
    web.route("/big", feed(*items))
    house.configure([house.source("big", web.url("/big"), **({"backfill": backfill} if backfill else {}))])
    house.once()
    rows = house.sql("SELECT count(*), count(stream) FROM mention")[0]
    assert abs(rows[0] - first) <= 10 and rows[1] == rows[0]  # the clock went on a little since NOW
    web.route("/big", feed(item("http://a.example/new", "Acme nuevo", date=NOW), *items))
    with house.running():
        house.poll("big")
        assert house.sql("SELECT count(*), count(stream) FROM mention")[0] == (rows[0] + 1, rows[1] + 1)
        newest = house.ctl("tail", "--json", "-n", 2).lines()
        assert newest[-1]["title"] == "Acme nuevo" and "baseline" not in newest[-1]
        assert len(newest) == 1 or newest[0]["baseline"] is True
        house.poll("big")  # and what backfill kept out stays out
        assert house.sql("SELECT count(*) FROM mention")[0][0] == rows[0] + 1


def test_an_edit_is_a_version(house, web):
    """An edit changes the mention and keeps its former text; it is no new mention and no second hit."""
    web.route("/a", feed(item("http://a.example/1", "Acme va bien", "todo en orden"), item("http://a.example/2", "Nada", "de nada")))
    house.configure([house.source("a", web.url("/a"))])
    house.once()
    web.route("/a", feed(item("http://a.example/1", "Acme va mal", "hay fraude"), item("http://a.example/2", "Nada", "de nada")))
    with house.running():
        house.poll("a")
        assert house.titles() == ["Acme va mal", "Nada"]
        assert house.sql("SELECT title, text FROM version") == [("Acme va bien", "todo en orden")]
        [hit] = house.hits()
        assert hit["title"] == "Acme va mal" and hit["hits"][0]["rules"] == ["fraud"]
        # One that meets the rules only now enters the stream now, as news: its first poll is long past.
        web.route("/a", feed(item("http://a.example/1", "Acme va mal", "hay fraude"), item("http://a.example/2", "Algo", "de acme")))
        house.poll("a")
        assert [(h["title"], h.get("baseline", False)) for h in house.hits()] == [("Acme va mal", True), ("Algo", False)]


def test_changes_of_counts_are_kept(house, web):
    """Likes, shares, replies and views can't be made up later: each change stays, with its time, and is no edit."""
    def serve(comments):
        web.route("/a", feed(item("http://a.example/1", "Acme", extra=f"<slash:comments>{comments}</slash:comments>")))
    serve(3)
    house.configure([house.source("a", web.url("/a"))])
    house.once()
    with house.running():
        for comments in (3, 5, 5, 9):
            serve(comments)
            house.poll("a")
        assert house.sql("SELECT replies FROM counts ORDER BY at") == [(3,), (5,), (9,)]
        assert house.sql("SELECT replies FROM mention") == [(9,)] and house.sql("SELECT * FROM version") == []
        assert len(house.hits()) == 1
