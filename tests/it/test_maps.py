"""The maps of conf/platforms: what each makes of recorded answers, by escuchactl parse. FAULTS P10."""
import datetime
import html
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from daemon import BUILD

TOP = pathlib.Path(__file__).resolve().parents[2]
MAPS = TOP / "conf/platforms/maps"
FIXTURES = TOP / "conf/platforms/fixtures"
SHARED = TOP.parent / "shared"
ESCUCHACTL = BUILD / "daemon/main/escuchactl"
CTX = {"discourse": {"base": "https://foro.example"}, "discourse_webhook": {"base": "https://foro.example"},
       "googleplay": {"package": "com.acme.app"}, "appstore": {"country": "mx"}, "stackexchange": {"site": "stackoverflow"}}

# Which recorded answers are whose.
SAMPLES = {
    "bluesky": ["bluesky/listNotifications.json"], "jetstream": ["bluesky/jetstream_*.jsonl"], "discourse": ["discourse/*.json"],
    "disqus": ["disqus/*.json"], "facebook_feed": ["facebook/page_feed.json", "facebook/comments.json"],
    "meta_webhook": ["facebook/webhook_*.json", "messenger/*.json"], "gbp": ["gbp/*.json"], "github": ["github/*.json"],
    "googleplay": ["googleplay/*.json"], "hackernews": ["hackernews/*.json"], "instagram": ["instagram/*.json"],
    "linkedin": ["linkedin/*.json"], "mastodon": ["mastodon/*.json"], "producthunt": ["producthunt/*.json"], "reddit": ["reddit/*.json"],
    "stackexchange": ["stackexchange/*.json"], "telegram": ["telegram/*.json"], "threads": ["threads/*.json"],
    "trustpilot": ["trustpilot/*.json"], "whatsapp": ["whatsapp/*.json"], "wikipedia": ["wikipedia/*.jsonl"],
    "wordpress": ["wordpress/*.json"], "x": ["x/*.json", "x/*.jsonl"], "youtube_comments": ["youtube/comment_threads*.json"],
}


# Those that were recorded without what a platform puts around them.
SHAPES = {"stackexchange": lambda v: {"items": [v]}, "whatsapp": lambda v: list(v.values())}


def parse(name, *files, maps=None):
    ctx = ["--ctx", json.dumps(CTX[name])] if name in CTX else []
    folder = ["--platforms", maps] if maps else []
    return subprocess.run([ESCUCHACTL, "parse", "--platform", name, *ctx, *folder, *files], capture_output=True, text=True, timeout=60,
                          check=False, env={**os.environ, "LC_ALL": "C.UTF-8"})


def mentions(run):
    return [json.loads(line) for line in run.stdout.splitlines()]


def exact(digits):
    return int(digits) if abs(int(digits)) <= 2**53 else digits


def values_of(text):
    """The values of a file, one document or lines, their long numbers as texts: jq 1.6 can't hold them."""
    decoder, at, found = json.JSONDecoder(parse_int=exact), 0, []
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        value, at = decoder.raw_decode(text, at)
        found.append(value)
    return found


def reference(name, path):
    """What shared/maps makes of it, by the jq program; None where it fails."""
    program = (SHARED / "maps/00_prelude.jq").read_text() + (SHARED / f"maps/{name}.jq").read_text()
    lines = "".join(json.dumps(value) + "\n" for value in values_of(path.read_text()))
    run = subprocess.run(["jq", "-c", "--argjson", "ctx", json.dumps(CTX.get(name, {})), program], input=lines, capture_output=True,
                         text=True, check=False)
    return [json.loads(line) for line in run.stdout.splitlines()] if run.returncode == 0 else None


def words(text):
    return " ".join(str(text).replace("\u00a0", " ").replace("\u200b", "").split()) if text else ""


def seconds(value):
    if isinstance(value, str) and not value.isdigit():
        form = value.replace("Z", "+00:00")
        if form[-5] in "+-" and ":" not in form[-5:]:
            form = form[:-2] + ":" + form[-2:]
        when = datetime.datetime.fromisoformat(form[:19] + (form[-6:] if form[-6] in "+-" else ""))
        return int((when if when.tzinfo else when.replace(tzinfo=datetime.timezone.utc)).timestamp())
    number = float(value)
    return int(number / 1000 if number > 1e11 else number)


# Where ours says more than the documents' program: whom a quote answers (Bluesky), a language by its first tag alone.
MORE = {"bluesky": ["parent"]}


def same(record, mention, path):
    """Every field of a record, in the mention's own form, and nothing beside them."""
    author, where = mention.get("author", {}), (path, record, mention)
    assert str(record.get("author", "")).removeprefix("@") == author.get("handle", ""), where
    if record.get("text_format") is None:
        assert words(record.get("text")) == words(mention.get("text")), where
    else:
        assert letters(record.get("text")) == letters(mention.get("text")), where
    assert words(html.unescape(record.get("title", ""))) == words(mention.get("title")), where
    assert words(record.get("author_name")) == words(author.get("name")), where
    assert record.get("author_url", "") == author.get("url", "") and record.get("followers") == author.get("followers"), where
    if record.get("published") is not None and not mention.get("date_suspect"):
        assert mention["published"][:19] == datetime.datetime.fromtimestamp(
            seconds(record["published"]), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S"), where
    for count in ("likes", "shares", "replies", "views"):
        known = record.get(count) is not None and float(record[count]) >= 0
        assert mention.get(count) == (int(float(record[count])) if known else None), where
    for fact in ("kind", "parent", "version", "country"):
        if record.get(fact) is not None or fact not in MORE.get(path.parent.name, []):
            assert mention.get(fact) == (None if record.get(fact) is None else str(record[fact])), where
    assert record.get("lang", "").split("-")[0] == mention.get("lang", ""), where
    assert (record.get("rating") is None) == ("rating" not in mention) and float(record.get("rating") or 0) == mention.get("rating", 0), where
    if record.get("url", "").startswith("http"):
        assert mention["url"].rstrip("/") == record["url"].rstrip("/"), where


def letters(text):
    """What is left of markup once its tags are gone."""
    return re.sub(r"[\W_]+", "", html.unescape(re.sub(r"<[^>]*>", " ", text or "")))


@pytest.mark.skipif(not SHARED.is_dir() or not shutil.which("jq"), reason="no recorded answers here, or no jq")
@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_ours_yield_what_the_documents_do(name, tmp_path):
    files = sorted(path for pattern in SAMPLES[name] for path in (SHARED / "samples").glob(pattern))
    assert files
    compared = 0
    for path in files:
        if name in SHAPES:
            shaped = tmp_path / path.name
            shaped.write_text(json.dumps(SHAPES[name](json.loads(path.read_text()))))
            path = shaped
        want = reference(name, path)
        run = parse(name, path)
        if want is None:
            continue
        want = list({str(record["id"]): record for record in reversed([r for r in want if r.get("id")])}.values())
        got = {mention["guid"]: mention for mention in mentions(run) if "guid" in mention}
        assert {str(record["id"]) for record in want} == set(got), (path, run.stderr)
        for record in want:
            same(record, got[str(record["id"])], path)
            compared += 1
    assert compared


def fixture(name):
    """A recorded answer, and what is to be made of it."""
    answer, = (path for path in FIXTURES.glob(f"{name}.*") if not path.name.endswith(".mentions.json"))
    return answer, json.loads((FIXTURES / f"{name}.mentions.json").read_text())


def told(name, answer, maps=None):
    """What parse makes of a fixture, without what no fixture can say: when it was read."""
    run = parse(name, answer, maps=maps)
    assert run.returncode == 0 and not run.stderr, (name, run.stderr)
    lines = mentions(run)
    for line in lines:
        del line["seen"], line["source"], line["platform"], line["own"], line["hits"]
        if line.pop("date_suspect", False):
            del line["published"]
    return lines


@pytest.mark.parametrize("name", sorted(path.stem for path in MAPS.glob("*.jq")))
def test_a_map_against_its_fixture(name, tmp_path):
    answer, want = fixture(name)
    assert told(name, answer) == want
    # what is passed over unread is not missed
    (tmp_path / "maps").mkdir()
    text = (MAPS / f"{name}.jq").read_text()
    assert "# looks at named keys\n" in text
    (tmp_path / f"maps/{name}.jq").write_text(text.replace("# looks at named keys\n", ""))
    assert told(name, answer, tmp_path) == want


@pytest.mark.parametrize("name", ["bingnews", "google_alerts", "googlenews", "reddit-rss"])
def test_a_searchers_feed_needs_no_map(name):
    """Who wrote it, where it stands: by the reader of feeds."""
    answer, want = fixture(name)
    assert told(name, answer) == want


def own(folder, **maps):
    (folder / "maps").mkdir()
    for name, text in maps.items():
        (folder / f"maps/{name}.jq").write_text(text)
    return folder


@pytest.mark.parametrize("hurts", ["def f: f; f", "reduce range(3000000) as $i (0; [.])"], ids=["never ends", "kills libjq"])
def test_a_map_that_hurts_costs_its_answer(tmp_path, hurts):
    """FAULTS §3.6: nothing but the job's deadline can stop a program, what nests a million levels deep ends the process, and the
    next answer is read by another reader."""
    folder = own(tmp_path, casa=f'if .hurts then ({hurts}) else {{id: 1, text: "bien"}} end')
    (tmp_path / "a.json").write_text('{"hurts": true}')
    (tmp_path / "b.json").write_text("{}")
    run = parse("casa", tmp_path / "a.json", tmp_path / "b.json", maps=folder)
    assert run.returncode == 1 and "a.json" in run.stderr and "b.json" not in run.stderr, run.stderr
    assert [mention["text"] for mention in mentions(run)] == ["bien"]


def test_a_maps_mistake_is_told_with_its_place(tmp_path):
    folder = own(tmp_path, casa="# mía\n.items[]\n| {id, text: .texto | limpiar}\n", entorno="{id: 1, text: env.HOME}")
    (tmp_path / "a.json").write_text("{}")
    run = parse("casa", tmp_path / "a.json", maps=folder)
    assert run.returncode == 78 and f"{folder}/maps/casa.jq:3:23: error: mentions: jq does not understand this: limpiar/0" in run.stderr, run.stderr
    run = parse("entorno", tmp_path / "a.json", maps=folder)
    assert run.returncode == 78 and f"{folder}/maps/entorno.jq:1:15: error: mentions: \"env\"" in run.stderr, run.stderr
    assert parse("nadie", tmp_path / "a.json", maps=folder).returncode == 2


def test_what_a_map_misses_is_told(tmp_path):
    """A field that is not what it should be is counted, and the record is there."""
    folder = own(tmp_path, casa=".[] | each({id, text: .t.t, likes: .l})")
    (tmp_path / "a.json").write_text('[{"id": 1, "t": {"t": "a"}, "l": 1}, {"id": 2, "t": {"t": "b"}, "l": {}}, {"id": 3, "t": "c"}]')
    run = parse("casa", tmp_path / "a.json", maps=folder)
    assert run.returncode == 0 and len(mentions(run)) == 2
    assert "the map failed at 1 of 3 records: Cannot index string" in run.stderr
    assert "1 of 3 records in likes" in run.stderr
