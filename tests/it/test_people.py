"""Who speaks, of what many speak, and who does not want to be kept: with the real programs, over a kill, and into Redis."""
import json
import pathlib

import pytest

from daemon import until
from peers.redis import RedisPeer

RULES = """topic: acme
role: brand
own: ['@acme']
patterns:
  name: [acme]
about: name
tests:
  - text: 'Acme no funciona'
    hits: []
"""
SAID = "Otra vez la tienda Acme me cobró dos veces la misma compra y nadie contesta en la sucursal"


def json_feed(*items):
    """Items: (id, text, author's page or None)."""
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Red", "items": [
        {"id": id, "url": f"https://red.example/{id}", "content_text": text,
         **({"authors": [{"name": page.rpartition("@")[2], "url": page}]} if page else {})} for id, text, page in items]}).encode()


@pytest.fixture
def people(house):
    house.rules(acme=RULES)
    return house


def by_guid(house):
    return {hit["guid"]: hit for hit in house.hits()}


def test_stories_and_authors_over_a_kill(people, web):
    """FAULTS F13: one story, whoever copies it; what an honest daemon begins, one that was killed goes on with."""
    web.route("/a", json_feed(("1", SAID, "https://red.example/@ana")))
    web.route("/b", json_feed(("2", "RT @ana: " + SAID.upper(), "https://red.example/@luis"), ("3", "Acme abre una tienda nueva en el centro de la ciudad", None)))
    people.configure([people.source("a", web.url("/a"))], voices={"vip": ["https://red.example"]})
    people.start()
    people.settled()
    assert list(by_guid(people)) == ["1"]
    people.kill()
    people.configure([people.source("a", web.url("/a")), people.source("b", web.url("/b"))], voices={"ignore": ["red.example"]})
    with people.running():
        people.settled()
        hits = until(lambda: len(h := by_guid(people)) == 3 and h, "three hits")
        assert hits["1"]["story"] == hits["2"]["story"] == hits["1"]["id"][:16] != hits["3"]["story"]
        assert hits["1"]["vip"] is True and "uncounted" not in hits["1"]
        assert hits["2"]["uncounted"] == "ignored" and "vip" not in hits["2"]
        [story] = people.ctl("stories", "--json").lines()  # the other stands alone
        assert story["story"] == hits["1"]["story"] and (story["mentions"], story["counted"], story["sources"]) == (2, 1, 2)
        assert story["leader"] == hits["1"]["id"] and story["url"] == "https://red.example/1"
        assert "https://red.example/1" in people.ctl("stories").out
        sum_of, *authors = people.ctl("authors", "--json", "--topic", "acme").lines()
        assert (sum_of["mentions"], sum_of["counted"], sum_of["authors"], sum_of["unnamed"]) == (3, 1, 2, 1)
        assert sum_of["largest_story"] == {"story": story["story"], "share": 0.666} and sum_of["loudest"] == 0.333
        assert {a["author"]["name"] for a in authors} == {"ana", "luis"} and all(a["ignored"] for a in authors)
        assert len(people.ctl("authors", "--json").lines()) == 2
        assert "67 %" in people.ctl("authors", "-t", "acme").out
        assert people.ctl("authors", "-t", "nadie", "--json").lines()[0]["mentions"] == 0
        people.ctl("authors", "--since", "ayer", code=2)
        assert "ana" not in people.log() and "luis" not in people.log(), "logs name nobody"


def test_who_asks_for_it_is_forgotten(people, web, tmp_path):
    page = "https://red.example/@ana"
    web.route("/a", json_feed(("1", SAID, page), ("2", "Hola a todos, buenos días", page), ("3", "Acme bien", "https://red.example/@luis")))
    with RedisPeer(tmp_path / "redis") as redis:
        people.configure([people.source("a", web.url("/a"))], queue={"redis": redis.url()})
        with people.running():
            people.settled()
            entries = until(lambda: len(e := redis.entries()) == 2 and e, "both hits")
            [entry] = [id for id, e in entries if json.loads(e["mention"])["guid"] == "1"]
            until(lambda: people.status()["queue"]["pending"] == 0, "noted as sent")
            assert "1 entry of theirs would go" in people.ctl("forget", page, code=1).out, "it only says what would go"
            assert len(people.mentions()) == 3
            redis("XGROUP", "CREATE", "escucha:hits", "lector", "0")
            redis("XREADGROUP", "GROUP", "lector", "uno", "COUNT", 1, "STREAMS", "escucha:hits", ">")
            redis("COPY", "escucha:hits", "older")
            redis.stop()
            assert "1 entry of theirs goes" in people.ctl("forget", "https://RED.example/@Ana/", "--yes").out
            assert people.status()["queue"]["erasing"] == 1
            people.kill()
            people.start()
            redis.start()
            until(lambda: [id for id, _ in redis.entries()] == [id for id, _ in entries if id != entry], "it goes when Redis is back")
            until(lambda: people.status()["queue"]["erasing"] == 0, "noted")
            redis("RENAME", "older", "escucha:hits")
            redis("CLIENT", "KILL", "TYPE", "normal")
            until(lambda: len(redis.entries()) == 1, "a server that comes back from an older copy has it no longer, either")
            [[_, read]] = redis("XREADGROUP", "GROUP", "lector", "uno", "STREAMS", "escucha:hits", ">")
            assert [id for id, _ in read] == [id for id, _ in entries if id != entry], "its readers go on"
            assert redis("XACK", "escucha:hits", "lector", entry) == 1
            assert [h["guid"] for h in people.hits()] == ["3"] and len(people.mentions()) == 1
            assert people.ctl("search", "sucursal", "--json", code=1).out == ""
            web.route("/a", json_feed(("4", "Acme otra vez", page), ("5", "Acme sí", None)))
            people.ctl("poll", "a")
            until(lambda: "5" in by_guid(people), "the next poll")
            assert sorted(by_guid(people)) == ["3", "5"]
            assert people.ctl("forget", page, "--json", "--yes").lines()[0]["mentions"] == 0
            people.ctl("forget", page, "--welcome")
            people.ctl("forget", page, "--welcome", code=1)
            people.ctl("forget", "ana", code=1)
            people.ctl("forget", "name:", code=1)
            people.ctl("forget", page, "--yes", "--welcome", code=2)
            people.ctl("add", SAID, "--author", "Eva")
            until(lambda: len(people.hits()) == 3, "others are heard")
            assert "@ana" not in people.log().lower()
            people.ctl("forget", "name:eva", "--yes")  # all that is left of those words
            until(lambda: not people.status()["queue"]["erasing"], "hers as well")
            until(lambda: not any(b"me cobr" in f.read_bytes() for f in people.folder.rglob("escuchad.db*")), "gone from the files")
            assert "me cobr" not in str(redis("XRANGE", "escucha:hits", "-", "+"))
            people.ctl("add", "Acme muy bien")
            until(lambda: len(redis.entries()) == 3 and not people.status()["queue"]["pending"], "the stream goes on")
    assert people.ctl("fsck").code == 0


def test_a_name_without_a_handle_is_forgotten(people, web):
    web.route("/a", json_feed(("1", SAID, "https://red.example/@ana"), ("2", "Acme bien", "https://red.example/@luis")))
    people.configure([people.source("a", web.url("/a"))])
    with people.running():
        people.settled()
        people.ctl("add", f"{SAID} quetzalzuela", "--author", "Ana")
        until(lambda: len(people.hits()) == 3, "the call")
        looked = people.ctl("forget", "name:ANA", "--json", code=1).lines()[0]
        assert (looked["mentions"], looked["authors"]) == (2, 2) and len(people.hits()) == 3, "it only says what would go"
        assert people.ctl("forget", "name:an", "--json", "--yes").lines()[0]["mentions"] == 0
        assert people.ctl("forget", "name:Ana", "--json", "--yes").lines()[0]["mentions"] == 2
        people.ctl("add", f"{SAID} quetzalzuela", "--author", "ana")
        assert [h["author"]["name"] for h in people.hits()] == ["luis"]
        until(lambda: not any(b"quetzalzuela" in f.read_bytes() for f in people.folder.rglob("escuchad.db*")), "gone from the files")
        people.ctl("forget", "name:ana", "--welcome")
        people.ctl("add", SAID, "--author", "ana")
        until(lambda: len(people.hits()) == 2, "heard again")


def test_a_tone_set_right_is_an_example(people):
    people.configure([])
    with people.running():
        people.ctl("add", f"@ana dice: {SAID}")
        [hit] = people.hits()
        was = hit["sentiment"]["label"]
        assert json.loads(people.ctl("tone", hit["id"], "positive", "--json").out) == {"was": was}
        said = people.ctl("why", hit["id"]).out
        assert "Tone: negative, by what is said here: me cobró" in said and "Set right by hand: positive. That is what counts\n" in said
        [hit] = people.hits()
        assert hit["sentiment"] == {"label": "positive", "score": 1, "words": [], "by": "hand"}
        assert people.ctl("tone", "--export").out == f"es\tpositive\t@u dice: {SAID}\n"
        people.configure([], privacy=False)
        assert people.ctl("tone", "--export").out == f"es\tpositive\t@ana dice: {SAID}\n"
        (people.folder / "mine.tsv").write_text(people.ctl("tone", "--export").out)
        assert people.ctl("eval", "mine.tsv", "--json").lines()[-1]["n"] == 1, "as eval reads them"
        people.ctl("tone", "0" * 32, "neutral", code=1)
        people.ctl("tone", hit["id"], "angry", code=2)
        people.ctl("tone", "--export", hit["id"], code=2)


def test_wrong_voices_are_told_with_their_place(people):
    (people.folder / "escuchad.yaml").write_text("state: state/\nrules: rules/\nvoices:\n  vip: ['@ana', 'dos palabras']\n  ignore: bot\n")
    findings = people.check(code=1).findings()
    assert [(f["line"], f["severity"]) for f in findings if f["severity"] == "error"] == [(4, "error"), (5, "error")]
    (people.folder / "escuchad.yaml").write_text("state: state/\nrules: rules/\nvoices:\n  vip: @ana\n")
    assert any("'@ana'" in f["message"] for f in people.check(code=1).findings()), "YAML's trap"
