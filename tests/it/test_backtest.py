"""escuchactl backtest: what other rules would have made of what was heard, by the daemon's own readers."""
import contextlib
import datetime as dt
import hashlib
import json
import os
import signal
import sqlite3
import time

import pytest

from daemon import ACME, CTL, SANITIZED, children, feed, item, resident_kb, until

NEWS = [("uno", "Acme estafa a sus clientes", "Es un fraude, dicen"), ("dos", "Acme abre una tienda", ""),
        ("tres", "El coyote compra en ACME", "otra trampa"), ("cuatro", "Nada que ver", "un robo en el banco"),
        ("cinco", "Ácme me cobró dos veces", "¡robo!"), ("seis", "Otra marca", "la compañía Bolt falla")]

WIDER = """topic: acme
role: brand
patterns:
  name: {words: [acme, bolt]}
  theft: '\\b(estafa\\w*|fraude|robo)\\b'
  toon: {words: [coyote]}
about: 'name and not toon'
rules:
  - {name: fraud, when: 'theft', tags: [crisis, legal]}
  - {name: shop, when: 'name'}
"""


def news(entries=NEWS):
    return feed(*[item(f"http://prensa.example/{guid}", title, text, link=f"http://prensa.example/{guid}") for guid, title, text in entries])


@pytest.fixture
def heard(house, web):
    """A log of a live run."""
    web.route("/a", news())
    house.rules(acme=ACME)
    house.configure([house.source("prensa", web.url("/a"))])
    house.once()
    return house


def other_rules(house, **files):
    folder = house.folder / "other"
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder


def row(said, topic, rule=None):
    return next((r for r in said["rows"] if r["topic"] == topic and r.get("rule") == rule), None)


def counts(said, topic, rule=None):
    r = row(said, topic, rule)
    return r and tuple(r[k] for k in ("before", "after", "gained", "lost"))


def backtest(house, *args, code=0):
    return json.loads(house.ctl("backtest", "--json", *args, code=code).out)


def everything_in(folder):
    return {p.relative_to(folder): (p.stat().st_mtime_ns, hashlib.sha256(p.read_bytes()).hexdigest())
            for p in sorted(folder.rglob("*")) if p.is_file() and not p.name.endswith(("-shm", "-wal"))}


# --- the live run again ---

def test_every_hit_of_the_live_run_is_given_again_to_the_byte(heard):
    said = backtest(heard)
    assert said["mentions"] == len(NEWS) and not said["changes"] and said["against"] == "log"
    assert said["log"]["hits"] == said["log"]["same"] == 4
    assert [said["log"][k] for k in ("otherwise", "gone", "fresh", "damaged")] == [0, 0, 0, 0]
    assert counts(said, "acme") == (4, 4, 0, 0) and counts(said, "acme", "fraud") == (2, 2, 0, 0)
    assert "Nothing would change." in heard.ctl("backtest").out


def test_facts_are_those_of_the_time_and_a_sources_topic_counts(house, web):
    """Counts that have grown since, followers, an own topic of a source, what was added by hand."""
    def posts(likes):
        return "\n".join(json.dumps({"id": f"{i:032x}", "url": f"http://red.example/{i}", "text": f"Acme número {i}", "likes": likes + i,
                                     "author": {"name": "Ana", "handle": "@ana", **({"followers": 1000 * i} if i else {})}})
                         for i in range(3))

    rules = ACME + ("  - {name: liked, when: 'likes >= 11'}\n  - {name: followed, when: 'followers >= 1000'}\n"
                    "  - {name: unknown, when: 'not (followers >= 0)'}\n")
    feedback = "topic: muro\nrole: brand\nrules:\n  - {name: bad, when: 'falla'}\npatterns:\n  falla: {words: [falla]}\n"
    web.route("/muro", news([("x", "buenos días", ""), ("y", "esto falla", "")]))
    house.rules(acme=rules, muro=feedback)
    (house.folder / "posts.jsonl").write_text(posts(10))
    house.configure([{"name": "posts", "platform": "file", "path": "posts.jsonl", "as": "mentions", "every": "1m"},
                     house.source("muro", web.url("/muro"), topic="muro")])
    with house.running():
        house.settled()
        house.ctl("add", "una llamada", "--topic", "acme")
        house.ctl("add", "una visita a la tienda de Acme")
        (house.folder / "posts.jsonl").write_text(posts(100))
        house.poll("posts")
        until(lambda: house.sql("SELECT max(likes) FROM mention")[0][0] == 102, "the counts to be read again")
        said = backtest(house)
    assert counts(said, "acme") == (5, 5, 0, 0) and counts(said, "muro") == (2, 2, 0, 0)
    assert counts(said, "acme", "liked") == (2, 2, 0, 0), "as many likes as then"
    assert counts(said, "acme", "followed") == (2, 2, 0, 0) and counts(said, "acme", "unknown") == (3, 3, 0, 0)
    assert said["log"]["same"] == said["log"]["hits"] == 7
    other = other_rules(house, acme=rules.replace("[acme]", "[otra]"), muro=feedback)
    assert counts(backtest(house, "--rules", other), "acme") == (5, 1, 0, 4), "what was added with its topic stays"


def test_what_todays_rules_give_no_more_is_said_apart(heard):
    folder = other_rules(heard, acme=WIDER)
    heard.rules(acme=ACME.replace("[acme]", "[coyote]"))
    said = backtest(heard, "--rules", folder)
    assert said["against"] == "rules" and said["log"]["gone"] == 3 and said["log"]["hits"] == 4
    assert counts(said, "acme") == (1, 4, 4, 1)
    assert "3 of the 4 hits in the log are not given by today's rules any more" in heard.ctl("backtest", "-r", folder).out.replace("\n  ", " ")


# --- gained and lost ---

def test_gained_and_lost_by_topic_and_rule_with_examples(heard):
    said = backtest(heard, "--rules", other_rules(heard, acme=WIDER))
    assert said["changes"] and counts(said, "acme") == (4, 4, 1, 1)
    assert counts(said, "acme", "shop") == (0, 4, 4, 0) and counts(said, "acme", "fraud") == (2, 2, 0, 0)
    gain, = row(said, "acme")["gains"]
    loss, = row(said, "acme")["losses"]
    assert gain["mention"]["title"] == "Otra marca" and gain["words"] == "Bolt"
    assert loss["mention"]["title"] == "El coyote compra en ACME" and loss["words"] == "ACME"
    assert len(row(said, "acme", "shop")["gains"]) == 3
    out = heard.ctl("backtest", "--rules", "other").out
    assert "acme: 1 gained" in out and "acme: 1 lost" in out and "words: Bolt" in out and "El coyote compra en ACME" in out
    assert loss["mention"]["id"] in out, "for discard and why"
    assert out.count("la compañía Bolt falla") == 1, "what was shown of the topic is not shown again of its rules"


def test_exit_codes_are_those_of_git_diff(heard):
    folder = other_rules(heard, acme=WIDER)
    heard.ctl("backtest", "--rules", folder)
    heard.ctl("backtest", "--rules", folder, "--exit-code", code=1)
    heard.ctl("backtest", "--exit-code")


def test_in_spanish(heard):
    heard.write(heard.config.read_text().replace("language: en", "language: es"))
    out = heard.ctl("backtest", "--rules", other_rules(heard, acme=WIDER)).out
    assert "TEMA, REGLA" in out and "acme: 1 ganado, por ejemplo:" in out and "palabras: Bolt" in out


def test_one_topic_alone(heard):
    heard.rules(bolt="topic: bolt\nrole: competitor\npatterns:\n  name: {words: [bolt]}\nabout: name\n")
    said = backtest(heard, "--topic", "bolt")
    assert {r["topic"] for r in said["rows"]} == {"bolt"} and counts(said, "bolt") == (0, 1, 1, 0)
    assert 'did you mean "bolt"?' in heard.ctl("backtest", "--topic", "bol", code=1).err
    assert 'no topic has the name "zzzzzz"' in heard.ctl("backtest", "--topic", "zzzzzz", code=1).err


def test_since_is_a_bound(heard):
    said = backtest(heard, "--since", "1h")
    assert said["mentions"] == len(NEWS)
    until(lambda: backtest(heard, "--since", "1s")["mentions"] == 0, "a second to pass")
    assert "There is no mention in the log" in heard.ctl("backtest", "--since", "1s").out
    for wrong in ("treinta", "0", "-1d"):
        heard.ctl("backtest", f"--since={wrong}", code=2)


# --- mistakes ---

def test_rules_with_mistakes(heard):
    folder = other_rules(heard, acme=ACME.replace("when: 'theft'", "when: 'thefd'"))
    done = heard.ctl("backtest", "--rules", folder, code=78)
    assert "other/acme.yaml:8:26: error" in done.err and "note" not in done.err and 'did you mean "theft"?' in done.err and not done.out
    heard.rules(acme=ACME.replace("'name'", "'nome'"))
    done = heard.ctl("backtest", "--rules", other_rules(heard, acme=ACME), code=78)
    assert "rules/acme.yaml:6:" in done.err and "in the rules of today" in done.err


def test_no_log_and_no_rules(house, web):
    house.configure([house.source("prensa", web.url("/a"))])
    assert "no log in this folder" in house.ctl("backtest", code=1).err
    assert not house.state.exists(), "none is made"
    house.write("state: state\n")
    assert "today's" in house.ctl("backtest", code=2).err


@pytest.mark.parametrize("damage", ["older", "newer", "rubbish"])
def test_a_log_that_is_not_ours(heard, damage):
    path = heard.state / "escuchad.db"
    if damage == "rubbish":
        path.write_bytes(b"no database" * 1000)
    else:
        with sqlite3.connect(path) as db:
            db.execute(f"PRAGMA user_version = {1 if damage == 'older' else 9999}")
    err = heard.ctl("backtest", code=1).err
    assert {"older": "an older escuchad", "newer": "a newer escuchad", "rubbish": "the log is damaged"}[damage] in err


# --- nobody is told, nothing is changed ---

def test_nothing_changes(heard):
    folder = other_rules(heard, acme=WIDER)
    before = everything_in(heard.folder)
    heard.ctl("backtest", "--rules", folder)
    after = everything_in(heard.folder)
    assert {p: after.get(p) for p in before} == before and {p.suffix for p in after.keys() - before.keys()} <= {".out", ".err"}


def test_a_daemon_beside_goes_on(heard, web):
    folder = other_rules(heard, acme=WIDER)
    with heard.running():
        heard.settled()
        stands = heard.sql("SELECT max(id), count(*) FROM stream")
        heard.ctl("backtest", "--rules", folder)
        assert heard.sql("SELECT max(id), count(*) FROM stream") == stands
        web.route("/a", news([("siete", "Acme otra vez", ""), *NEWS]))
        heard.poll("prensa")
        until(lambda: ("prensa", "Acme otra vez", 1) in heard.mentions(), "the next poll's hit")


# --- what it rests on ---

def test_says_how_far_back_it_sees_and_what_was_deaf(heard):
    now = int(time.time() * 1000)
    day = 86400000
    with sqlite3.connect(heard.state / "escuchad.db") as db:
        db.execute("UPDATE mention SET seen = ? WHERE stream IS NOT NULL AND id = (SELECT min(id) FROM mention WHERE stream IS NOT NULL)",
                   (now - 20 * day,))
        db.execute("INSERT INTO deaf (source, kind, began, ended) VALUES ((SELECT id FROM name WHERE name = 'prensa'), 'unreachable', ?, ?)",
                   (now - 5 * day, now - 4 * day))
        db.execute("INSERT INTO deaf (source, kind, began, ended) VALUES (0, 'down', ?, ?)", (now - 3 * day, now - 3 * day + 7200000))
    out = heard.ctl("backtest").out.replace("\n  ", " ")
    assert "the log has hits alone (keep: mentions:" in out and "The log begins at" in out
    assert "1 source was deaf for a while: prensa (escuchactl coverage --since 30d)" in out
    assert "did not listen for 2 h 0 min" in out
    assert "deaf" not in heard.ctl("backtest", "--since", "1d").out
    assert backtest(heard)["deaf"] == {"sources": 1, "down_ms": 7200000}


def test_limits_are_told(house, web):
    """FAULTS P11"""
    rules = "topic: acme\nrole: brand\npatterns:\n  name: {words: [acme]}\nabout: name\n"
    web.route("/a", news([("uno", "acme", "a" * 3000), ("dos", "acme", "")]))
    house.rules(acme=rules)
    house.configure([house.source("prensa", web.url("/a"))])
    house.once()
    slow = other_rules(house, acme=rules.replace("about:", "  evil: 'a*a*a*[xz]'\nabout:") + "rules:\n  - {name: slow, when: evil}\n")
    limit, = backtest(house, "--rules", slow)["limits"]
    assert (limit["rules"], limit["topic"], limit["pattern"], limit["times"]) == ("new", "acme", "evil", 1)
    assert 'The pattern "evil" of "acme" in the other rules was given up 1 time' in house.ctl("backtest", "-r", slow).out.replace("\n  ", " ")


# --- alerts ---

def reason(house):
    """An hour ago three people spoke of a fraud at once; before and after hardly anything was said."""
    now = int(time.time() * 1000)
    with sqlite3.connect(house.state / "escuchad.db") as db:
        db.execute("UPDATE mention SET seen = ?, published = ?, flags = 0", (now - 20 * 86400000,) * 2)
        db.execute("UPDATE mention SET seen = seen + 3600000 * id, published = seen + 3600000 * id")
        db.execute("INSERT INTO mention (id, key, seen, published, source, flags, author_name, title, text) "
                   "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6) "
                   "SELECT 1000 + i, CAST(printf('%016d', i) AS BLOB), ? + i * 1000, ? + i * 1000, m.source, 0, 'persona ' || i, "
                   "'Acme es un fraude ' || i, 'estafa ' || i FROM n, (SELECT * FROM mention LIMIT 1) m", (now - 2 * 86400000,) * 2)
    return now - 2 * 86400000


def alert(name, when):
    return {"name": name, "topics": ["acme"], "of": "all", "over": "1h", "when": when, "severity": "critical", "escalation": "casa"}


def with_alerts(house, web, *alerts):
    house.configure([house.source("prensa", web.url("/a"))], alerts=list(alerts), defaults={"escalation": "casa"},
                    people=[{"name": "ana", "reach": [{"correo": "ana@example.com"}]}],
                    channels=[{"name": "correo", "kind": "smtp", "url": "smtp://127.0.0.1:1", "from": "e@example.com", "tls": "none"}],
                    escalations=[{"name": "casa", **{level: [{"after": "0s", "notify": ["ana"]}] for level in ("info", "warning", "critical")}}])


def test_what_alerts_would_have_opened(heard, web):
    at = reason(heard)
    with_alerts(heard, web, alert("muchos", "mentions >= 5"), alert("muchisimos", "mentions >= 50"))
    alerts = backtest(heard)["alerts"]
    assert alerts["judged"] and not alerts["happened"] and alerts["left"] == 0
    one, = alerts["incidents"]
    assert (one["topic"], one["severity"], one["mentions"], one["false_alarm"]) == ("acme", "critical", 6, False) and "was" not in one
    assert "muchos" in one["alerts"] and "muchisimos" not in one["alerts"]
    opened = dt.datetime.fromisoformat(one["opened"]).timestamp() * 1000
    assert at < opened < at + 10000 and dt.datetime.fromisoformat(one["closed"]).timestamp() * 1000 > opened
    out = " ".join(heard.ctl("backtest").out.split())
    assert "today's alerts would have opened" in out and "the alert muchos is met" in out and "crisis 6 none" in out.lower()
    heard.write(heard.config.read_text().replace("language: en", "language: es"))
    assert "se cumple la alerta muchos" in " ".join(heard.ctl("backtest").out.split())


def test_a_false_alarm_is_told_by_the_next_backtest(heard, web):
    at = reason(heard)
    with_alerts(heard, web, alert("muchos", "mentions >= 5"))
    with heard.running():
        heard.settled()
        heard.ctl("open", "acme")
        heard.ctl("false-alarm", "1")
    with sqlite3.connect(heard.state / "escuchad.db") as db:
        db.execute("UPDATE incident SET opened = ?, closed = ?", (at + 5000, at + 60000))
        db.execute("UPDATE deaf SET began = ended WHERE source = 0 AND ended IS NOT NULL")
    was, = backtest(heard)["alerts"]["happened"]
    assert (was["incident"], was["false_alarm"], was["again"]) == (1, True, True)
    out = " ".join(heard.ctl("backtest").out.split())
    assert "no. 1, false alarm" in out and "this was a false alarm. It would open again." in out
    before = heard.config.read_text()
    with_alerts(heard, web, alert("muchos", "mentions >= 50"))
    heard.rules(acme=ACME.replace("role: brand", "role: brand\nalerts: none"))
    other = heard.folder / "otra.yaml"
    other.write_text(before)
    out = " ".join(heard.ctl("backtest").out.split())
    assert "No alert would have opened a crisis." in out and "It would not open any more." in out
    assert [i["was"] for i in backtest(heard, "--alerts", other)["alerts"]["incidents"]] == [1]
    assert "in the hours" not in out and str(other) in heard.ctl("backtest", "--alerts", other).out.replace("\n  ", "")


def test_alerts_of_a_configuration_with_mistakes(heard, web):
    wrong = heard.folder / "otra.yaml"
    wrong.write_text("alerts: 3\n")
    assert "otra.yaml:1:" in heard.ctl("backtest", "--alerts", wrong, code=78).err
    reason(heard)
    with_alerts(heard, web, {**alert("muchos", "mentions >= 5"), "topics": ["acmo"]})
    assert "acmo" in heard.ctl("backtest", "--alerts", heard.config, code=78).err
    heard.write(heard.config.read_text() + "nonsense: 1\n")
    done = heard.ctl("backtest")
    assert "The alerts were not judged" in done.out and "acme" in done.out, "the rules are told of nevertheless"
    assert backtest(heard)["alerts"] == {"judged": False}


# --- large ---

def fill(house, n):
    """That many mentions more; every tenth is of Acme."""
    with sqlite3.connect(house.state / "escuchad.db") as db:
        db.execute(f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {n}) "
                   "INSERT INTO mention (id, key, seen, published, source, flags, title, text) "
                   "SELECT 1000 + i, CAST(printf('%016d', i) AS BLOB), m.seen, m.published, m.source, m.flags, "
                   "CASE i % 10 WHEN 0 THEN 'Acme ' || i ELSE 'nota ' || i END, "
                   "'un texto como tantos otros, de una longitud que es la usual en una red: ' || i "
                   "FROM n, (SELECT * FROM mention LIMIT 1) m")


def begin(house):
    return house.begin(CTL, "backtest", "--json", "--rules", other_rules(house, acme=WIDER), "-c", house.config)


def test_a_large_log_in_little_memory(heard):
    """100,000 mentions, streamed."""
    fill(heard, 100000)
    process, peak = begin(heard), 0
    while process.poll() is None:
        with contextlib.suppress(OSError, StopIteration):  # its end
            peak = max(peak, resident_kb(process.pid))
        time.sleep(0.05)
    said = json.loads(heard.end(process, 120).out)
    assert said["mentions"] == 100000 + len(NEWS) and counts(said, "acme") == (10004, 10004, 1, 1)
    assert 0 < peak < 80_000 or SANITIZED, f"{peak} kB"


def test_readers_that_die_meanwhile_cost_nothing(heard):
    """Whoever dies is replaced, and what he had is judged again."""
    fill(heard, 20000)
    process = begin(heard)
    readers = until(lambda: [r for nursery in children(process.pid) for r in children(nursery)] or process.poll() is not None, "readers")
    for reader in readers if isinstance(readers, list) else []:
        with contextlib.suppress(ProcessLookupError):
            os.kill(reader, signal.SIGKILL)
    done = heard.end(process, 60)
    said = json.loads(done.out)
    assert done.code == 0 and said["mentions"] == 20000 + len(NEWS) and said["unknown"] == 0
    assert counts(said, "acme") == (2004, 2004, 1, 1)


def test_progress_on_a_terminal_alone(heard):
    lines = heard.on_terminal(80, "backtest")
    assert any("Nothing would change." in line for line in lines)
    assert all(len(line) <= 80 for line in lines)
