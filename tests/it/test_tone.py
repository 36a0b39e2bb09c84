"""Language and tone of what is heard: told wherever a mention is, asked for by rules, and judged by the user's own lexicon."""
import json

import pytest

from daemon import feed, item, until
from peers.redis import RedisPeer

RULES = """topic: telcosur
role: brand
own: ['@telcosur']
patterns:
  name: [telcosur, victoria]
about: name
rules:
  - name: angry
    when: 'sentiment == negative and lang == es'
tests:
  - text: 'Telcosur es pésima, un fraude'
    hits: [angry]
  - text: 'Victoria abre a las nueve'
    hits: []
"""
BAD = "Telcosur es pésima, llevo tres semanas esperando y nadie contesta"
GOOD = "Me encanta la nueva tienda de Telcosur, excelente atención de todos"
PLAIN = "La tienda Victoria abre mañana a las nueve de la mañana"


def matched(house, lines, *args, code=0):
    (house.folder / "lines").write_text("\n".join(lines) + "\n")
    return house.ctl("match", *args, "lines", code=code).lines()


@pytest.fixture
def tone(house):
    house.rules(telcosur=RULES)
    house.configure([], language="es")
    return house


def test_match_tells_both_and_rules_ask_for_them(tone):
    bad, plain = matched(tone, [BAD, PLAIN, "una tienda pésima, qué fraude"])
    assert bad["lang"] == "es" and bad["sentiment"]["label"] == "negative" and -1 <= bad["sentiment"]["score"] < 0
    assert "pésima" in bad["sentiment"]["words"] and bad["hits"][0]["rules"] == ["angry"]
    assert plain["sentiment"] == {"label": "neutral", "score": 0, "words": []} and plain["hits"][0]["rules"] == []
    lines = matched(tone, [BAD, "una tienda pésima, qué fraude", "J’attends depuis trois semaines et personne ne répond", "mm", "😡"], "--all")
    assert [m.get("lang") for m in lines] == ["es", "es", "fr", None, None]
    assert [m.get("sentiment", {}).get("label") for m in lines] == ["negative", "negative", None, None, "negative"]
    [en] = matched(tone, [json.dumps({"text": "Telcosur made me wait for three weeks, and it is a scam", "lang": "es"})])
    assert en["lang"] == "en" and en["sentiment"]["label"] == "negative" and en["hits"][0]["rules"] == []


def test_why_tells_the_words(tone):
    out = tone.ctl("why", BAD).out
    assert out.startswith("Idioma: es\nTono: negativo, por lo que se dice aquí: ") and "pésima" in out.splitlines()[1]
    assert "Tono: neutro: ninguna palabra pesa lo bastante\n" in tone.ctl("why", PLAIN).out
    assert "Tono" not in tone.ctl("why", "una tienda pésima", code=1).out
    said = json.loads(tone.ctl("why", "--json", BAD).out)
    assert said["sentiment"]["label"] == "negative" and said["lang"] == "es"


def test_the_log_the_stream_and_tail(tone, web, tmp_path):
    web.route("/a", feed(item("http://a.example/1", BAD), item("http://a.example/2", GOOD), item("http://a.example/3", PLAIN)))
    with RedisPeer(tmp_path / "redis") as redis:
        tone.configure([tone.source("a", web.url("/a"))], language="es", queue={"redis": redis.url()})
        with tone.running():
            tone.settled()
            hits = {m["title"]: m for m in tone.hits()}
            assert {t: m["sentiment"]["label"] for t, m in hits.items()} == {BAD: "negative", GOOD: "positive", PLAIN: "neutral"}
            out = tone.ctl("tail").out
            heads = [line for line in out.splitlines() if "[telcosur" in line]
            assert sorted(h.rpartition("]")[2].strip() for h in heads) == ["", "+ positivo", "− negativo"]
            entries = until(lambda: len(e := redis.entries()) == 3 and e, "three entries")
            assert {json.loads(e["mention"])["title"]: e["sentiment"] for _, e in entries} == {BAD: "negative", GOOD: "positive", PLAIN: "neutral"}


def test_a_lexicon_of_ones_own(tone, web):
    """FAULTS C2, C3: a wrong one changes nothing, and is told with its place."""
    web.route("/a", feed(item("http://a.example/1", BAD)))
    own = tone.folder / "lexicon"
    own.mkdir()
    (own / "es.yaml").write_text("lexicon: es\nterms:\n  '3': |\n    tienda\n")
    tone.rules(telcosur=RULES[:RULES.index("tests:")])
    tone.configure([tone.source("a", web.url("/a"))], language="es", lexicon="lexicon")
    [plain] = matched(tone, [PLAIN])
    assert plain["sentiment"]["label"] == "positive" and plain["sentiment"]["words"] == ["tienda"]
    with tone.running():
        (own / "es.yaml").write_text("lexicon: es\nterms:\n  '9': |\n    tienda\n")
        [finding] = tone.ctl("reload", "--json", code=78).findings()
        assert finding["file"].endswith("lexicon/es.yaml") and finding["line"] == 3 and "-4" in finding["message"]
        assert tone.check(code=1).findings()
        tone.settled()
        tone.ctl("add", PLAIN)
        [added] = [m for m in tone.hits() if m["platform"] == "manual"]
        assert added["sentiment"]["words"] == ["tienda"], "the old one stays"
        (own / "es.yaml").unlink()
        tone.ctl("reload")
        tone.ctl("add", "victoria: " + PLAIN)
        assert [m for m in tone.hits() if m["text"].startswith("victoria")][0]["sentiment"]["label"] == "neutral"
