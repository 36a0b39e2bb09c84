"""Rules that are dangerous, or do not do what was meant: refused, told, switched off."""
import http.client
import os
import shutil
import signal
import socket
from pathlib import Path

import pytest
from daemon import ACME, CTL, ESCUCHAD, feed, item, until

ROOT = Path(__file__).resolve().parents[2]
# Grows with the cube of a text's length: it is taken, with a warning, and gives up on long texts.
SLOW = ACME.replace("about:", "  evil: 'a*a*a*[xz]'\nabout:") + "  - {name: slow, when: 'evil'}\n"
LONG = "a" * 3000 + " !"


def check(house, **rules):
    """What --check says of these rules, and its exit status."""
    house.rules(**rules)
    house.configure([], language="es")
    done = house.run(ESCUCHAD, "-c", house.config, "--check", code=None)
    return done.code, done.out + done.err


def metrics(house):
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(house.state / "escuchad.sock"))
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    return text


def topic(patterns, rest=""):
    return f"topic: acme\nrole: brand\nown: ['@acme']\npatterns:\n{patterns}tests: [{{text: 'zzz', hits: none}}]\n{rest}"


@pytest.mark.parametrize("pattern, place, words", [
    ("'(a+)+$'", ":5:6: error: patterns.p: ", 'este patrón explota: con un texto que repite "a"'),
    ("'\\b#acme\\b'", ":5:7: aviso: patterns.p: ", "una lista de palabras, que ya lo hace sola"),
    ("'acme.com'", ":5:11: aviso: patterns.p: ", r"escriba acme\.com"),
    ("'(i?)acme'", ":5:7: aviso: patterns.p: ", "se quería escribir (?i), y no hace falta"),
    ("'estafa*'", ":5:13: aviso: patterns.p: ", r"escriba \w* en vez de *"),
    ("[sol]", ":5:7: aviso: patterns.p: ", '"sol" es una palabra de todos los días'),
    (r"'\d{4}'", ":5:6: aviso: patterns.p: ", "se prueba en cada texto"),
    ("[acme, x]", ":5:13: aviso: patterns.p: ", '"x" es demasiado corta'),
    ("['estafa*', estafas]", ":5:18: nota: patterns.p: ", '"estafas" ya lo encuentra "estafa*"'),
])
def test_a_finding_has_place_why_and_what_instead(house, pattern, place, words):
    """FAULTS P11, P13, C2: in the language of whoever reads; a warning blocks nothing."""
    status, said = check(house, acme=topic(f"  p: {pattern}\n"))
    assert place in said and words in said, said
    assert status == ("error" in place)


def test_the_summary_says_how_many_are_tried_on_every_text(house):
    _, said = check(house, acme=topic("  p: '\\d{4}'\n  q: acme\n"))
    assert "1 de 2 patrones se prueba en cada texto" in said, said
    _, said = check(house, acme=topic("  q: acme\n"))
    assert "en cada texto" not in said, said


def test_a_pattern_that_explodes_leaves_the_old_rules(house, web):
    """FAULTS C2, P11: a reload that brings one is refused with the place, and what served goes on."""
    web.route("/f", feed(item("uno", "Acme, un fraude")))
    house.configure([house.source("f", web.url("/f"))])
    with house.running():
        house.settled()
        house.rules(acme=ACME.replace("about:", "  evil: '(\\w+\\s?)+$'\nabout:"))
        done = house.ctl("reload", code=None)
        assert done.code and "acme.yaml:6:9" in done.out + done.err, done
        web.route("/f", feed(item("dos", "Acme, otra estafa")))
        house.ctl("poll", "f")
        until(lambda: len(house.hits()) == 2, "the old rules")


def test_what_was_given_up_is_told_and_switched_off(house, web):
    """FAULTS P11: never silently "no match": the hit, the log, the metric and status say so; then it goes, and comes back."""
    def texts(name, n):
        return feed(*(item(f"{name}{i}", f"Acme {name} {i}", LONG) for i in range(n)))

    for name in ("uno", "dos", "tres"):
        web.route(f"/{name}", texts(name, 12))
    house.rules(acme=SLOW)
    house.configure([house.source(n, web.url(f"/{n}")) for n in ("uno", "dos", "tres")])
    with house.running():
        until(lambda: len(house.hits()) == 36, "all are hits of their topic")
        assert all(h["hits"][0]["limited"] == ["evil"] for h in house.hits())
        assert until(lambda: house.events("rule.off", pattern="evil"), "it is switched off")
        limits = house.status()["rules"]["limits"]
        assert [(x["topic"], x["pattern"], x["off"]) for x in limits] == [("acme", "evil", True)] and limits[0]["times"] >= 32
        assert 'escuchad_rule_limits_total{topic="acme",pattern="evil"}' in metrics(house)
        assert "evil" in house.ctl("status").out
        assert house.events("operators.tell", kind="rule_off", state="begins")

        told = len(house.events("rule.limit", pattern="evil"))
        for pid in house.readers():
            os.kill(pid, signal.SIGKILL)  # a new one knows it, too
        web.route("/uno", feed(item("nuevo", "Acme nuevo", LONG)))
        house.ctl("poll", "uno")
        hit = until(lambda: [h for h in house.hits() if h["title"] == "Acme nuevo"], "the next one")[0]
        assert hit["hits"][0]["limited"] == ["evil"]
        assert len(house.events("rule.limit", pattern="evil")) == told  # not tried

        house.rules(acme=SLOW.replace("a*a*a*", "a*"))
        house.ctl("reload")
        until(lambda: house.events("operators.tell", kind="rule_off", state="over"), "it is tried again")
        assert house.status()["rules"]["limits"] == []
        web.route("/uno", feed(item("mas", "Acme mas", LONG.replace("!", "az"))))
        house.ctl("poll", "uno")
        hit = until(lambda: [h for h in house.hits() if h["title"] == "Acme mas"], "the mended one")[0]
        assert hit["hits"][0]["rules"] == ["slow"] and "limited" not in hit["hits"][0]


def test_one_source_alone_silences_no_rule(house, web):
    """FAULTS P11: whoever writes in one source could else switch off a rule for all."""
    web.route("/uno", feed(*(item(f"u{i}", f"Acme {i}", LONG) for i in range(60))))
    for name in ("dos", "tres"):
        web.route(f"/{name}", feed(item(name, f"Acme {name}")))
    house.rules(acme=SLOW)
    house.configure([house.source(n, web.url(f"/{n}")) for n in ("uno", "dos", "tres")])
    with house.running():
        until(lambda: len(house.hits()) == 62)
        assert house.events("rule.limit", pattern="evil") and not house.events("rule.off")


def findings(house, *folders):
    """What --check says of the rule files in these folders, but for a missing `own` or tests."""
    house.rules()
    for folder in folders:
        for file in folder.glob("*.yaml"):
            shutil.copy(file, house.rules_folder)
    house.configure([])
    return [f for f in house.check(code=None).findings() if "/rules/" in f["file"] and f["severity"] != "note"]


def test_no_false_alarm_on_what_is_shipped(house):
    """A linter that cries at our own examples would be switched off in an hour."""
    assert findings(house, ROOT / "conf/demo/rules") == []
    packs = house.rules_folder / "packs"  # one's own copies of the shipped packs are looked at, too
    names = sorted(p.stem for p in (ROOT / "rules/packs").glob("*.yaml"))
    packs.mkdir()
    for name in names:
        shutil.copy(ROOT / f"rules/packs/{name}.yaml", packs)
    house.rules(andino=f"topic: andino\nrole: brand\nown: ['@andino']\npatterns: {{name: [andino]}}\nabout: 'name'\n"
                       f"include: [{', '.join(names)}]\ntests: [{{text: 'zzz', hits: none}}]\n", cafe=None)
    assert names and [f for f in findings(house) if "/packs/" in f["file"]] == []


def test_what_bore_its_try_is_known_to_the_next_start(house):
    """FAULTS P11: only what was tried and bore it is kept; what explodes is refused whatever the file says, and a damaged one is
    as good as none."""
    tried = house.state / "rules.tried"
    good = topic("  p: '(\\w+) \\1'\n")
    bad = topic("  p: '(\\w+) \\1'\n  q: '(a+)+$'\n")
    house.rules(acme=good)
    house.configure([])
    house.start()
    until(tried.exists, "what was tried to be kept")
    kept = tried.read_bytes()
    house.rules(acme=bad)
    done = house.run(CTL, "reload", "-c", house.config, code=None)
    assert done.code != 0 and "patterns.q" in done.out + done.err, (done.code, done.out + done.err)
    assert tried.read_bytes() == kept
    house.rules(acme=good)
    house.stop()
    tried.write_bytes(kept[:-1])
    house.start()
    until(lambda: tried.read_bytes() == kept, "the damaged file to be written anew")
    house.stop()
    house.rules(acme=bad)
    assert house.run(ESCUCHAD, "-c", house.config, code=None).code == 78
