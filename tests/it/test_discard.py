"""escuchactl discard: a hit was noise; what to exclude, what that costs, and the rule file as a person would have changed it."""
import json
import re
import subprocess

import pytest

from daemon import CTL, feed, item, until

RULES = """# Reglas de Acme, a mano.
topic: acme
role: brand
patterns:
  # cómo la llaman
  name:
    words: |
      acme
      #acme
  theft: '\\b(estafa\\w*|fraude|robo)\\b'   # lo grave

# de qué se trata
about: name          # y nada más
rules:
  - {name: fraud, when: 'theft', tags: [crisis]}
tests:
  - {text: 'Acme es un fraude', hits: [fraud]}
  - {text: 'una tienda Acme abre', hits: []}
  - {text: 'otra cosa', hits: none}
"""

ENTRIES = [("g1", "Acme abre una tienda en Bogotá", ""), ("g2", "Compré en Acme y llegó bien", ""),
           ("g3", "Acme es una estafa", "no compren"), ("g4", "La tienda de Acme cierra", ""),
           ("n1", "El coyote lanza un cohete Acme", "al correcaminos"), ("n2", "Otra dinamita Acme para el coyote", ""),
           ("x", "Nada que ver con nadie", "")]


def news(entries):
    return feed(*[item(f"http://{'toon' if g[0] == 'n' else 'prensa'}.example/{g}", title, text,
                       link=f"http://{'toon' if g[0] == 'n' else 'prensa'}.example/{g}") for g, title, text in entries])


@pytest.fixture
def heard(house, web):
    web.route("/a", news(ENTRIES))
    house.rules(acme=RULES)
    house.configure([house.source("prensa", web.url("/a"))])
    house.once()
    return house


def ids(house):
    return {g.rsplit("/", 1)[1]: key for g, key in house.sql("SELECT url, lower(hex(key)) FROM mention WHERE url IS NOT NULL")}


def discard(house, *args, code=0):
    return json.loads(house.ctl("discard", "--json", *args, code=code).out)


def hits(house, rules="rules"):
    """Titles that are hits by the rules."""
    out = house.folder / "titles.txt"
    out.write_text("".join(f"{title}. {text}\n" for _, title, text in ENTRIES))
    done = house.ctl("match", "--rules", house.folder / rules, out, code=None)
    return [line["text"].split(".")[0] for line in done.lines()]


# --- proposed ---

def test_the_word_that_the_noise_has_and_no_other_hit(heard):
    before = {p: p.read_bytes() for p in heard.rules_folder.iterdir()}
    known = ids(heard)
    said = discard(heard, known["n1"], known["n2"])
    assert said["exclusion"] == {"kind": "words", "values": ["coyote"]} and said["topic"] == "acme"
    assert said["others"] == {**said["others"], "hits": 4, "lost": 0, "examples": []}
    assert [n["removed"] for n in said["noise"]] == [True, True] and not said["applied"]
    assert {p: p.read_bytes() for p in heard.rules_folder.iterdir()} == before, "nothing is written"
    out = heard.ctl("discard", known["n1"], known["n2"]).out
    assert "-about: name          # y nada más\n+about: name and not noise          # y nada más\n" in out
    assert "+  noise:\n+    words: |\n+      coyote\n" in out and "2 of 2 hits that you gave would be gone." in out
    assert "None of the 4 other hits since" in out and "with --apply" in out
    patched = heard.folder / "patched"
    patched.mkdir()
    (patched / "rules").mkdir()
    (patched / "rules/acme.yaml").write_text(RULES)
    subprocess.run(["patch", "-p0", "-d", patched / "rules", "acme.yaml"], input=said["patch"].encode(), check=True, capture_output=True)
    assert hits(heard, "patched/rules") == [title for g, title, _ in ENTRIES if g[0] == "g"]


def test_one_alone_and_other_ways(heard):
    said = discard(heard, ids(heard)["n1"])
    assert said["exclusion"]["kind"] == "words" and said["others"]["lost"] == 0
    assert said["others"]["hits"] == 5 and said["ways"] and all(w["option"].startswith("--") for w in said["ways"])
    assert "Other ways:" in heard.ctl("discard", ids(heard)["n1"]).out


def test_what_one_asks_for_is_shown_with_its_cost(heard):
    known = ids(heard)
    said = discard(heard, known["n1"], "--words", "coyote")
    assert said["others"]["lost"] == 1 and said["others"]["examples"][0]["title"] == "Otra dinamita Acme para el coyote"
    out = heard.ctl("discard", known["n1"], "--words", "coyote").out
    assert "But so would be 1 of the 5 other hits" in out and "Otra dinamita Acme" in out
    said = discard(heard, known["n1"], "--site")
    assert said["exclusion"] == {"kind": "site", "values": ["toon.example"]} and said["others"]["lost"] == 1
    assert "+about: 'name and not (site == toon.example)'" in said["patch"] or "+about: name and not (site == toon.example)" in said["patch"]


def test_several_are_judged_together_each_by_its_own_word_if_need_be(heard):
    known = ids(heard)
    said = discard(heard, known["n1"], known["g1"])
    assert said["exclusion"]["kind"] == "words" and len(said["exclusion"]["values"]) == 2 and said["others"]["lost"] == 0


def test_no_good_exclusion_says_so(house, web):
    web.route("/a", news([("a", "Acme", ""), ("b", "Acme otra vez", ""), ("c", "otra vez Acme", "")]))
    house.rules(acme=RULES)
    house.configure([house.source("prensa", web.url("/a"))])
    house.once()
    done = house.ctl("discard", ids(house)["a"], code=1)
    assert "There is no good exclusion" in done.out and f"escuchactl why {ids(house)['a']}" in done.out
    assert "--site (prensa.example): 2 other hits would be lost" in done.out
    assert discard(house, ids(house)["a"], code=1)["ways"]


def test_in_spanish(heard):
    heard.write(heard.config.read_text().replace("language: en", "language: es"))
    out = heard.ctl("discard", ids(heard)["n1"], ids(heard)["n2"]).out
    assert "+  ruido:" in out and "Se quitarían 2 de 2 hallazgos indicados." in out
    assert re.search(r"Otros hallazgos desde .*: 4\. No se perdería ninguno\.", out)


# --- what is none of the rules' ---

def test_what_no_rule_excludes(house, web):
    web.route("/a", news([("x", "buenos días", "")]))
    house.rules(acme=RULES)
    house.configure([house.source("muro", web.url("/a"), topic="acme")])
    with house.running():
        house.settled()
        hand = house.ctl("add", "--json", "--topic", "acme", "una llamada").lines()[0]["id"]
        told = house.ctl("add", "--json", "el coyote de Acme").lines()[0]["id"]
        plain = house.ctl("add", "--json", "nada que ver").lines()[0]["id"]
    assert 'all that comes from the source "muro" counts as "acme"' in house.ctl("discard", ids(house)["x"], code=1).err
    assert "was added by hand" in house.ctl("discard", hand, code=1).err
    assert "is no hit" in house.ctl("discard", plain, code=1).err
    assert discard(house, told)["exclusion"]["values"] == ["coyote"]


def test_arguments(heard):
    known = ids(heard)
    assert 'is no id of a mention' in heard.ctl("discard", "coyote", code=2).err
    assert "the log has no mention" in heard.ctl("discard", "0" * 32, code=1).err
    assert "is enough" in heard.ctl("discard", known["n1"], "--site", "--author", code=2).err
    heard.ctl("discard", code=2)
    heard.ctl("discard", *[known["n1"]] * 51, code=2)
    assert 'is no hit of "otro"' in heard.ctl("discard", known["n1"], "--topic", "otro", code=1).err


def test_a_hit_of_several_topics(heard, web):
    heard.rules(toon="topic: toon\nrole: industry\npatterns:\n  c: [coyote, correcaminos]\nabout: c\n")
    web.route("/a", news([("n3", "Otro Acme del coyote", "con un yunque"), *ENTRIES]))
    heard.once()
    known = ids(heard)
    assert "several topics (acme, toon)" in heard.ctl("discard", known["n3"], code=2).err
    said = discard(heard, known["n3"], "--topic", "toon")
    assert said["file"].endswith("toon.yaml") and "+about: c and not noise" in said["patch"]
    assert 'is no hit of "toon"' in heard.ctl("discard", known["n3"], known["g1"], "--topic", "toon", code=1).err
    heard.rules(acme=None)
    assert 'no rule file of today is of the topic "acme"' in heard.ctl("discard", known["g1"], code=1).err


def test_todays_rules_have_it_no_more(heard):
    heard.rules(acme=RULES.replace("about: name ", "about: name and not fun ").replace("  # cómo", "  fun: [coyote]\n  # cómo"))
    assert "there is nothing to do" in heard.ctl("discard", ids(heard)["n1"], code=1).err


def test_without_about_and_by_a_pack(heard):
    bare = "topic: acme\nrole: brand\npatterns:\n  name: [acme]\nrules:\n  - name: any\n    when: name\n"
    heard.rules(acme=bare)
    known = ids(heard)
    said = discard(heard, known["n1"], known["n2"])
    assert "+    when: name and not noise" in said["patch"] and said["others"]["lost"] == 0
    (heard.rules_folder / "packs").mkdir()
    (heard.rules_folder / "packs/shop.yaml").write_text("pack: shop\npatterns:\n  toy: [cohete, dinamita]\nrules:\n  - {name: toys, when: toy}\n")
    heard.rules(acme=bare + "include: [shop]\n")
    assert "+    when: name and not noise" in discard(heard, known["n1"], known["n2"])["patch"], "the pack stays as it is"
    heard.rules(acme=bare.replace("    when: name", "    when: name\nabout: name") + "include: [shop]\n")
    assert discard(heard, known["n1"], known["n2"])["others"]["lost"] == 0


def test_lists_beside_and_above_the_file_are_found(heard):
    (heard.rules_folder / "lists").mkdir()
    (heard.rules_folder / "lists/names.txt").write_text("acme\n")
    (heard.folder / "shared.txt").write_text("nada\n")
    heard.rules(acme=RULES.replace("    words: |\n      acme\n      #acme\n", "    words: {file: lists/names.txt}\n  nothing:\n    words: {file: ../shared.txt}\n")
                .replace("about: name ", "about: name and not nothing "))
    known = ids(heard)
    assert discard(heard, known["n1"], known["n2"])["exclusion"]["values"] == ["coyote"]


# --- applied ---

def test_applied_while_the_daemon_runs(heard, web):
    known = ids(heard)
    heard.rules_folder.joinpath("acme.yaml").chmod(0o640)
    with heard.running():
        heard.settled()
        out = heard.ctl("discard", known["n1"], known["n2"], "--apply").out
        assert "acme.yaml is written" in out and "escuchad goes by it from now on." in out
        web.route("/a", news([("n9", "El coyote y otra caja Acme", ""), ("g9", "Acme abre otra tienda más", ""), *ENTRIES]))
        heard.poll("prensa")
        until(lambda: ("prensa", "Acme abre otra tienda más", 1) in heard.mentions(), "the new hit")
        assert ("prensa", "El coyote y otra caja Acme", 0) in heard.mentions()
    now = (heard.rules_folder / "acme.yaml").read_text()
    assert (heard.rules_folder / "acme.yaml~").read_text() == RULES and (heard.rules_folder / "acme.yaml").stat().st_mode & 0o777 == 0o640
    assert [x for x in now.splitlines() if x not in RULES.splitlines()] == ["  noise:", "      coyote", "about: name and not noise          # y nada más"]
    assert sorted(p.name for p in heard.rules_folder.iterdir()) == ["acme.yaml", "acme.yaml~"]


def test_applied_without_a_daemon_and_then_once_more(heard):
    known = ids(heard)
    assert 'after "escuchactl reload"' in heard.ctl("discard", known["n1"], known["n2"], "--apply").out
    heard.ctl("discard", known["g4"], "--words", "cierra", "--apply")
    assert "      coyote\n      cierra\n" in (heard.rules_folder / "acme.yaml").read_text()
    assert hits(heard) == [title for g, title, _ in ENTRIES if g in ("g1", "g2", "g3")]


def test_a_daemon_that_refuses_it_has_the_old_file_back(heard):
    """What the daemon knows of and the command does not: another file that came to be wrong meanwhile."""
    with heard.running():
        heard.settled()
        heard.write(heard.config.read_text() + "\nsourcez: []\n")
        done = heard.ctl("discard", ids(heard)["n1"], ids(heard)["n2"], "--apply", code=78)
        assert "so that the old file is back" in done.err and "sourcez" in done.err and not done.out
    assert (heard.rules_folder / "acme.yaml").read_text() == RULES
    assert [p.name for p in heard.rules_folder.iterdir()] == ["acme.yaml"]


def test_a_files_own_tests_come_first(heard):
    heard.rules(acme=RULES + "  - {text: 'el coyote de Acme', hits: []}\n")
    known = ids(heard)
    said = discard(heard, known["n1"], known["n2"], code=None)
    assert said.get("exclusion", {}).get("values") != ["coyote"], "that would fail a test of the file"
    done = heard.ctl("discard", known["n1"], "--words", "coyote", "--apply", code=1)
    assert "a test of the file may be against it" in done.out
    assert [p.name for p in heard.rules_folder.iterdir()] == ["acme.yaml"]


def test_a_file_that_notepad_wrote(heard):
    """A mark before the text and Windows' ends of lines are no change by somebody else, and stay."""
    before = b"\xef\xbb\xbf" + RULES.replace("\n", "\r\n").encode()
    file = heard.rules_folder / "acme.yaml"
    file.write_bytes(before)
    heard.ctl("discard", ids(heard)["n1"], "--words", "coyote", "--apply")
    now = file.read_bytes()
    assert now.startswith(b"\xef\xbb\xbf#") and now.count(b"\n") == now.count(b"\r\n") == before.count(b"\n") + 3
    assert (heard.rules_folder / "acme.yaml~").read_bytes() == before
    heard.ctl("discard", ids(heard)["g4"], "--words", "cierra", "--apply")
    assert b"coyote\r\n      cierra\r\n" in file.read_bytes()


def test_an_anchor_is_left_alone(heard):
    """What stands at an anchor may be meant for others too."""
    heard.rules(acme=RULES.replace("about: name ", "about: &a 'name' "))
    done = heard.ctl("discard", ids(heard)["n1"], code=1)
    assert "add to its condition by hand: and not noise" in done.err and not done.out


def test_what_can_not_be_excluded_is_said_of_what_was_asked(heard):
    for word in ("", " ", "*", "coyote\nzz"):
        done = heard.ctl("discard", ids(heard)["n1"], "--words", word, code=2)
        assert "write a word" in done.err
        assert "/tmp" not in done.err and not done.out
    assert "the mention has no author" in heard.ctl("discard", ids(heard)["n1"], "--author", code=1).out


def test_few_hits_are_said_to_be_few(house, web):
    """That none of a handful is lost proves little; of 30 it is left unsaid. What is no hit any more is counted apart."""
    entries = [(f"g{i}", f"Acme abre la puerta {i}", "") for i in range(30)]
    web.route("/a", news([*entries[:29], ("n1", "El coyote y Acme", "")]))
    house.rules(acme=RULES)
    house.configure([house.source("prensa", web.url("/a"))])
    house.once()
    assert "So few say little" in house.ctl("discard", ids(house)["n1"]).out
    web.route("/a", news([*entries, ("n1", "El coyote y Acme", ""), ("n2", "Acme y el correcaminos", "")]))
    house.once()
    known = ids(house)
    out = house.ctl("discard", known["n1"], "--words", "coyote", "--apply").out
    assert "None of the 31 other hits" in out and "So few" not in out
    out = house.ctl("discard", known["n1"], known["n2"]).out
    assert "1 of 1 hit that you gave" in out and "1 of those that you gave is no hit any more" in out and "So few" not in out


def test_a_folder_that_takes_nothing(heard):
    """The old file stays whole where the new one can't be written."""
    import os
    known = ids(heard)
    (heard.rules_folder / "acme.yaml~").mkdir()
    done = heard.ctl("discard", known["n1"], known["n2"], "--apply", code=1)
    assert "acme.yaml" in done.err and (heard.rules_folder / "acme.yaml").read_text() == RULES
    assert sorted(os.listdir(heard.rules_folder)) == ["acme.yaml", "acme.yaml~"]


def test_nothing_is_left_in_the_folder_for_temporary_files(heard, tmp_path):
    tmp = tmp_path / "tmp"
    tmp.mkdir()
    heard.ctl("discard", ids(heard)["n1"], env={"TMPDIR": str(tmp)})
    assert list(tmp.iterdir()) == []
    assert str(tmp / "none") in heard.ctl("discard", ids(heard)["n1"], env={"TMPDIR": str(tmp / "none")}, code=1).err
