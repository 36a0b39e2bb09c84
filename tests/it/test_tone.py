"""Language and tone of what is heard: told wherever a mention is, asked for by rules, and judged by the user's own lexicon."""
import json
import pathlib

import pytest
import yaml

from daemon import feed, item, until
from peers.redis import RedisPeer

DATA = pathlib.Path(__file__).parents[1] / "data" / "tone"
LEXICONS = pathlib.Path(__file__).parents[2] / "conf" / "lexicon"

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
    assert "\n\nIdioma: es\nTono: negativo, por lo que se dice aquí: " in out and "pésima" in out.splitlines()[-1]
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
        assert finding["file"].endswith("lexicon/es.yaml") and finding["line"] == 4 and "-4" in finding["message"]
        assert tone.check(code=1).findings()
        tone.settled()
        tone.ctl("add", PLAIN)
        [added] = [m for m in tone.hits() if m["platform"] == "manual"]
        assert added["sentiment"]["words"] == ["tienda"], "the old one stays"
        (own / "es.yaml").unlink()
        tone.ctl("reload")
        tone.ctl("add", "victoria: " + PLAIN)
        assert [m for m in tone.hits() if m.get("text", "").startswith("victoria")][0]["sentiment"]["label"] == "neutral"


EVAL = ["es\tnegative\t" + BAD, "es\tneutral\t" + PLAIN.replace("Victoria", "nueva"), "es\tpositive\t" + GOOD, "en\tnegative\tThe office opens at nine in the morning every day",
        "", "en\tpositive\tI love this new flavour, it is great"]


def evaluated(house, *args, code=0):
    return {line.get("lang"): line for line in house.ctl("eval", "--json", *args, code=code).lines()}


def test_eval_counts_what_was_told(tone):
    (tone.folder / "some.tsv").write_text("\n".join(EVAL) + "\n")
    said = evaluated(tone, "some.tsv")
    assert list(said) == ["es", "en", None] and said[None]["n"] == 5 and said[None]["lang_right"] == 1
    assert said["es"]["macro_f1"] == 1 and said["es"]["r"] == 1 and said["es"]["f"] == 0
    assert said["en"]["tones"]["negative"]["told"] == {"negative": 0, "neutral": 1, "positive": 0} and said["en"]["r"] == 0
    assert said["en"]["macro_f1"] == 0.5 and said[None]["tones"]["positive"]["f1"] == 1
    out = tone.ctl("eval", "some.tsv").out
    assert "es: 3 publicaciones, macro-F1 1.000, idioma acertado 1.000\n" in out and "todos: 5 publicaciones" in out
    own = tone.folder / "own"
    own.mkdir()
    (own / "es.yaml").write_text("lexicon: es\n")
    assert evaluated(tone, "some.tsv", "--lexicon", "own")["es"]["r"] == 0
    (own / "es.yaml").write_text("lexicon: es\nwords: x\n")
    assert "es.yaml:2:1" in tone.ctl("eval", "some.tsv", "--lexicon", "own", code=78).err
    (tone.folder / "some.tsv").write_text("es\tangry\thola\nes\tpositive\nhola\n" + EVAL[0])
    done = tone.ctl("eval", "some.tsv", code=1)
    assert [f"línea {n}:" in done.err for n in (1, 2, 3, 4)] == [True, True, True, False] and "es: 1 publicaciones" in done.out


def trained(n, way):
    """Posts whose tone no lexicon sees: one of four words says it, among others that say nothing."""
    say = {"negative": "marrón", "neutral": "verde", "positive": "azul"}
    rest = "la caja del banco está hoy en el segundo piso de la calle con sus mesas y sillas".split()
    for i in range(n):
        tone = list(say)[i * 7 % 3]
        words = [rest[(i * k + k * k) % len(rest)] for k in range(1, 9)]
        yield f"es\t{tone if way else list(say)[i // 5 % 3]}\t{' '.join(words[:4])} {say[tone]} {' '.join(words[4:])} número {i}\n"


def test_a_model_is_trained_used_and_told(tone, web):
    """FAULTS C2, C3: a wrong one changes nothing, and is told with its place."""
    own, posts = tone.folder / "lexicon", tone.folder / "posts.tsv"
    own.mkdir()
    posts.write_text("".join(trained(240, True)))
    tone.configure([], language="en")
    assert "-o" in tone.ctl("train", "posts.tsv", code=2).err
    tone.configure([], language="en", lexicon="lexicon")
    [said] = tone.ctl("train", "--json", "posts.tsv", "-o", "a.model").lines()
    assert said["lang"] == "es" and said["verdict"] == "better" and said["macro_f1"] > 0.9 > 0.4 > said["lexicon_macro_f1"] and said["n"] == 240
    out = tone.ctl("train", "posts.tsv").out
    assert "better, so the model decides" in out and "lexicon/tone.model" in out
    assert (tone.folder / "a.model").read_bytes() == (own / "tone.model").read_bytes(), "the same posts, the same bytes"
    head = (own / "tone.model").read_bytes().split(b"\n\n")[0].decode().splitlines()
    assert head[0] == "escuchad tone model 1" and "posts 240" in head and any(line.startswith("lang es 240 ") for line in head)

    said = evaluated(tone, "posts.tsv")["es"]
    assert said["by_model"] == 240 and said["macro_f1"] > 0.95
    assert "240 of 240 were decided by a model" in tone.ctl("eval", "posts.tsv").out
    (own / "tone.model").rename(tone.folder / "b.model")
    assert evaluated(tone, "posts.tsv")["es"]["by_model"] == 0 and evaluated(tone, "posts.tsv", "--model", "b.model")["es"]["by_model"] == 240
    (tone.folder / "b.model").rename(own / "tone.model")
    line = "telcosur: la caja marrón del banco está en el segundo piso"
    [hit] = matched(tone, [line])
    assert hit["sentiment"]["label"] == "negative" and hit["sentiment"]["by"] == "model" and "marrón" in hit["sentiment"]["words"]
    assert hit["hits"][0]["rules"] == ["angry"]
    assert "That is what tone.model says" in tone.ctl("why", line).out

    tone.rules(telcosur=RULES[:RULES.index("tests:")])
    with tone.running():
        whole = (own / "tone.model").read_bytes()
        (own / "tone.model").write_bytes(whole[:-9])
        [finding] = tone.ctl("reload", "--json", code=78).findings()
        assert finding["file"].endswith("lexicon/tone.model") and finding["line"] and "not copied whole" in finding["message"]
        tone.ctl("add", line)
        assert [m["sentiment"]["by"] for m in tone.hits()] == ["model"], "the old one stays, and the log keeps who said so"
        assert "not copied whole" in tone.ctl("eval", "posts.tsv", "-m", "lexicon/tone.model", "-l", "lexicon", code=78).err


def test_a_model_that_is_no_better_is_not_written(tone):
    posts = tone.folder / "posts.tsv"
    posts.write_text("".join(trained(240, False)))
    done = tone.ctl("train", "posts.tsv", "-o", "x.model", code=1)
    assert "no se escribió nada" in done.err and not (tone.folder / "x.model").exists()
    posts.write_text("".join(trained(12, True)) + "nada\n")
    done = tone.ctl("train", "posts.tsv", "-o", "x.model", code=1)
    assert "línea 13:" in done.err and "de 12 publicaciones" in done.err and not (tone.folder / "x.model").exists()


def test_the_shipped_lexicons_are_as_good_as_they_say(tone):
    """On posts that they were not made with. What each says of itself (measured:) is what shares are corrected by."""
    said = evaluated(tone, str(DATA / "judge.tsv"))
    least = {"es": 0.7, "en": 0.67, "pt": 0.67, None: 0.7}
    assert {lang: said[lang]["macro_f1"] >= f1 for lang, f1 in least.items()} == dict.fromkeys(least, True), said
    assert said[None]["lang_right"] >= 0.95
    for lang in ("es", "en", "pt"):
        measured = yaml.safe_load((LEXICONS / f"{lang}.yaml").read_text())["measured"]
        assert (measured["r"], measured["f"]) == (f'{said[lang]["r"]:.0%}', f'{said[lang]["f"]:.0%}'), (lang, said[lang])


# Posts that nothing was learnt from; most are under 40 characters. Where a language has so few of them, one more
# may be wrong than 93 % would have.
def test_the_language_of_short_posts(tone):
    posts = [line.split("\t") for line in (DATA.parent / "language/judge.tsv").read_text().splitlines()]
    told = [one.get("lang", "und") for one in matched(tone, [text for _, text in posts], "--all")]
    assert len(told) == len(posts) > 230
    for language in sorted({language for language, _ in posts}):
        mine = [found for found, (wanted, _) in zip(told, posts) if wanted == language]
        assert mine.count(language) >= 0.93 * len(mine) - 1, (language, mine)
