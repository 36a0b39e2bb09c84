"""escuchactl doctor: each thing that may be wrong with an installation is found, and told with what to do."""
import json
import os
import shutil
import subprocess
import sys

import pytest

from daemon import CTL, ESCUCHAD, READER, feed, item, until


@pytest.fixture
def ready(house, web, redis):
    web.route("/a", feed(item("uno", "Acme falla")))
    house.configure([house.source("a", web.url("/a"))], queue={"redis": redis.url()})
    return house


def doctor(house, code, **kwargs):
    said = json.loads(house.ctl("doctor", "--json", code=code, **kwargs).out)
    assert said["ok"] == (code == 0)
    return [(c["check"], c["level"], c["what"], c.get("cure", "")) for c in said["checks"]]


def of(lines, check, level):
    return [what for c, l, what, _ in lines if c == check and l == level]


def test_a_sound_installation(ready):
    with ready.running():
        ready.settled()
        lines = doctor(ready, 0)
    assert not [line for line in lines if line[1] == "bad"]
    assert {line[0] for line in lines if line[1] == "ok"} >= {"configuration", "rules", "state", "daemon", "sources", "log", "redis"}
    assert of(lines, "daemon", "ok")[0].startswith("escuchad 0.1.0 runs, process ")


# What any other build says first; nothing that would come behind it is looked at.
OTHER_BUILD = f"""#!{sys.executable}
import os, struct, time
os.write(3, struct.pack("<IIQ", 22, 8, 0) + b"0.0.9 0123456789abcdef")
time.sleep(60)
"""


def test_an_upgrade_without_a_restart(house, web):
    """The programs on the disk are another build's: a reload is refused in plain words, what runs goes on, and doctor knows it."""
    web.route("/a", feed(item("uno", "Acme falla")))
    house.configure([house.source("a", web.url("/a"))])
    programs = house.folder / "programs"
    programs.mkdir()
    for program in ESCUCHAD, READER:
        shutil.copy(program, programs)
    (programs / "new").write_text(OTHER_BUILD)
    (programs / "new").chmod(0o755)
    house.process = house.begin(programs / "escuchad", "-c", house.config, "-v")
    until(lambda: "event=listening" in house.log(), "escuchad to listen")
    until(lambda: house.titles() == ["Acme falla"], "the first hit")
    os.replace(programs / "new", programs / READER.name)
    (programs / "escuchad").unlink()
    said = house.ctl("reload", code=78)
    assert "escuchad was upgraded" in said.out + said.err and "systemctl restart escuchad" in said.out + said.err
    assert "event=nursery.other_build" in house.log() and "killed by signal" not in house.log()
    assert "escuchad was upgraded since it started" in house.ctl("doctor", code=None).out
    web.route("/a", feed(item("uno", "Acme falla"), item("dos", "Acme falla otra vez")))
    house.ctl("poll", "a")
    until(lambda: "Acme falla otra vez" in house.titles(), "what runs to go on")
    shutil.copy(READER, programs / "back")
    os.replace(programs / "back", programs / READER.name)
    house.ctl("reload")
    house.stop()


def test_what_is_not_there(ready, redis):
    redis.stop()
    lines = doctor(ready, 1)
    assert "does not run" in of(lines, "daemon", "bad")[0] and of(lines, "redis", "bad")
    assert "not there yet" in of(lines, "state", "warn")[0]
    assert all(cure for _, level, _, cure in lines if level == "bad"), "each says what to do"


def test_a_wrong_configuration_is_told_as_check_does(ready):
    ready.write(ready.config.read_text().replace("every: 1h", "evry: 1h"))
    lines = doctor(ready, 1)
    checked = {f["key"]: f["message"] for f in ready.check(code=1).findings()}
    assert any('did you mean "every"?' in what for what in of(lines, "configuration", "bad")) and checked
    ready.write("sources: [")
    assert of(doctor(ready, 1), "configuration", "bad")


def test_a_rule_that_does_not_load(ready):
    ready.rules(acme="topic: acme\nrole: brand\npatterns:\n  name: '('\n")
    assert any("acme.yaml:4" in what for what in of(doctor(ready, 1), "rules", "bad"))


def test_a_state_that_others_may_read_and_a_secret_too(ready):
    ready.once()
    ready.state.chmod(0o755)
    token = ready.folder / "token"
    token.write_text("secreto-muy-largo-de-verdad\n")
    token.chmod(0o644)
    ready.write(ready.config.read_text() + f"http:\n  listen: '127.0.0.1:8480'\n  tokens: [{{role: read, token: {{file: {token}}}}}]\n")
    lines = doctor(ready, 1)
    assert "everybody" in of(lines, "state", "warn")[0] and any("chmod 700" in cure for *_, cure in lines)
    assert of(lines, "configuration", "warn") or of(lines, "configuration", "bad")
    assert "secreto-muy-largo" not in json.dumps(lines)


def test_redis_that_forgets_or_refuses(ready, redis):
    redis("CONFIG", "SET", "appendonly", "no")
    redis("CONFIG", "SET", "maxmemory", "100mb")
    redis("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    lines = doctor(ready, 1)
    warnings = of(lines, "redis", "warn")
    assert any("appendonly" in w for w in warnings) and any("allkeys-lru" in w for w in warnings)
    redis("CONFIG", "SET", "requirepass", "otra")
    assert any("NOAUTH" in what for what in of(doctor(ready, 1), "redis", "bad"))


def test_a_source_that_is_deaf(ready, web):
    ready.configure([ready.source("muda", web.url("/none"))])
    with ready.running():
        ready.wait_source("muda", state="failing")
        lines = doctor(ready, 0)
    assert "muda" in of(lines, "sources", "warn")[0]


def test_many_sources_that_are_deaf(ready, web):
    ready.configure([ready.source(f"muda-{i}", web.url("/none")) for i in range(30)])
    with ready.running():
        ready.settled()
        lines = doctor(ready, 0)
    assert of(lines, "sources", "warn")[-1] == "and 25 more sources that are not heard"


def test_few_descriptors(ready):
    done = ready.run(CTL, "doctor", "--json", "-c", ready.config, code=1, prefix=["prlimit", "--nofile=200:200"])
    assert any(c["check"] == "descriptors" and c["level"] == "warn" for c in json.loads(done.out)["checks"])


@pytest.mark.parametrize("width", [80, 40])
def test_in_spanish_within_the_terminal(ready, width):
    ready.write(ready.config.read_text().replace("language: en", "language: es"))
    lines = ready.on_terminal(width, "doctor", code=1)
    assert any(line.startswith("MAL  ") for line in lines) and any("→ " in line for line in lines)
    too_long = [line for line in lines if len(line) > width]
    assert all(len(line.strip().split()) <= 2 for line in too_long), "one word alone, an address, may pass the edge"


def test_without_a_configuration(tmp_path):
    done = subprocess.run([CTL, "doctor", "--json"], cwd=tmp_path, capture_output=True, text=True,
                          env={"HOME": str(tmp_path), "LANG": "es_MX.UTF-8", "PATH": os.environ["PATH"]})
    said = json.loads(done.stdout)["checks"]
    if not os.path.exists("/etc/escuchad/escuchad.yaml"):
        assert done.returncode == 1 and "escuchactl init" in said[0]["cure"]
