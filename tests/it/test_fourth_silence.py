"""The fourth silence: all sources answer and bring something, and yet a rule or a field of theirs is heard no more."""
from daemon import feed, item, until
from peers.platform_peer import Town, mastodon, platform_at, source
from test_rules_safety import metrics

DAY = 24 * 3600_000
RULES = """\
topic: acme
role: brand
patterns:
  name: {words: "acme"}
  theft: {words: "robo"}
about: name
rules:
  - {name: robos, when: theft}
"""


def ledger(house, kind):
    return [x for x in house.ctl("coverage", "--json", "--since", "30d").lines() if x["kind"] == kind]


class Paper:
    def __init__(self, house, web):
        self.house, self.web, self.n = house, web, 0

    def prints(self, *titles):
        """One edition: nothing of the one before stands in it."""
        self.n += 1
        self.web.route("/a", feed(*(item(f"{self.n}-{i}", f"{title} {self.n}-{i}") for i, title in enumerate(titles))))
        self.house.poll("a")


def test_a_rule_that_finds_nothing_any_more(house, web, clock):
    """Told once, over a kill too, to people in their words; over when it finds something again."""
    paper = Paper(house, web)
    web.route("/a", feed(item("antes", "Acme hubo un robo")))
    house.rules(acme=RULES)
    house.configure([house.source("a", web.url("/a"), every="30d", slowest="30d")], language="es")
    house.start()
    house.settled()
    for _ in range(16):  # one a day, and three that are something else
        clock.passes(DAY)
        paper.prints("Acme y otro robo", "Acme abre una tienda", "El tiempo de hoy", "Robo de palabras")
    assert house.status()["rules"]["quiet"] == []
    paper.prints(*["Acme sufre un hurto"] * 40)  # the word has changed
    clock.passes(DAY)
    assert not house.events("rule.quiet")
    clock.passes(2 * DAY)
    house.told("rule.quiet", topic="acme", rule="robos")
    house.told("operators.tell", kind="rule_quiet", subject="acme/robos", state="begins")
    [quiet] = house.status()["rules"]["quiet"]
    assert (quiet["topic"], quiet["rule"]) == ("acme", "robos") and 0.9 < quiet["usual_a_day"] < 1.2
    words = " ".join(house.ctl("status").out.split())
    assert 'la regla "robos" de "acme" no encuentra nada desde 20' in words and "solía encontrar 1 al día" in words
    [line] = ledger(house, "rule")
    assert line["source"] == "acme/robos" and "to" not in line
    assert line["from"][:19] == quiet["since"][:19]
    assert "quizá cambió la página" in house.ctl("coverage", "--since", "30d").out
    assert "\nescuchad_rules_quiet 1\n" in metrics(house)

    house.kill()
    with house.running():
        house.settled()
        assert house.status()["rules"]["quiet"] == [quiet]
        paper.prints("Acme, otra vez un robo")
        house.told("rule.finds", rule="robos")
        house.told("operators.tell", kind="rule_quiet", state="over")
        assert not house.events("rule.quiet")  # that was told
        assert house.status()["rules"]["quiet"] == []
        [over] = until(lambda: [x for x in ledger(house, "rule") if "to" in x], "its line to end")
        assert over["from"] == line["from"] and over["to"] > over["from"]


def test_a_field_that_is_gone(house, web):
    """A platform answers as ever, and nobody knows any more who wrote: told once, over a restart too; over with the next author."""
    town = Town()
    mastodon(web, town, page=250)
    platform_at(house.folder, "mastodon", web)
    for i in range(220):
        town.say(f"Acme {i}")
    house.configure([source("plaza", "mastodon", server="plaza.example", tag="acme", every="1h")], platforms="platforms/", language="es")

    def say(n, author):
        for i in range(n):
            town.say(f"Acme {author} {i}", author=author)
        house.poll("plaza")

    with house.running():
        house.wait_source("plaza", state="ok")
        say(29, "")
        assert "missing" not in house.sources()["plaza"]
    with house.running():
        say(1, "")
        house.told("source.fields_missing", source="plaza", fields="author")
        house.told("operators.tell", kind="source_fields", subject="plaza", state="begins")
        s = house.sources()["plaza"]
        assert s["missing"] == ["author"] and s["state"] == "ok" and "deaf" not in s
        assert house.status()["lacking"] == [{"source": "plaza", "missing": ["author"], "missing_since": s["missing_since"]}]
        assert '\nescuchad_sources_lacking{field="author"} 1\n' in metrics(house)
        for command in ("status", "sources", "coverage"):
            assert "traían esto y ya no lo traen: autor." in " ".join(house.ctl(command).out.split()), command
        [line] = ledger(house, "field")
        assert (line["source"], line["detail"], line["from"][:19]) == ("plaza", "author", s["missing_since"][:19]) and "to" not in line
    with house.running():
        until(lambda: house.sources()["plaza"].get("missing") == ["author"], "what was known to be known again")
        say(5, "")
        assert not house.events("source.fields_missing")
        say(1, "ana")
        house.told("source.fields_back", source="plaza")
        house.told("operators.tell", kind="source_fields", state="over")
        assert "missing" not in house.sources()["plaza"] and house.status()["lacking"] == []
        [over] = ledger(house, "field")
        assert over["from"] == line["from"] and over["to"] >= over["from"]
