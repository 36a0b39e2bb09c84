#!/usr/bin/python3
"""Ten thousand rules: how long until a change to one of them matches, what is matched meanwhile, and the first match after a restart.

    tests/bench/bench_reload.py [RULES]      (10000; ESCUCHAD_BUILD: the build folder)

Prints seconds by wall. Exit status 1 above 10 s from the change to the first mention that it hits, above 2 s from a start to the
first match, or where the old rules missed a mention that came in between (goals; the first two on a machine with nothing else to
do)."""
import json
import os
import sys
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/it"))
from daemon import CTL, House, until  # noqa: E402

TOPICS, CHANGED_S, STARTED_S = 50, 10, 2


def topic(t, n, changed=""):
    lines = [f"topic: t{t}", "role: brand", "patterns:"]
    lines += [f"  p{i}: '\\b(?:super)?marca{t}x{i}(?:nox|zer)?{changed if i == 0 else ''}\\b'" for i in range(n)]
    lines.append("rules:")
    return "\n".join(lines + [f"  - {{name: r{i}, when: 'p{i} and not (rating >= 9)'}}" for i in range(n)]) + "\n"


def hits(house, text):
    """The topics that a mention which is added now is a hit of."""
    done = house.run(CTL, "add", text, "-c", house.config, "--json", code=None)
    found = json.loads(done.out) if done.code == 0 else {}
    return [h["topic"] for h in found.get("hits", [])]


def measure(house, rules):
    names = {f"t{t}": topic(t, rules // TOPICS) for t in range(TOPICS)}
    house.rules(**names)
    house.configure([])
    began = time.monotonic()
    house.start(ready=False)
    until(lambda: "event=listening" in house.log(), "escuchad to listen", 120)
    n = 0
    while "t1" not in hits(house, f"hoy marca1x1 prueba{n}"):
        n += 1
    started = time.monotonic() - began
    house.rules(**{**names, "t0": topic(0, rules // TOPICS, "|nueva")})
    began = time.monotonic()
    reload = house.begin(CTL, "reload", "-c", house.config)
    served = missed = 0
    longest = 0.0
    while True:
        n += 1
        asked = time.monotonic()
        got = hits(house, f"hoy marca1x1 y nueva otra{n}")
        longest = max(longest, time.monotonic() - asked)
        served += 1
        missed += "t1" not in got
        if "t0" in got:
            break
        assert time.monotonic() - began < 120, "the change never matched"
    changed = time.monotonic() - began
    house.end(reload)
    house.stop()
    return started, changed, served, missed, longest


def main():
    rules = int(sys.argv[1]) if len(sys.argv) > 1 else 10000
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder))
        try:
            started, changed, served, missed, longest = measure(house, rules)
        finally:
            house.close()
    print(f"rules={rules} start_to_first_match_s={started:.2f} change_to_match_s={changed:.2f} matched_meanwhile={served - missed} "
          f"missed_meanwhile={missed} longest_of_these_s={longest:.2f} load={os.getloadavg()[0]:.0f}")
    return 1 if changed > CHANGED_S or started > STARTED_S or missed else 0


if __name__ == "__main__":
    sys.exit(main())
