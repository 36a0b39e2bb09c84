#!/usr/bin/python3
"""Compares what escuchad makes of recorded feeds with what feedparser makes of them, field by field.

Usage: compare_feedparser.py [-v] PARSE_DUMP FOLDER

FOLDER holds the feeds and a MANIFEST.tsv with the columns file, wellformed, category. Entries are paired by order.
Compared are title, link, date, author and text. Titles and texts are compared after HTML removal (by html.parser here, which
shares nothing with the program) and without white space; addresses with http and https alone, since no other becomes a
mention's; a field absent on both sides doesn't count. JSON Feeds, which feedparser 6.0 doesn't read, are read with the json
module and its dates by feedparser's own date parser.

UTF-8 that a publisher read as windows-1252 ("compaÃ±Ã­a") is mended by escuchad wherever it stands, by feedparser only where
a whole text allows it. So both figures are printed: against feedparser's texts as they are, and with what it left mended here,
by a table of our own. The goals are on the second.

Prints the agreement of each field for the well-formed real feeds (goal 99 %) and for all (goal 95 %); exit 1 below a goal.
With -v each disagreement.
"""
import argparse
import calendar
import csv
import html.parser
import json
import pathlib
import re
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


def mojibake():
    """A pattern of UTF-8 sequences read as windows-1252, and the table back to bytes."""
    to_byte = {}
    for byte in range(0x80, 0x100):
        try:
            to_byte[bytes([byte]).decode("cp1252")] = byte
        except UnicodeDecodeError:
            to_byte[chr(byte)] = byte
        to_byte.setdefault(chr(byte), byte)
    of = lambda low, high: "[" + "".join(re.escape(c) for c, b in to_byte.items() if low <= b <= high) + "]"
    tail = of(0x80, 0xBF)
    return re.compile(f"{of(0xC2, 0xDF)}{tail}|{of(0xE0, 0xEF)}{tail}{{2}}|{of(0xF0, 0xF4)}{tail}{{3}}"), to_byte


MOJIBAKE, TO_BYTE = mojibake()


def mended(text):
    def back(match):
        try:
            return bytes(TO_BYTE[c] for c in match.group()).decode("utf-8")
        except UnicodeDecodeError:
            return match.group()

    return MOJIBAKE.sub(back, text)


class Text(html.parser.HTMLParser):
    """The text of HTML, without what never shows."""

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


def detail_text(detail, mend):
    """A title or text of feedparser's: plain where it says so."""
    if not detail or not detail.get("value"):
        return ""
    value = mended(detail["value"]) if mend else detail["value"]
    return bare(value) if detail.get("type") == "text/plain" else without_html(value)


def utc(parsed):
    return calendar.timegm(parsed) if parsed else None


def http(link):
    return link if link and link.lower().startswith(("http://", "https://")) else ""


def theirs_of_entry(feed, e, atom, mend):
    text = ""
    for content in e.get("content", [])[:1]:
        text = detail_text(content, mend)
    if not text:
        text = detail_text(e.get("summary_detail"), mend)
    author = e.get("author_detail", {})
    if atom and not e.get("author"):
        author = feed.get("author_detail", {})  # RFC 4287, 4.2.1: the feed's stands for the entry's
    return {
        "title": detail_text(e.get("title_detail"), mend),
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


def theirs(body, mend):
    if body.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        feed = json.loads(body)
        return [theirs_of_json(feed, i) for i in feed["items"]]
    d = feedparser.parse(body, response_headers={"content-location": ADDRESS})
    atom = d.version.startswith("atom")
    entries, twins = [], set()
    for e in d.entries:
        entry = theirs_of_entry(d.feed, e, atom, mend)
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


def count(got, want, tallies, name):
    """Adds to the tallies, and yields what differs."""
    empty = dict.fromkeys(FIELDS)
    for i in range(max(len(want), len(got))):
        w = want[i] if i < len(want) else empty
        g = got[i] if i < len(got) else empty
        for field in FIELDS:
            if not w[field] and not g[field]:
                continue
            same = w[field] == g[field]
            for t in tallies:
                t[field][0] += same
                t[field][1] += 1
            if not same:
                yield f"{name}[{i}].{field}:\n  ours   {str(g[field])[:300]!r}\n  theirs {str(w[field])[:300]!r}"


def report(name, how, tally):
    same, total = (sum(tally[f][k] for f in FIELDS) for k in (0, 1))
    fields = "  ".join(f"{f} {tally[f][0]}/{tally[f][1]}" for f in FIELDS)
    print(f"{name}, {how}: {100 * same / max(total, 1):.2f} % of {total} fields agree ({fields})")
    return total > 0 and same / total >= GOALS[name]


def main():
    args = argparse.ArgumentParser()
    args.add_argument("-v", action="store_true")
    args.add_argument("program")
    args.add_argument("folder", type=pathlib.Path)
    args = args.parse_args()
    hows = {False: "feedparser as it is", True: "its mojibake mended"}
    tallies = {(name, mend): {f: [0, 0] for f in FIELDS} for name in GOALS for mend in hows}
    with open(args.folder / "MANIFEST.tsv", encoding="utf-8") as f:
        rows = list(csv.DictReader(f, delimiter="\t"))
    for row in rows:
        path = args.folder / row["file"]
        got, why = ours(args.program, path)
        names = ["all"] + ["well-formed real"] * (row["wellformed"] == "1" and row["category"] == "real")
        for mend in hows:
            want = theirs(path.read_bytes(), mend)
            differences = list(count(got, want, [tallies[name, mend] for name in names], path.name))
        if args.v and len(want) != len(got):
            print(f"{path.name}: {len(got)} items, feedparser {len(want)} ({why})")
        if args.v and differences:
            print("\n".join(differences))
    good = [report(name, hows[mend], tallies[name, mend]) for name, mend in tallies]
    return 0 if all(ok for ok, (name, mend) in zip(good, tallies) if mend) else 1


if __name__ == "__main__":
    sys.exit(main())
