"""The main job: feeds over HTTP, hits into a real Redis; each item that hits once, whatever is run, killed and run again."""
import json
import random
import re
import time

from daemon import ACME, PATIENCE, feed, item, until

STREAM = "escucha:hits"
RIVAL = "topic: rival\nrole: competitor\nabout: 'name'\npatterns:\n  name: {words: [rival]}\nrules:\n  - {name: compared, when: 'name'}\n"
FEEDS, ITEMS = 10, 20
NOW = int(time.time())

# --- DESIGN §5: one mention as JSON ---

TEXT, COUNT, NUMBER, TIME = str, int, (int, float), re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")
MENTION = {
    "id": re.compile("[0-9a-f]{32}"), "source": TEXT, "platform": TEXT, "kind": TEXT, "guid": TEXT, "url": re.compile("https?://.+"),
    "title": TEXT, "text": TEXT, "lang": TEXT, "country": re.compile("[A-Z]{2}"), "published": TIME, "seen": TIME, "likes": COUNT,
    "shares": COUNT, "replies": COUNT, "views": COUNT, "rating": NUMBER, "parent": TEXT, "own": bool, "date_suspect": bool,
    "baseline": bool, "cut": bool, "version": TEXT, "intents": [TEXT],
    "story": re.compile("[0-9a-f]{16}"), "uncounted": re.compile("repeat|syndicated|ignored"), "vip": bool, "repeats": TEXT,
    "author": {"name": TEXT, "handle": TEXT, "url": TEXT, "followers": COUNT, "verified": bool},
    "sentiment": {"label": re.compile("negative|neutral|positive"), "score": NUMBER, "words": [TEXT], "by": re.compile("hand|model")},
    "hits": [{"topic": re.compile("[a-z0-9_-]+"), "role": re.compile("brand|competitor|industry"), "rules": [TEXT], "tags": [TEXT],
              "spans": [{"in": re.compile("title|text|author|url"), "at": [COUNT], "pattern": TEXT}]}],
}
ALWAYS = {"id", "source", "platform", "kind", "published", "seen", "own", "hits"}


def fits(value, shape, where="mention"):
    if isinstance(shape, dict):
        assert isinstance(value, dict) and not set(value) - set(shape), (where, value)
        for key, one in value.items():
            fits(one, shape[key], f"{where}.{key}")
    elif isinstance(shape, list):
        assert isinstance(value, list), (where, value)
        for one in value:
            fits(one, shape[0], where)
    elif isinstance(shape, re.Pattern):
        assert isinstance(value, str) and shape.fullmatch(value), (where, value)
    elif isinstance(shape, tuple):
        assert type(value) in shape, (where, value)
    else:
        assert type(value) is shape and value != "", (where, value)  # absent facts are left out, never empty


def check_entry(fields):
    """One entry of the stream: the JSON, and the names beside it that say the same."""
    mention = json.loads(fields["mention"])
    fits(mention, MENTION)
    assert ALWAYS <= set(mention) and mention["hits"]
    for hit in mention["hits"]:
        for span in hit["spans"]:
            at, end = span["at"]
            assert 0 <= at < end <= len(mention[span["in"]])  # in code points of the original
    for field, key in (("rules", "rules"), ("tags", "tags")):
        names = sorted({n for h in mention["hits"] for n in h[key]})
        assert sorted(filter(None, fields.get(field, "").split(","))) == names
    assert sorted(fields["topics"].split(",")) == sorted(h["topic"] for h in mention["hits"])
    assert set(fields) <= {"mention", "topics", "rules", "tags", "sentiment", "published"}
    return mention


def newspaper(n):
    """Twenty items: twelve of the brand, four of them with a rule, five of the rival, one of both, two of neither."""
    def text(i):
        if i < 12:
            return f"Acme en la nota {i}", "hubo fraude" if i < 4 else "todo bien"
        return (f"El rival en la nota {i}", "crece") if i < 17 else (f"Acme y el rival, nota {i}", "a la par") if i == 17 else (f"El clima {i}", "")
    return feed(*(item(f"http://diario{n}.example/{i}", *text(i), link=f"http://diario{n}.example/nota/{i}", date=NOW - 3600 * i)
                  for i in range(ITEMS)), title=f"Diario {n}")


HITS_A_FEED = 18


def listen(house, redis, web, n=FEEDS, **more):
    house.rules(acme=ACME, rival=RIVAL)
    house.configure([house.source(f"diario{i}", web.url(f"/diario{i}")) for i in range(n)],
                    queue={"redis": redis.url(), "stream": STREAM}, **more)


def test_each_item_once(house, redis, web):
    """Ten feeds of twenty items, --once twice."""
    for i in range(FEEDS):
        body = newspaper(i)
        web.route(f"/diario{i}", handler=lambda h, body=body, i=i: h.conditional(body, f'W/"d{i}, \\"raro\\""', "Sun, 22 Nov 2026 10:00:00 GMT"))
    listen(house, redis, web)
    out = house.once().out
    entries = redis.entries()
    mentions = [check_entry(fields) for _, fields in entries]
    assert len(entries) == FEEDS * HITS_A_FEED and len({m["id"] for m in mentions}) == len(entries)
    assert {m["guid"] for m in mentions} == {f"http://diario{n}.example/{i}" for n in range(FEEDS) for i in range(HITS_A_FEED)}
    assert all(m["baseline"] is True for m in mentions)
    assert {m["source"] for m in mentions} == {f"diario{i}" for i in range(FEEDS)}
    by_topics = {t: sum(f["topics"] == t for _, f in entries) for t in ("acme", "rival", "acme,rival")}
    assert by_topics == {"acme": 12 * FEEDS, "rival": 5 * FEEDS, "acme,rival": FEEDS}
    assert sum(f.get("tags") == "crisis,legal" for _, f in entries) == 4 * FEEDS
    # The ids are the log's own, and their order is the order of the log.
    kept = house.sql("SELECT stream.id, mention.key FROM stream JOIN mention ON mention.id = stream.mention ORDER BY stream.id")
    assert [(f"{i >> 20}-{i & 0xFFFFF}", key.hex()) for i, key in kept] == [(e, m["id"]) for (e, _), m in zip(entries, mentions)]
    assert str(FEEDS) in out and str(FEEDS * ITEMS) in out and str(FEEDS * HITS_A_FEED) in out  # the summary
    assert out.count("http://diario") == FEEDS * HITS_A_FEED  # and each hit as it came

    assert f"{FEEDS} sources polled, 0 failed; 0 new mentions, 0 hits" in house.once().out
    assert redis.entries() == entries
    for i in range(FEEDS):
        sent = web.last(f"/diario{i}").headers
        assert sent["if-none-match"] == f'W/"d{i}, \\"raro\\""' and sent["if-modified-since"] == "Sun, 22 Nov 2026 10:00:00 GMT"


def test_what_comes_between_two_polls_comes_once(house, redis, web):
    old = [item(f"http://diario.example/{i}", f"Acme {i}") for i in range(3)]
    web.route("/diario0", feed(*old))
    listen(house, redis, web, 1)
    house.once()
    new = item("http://diario.example/nuevo", "Acme, otro fraude", "Una estafa", extra="<slash:comments>3</slash:comments>")
    web.route("/diario0", feed(new, *old))
    for _ in range(3):
        house.once()
    entries = redis.entries()
    mention = check_entry(entries[-1][1])
    assert len(entries) == 4 and mention["title"] == "Acme, otro fraude" and "baseline" not in mention and mention["replies"] == 3
    assert entries[-1][1]["rules"] == "fraud"


def test_a_story_in_two_feeds_is_one_entry(house, redis, web):
    both = item("http://agencia.example/1", "Acme en dos diarios")
    web.route("/diario0", feed(both))
    web.route("/diario1", feed(both, item("http://diario1.example/2", "Acme en uno")))
    listen(house, redis, web, 2)
    house.once()
    assert sorted(check_entry(f)["title"] for _, f in redis.entries()) == ["Acme en dos diarios", "Acme en uno"]


def test_without_redis_all_else_goes_on(house, redis, web):
    """--once waits for Redis a while, says what stays, and what stays is sent by the next one."""
    web.route("/diario0", newspaper(0))
    listen(house, redis, web, 1)
    redis.stop()
    process = house.begin_once()
    until(lambda: len(house.titles()) == ITEMS, "the log to have them")
    redis.start()
    done = house.end(process)
    assert done.code == 0 and len(redis.entries()) == HITS_A_FEED, done


# --- the log is the truth: kills ---

def test_killed_again_and_again(house, redis, web):
    """FAULTS D1, a few times over: kill -9 at any moment, --once and the daemon; 0 lost, 0 twice."""
    chance = random.Random(5)  # the same moments each time, as far as the machine lets it
    served = [0, 0, 0]

    def serve(i):
        def answer(h):  # by its ETag a cursor ahead of its data would hide what it lost for good
            served[i] += chance.randint(0, 4)
            n = served[i]
            body = feed(*(item(f"http://d{i}.example/n{k}", f"Acme n{k} de {i}") for k in range(n)))
            h.conditional(body, f'"{n}"', "Sun, 22 Nov 2026 10:00:00 GMT")
        return answer

    for i in range(3):
        web.route(f"/diario{i}", handler=serve(i))
    listen(house, redis, web, 3)
    for i in range(12):
        process = house.begin_once()
        time.sleep(chance.uniform(0.02, 0.25) * PATIENCE)
        process.kill()
        process.wait()
    for i in range(4):
        house.start()
        until(lambda: house.ctl_alone("poll", "--all") == 0, "the daemon to answer")
        for _ in range(chance.randint(1, 4)):
            house.ctl_alone("poll", "--all")
        house.kill()
    house.once()
    wanted = {f"http://d{i}.example/n{k}" for i in range(3) for k in range(served[i])}
    got = [check_entry(f)["guid"] for _, f in redis.entries()]
    assert sum(served) > 20 and set(got) == wanted and len(got) == len(set(got))
    assert house.sql("PRAGMA integrity_check") == [("ok",)]


def test_redis_killed_beneath_it(house, redis, web):
    """FAULTS D2, a few times over: Redis goes with kill -9 under load and comes back; 0 lost, 0 twice."""
    served = [0]

    def answer(h):
        served[0] += 3
        h.answer(200, feed(*(item(f"http://d.example/n{k}", f"Acme n{k}") for k in range(max(0, served[0] - 400), served[0]))))

    web.route("/diario0", handler=answer)
    listen(house, redis, web, 1)
    with house.running():
        for _ in range(3):
            for _ in range(4):
                house.poll("diario0")
            redis.kill()
            house.poll("diario0")
            until(lambda: not house.status()["queue"]["connected"], "the loss to be seen")
            redis.start()
        until(lambda: (q := house.status()["queue"])["connected"] and q["pending"] == 0, "Redis to have them all", 60)
    got = [check_entry(f)["guid"] for _, f in redis.entries()]
    assert sorted(got) == sorted(f"http://d.example/n{k}" for k in range(served[0]))
