"""escuchactl: against a daemon out of a tin (tests/tools/serve_canned), and its offline commands against the real reader."""
import json
import os
import pty
import re
import shutil
import subprocess
import threading
import time
from pathlib import Path

import pytest

from test_serve import BUILD, Canned

CTL = BUILD / "daemon/main/escuchactl"
FEED = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Prensa</title>
<item><guid>https://example.com/1</guid><title>O&apos;Higgins gana</title><description>&lt;p&gt;Los hinchas celebran&lt;/p&gt;</description>
<link>/1</link><pubDate>Sun, 22 Nov 2026 10:00:00 GMT</pubDate></item>
<item><guid>https://example.com/2</guid><title>El clima</title><description>Sin novedad</description></item>
</channel></rss>"""


def ctl(*args, stdin="", lang="en", code=0, **env):
    environment = {"PATH": os.environ["PATH"], "LANG": lang, "HOME": "/nonexistent", **env}
    environment.update({k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")})
    r = subprocess.run([CTL, *map(str, args)], input=stdin, capture_output=True, text=True, timeout=60, env=environment)
    assert r.returncode == code, (r.returncode, r.stdout, r.stderr)
    assert "Sanitizer" not in r.stderr and "runtime error" not in r.stderr, r.stderr
    return r


@pytest.fixture
def canned(tmp_path):
    c = Canned(tmp_path)
    yield c
    c.end()


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


# --- online ---

def test_status(canned):
    out = ctl("status", "--socket", canned.path).stdout
    assert "0.1.0, process 4711" in out and "3: 1 heard, 1 not asked yet, 1 failing" in out
    assert "there is nothing at that address (HTTP 404)" in out and "NOT connected (nobody answers there)" in out
    assert json.loads(ctl("status", "--json", "--socket", canned.path).stdout)["pid"] == 4711


def test_language_zone_and_socket_come_from_the_configuration(canned, tmp_path):
    config = tmp_path / "c.yaml"
    config.write_text(f"language: es\ntimezone: America/Bogota\nsocket: {canned.path}\n"
                      "queue:\n  password: {credential: not-for-me}\n")  # what it may not read is none of its business
    out = ctl("status", "-c", config).stdout
    assert "1 se oye, 1 aún sin consultar, 1 falla" in out and "desde 2026-11-22 05:00:00" in out
    config.write_text("language: es\nsocket: s\n")  # beside the file
    assert "se oye" in ctl("status", "-c", config).stdout
    config.write_text("language: [")
    r = ctl("status", "-c", config, code=1)  # nobody listens where a daemon usually does
    assert f"{config}:1:" in r.stderr and "not running" in r.stderr
    assert f"{config}:1:" in ctl("match", "-c", config, code=78).stderr  # what needs the rules can't go on
    config.write_text(f"language: es\nsocket: {canned.path}\nsources:\n  - {{name: a, url: 'http://x}}\n")  # FAULTS C2
    r = ctl("status", "-c", config)
    assert "se oye" in r.stdout and f"{config}:4:" in r.stderr and "sigue con lo que leyó antes" in r.stderr
    assert "se oye" in ctl("status", "-c", config, "--socket", canned.path).stdout  # a broken file keeps nobody out


def test_sources(canned):
    out = ctl("sources", "--socket", canned.path).stdout.splitlines()
    assert len(out) == 4 and out[3].startswith("prensa-ñ  heard    2026-11-22 16:29:00")
    assert out[1].index("new") == out[3].index("heard")  # aligned by what is seen, not by bytes
    assert [s["name"] for s in lines(ctl("sources", "--json", "--state", "failing", "--socket", canned.path).stdout)] == ["muro"]
    assert "unknown state" in ctl("sources", "--state", "bad", "--socket", canned.path, code=2).stderr


def test_poll_and_reload(canned):
    assert ctl("poll", "prensa", "--socket", canned.path).stdout == "sources asked: 1\n"
    assert ctl("poll", "--all", "--socket", canned.path).stdout == "sources asked: 3\n"
    assert "no source has this name" in ctl("poll", "nadie", "--socket", canned.path, code=1).stderr
    ctl("poll", "--socket", canned.path, code=2)
    ctl("poll", "a", "--all", "--socket", canned.path, code=2)
    assert "in use" in ctl("reload", "--socket", canned.path).stdout
    canned.poll("break")
    r = ctl("reload", "--socket", canned.path, code=78)  # FAULTS C2
    assert 'rules/acme.yaml:7:3: rules[0].when: unknown key "nmae"; did you mean "name"?' in r.stderr
    assert json.loads(ctl("reload", "--json", "--socket", canned.path, code=78).stdout)["findings"][0]["line"] == 7


def test_tail_and_search(canned):
    assert "no hit yet" in ctl("tail", "--socket", canned.path).stdout
    for _ in range(3):
        canned.poll("hit")
    out = ctl("tail", "-n", "2", "--socket", canned.path).stdout
    assert out.count("https://example.com/") == 2 and "\033" not in out
    assert [h["cursor"] for h in lines(ctl("tail", "--json", "-t", "acme", "--socket", canned.path).stdout)] == ["1001-0"]
    assert ctl("search", "acme", "--socket", canned.path).stdout.count("Acme") >= 3
    assert ctl("search", "nada", "de", "nada", "--socket", canned.path, code=1).stdout == ""
    ctl("tail", "-n", "0", "--socket", canned.path, code=2)
    ctl("tail", "-n", "x", "--socket", canned.path, code=2)


def test_add(canned):
    out = ctl("add", "Llamó", "una clienta", "--topic", "acme", "--json", "--socket", canned.path).stdout
    assert json.loads(out)["text"] == "Llamó una clienta" and json.loads(out)["topic"] == "acme"
    assert "de la entrada" in ctl("add", "-", "--socket", canned.path, stdin="de la entrada\n").stdout
    assert "http" in ctl("add", "x", "--url", "javascript:1", "--socket", canned.path, code=1).stderr


def test_follow_over_a_restart(tmp_path):
    c = Canned(tmp_path)
    c.poll("hit")
    p = subprocess.Popen([CTL, "tail", "-f", "--json", "--socket", c.path], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         text=True, env={"LANG": "en"})
    out = []
    threading.Thread(target=lambda: out.extend(p.stdout), daemon=True).start()
    until(lambda: len(out) == 1)
    c.poll("hit")
    until(lambda: len(out) == 2)
    c.end()
    c = Canned(tmp_path)
    for _ in range(3):  # the same two again, and a new one: the tin remembers nothing, the tail its cursor
        c.poll("hit")
    until(lambda: len(out) == 3, 15)
    time.sleep(0.3)
    p.terminate()
    assert [json.loads(line)["cursor"] for line in out] == ["1000-0", "1001-0", "1002-0"]
    assert p.stderr.read().count("waiting for it to come back") == 1
    c.end()


def until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def on_terminal(*args, **env):
    """What a person sees: standard output is a terminal."""
    master, slave = pty.openpty()
    p = subprocess.Popen([CTL, *map(str, args)], stdin=subprocess.DEVNULL, stdout=slave, stderr=slave,
                         env={"LANG": "en", "TERM": "xterm", **env})
    os.close(slave)
    seen = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:
            break
        if not part:
            break
        seen += part
    os.close(master)
    assert p.wait(10) == 0, seen
    return seen.decode()


def test_colour_on_a_terminal_unless_unwanted(canned):
    canned.poll("hit")
    assert "\033[1;33mAcme\033[0m es un" in on_terminal("tail", "--socket", canned.path)
    assert "\033" not in on_terminal("tail", "--socket", canned.path, NO_COLOR="1")
    assert "\033" not in on_terminal("tail", "--socket", canned.path, TERM="dumb")


def test_nobody_there(tmp_path):
    dead = tmp_path / "dead"
    c = Canned(tmp_path)
    os.rename(c.path, dead)
    c.process.kill()
    c.process.wait()
    r = ctl("status", "--socket", tmp_path / "s", code=1)
    assert "not running" in r.stderr and f"{tmp_path}/s: nothing is there" in r.stderr and "systemctl start" in r.stderr
    assert "nobody answers" in ctl("status", "--socket", dead, code=1).stderr
    assert "no está en marcha" in ctl("status", "--socket", dead, code=1, lang="es_CO.UTF-8").stderr
    config = tmp_path / "c.yaml"
    config.write_text("state: st\n")
    assert f"{tmp_path}/st/escuchad.sock" in ctl("status", "-c", config, code=1).stderr
    assert "c.yaml" in ctl("status", "-c", config, code=1).stderr
    ctl("status", "-c", tmp_path / "none.yaml", code=78)


# --- arguments ---

COMMANDS = ["init", "status", "sources", "poll", "reload", "tail", "search", "add", "parse", "match"]


def test_options_may_stand_before_the_command(canned, tmp_path):
    config = tmp_path / "c.yaml"
    config.write_text(f"language: es\nsocket: {canned.path}\n")
    for before in (["-c", config], [f"-c{config}"], ["--config", config], [f"--config={config}"]):
        assert ctl(*before, "status").stdout == ctl("status", *before).stdout
    assert json.loads(ctl("--json", "--socket", canned.path, "status").stdout)["pid"] == 4711
    assert ctl("--help", "status").stdout == ctl("help", "status").stdout == ctl("status", "--help").stdout
    assert "after the command" in ctl("-n", "3", "tail", code=2).stderr
    assert "¿qué debe hacer?" in ctl("-c", config, code=2).stderr
    assert "escuchactl ORDEN" in ctl("-c", config, "--help").stdout and "what shall" in ctl(code=2).stderr


def test_help_in_both_languages():
    for command in COMMANDS:
        for lang, word in (("en", "Options of every command"), ("es_MX.UTF-8", "Opciones de toda orden")):
            out = ctl(command, "--help", lang=lang).stdout
            assert out.startswith(f"escuchactl {command}") and word in out
            assert [line for line in out.splitlines() if len(line) > 100] == []
        assert f"\n  {command}" in ctl("--help").stdout and f"\n  {command}" in ctl("--help", lang="es").stdout
    assert re.match(r"escuchactl \d", ctl("--version").stdout)


def test_usage():
    assert 'did you mean "status"' in ctl("statos", code=2).stderr
    assert '¿quiso decir "tail"' in ctl("tial", code=2, lang="es").stderr
    assert "did you mean --follow" in ctl("tail", "--folow", code=2).stderr
    ctl(code=2)
    ctl("parse", code=2)
    ctl("search", code=2)
    ctl("status", "more", code=2)
    ctl("tail", "-n", code=2)


# --- offline ---

def test_parse(tmp_path):
    feed = tmp_path / "prensa.xml"
    feed.write_text(FEED)
    mentions = lines(ctl("parse", "--url", "https://example.com/rss", feed).stdout)
    assert [m["title"] for m in mentions] == ["O'Higgins gana", "El clima"]
    assert mentions[0]["text"] == "Los hinchas celebran" and mentions[0]["url"] == "https://example.com/1"
    assert mentions[0]["guid"] == "https://example.com/1" and mentions[0]["published"] == "2026-11-22T10:00:00Z"
    assert lines(ctl("parse", "-", stdin=FEED).stdout)[0]["id"] == mentions[0]["id"]
    again = ctl("parse", "--as", "mentions", "-", stdin=ctl("parse", feed).stdout).stdout
    assert [m["title"] for m in lines(again)] == ["O'Higgins gana", "El clima"]


def test_parse_says_what_is_wrong(tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><html><body>Wi-Fi</body></html>")
    feed = tmp_path / "prensa.xml"
    feed.write_text(FEED)
    r = ctl("parse", page, feed, tmp_path / "none.xml", code=1)  # each file by itself
    assert len(lines(r.stdout)) == 2 and "page.html" in r.stderr and "none.xml" in r.stderr
    ctl("parse", "--platform", "mastodn", feed, code=2)
    ctl("parse", "--as", "xml", feed, code=2)


@pytest.fixture
def rules(tmp_path):
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "acme.yaml").write_text("topic: acme\nrole: brand\npatterns:\n  name:\n    words: |\n      acme\n"
                                      "  fraud:\n    words: |\n      fraude\nabout: 'name'\n"
                                      "rules:\n  - name: fraud-told\n    when: 'fraud'\n    tags: [crisis]\n")
    return folder


def test_match(rules):
    stdin = ("Acme es un FRAUDE\n\nnada que ver\n"
             '{"text":"hola","title":"ACME","author":{"name":"Ana","followers":7},"likes":3}\n')
    hits = lines(ctl("match", "--rules", rules, stdin=stdin).stdout)
    assert [h["hits"][0]["rules"] for h in hits] == [["fraud-told"], []]
    assert hits[0]["hits"][0]["spans"][0] == {"in": "text", "at": [0, 4], "pattern": "name"}
    assert hits[1]["author"] == {"name": "Ana", "followers": 7} and hits[1]["likes"] == 3
    every = lines(ctl("match", "--all", "-r", rules, "-", stdin=stdin).stdout)
    assert [bool(h["hits"]) for h in every] == [True, False, False, True] and every[1]["text"] == ""
    assert ctl("match", "--rules", rules, stdin="nada\n", code=1).stdout == ""
    config = rules.parent / "c.yaml"
    config.write_text("rules: rules/\n")
    assert len(lines(ctl("match", "-c", config, stdin=stdin).stdout)) == 2


def test_match_in_batches_keeps_the_order(rules):
    stdin = "".join(f"acme {i}\n" if i % 3 else f"otra {i}\n" for i in range(1000))
    every = lines(ctl("match", "--all", "--rules", rules, stdin=stdin).stdout)
    assert [m["text"].split()[1] for m in every] == [str(i) for i in range(1000)]
    assert [bool(m["hits"]) for m in every] == [bool(i % 3) for i in range(1000)]
    assert len({m["id"] for m in every}) == 1000


def test_with_all_each_line_has_one_in_its_place(rules, tmp_path):
    texts = ["acme 1", "", "  ", '{"text":', '{"url":"x"}', "😡", '{"text":"acme 2"}', "\u202eacme", "a\u0301\u0302\u0303" * 9, "acme"]
    file = tmp_path / "lines"
    file.write_text("\n".join(texts))  # the last without a newline
    r = ctl("match", "--all", "--rules", rules, file, code=1)
    every = lines(r.stdout)
    assert len(every) == len(texts)
    assert [i for i, one in enumerate(every) if "error" in one] == [3, 4]
    assert every[3]["line"] == 4 and "line 4" in every[3]["error"] and every[3]["error"] in r.stderr
    assert [bool(one.get("hits")) for one in every] == ["acme" in t for t in texts]
    assert ctl("match", "--all", "--rules", rules, "-", stdin=file.read_text(), code=1).stdout.count("\n") == len(texts)


def test_match_says_what_is_wrong(rules, tmp_path):
    r = ctl("match", "--rules", rules, stdin='{"text":\n{"url":"x"}\nacme\n', code=1)
    assert "line 1" in r.stderr and "line 2" in r.stderr and len(lines(r.stdout)) == 1
    (rules / "acme.yaml").write_text("topic: acme\nrole: brnd\n")
    r = ctl("match", "--rules", rules, stdin="acme\n", code=78)
    assert "acme.yaml:2:" in r.stderr and "brand" in r.stderr
    ctl("match", "--rules", tmp_path / "none", stdin="acme\n", code=78)
    ctl("match", stdin="acme\n", code=2)


def test_what_was_parsed_can_be_matched(rules, tmp_path):
    feed = tmp_path / "f.xml"
    feed.write_text(FEED.replace("El clima", "Acme y el clima"))
    parsed = ctl("parse", feed).stdout
    matched = lines(ctl("match", "--rules", rules, stdin=parsed).stdout)
    original = lines(parsed)[1]
    assert matched[0].pop("hits")[0]["topic"] == "acme"
    original.pop("hits")
    assert matched[0].pop("lang") == "es" and matched[0].pop("sentiment")["label"]
    assert matched[0] == original


# --- init ---

BRANDS = ["Acme", "O'Higgins", "Ñandú & Co: #1", "@x", "*acme*", "- a: {b}", '"x" # y', "'", "日本", "null", "%x %s", "C++",
          "Mañana", "It will rain tomorrow afternoon"]


@pytest.mark.parametrize("brand", BRANDS)
def test_init_makes_rules_that_load_and_hit(tmp_path, brand):
    for lang, text in (("es", "esto es una estafa"), ("en", "this is a scam")):
        folder = tmp_path / lang
        args = ["init", folder, "--lang", lang, "--brand", brand, "--handles", "acme.com,@acme_mx", "--competitors",
                f"{brand},Rival", "--industry", "café, cafeter*", "--country", "cl", "--yes"]
        if brand == "'":
            ctl(*args, code=2)  # nothing that could be looked for
            continue
        ctl(*args)
        stdin = f"{brand.replace('*', '')}: {text}\n"
        hits = lines(ctl("match", "-c", folder / "escuchad.yaml", stdin=stdin).stdout)  # loads: so its own tests passed
        of_brand = [h for h in hits[0]["hits"] if h["role"] == "brand"]
        assert len(of_brand) == 1 and of_brand[0]["rules"] == ["quejas" if lang == "es" else "complaints", "fraud"]  # and a pack's
        assert [h["role"] for h in hits[0]["hits"]].count("competitor") == 1


def test_init_never_overwrites(tmp_path):
    (tmp_path / "escuchad.yaml").write_text("mine\n")
    r = ctl("init", tmp_path, "--brand", "Acme", "--yes", code=1)
    assert (tmp_path / "escuchad.yaml").read_text() == "mine\n" and "was there already" in r.stdout
    rules = (tmp_path / "rules/acme.yaml").read_text()
    report = json.loads(ctl("init", tmp_path, "--brand", "Acme", "--competitors", "Rival", "--json", code=1).stdout)
    assert [f["written"] for f in report] == [False, False, False, True]  # the playbook, too
    assert (tmp_path / "rules/acme.yaml").read_text() == rules
    os.symlink(tmp_path / "elsewhere", tmp_path / "rules/otra.yaml")
    ctl("init", tmp_path, "--brand", "Otra", "--yes", code=1)
    assert not (tmp_path / "elsewhere").exists()


def test_init_asks_in_spanish(tmp_path):
    answers = ["es", "", "Café Andino", "cafeandino, cafeandino.example", "Tostadero del Sur", "Atlántida", "Mejico", "colombia",
               "café", "quizás", "no", "ejemplo.com", "https://example.com/rss", "/no/hay.opml", "Marte/Olimpo",
               "America/Bogota", "sí"]
    r = ctl("init", tmp_path / "x", stdin="\n".join(answers) + "\n", lang="en")
    assert "¿Cómo se llama su marca" in r.stdout and "¿País?" in r.stdout and "Y ahora" in r.stdout
    assert '¿quiso decir "México"?' in r.stderr and "Marte/Olimpo" in r.stderr and "ejemplo.com" in r.stderr
    config = (tmp_path / "x/escuchad.yaml").read_text()
    assert "timezone: America/Bogota" in config and "url: 'https://example.com/rss'" in config
    assert "redis: 'redis://127.0.0.1:6379/0'" in config and "google" not in config and "opml" not in config
    assert "- '@cafeandino'" in (tmp_path / "x/rules/cafe-andino.yaml").read_text()
    assert sorted(p.name for p in (tmp_path / "x/rules").iterdir()) == ["cafe-andino.yaml", "industria.yaml",
                                                                        "tostadero-del-sur.yaml"]


def test_init_without_answers_takes_what_is_usual(tmp_path):
    r = ctl("init", tmp_path, "--brand", "Acme", stdin="", lang="es_MX.UTF-8")
    config = (tmp_path / "escuchad.yaml").read_text()
    assert "news.google.com/rss/search?q=%22Acme%22" in config and "# queue:" in config
    assert "--check" in r.stdout
    ctl("init", tmp_path / "y", stdin="", code=2)
    assert not (tmp_path / "y").exists()


@pytest.mark.parametrize("args", [["--country", "Atlantis"], ["--zone", "../etc"], ["--lang", "fr"], ["--feed", "ftp://x/"],
                                  ["--redis", "localhost"], ["--opml", "/no/such.opml"]])
def test_init_refuses_wrong_answers(tmp_path, args):
    r = ctl("init", tmp_path / "x", "--brand", "Acme", "--yes", *args, code=2)
    assert args[1] in r.stderr and not (tmp_path / "x").exists()


@pytest.mark.skipif(shutil.which("script") is None, reason="util-linux' script")
def test_init_on_a_terminal(tmp_path):
    seen = on_terminal("init", tmp_path / "x", "--brand", "Acme", "--yes")
    assert "written" in seen and "\033" not in seen


# --- the manual (its examples are run by test_docs.py) ---

MANUAL = Path(__file__).resolve().parents[2] / "daemon/main/escuchactl.1.scd"


def test_the_manual_and_the_help_name_each_option():
    manual = MANUAL.read_text()
    for command in COMMANDS:
        help_ = ctl(command, "--help").stdout
        assert set(re.findall(r"--[a-z-]+", help_)) == set(re.findall(r"--[a-z-]+", ctl(command, "--help", lang="es").stdout))
        assert f"*{command}*" in manual
        for option in re.findall(r"--[a-z]+(?:-[a-z]+)*", help_):
            assert f"*{option}*" in manual, option
