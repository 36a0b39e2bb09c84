"""Recorded answers of platforms, run by --check: those that came with the program, and a user's own. What differs is told with the
file, the line and the column of what was expected."""
import json

import pytest
import yaml

from daemon import CTL, ESCUCHAD

MAP = '''# looks at named keys
.posts[]? | each({id, text: .body, likes: .votes, author: .user, url: "\\($ctx.site)/p/\\(.id)", kind: "post"})
'''
ANSWER = {"posts": [{"id": 9007199254740995, "body": "Acme no responde", "votes": 3, "user": "ana"},
                    {"id": 7, "body": "Acme, bien", "votes": 0, "user": "luis"}]}


def plaza(house, **more):
    """A platform of the user's own, with a recorded answer and what it is to become."""
    folder = house.folder / "platforms"
    (folder / "maps").mkdir(parents=True)
    (folder / "fixtures").mkdir()
    (folder / "maps/plaza.jq").write_text(MAP)
    (folder / "fixtures/plaza.json").write_text(json.dumps(ANSWER))
    (folder / "plaza.yaml").write_text(yaml.safe_dump({
        "platform": "plaza", "title": {"es": "Plaza", "en": "Plaza"}, "help": {"es": "Plaza", "en": "Plaza"},
        "params": {"site": {"kind": "url", "required": True, "help": {"es": "sitio", "en": "site"}},
                   "key": {"secret": True, "help": {"es": "clave", "en": "key"}}},
        "request": {"url": "{site}/api"}, "map": {"use": "plaza"},
        "fixtures": [{"answer": "plaza.json", "mentions": "plaza.mentions.json", "with": {"site": "https://plaza.example"}, **more}]}))
    house.configure([{"name": "p", "platform": "plaza", "site": "https://otra.example"}], platforms="platforms/")
    out = house.run(CTL, "parse", "--platforms", folder, "--platform", "plaza", "--ctx", '{"site": "https://plaza.example"}',
                    folder / "fixtures/plaza.json").out
    return folder / "fixtures/plaza.mentions.json", out.splitlines()


def told(house, code=1):
    return [(f["file"].rsplit("/", 1)[-1], f["line"], f["column"], f.get("key"), f["message"]) for f in house.check(code=code).findings()]


def test_what_was_expected_comes(house):
    """As escuchactl parse prints them: what no file can know counts on neither side."""
    file, lines = plaza(house)
    file.write_text("[" + ",\n".join(lines) + "]")
    assert told(house, code=0) == []


def test_each_field_is_told_with_its_place(house):
    file, lines = plaza(house)
    first, second = map(json.loads, lines)
    first["likes"], first["author"]["handle"], first["lang"] = 4, "Ana", "es"
    del second["text"]
    file.write_text("[\n" + json.dumps(first) + ",\n" + json.dumps(second) + "\n]")
    line = file.read_text().split("\n")[1]
    place = lambda text: line.index(text) + 1
    assert told(house) == [
        ("plaza.mentions.json", 2, place('"Ana"'), "[0].author.handle", "plaza makes ana of plaza.json here; expected: Ana"),
        ("plaza.mentions.json", 2, place("4,"), "[0].likes", "plaza makes 3 of plaza.json here; expected: 4"),
        ("plaza.mentions.json", 2, place('"es"'), "[0].lang", "plaza makes nothing of plaza.json here; expected: es"),
        ("plaza.mentions.json", 3, 1, "[1].text", "plaza makes Acme, bien of plaza.json here; nothing was expected"),
    ]


def test_too_few_and_too_many(house):
    file, lines = plaza(house)
    file.write_text("[" + lines[0] + "]")
    assert told(house) == [("plaza.mentions.json", 1, 1, None, "plaza makes 2 mentions of plaza.json; expected: 1")]
    file.write_text("{}")
    assert "expected a list of mentions" in told(house)[0][4]
    file.unlink()
    assert told(house)[0][0] == "plaza.yaml" and 'no file "plaza.mentions.json"' in told(house)[0][4]


@pytest.mark.parametrize("more, says", [({"answer": "../secreto.json"}, "a fixture is the name of a file"),
                                        ({"with": {"sitio": "x"}}, 'no parameter "sitio"'),
                                        ({"with": {"key": "x"}}, '"key" is a secret')])
def test_what_a_fixture_may_say(house, more, says):
    file, lines = plaza(house)
    plaza_file = house.folder / "platforms/plaza.yaml"
    whole = yaml.safe_load(plaza_file.read_text())
    whole["fixtures"][0].update(more)
    plaza_file.write_text(yaml.safe_dump(whole))
    found = [f for f in house.check(code=1).findings() if f["file"].endswith("plaza.yaml")]
    assert found and says in found[0]["message"] and found[0]["line"] > 1


def test_an_answer_that_the_map_cannot_read(house):
    file, lines = plaza(house)
    file.write_text("[]")
    (house.folder / "platforms/fixtures/plaza.json").write_text("<html>")
    (_, _, _, key, message), = told(house)
    assert key == "fixtures" and "plaza can't read the recorded answer plaza.json" in message


def test_a_map_of_ones_own_is_held_against_the_shipped_answer(house):
    """Who edits a map that came with the program hears what it yields now, and against what."""
    (house.folder / "platforms/maps").mkdir(parents=True)
    (house.folder / "platforms/maps/hackernews.jq").write_text('# scope: hackernews\n.hits[]? | each({id: .objectID, text: .comment_text})')
    house.configure([{"name": "hn", "platform": "hackernews", "query": "acme"}], platforms="platforms/")
    found = told(house)
    assert {(f, key) for f, _, _, key, _ in found} >= {("(hackernews.mentions.json)", "[0].url"), ("(hackernews.mentions.json)", "[0].author")}
    house.configure([{"name": "hn", "platform": "hackernews", "query": "acme"}])
    assert told(house, code=0) == []


def test_the_words_are_the_readers(house):
    file, lines = plaza(house)
    first = json.loads(lines[0])
    file.write_text(json.dumps([first]))
    house.config.write_text(house.config.read_text().replace("language: en", "language: es"))
    assert "plaza saca 2 menciones de plaza.json; se esperaban 1" in house.run(
        ESCUCHAD, "-c", house.config, "--check", code=1).out
