"""The prefilter changes no hit: with it and without, over the recorded feeds of ../shared (where they are) and made mentions."""
import json
import os
import random
import re
import subprocess
from pathlib import Path

import pytest
from daemon import CTL

TOP = Path(__file__).resolve().parents[2]
FEEDS = Path(os.environ.get("ESCUCHAD_SHARED", TOP.parent / "shared")) / "samples/feeds"
PACKS = sorted(p.stem for p in (TOP / "rules/packs").glob("*.yaml"))
MENTIONS_MAX = 240
JOB = 80  # mentions at a time
SEEN = "2026-11-22T10:00:00Z"
WORD = re.compile(r"[a-záéíóúüñ]{3,14}")


def patterns_of(words, rng, n):
    """Lists, classes, gaps, look-arounds, wildcards and what no letter is known of, over these words."""
    kinds = [
        lambda a, b: f"'\\b({a}|{b})\\b'",
        lambda a, b: f"'\\b{a[:2]}\\w?{a[2:]}\\b.{{0,40}}\\b{b}'",
        lambda a, b: f"'(?<!no )\\b{a}(?! {b})'",
        lambda a, b: f"{{words: ['{a}', '{b}*', '#{a}', '*{b}']}}",
        lambda a, b: f"{{regex: '{a.capitalize()}', fold: false, case: true}}",
        lambda a, b: f"{{regex: '{a}s?', fold: false, in: [title, url]}}",
        lambda a, b: f"'[{a[0]}{b[0]}]{a[1:]}'",
        lambda a, b: f"'\\w+{a[:2]}\\d|{b}'",
    ]
    return [rng.choice(kinds)(rng.choice(words), rng.choice(words)) for _ in range(n)]


def rules_write(folder, words, rng, n):
    """Ten topics with n patterns; conditions that hold without a match, too; all packs in one."""
    folder.mkdir()
    for t in range(10):
        patterns = patterns_of(words, rng, n // 10)
        lines = [f"topic: t{t}", "role: industry", "patterns:"]
        lines += [f"  p{i}: {p}" for i, p in enumerate(patterns)]
        if t == 0:
            lines += ["about: 'p0 or p1 or p2 or p3 or not p4'", f"include: [{', '.join(PACKS)}]"]
        lines.append("rules:")
        for i in range(len(patterns)):
            k = rng.randrange(len(patterns))
            when = rng.choice([f"p{i} and not (rating >= 9)", f"near(p{i}, p{k}, 8)", f"count(p{i}) >= 2",
                               f"p{i} and not p{k}", f"p{i}"])
            lines.append(f"  - {{name: r{i}, when: '{when}'}}")
        (folder / f"t{t}.yaml").write_text("\n".join(lines) + "\n")


def job(rules, mentions, *options):
    """Without the prefilter a reader's two seconds may not do on a busy machine: then half of them at a time."""
    done = subprocess.run([CTL, "match", "--rules", rules, "--all", *options, "-"], input="\n".join(mentions), timeout=300,
                          capture_output=True, text=True)
    lines = done.stdout.splitlines()
    if len(lines) == len(mentions) and not any('"limited"' in line for line in lines):
        return lines
    assert len(mentions) > 1, done.stderr
    half = len(mentions) // 2
    return job(rules, mentions[:half], *options) + job(rules, mentions[half:], *options)


def matched(rules, mentions, *options):
    return [line for at in range(0, len(mentions), JOB) for line in job(rules, mentions[at:at + JOB], *options)]


def same_with_and_without(rules, mentions, least):
    fast, plain = matched(rules, mentions), matched(rules, mentions, "--no-prefilter")
    assert len(fast) == len(plain) == len(mentions)
    for with_it, without in zip(fast, plain):
        assert with_it == without
    hits = [h for line in fast for h in json.loads(line).get("hits", [])]
    assert len(hits) >= least and sum(len(h.get("rules", [])) for h in hits) >= least


@pytest.mark.skipif(not FEEDS.is_dir(), reason="no recorded feeds here")
def test_recorded_feeds(tmp_path):
    lines = []
    paths = sorted(p for p in FEEDS.iterdir() if p.suffix in (".xml", ".rss", ".atom"))
    for at in range(0, len(paths), 30):
        done = subprocess.run([CTL, "parse", *paths[at:at + 30]], capture_output=True, text=True, timeout=120)
        lines += done.stdout.splitlines()
    rng = random.Random(4)
    lines = rng.sample(lines, min(MENTIONS_MAX, len(lines)))
    text = " ".join(json.loads(line).get("text", "") + " " + json.loads(line).get("title", "") for line in lines).lower()
    words = sorted(set(WORD.findall(text)))
    assert len(words) > 2000
    rules_write(tmp_path / "rules", words, rng, 60)
    same_with_and_without(tmp_path / "rules", lines, 50)


def test_made_mentions_and_a_thousand_rules(tmp_path):
    rng = random.Random(5)
    syllables = "ca lo mi ter san que ra do ción bo lle tu es pa sí ne gá the ing ño fu zu já trans".split()
    words = ["".join(rng.choice(syllables) for _ in range(1 + rng.randrange(4))) for _ in range(3000)]
    named = [w for w in words if len(w) > 5]
    texts = []
    for i in range(240):
        text = " ".join(words[min(int(rng.paretovariate(0.3)), len(words)) - 1] for _ in range(rng.randrange(5, 50)))
        text += rng.choice(["", " ", "! "]) + rng.choice(named).upper()
        texts.append(json.dumps({"text": text, "title": rng.choice(named), "rating": rng.choice([1, 9, 10]),
                                 "published": SEEN, "seen": SEEN}))
    rules_write(tmp_path / "rules", named, rng, 1000)
    same_with_and_without(tmp_path / "rules", texts, 300)
