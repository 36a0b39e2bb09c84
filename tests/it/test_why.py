"""escuchactl why: what a person reads of why a mention came, or did not; match with the prefilter and without it."""
import json
import os
import random
import subprocess

import pytest

from daemon import ACME, CTL, feed, item, until

RULES = """topic: acme
role: brand
own: ['@acme_mx']
include: [complaints, fraud]
patterns:
  name:
    words: |
      acme
      @acme*
  theft:
    words: |
      robo
      me robaron
  toon:
    words: |
      coyote
  evil: 'a*a*a*[xz]'
  soon: {regex: 'YA', case: true, fold: false}
about: 'name and not toon'
rules:
  - name: near-it
    when: 'near(name, theft, 3)'
    tags: [crisis]
  - name: in-order
    when: 'before(theft, name, 9)'
  - name: loud
    when: 'followers >= 10000 and lang in [es, pt]'
  - name: worse
    when: 'loud and (evil or soon) and not (verified == true)'
tests:
  - text: 'acme robo'
    hits: [near-it]
  - text: 'el coyote de acme'
    hits: none
"""
OTHER = "topic: sierra\nrole: competitor\npatterns: {name: [sierra clara]}\nrules: [{name: any, when: name}]\ntests: [{text: sierra clara, hits: [any]}]\n"


@pytest.fixture
def why(house):
    house.rules(acme=RULES, otra=OTHER)
    house.configure([], language="es")

    def ask(*args, code=0):
        return house.ctl("why", *args, code=code).out
    ask.house = house
    return ask


def ids(house):
    return dict(house.sql("SELECT title, lower(hex(key)) FROM mention"))


def record(text, **facts):
    return json.dumps({"text": text, **facts}, ensure_ascii=False)


def test_a_mention_and_none_in_words(why):
    out = why("Ácme ayer no abrió: un ROBO")
    assert out.startswith("acme (marca): sí, es una mención\n  about: name and not toon (")
    assert "about: name and not toon (acme.yaml:19)\n    sí  name: aparece «Ácme»\n    sí  not toon: no aparece\n" in out
    assert "no  near(name, theft, 3): hay 4 palabras entre «Ácme» y «ROBO»; como mucho 3\n" in out
    assert out.endswith("\nNada aquí habla de: sierra\n")
    out = why("el coyote compró en acme", code=1)
    assert "acme (marca): no es una mención" in out and "    no  not toon: aparece «coyote»\n" in out
    assert why("hola", code=1) == "Nada aquí habla de: acme, sierra\n"


def test_one_rule_part_by_part(why):
    out = why(record("acme hoy YA", lang="es", author={"followers": 12400}), "worse")
    assert "  regla worse: se cumple\n" in out and "sí  loud: esa regla se cumple\n" in out
    assert "no  evil: no aparece\n" in out and "sí  soon: aparece «YA»\n                acme hoy [YA]\n" in out
    assert "sí  not (verified == true): ausente: no se conoce de esta mención\n" in out
    assert "  regla loud: se cumple\n    de ella depende la regla worse\n" in out
    assert "sí  followers >= 10000: 12\u00a0400\n" in out and "sí  lang in [es, pt]: «es»\n" in out
    out = why(record("acme", lang="es", author={"followers": 9412}), "loud", code=1)
    assert "  regla loud: no se cumple\n" in out and "no  followers >= 10000: 9412\n" in out
    assert "no  theft: " not in out
    out = why("coyote, robo acme", "in-order", code=1)
    assert "regla in-order: su condición se da, pero no cuenta" in out
    assert "aparecen las dos, pero no en ese orden" in why("acme robo", "in-order", code=1)


def test_where_a_word_was_found(why):
    out = why(record("hubo un robo en la tienda que está a la vuelta de mi casa desde hace años y nadie hizo nada por acme",
                     title="Acme otra vez"), "--topic", "acme")
    assert "sí  name: 2 veces: «Acme» (título), «acme»\n          [Acme] otra vez (título)\n" in out
    assert "          …desde hace años y nadie hizo nada por [acme]\n" in out


def test_packs_own_posts_and_what_gave_up(why):
    """FAULTS P11: a pattern that gave up is said, never silently "no match"."""
    out = why("acme es una estafa")
    assert "    fraud #crisis #fraud, paquete fraud: (es or en or pt)" in out and "(fraud.yaml:" in out
    assert "      sí  es: aparece «es una estafa»\n" in out and "no  en" not in out, "in short, what decides"
    out = why(record("acme robo", author={"handle": "@Acme_MX"}), code=1)
    assert "acme (marca): no: es una publicación propia" in out and "about" not in out
    out = why("acme " + "a" * 3000, "worse", code=1)
    assert "evil: no se sabe: buscarlo en este texto tarda demasiado y se dejó (límite alcanzado)" in out


def test_json_is_what_is_told(why):
    got = json.loads(why("--json", "acme robo"))
    assert got["hit"] and got["mention"]["text"] == "acme robo" and got["mention"]["hits"] == []
    acme, sierra = got["topics"]
    assert acme["held"] and acme["met"] == 1 and not sierra["held"] and not sierra["about" if "about" in sierra else "held"]
    near = acme["rules"][0]
    assert near["rule"] == "near-it" and near["met"] and near["line"] == 21 and near["tree"]["words"] == 0
    assert near["tree"]["spans"] == [{"in": "text", "at": [0, 4], "pattern": "name"}, {"in": "text", "at": [5, 9], "pattern": "theft"}]
    assert not acme["rules"][1]["met"] and acme["rules"][1]["distance"] > 0


def test_english(house):
    house.rules(acme=RULES)
    house.configure([])
    out = house.ctl("why", record("acme uno dos tres cuatro robo", author={"followers": 12400}, lang="es")).out
    assert "acme (brand): yes, this is a mention of it\n" in out and "yes followers >= 10000: 12,400\n" in out
    assert '4 words between "acme" and "robo"; at most 3 may be' in out


def test_wrong_questions(why):
    house = why.house
    assert "¿quiso decir \"loud\"?" in house.ctl("why", "acme", "laud", code=2).err
    assert "¿quiso decir \"acme\"?" in house.ctl("why", "acme", "--topic", "acne", code=2).err
    for args in (["acme", "no", "sirve"], []):
        assert "entre comillas" in house.ctl("why", *args, code=2, env={"LANG": "es_MX.UTF-8"}).err
    assert "entre comillas" in house.ctl("why", "acme", "sirve", code=2).err
    assert "JSON" in house.ctl("why", "{acme", code=2).err
    assert "ningún patrón" in house.ctl("why", "--patterns", "nada", code=2).err
    house.rules(otra="topic: sierra\nrole: x\n")
    assert "otra.yaml:2:7" in house.ctl("why", "acme", code=78).err


def test_standard_input(why):
    house = why.house
    said = subprocess.run([CTL, "why", "-", "-c", house.config], input="acme\nrobo\n", capture_output=True, text=True,
                          env=house.environment({}), cwd=house.folder, timeout=60)
    assert said.returncode == 0 and "near-it #crisis" in said.stdout, said


def test_a_mention_of_the_log_with_a_daemon_and_without(why, web):
    house = why.house
    web.route("/a", feed(item("1", "Acme: un robo"), item("2", "Sin nada que ver")))
    house.configure([house.source("prensa", web.url("/a"))], language="es")
    with house.running():
        until(lambda: len(ids(house)) == 2, "both are in the log")
        there = why(ids(house)["Acme: un robo"])
        assert "prensa" in there and "[acme: near-it #crisis]" in there and "cumple:\n    near-it #crisis" in there
        assert "no tiene la mención" in house.ctl("why", "0" * 32, code=1).err
    assert why(ids(house)["Acme: un robo"]) == there
    assert why(ids(house)["Sin nada que ver"], code=1).endswith("Nada aquí habla de: acme, sierra\n")
    assert "no tiene la mención" in house.ctl("why", "0" * 32, code=1).err
    assert "se juzgó de otro modo" not in there

    house.rules(acme=RULES.replace("near(name, theft, 3)", "near(name, theft, 0)"))
    assert "se juzgó de otro modo" in why(ids(house)["Acme: un robo"])


def test_what_the_source_speaks_of(why, web):
    house = why.house
    web.route("/a", feed(item("1", "Buenos días")))
    house.configure([house.source("muro", web.url("/a"), topic="acme")], language="es")
    with house.running():
        found = until(lambda: ids(house))["Buenos días"]
    assert "acme (marca): sí: todo lo que llega por esta fuente es de este tema" in why(found)
    assert json.loads(why("--json", found))["topics"][0]["by"] == "source"


def test_what_the_daemon_switched_off_is_said(why, web):
    """FAULTS P11: why judges with what the daemon judges with."""
    house = why.house
    for name in ("uno", "dos", "tres"):
        web.route(f"/{name}", feed(*(item(f"{name}{i}", f"Acme {name} {i}", "a" * 3000 + "!") for i in range(12))))
    house.rules(acme=ACME.replace("about:", "  evil: 'a*a*a*[xz]'\nabout:") + "  - {name: slow, when: 'evil'}\n")
    house.configure([house.source(n, web.url(f"/{n}")) for n in ("uno", "dos", "tres")], language="es")
    with house.running():
        until(lambda: house.events("rule.off", pattern="evil"), "it is switched off")
        out = why(house.hits()[0]["id"], "slow", code=1)
        assert "evil: no se probó: tardó demasiado muchas veces y está apagado" in out


@pytest.mark.parametrize("width", [50, 80])
def test_it_fits_the_terminal(why, width):
    lines = why.house.on_terminal(width, "why", record("acme es una estafa y me robaron ayer en la tienda de siempre", title="Hola"))
    assert len(lines) > 8 and max(map(len, lines)) <= width and all(line == line.rstrip() for line in lines)


def test_nothing_foreign_reaches_the_terminal(why):
    out = why(record("acme \u001b]0;x\u0007 \u202e robo"), "near-it")
    assert "\x1b" not in out and "\u202e" not in out and "[robo]" in out


def test_patterns(why):
    out = why("--patterns", "--topic", "acme")
    assert "acme: name (" in out and "2 palabras y frases\n" in out and "una expresión\n" in out
    assert "(?<!\\w)(?:me\\s+robaron|robo)(?!\\w)\n  se prueba donde hay: «robaron», «robo»\n" in out
    assert "  a*a*a*[xz]\n  se prueba en cada texto: no tiene letras fijas que esperar\n" in out
    assert "  YA\n  se busca tal como está: cuentan mayúsculas y acentos\n" in out
    assert "fraud.es (" in out and "sierra" not in out
    every = json.loads(why("--patterns", "--json"))
    assert {"acme", "sierra"} <= {p.get("topic") for p in every} and len({(p.get("topic"), p["pattern"]) for p in every}) == len(every)
    assert [p["pattern"] for p in json.loads(why("--patterns", "--json", "theft"))] == ["theft"]


def test_with_the_prefilter_and_without_it_the_same_hits(house, web):
    """match --no-prefilter, and "prefilter: false" in the configuration."""
    rng = random.Random(4)
    words = ["acme", "Ácme", "robo", "me", "robaron", "coyote", "es", "una", "ESTAFA", "nunca", "llegó", "ＡＣＭＥ", "axz", "YA", "no", "funciona"]
    texts = [" ".join(rng.choices(words, k=rng.randint(1, 14))) for _ in range(400)]
    house.rules(acme=RULES, otra=OTHER)
    house.configure([])
    lines = house.folder / "lines.txt"
    lines.write_text("\n".join(texts) + "\n")
    said = [[json.loads(x).get("hits") for x in house.ctl("match", "--all", *more, lines).out.splitlines()]
            for more in ([], ["--no-prefilter"])]
    assert said[0] == said[1] and len(said[0]) == len(texts) and 50 < sum(map(bool, said[0])) < len(texts)

    web.route("/a", feed(*(item(str(i), text) for i, text in enumerate(texts[:100]))))
    kept = []
    for prefilter in (True, False):
        house.state = house.folder / f"state-{prefilter}"
        house.configure([house.source("a", web.url("/a"))], prefilter=prefilter, state=str(house.state))
        house.once()
        kept.append(house.sql("SELECT title, hex(hits) FROM mention ORDER BY title"))
    assert kept[0] == kept[1] and len(kept[0]) == 100 and any(hits for _, hits in kept[0])


def test_many_topics_are_told_in_a_few_lines(house):
    """Bounds: 250 topics, each with its own words; only those that the text speaks of are told."""
    house.rules(**{f"t{i:03}": f"topic: t{i:03}\nrole: industry\npatterns: {{p: [word{i:03}]}}\nrules: [{{name: r, when: p}}]\n" for i in range(250)})
    house.configure([])
    out = house.ctl("why", "here is word007 and word123").out
    assert out.count("yes, this is a mention") == 2 and "Nothing here speaks of: t000, t001" in out and "t249" in out


def test_more_than_an_answer_may_hold(house):
    """Bounds: conditions as long as they may be, in as many topics: it says what to ask instead."""
    long = " or ".join(["p"] * 800)
    house.rules(**{f"t{i:03}": f"topic: t{i:03}\nrole: industry\npatterns: {{p: [word]}}\nabout: '{long}'\n" for i in range(60)})
    house.configure([])
    said = house.ctl("why", "a word", code=None)
    assert said.code == 1 and not said.out[:200] and "ask for one topic (--topic) or one rule" in said.err
    assert "t007 (industry): yes" in house.ctl("why", "--topic", "t007", "a word").out


def test_ids_are_told_to_whoever_asks_why(why, web):
    house = why.house
    web.route("/a", feed(item("1", "Acme: un robo")))
    house.configure([house.source("prensa", web.url("/a"))])
    with house.running():
        until(lambda: house.hits())
        for command in (["tail"], ["search", "robo"]):
            out = until(lambda: house.ctl(*command, "--ids", code=None).out)
            assert out.endswith(f"  id {ids(house)['Acme: un robo']}\n") and "  id " not in house.ctl(*command).out
