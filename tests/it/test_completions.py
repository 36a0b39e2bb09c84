"""conf/completions: what the shells offer is what the programs say."""
import json
import re
import shutil
import subprocess

import pytest

from daemon import ACME, CTL, ESCUCHAD, feed, item
from pages import TOP

FOLDER = TOP / "conf/completions"
BASH = """
. "$1"; shift
compopt() { :; }
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
if [[ $1 == */escuchad ]]; then _escuchad; else _escuchactl; fi
printf '%s\\n' "${COMPREPLY[@]}"
"""


def bash(*words, env=None):
    r = subprocess.run(["bash", "-c", BASH, "bash", FOLDER / "escuchactl.bash", *map(str, words)], capture_output=True, text=True,
                       timeout=60, env=env)
    assert not r.stderr, r.stderr
    return set(r.stdout.split("\n")) - {""}


def help_of(*args):
    return subprocess.run([CTL, *args, "--help"], capture_output=True, text=True, check=True).stdout


def commands():
    return set(re.findall(r"^  ([a-z][a-z-]*) ", help_of(), flags=re.M))


def packs():
    return {p["name"] for p in json.loads(subprocess.run([CTL, "packs", "--json"], capture_output=True, text=True, check=True).stdout)}


def test_bash_offers_every_command_and_option():
    assert len(commands()) > 5
    assert bash(CTL, "") == commands()
    for command in commands():
        left = "\n".join(re.findall(r"^ +(-.*?)(?:  .*)?$", help_of(command), flags=re.M))
        assert bash(CTL, command, "-") == set(re.findall(r"--?[A-Za-z][a-z-]*", left)), command
    assert {"--once", "--check", "--config", "--verbose"} <= bash(ESCUCHAD, "--")


def test_bash_offers_values(tmp_path):
    (tmp_path / "nota.xml").write_text("")
    assert bash(CTL, "sources", "--state", "f") == {"failing"}
    assert bash(CTL, "init", "--lang", "") == {"es", "en"}
    assert bash(CTL, "packs", "") == packs() and bash(CTL, "packs", "phish") == {"phishing"}
    assert bash(CTL, "parse", f"{tmp_path}/no") == {f"{tmp_path}/nota.xml"}
    assert bash(CTL, "-c", f"{tmp_path}/no") == {f"{tmp_path}/nota.xml"}
    assert bash(ESCUCHAD, "-c", f"{tmp_path}/no") == {f"{tmp_path}/nota.xml"}
    assert bash(CTL, "poll", "") == set(), "no daemon, no names"


def test_names_of_sources_come_from_the_daemon(house, web):
    web.route("/a", feed(item("uno", "Acme falla")))
    house.rules(acme=ACME)
    house.configure([house.source(name, web.url("/a")) for name in ("prensa", "prueba", "radio")])
    with house.running():
        assert bash(CTL, "-c", house.config, "poll", "pr", env=house.environment({})) == {"prensa", "prueba"}


def rules_of_two(folder):
    (folder / "acme.yaml").write_text("topic: acme\nrole: brand\npatterns: {name: acme, theft: robo}\nabout: name\n"
                                      "rules:\n  - {name: stolen, when: theft}\n  - {name: loud, when: 'likes >= 9'}\n")
    (folder / "andino.yaml").write_text("topic: andino\nrole: competitor\npatterns: {andino: andino}\n")
    return folder


def test_bash_offers_topics_rules_and_patterns(tmp_path):
    rules = rules_of_two(tmp_path)
    for command in ("why", "backtest"):
        assert bash(CTL, command, "--rules", rules, "--topic", "") == {"acme", "andino"}, command
    assert bash(CTL, "why", "-r", rules, "-t", "ac") == {"acme"}
    assert bash(CTL, "why", "-r", rules, "--patterns", "") == {"name", "theft", "andino"}
    assert bash(CTL, "why", "-r", rules, "un texto", "") == {"stolen", "loud"}
    assert bash(CTL, "why", "-r", rules, "") == set(), "a text or an id is no name"
    (rules / "andino.yaml").write_text("topic: [")
    assert bash(CTL, "why", "-r", rules, "--topic", "") == set(), "wrong rules: nothing, and silently"


@pytest.mark.skipif(not shutil.which("fish"), reason="no fish")
def test_fish(tmp_path):
    def fish(line):
        r = subprocess.run(["fish", "-c", f"set PATH {CTL.parent} $PATH; source {FOLDER}/escuchactl.fish; complete -C '{line}'"],
                           capture_output=True, text=True, timeout=60)
        assert not r.stderr, r.stderr
        return {x.split("\t")[0] for x in r.stdout.splitlines()}

    assert fish("escuchactl ") == commands()
    assert fish("escuchactl tail --f") == {"--follow"}
    assert fish("escuchactl sources --state ") == {"ok", "new", "failing", "gone"}
    assert fish("escuchactl packs ") == packs()
    assert fish(f"escuchactl why -r {rules_of_two(tmp_path)} --topic ") == {"acme", "andino"}
    assert fish(f"escuchactl why -r {tmp_path} --patterns th") == {"theft"}
    assert fish(f"escuchactl why -r {tmp_path} texto l") == {"loud"}


@pytest.mark.skipif(not shutil.which("zsh"), reason="no zsh")
def test_zsh_is_sound():
    r = subprocess.run(["zsh", "-n", FOLDER / "_escuchactl"], capture_output=True, text=True)
    assert r.returncode == 0 and not r.stderr, r.stderr
