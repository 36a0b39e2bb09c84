"""On call: what --check says of rotas and of alerts that reach nobody, and what escuchactl rota prints, in both languages."""
import json
import subprocess

import pytest

from daemon import CTL, ESCUCHAD

RULES = """
topic: acme
role: brand
patterns: {name: acme}
about: name
rules:
  - {name: loud, when: name, tags: [crisis]}
"""
CONFIG = """
state: state/
rules: rules/
timezone: America/Santiago
channels:
  - {name: correo, kind: smtp, url: 'smtp://localhost:25', from: e@example.com}
people:
  - {name: ana, reach: [{correo: ana@example.com}]}
  - {name: luis, reach: [{correo: luis@example.com}]}
operators: ana
sources:
  - {name: some, platform: file, path: some.xml}
oncall:
  - name: cm
    shifts:
      - {days: mon-fri, hours: '07:00-15:00', who: ana}
    otherwise: OTHERWISE
escalations:
  - name: casa
    warning: [{notify: ana}]
    critical: [{notify: 'oncall:cm'}]
defaults: {escalation: casa}
alerts:
  - {name: ola, topics: acme, of: OF, when: 'percent_rise >= 10% and matching >= 20', severity: critical}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/acme.yaml").write_text(RULES)
    (tmp_path / "some.xml").write_text("")
    return tmp_path


def write(folder, language="en", otherwise="luis", of="negative"):
    path = folder / "escuchad.yaml"
    path.write_text(f"language: {language}\n" + CONFIG.replace("OTHERWISE", otherwise).replace("OF,", f"{of},"))
    return path


def run(*args):
    r = subprocess.run([str(a) for a in args], capture_output=True, text=True, timeout=60)
    assert "runtime error" not in r.stderr and "AddressSanitizer" not in r.stderr, r.stderr
    return r.returncode, r.stdout + r.stderr


def test_a_critical_alert_that_reaches_nobody_fails(folder):
    code, out = run(ESCUCHAD, "-c", write(folder), "--check")
    assert code == 0, out
    assert out.count("luis (otherwise)") >= 10 and "cm, by the clock of America/Santiago:" in out
    code, out = run(ESCUCHAD, "-c", write(folder, otherwise="nobody"), "--check")
    assert code == 1 and 'a critical alert by the escalation "casa" reaches nobody' in out, out
    code, out = run(ESCUCHAD, "-c", write(folder, "es", "nobody"), "--check")
    assert code == 1 and "no le llega a nadie" in out, out


def test_a_gap_that_nobody_meant_is_warned_of(folder):
    path = write(folder)
    path.write_text(path.read_text().replace("    otherwise: luis\n", "").replace("[{notify: 'oncall:cm'}]", "[{notify: luis}]"))
    code, out = run(ESCUCHAD, "-c", path, "--check")
    assert code == 0 and 'nobody is on call in "cm"' in out, out


@pytest.mark.parametrize("of", ["all", "negative", "loud", "crisis"])
def test_what_an_alert_counts_is_known(folder, of):
    code, out = run(ESCUCHAD, "-c", write(folder, of=of), "--check")
    assert code == 0, out


def test_what_an_alert_counts_is_unknown(folder):
    code, out = run(ESCUCHAD, "-c", write(folder, of="lout"), "--check")
    assert code == 1 and 'know nothing called "lout"' in out, out
    path = write(folder)
    path.write_text(path.read_text().replace("topics: acme", "topics: acmee"))
    code, out = run(ESCUCHAD, "-c", path, "--check")
    assert code == 1 and 'no topic is called "acmee"' in out and '"acme"' in out, out


def test_who_is_on_call(folder):
    path = write(folder)
    code, out = run(CTL, "-c", path, "--json", "rota", "--days", "14")
    assert code == 0, out
    rota, = json.loads(out)
    spans = rota["spans"]
    assert rota["name"] == "cm" and rota["timezone"] == "America/Santiago"
    assert all(a["to"] == b["from"] for a, b in zip(spans, spans[1:])), "no hour is missing, none stands twice"
    assert {(s["by"], *s["who"]) for s in spans} == {("shift", "ana"), ("otherwise", "luis")}
    assert sum(s["by"] == "shift" for s in spans) in (10, 11)
    code, out = run(CTL, "-c", write(folder, "es"), "rota", "cm")
    assert code == 0 and "luis (fuera de turno)" in out and "DE GUARDIA" in out, out
    code, out = run(CTL, "-c", path, "rota", "cmm")
    assert code == 1 and "cm" in out, out
