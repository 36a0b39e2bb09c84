"""parse/ over the recorded feeds of ../shared, where they are: agreement with feedparser, and no crash or hang on any part of any."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("ESCUCHAD_BUILD", "build"))
DUMP = BUILD / "tests/tools/parse_dump"
FEEDS = Path(os.environ.get("ESCUCHAD_SHARED", TOP.parent / "shared")) / "samples/feeds"
NOT_A_CRASH = range(4)  # enum answer_status

needs_feeds = pytest.mark.skipif(not (FEEDS / "MANIFEST.tsv").exists(), reason="no recorded feeds beside the checkout")


def dump(body):
    run = subprocess.run([DUMP, "https://feed.example/d/f.xml"], input=body, capture_output=True, timeout=30)
    assert run.returncode in NOT_A_CRASH, run.stderr.decode(errors="replace")
    run.stdout.decode("utf-8")
    return run


@needs_feeds
def test_agrees_with_feedparser():
    pytest.importorskip("feedparser")
    run = subprocess.run([sys.executable, TOP / "tests/it/compare_feedparser.py", DUMP, FEEDS], capture_output=True, text=True,
                         timeout=300)
    print(run.stdout, run.stderr)
    assert run.returncode == 0


@needs_feeds
def test_every_feed_cut_anywhere():
    for path in sorted(FEEDS.iterdir()):
        body = path.read_bytes()
        for part in (0.2, 0.7, 0.98):
            dump(body[: int(len(body) * part)])


def test_all_of_an_item_before_a_cut_is_saved():
    whole = (TOP / "tests/data/feeds/rss2.xml").read_bytes()
    first = dump(whole).stdout.splitlines()[0]
    cut = dump(whole[: whole.index(b"Podcast")]).stdout.splitlines()[0]
    strip = lambda line: line.split(b'"seen"')[0]
    assert strip(first) == strip(cut)
