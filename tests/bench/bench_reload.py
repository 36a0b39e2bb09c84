#!/usr/bin/python3
"""Ten thousand rules: how long until a change to one of them matches, what is matched meanwhile, and the first match after a restart.

    tests/bench/bench_reload.py [RULES]      (10000; ESCUCHAD_BUILD: the build folder)

Prints seconds by wall. The rules are mixed: names, accents, gaps of words and of letters, lookarounds. The first start of all tries
each gap on adversarial texts; what bore them is known to the second, whose first match counts, and to the reload. Exit status 1
above 10 s from the change to the first mention that it hits, above 2 s from the second start to its first match, or where the old rules missed a mention that came in between (goals; the first two on a machine with nothing else to
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


# A pattern in five is of each kind; the third and the last must be tried on adversarial texts.
KINDS = (
    "'\\b(?:super)?marca{name}(?:nox|zer)?\\b'",
    "'\\bm[aá]rc[aá]s?{name}\\b'",
    "'\\bmarca{name}\\w*(?:\\W+\\w+){{0,4}}\\W+\\w*robo\\w*'",
    "'(?<!anti)marca{name}(?! mx)'",
    "'\\bmarca{name}\\w*.{{0,40}}\\bestaf\\w+'",
)


def topic(t, n, changed=""):
    lines = [f"topic: t{t}", "role: brand", "patterns:"]
    lines += [f"  p{i}: {KINDS[i % len(KINDS)].format(name=f'{t}x{i}')}" for i in range(1, n)]
    lines.append(f"  p0: '\\bmarca{t}x0{changed}\\b'")
    lines.append("rules:")
    return "\n".join(lines + [f"  - {{name: r{i}, when: 'p{i} and not (rating >= 9)'}}" for i in range(n)]) + "\n"


def hits(house, text):
    """The topics that a mention which is added now is a hit of."""
    done = house.run(CTL, "add", text, "-c", house.config, "--json", code=None)
    found = json.loads(done.out) if done.code == 0 else {}
    return [h["topic"] for h in found.get("hits", [])]


def first_match(house, text):
    """Seconds from a start to the first match."""
    began = time.monotonic()
    house.start(ready=False)
    until(lambda: "event=listening" in house.log(), "escuchad to listen", 120)
    n = 0
    while "t1" not in hits(house, f"hoy marca1x1 {text} prueba{n}"):
        n += 1
    return time.monotonic() - began


def measure(house, rules):
    names = {f"t{t}": topic(t, rules // TOPICS) for t in range(TOPICS)}
    house.rules(**names)
    house.configure([])
    cold = first_match(house, "primera")
    house.stop()
    started = first_match(house, "segunda")
    n = 0
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
    return cold, started, changed, served, missed, longest


def main():
    rules = int(sys.argv[1]) if len(sys.argv) > 1 else 10000
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder))
        try:
            cold, started, changed, served, missed, longest = measure(house, rules)
        finally:
            house.close()
    print(f"rules={rules} first_start_s={cold:.2f} start_to_first_match_s={started:.2f} change_to_match_s={changed:.2f} matched_meanwhile={served - missed} "
          f"missed_meanwhile={missed} longest_of_these_s={longest:.2f} load={os.getloadavg()[0]:.0f}")
    return 1 if changed > CHANGED_S or started > STARTED_S or missed else 0


if __name__ == "__main__":
    sys.exit(main())
