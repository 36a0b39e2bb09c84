#!/usr/bin/python3
"""Compares what escuchad makes of recorded feeds with what feedparser makes of them, field by field.

Usage: compare_feedparser.py [-v] PARSE_DUMP FOLDER

FOLDER holds the feeds and a MANIFEST.tsv with the columns file, wellformed, category. Entries are paired by order.
Compared are title, link, date, author and text. Titles and texts are compared after HTML removal (by html.parser here, which
shares nothing with the program) and without white space; addresses with http and https alone, since no other becomes a
mention's; a field absent on both sides doesn't count. JSON Feeds, which feedparser 6.0 doesn't read, are read with the json
module and its dates by feedparser's own date parser.

Prints the agreement of each field for the well-formed real feeds (goal 99 %) and for all (goal 95 %); exit 1 below a goal.
With -v each disagreement.
"""
import argparse
import calendar
import csv
import html.parser
import json
import pathlib
import subprocess
import sys
import time
import warnings

import feedparser
from feedparser.datetimes import _parse_date

warnings.simplefilter("ignore")
ADDRESS = "http://feeds.example/folder/feed.xml"
FIELDS = ("title", "link", "date", "author", "text")
GOALS = {"well-formed real": 0.99, "all": 0.95}


class Text(html.parser.HTMLParser):
    """The text of HTML, without what never shows."""

    HIDDEN = ("script", "style", "head", "noscript", "template", "iframe", "object", "svg")

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.parts, self.hidden = [], []

    def handle_starttag(self, tag, attrs):
        if tag in ("script", "style"):
            self.hidden.append(tag)

    def handle_endtag(self, tag):
        if tag in self.hidden:
            self.hidden.remove(tag)

    def handle_data(self, data):
        if not self.hidden:
            self.parts.append(data)


def bare(text):
    """Without white space and what is none to see."""
    return "".join(c for c in text if not c.isspace() and c not in "\u00ad\u200b\ufeff")


def without_html(text):
    p = Text()
    p.feed(text)
    p.close()
    return bare("".join(p.parts))


def detail_text(detail):
    """A title or text of feedparser's: plain where it says so."""
    if not detail or not detail.get("value"):
        return ""
    if detail.get("type") == "text/plain":
        return bare(detail["value"])
    return without_html(detail["value"])


def utc(parsed):
    return calendar.timegm(parsed) if parsed else None


def http(link):
    return link if link and link.lower().startswith(("http://", "https://")) else ""


def theirs_of_entry(feed, e, atom):
    text = ""
    for content in e.get("content", [])[:1]:
        text = detail_text(content)
    if not text:
        text = detail_text(e.get("summary_detail"))
    author = e.get("author_detail", {})
    if atom and not e.get("author"):
        author = feed.get("author_detail", {})  # RFC 4287, 4.2.1: the feed's stands for the entry's
    return {
        "title": detail_text(e.get("title_detail")),
        "link": http(e.get("link")),
        "date": utc(e.get("published_parsed")) or utc(dict.get(e, "updated_parsed")) or utc(e.get("created_parsed")),
        "author": bare(author.get("name") or author.get("email") or e.get("author") or ""),
        "text": text,
    }


def json_author(thing):
    author = (thing.get("authors") or [thing.get("author")])[0] or ""
    return author if isinstance(author, str) else author.get("name") or ""


def theirs_of_json(feed, item):
    date = item.get("date_published") or item.get("date_modified")
    return {
        "title": without_html(item.get("title") or ""),
        "link": http(item.get("url") or item.get("external_url")),
        "date": utc(_parse_date(date)) if date else None,
        "author": bare(json_author(item) or json_author(feed)),
        "text": without_html(item.get("content_html") or "") or bare(item.get("content_text") or "")
        or without_html(item.get("summary") or ""),
    }


def theirs(body):
    if body.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        feed = json.loads(body)
        return [theirs_of_json(feed, i) for i in feed["items"]]
    d = feedparser.parse(body, response_headers={"content-location": ADDRESS})
    atom = d.version.startswith("atom")
    entries, twins = [], set()
    for e in d.entries:
        entry = theirs_of_entry(d.feed, e, atom)
        # an item that a feed lists twice, same id and same words, is one mention
        twin = (e.get("id") or e.get("link"), entry["title"], entry["text"])
        if not any(twin) or twin not in twins:
            entries.append(entry)
        twins.add(twin)
    return entries


def ours(program, path):
    with open(path, "rb") as f:
        run = subprocess.run([program, ADDRESS], stdin=f, capture_output=True, timeout=20)
    if run.returncode < 0 or b"Sanitizer" in run.stderr:
        sys.exit(f"{path.name}: {program} died: {run.stderr.decode(errors='replace')}")
    result = []
    for line in run.stdout.decode("utf-8").splitlines():
        m = json.loads(line)
        date = None
        if not m.get("date_suspect"):
            date = calendar.timegm(time.strptime(m["published"][:19], "%Y-%m-%dT%H:%M:%S"))
        result.append({
            "title": bare(m.get("title", "")),
            "link": m.get("url", ""),
            "date": date,
            "author": bare(m.get("author", {}).get("name", "")),
            "text": bare(m.get("text", "")),
        })
    return result, run.stderr.decode(errors="replace").strip()


def compare(program, path, tally, verbose):
    want = theirs(path.read_bytes())
    got, why = ours(program, path)
    if len(want) != len(got) and verbose:
        print(f"{path.name}: {len(got)} items, feedparser {len(want)} ({why})")
    empty = dict.fromkeys(FIELDS)
    for i in range(max(len(want), len(got))):
        w = want[i] if i < len(want) else empty
        g = got[i] if i < len(got) else empty
        for field in FIELDS:
            if not w[field] and not g[field]:
                continue
            same = w[field] == g[field]
            for t in tally:
                t[field][0] += same
                t[field][1] += 1
            if not same and verbose:
                print(f"{path.name}[{i}].{field}:\n  ours   {str(g[field])[:300]!r}\n  theirs {str(w[field])[:300]!r}")


def main():
    args = argparse.ArgumentParser()
    args.add_argument("-v", action="store_true")
    args.add_argument("program")
    args.add_argument("folder", type=pathlib.Path)
    args = args.parse_args()
    tallies = {name: {f: [0, 0] for f in FIELDS} for name in GOALS}
    with open(args.folder / "MANIFEST.tsv", encoding="utf-8") as f:
        for row in csv.DictReader(f, delimiter="\t"):
            tally = [tallies["all"]]
            if row["wellformed"] == "1" and row["category"] == "real":
                tally.append(tallies["well-formed real"])
            compare(args.program, args.folder / row["file"], tally, args.v)
    failed = False
    for name, tally in tallies.items():
        same, total = (sum(tally[f][k] for f in FIELDS) for k in (0, 1))
        fields = "  ".join(f"{f} {tally[f][0]}/{tally[f][1]}" for f in FIELDS)
        print(f"{name}: {100 * same / max(total, 1):.2f} % of {total} fields agree ({fields})")
        failed = failed or total == 0 or same / total < GOALS[name]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
