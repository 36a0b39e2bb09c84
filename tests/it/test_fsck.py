"""escuchactl fsck: what is wrong with the log is told, and --repair mends it without letting go of what can be read
(FAULTS D8)."""
import json
import random
import sqlite3

import pytest

from daemon import feed, item, until

N = 200
LONG = "Acme falla otra vez, y nadie contesta. " * 30


def news(n):
    return feed(*[item(f"http://prensa.example/{i}", f"Acme {i}", f"{i}: {LONG}") for i in range(n)])


@pytest.fixture(scope="module")
def made():
    """The files of the log, once it was made."""
    return {}


@pytest.fixture
def log(house, web, made):
    """A house with a log of N hits, which wait for a Redis that is not there."""
    web.route("/a", news(N))
    house.configure([house.source("a", web.url("/a"))], queue={"redis": "unix:///nonexistent/redis"})
    if made:
        house.state.mkdir(0o700)
        for name, data in made.items():
            (house.state / name).write_bytes(data)
        return house
    with house.running():
        until(lambda: len(house.mentions()) == N, "all to be in the log")
        house.ctl("search", "acme")  # a question has brought in what is missing
        until(lambda: house.sql("SELECT at FROM mark WHERE name = 'search'") == [(N,)], "all to be searchable")
    made.update({"escuchad.db": (house.state / "escuchad.db").read_bytes()})
    return house


def change(house, *statements):
    with sqlite3.connect(house.state / "escuchad.db") as db:
        for sql in statements:
            db.execute(sql)


def found(house, *args, code):
    said = house.ctl("fsck", "--json", *args, code=code).lines()[0]
    return said, {f["kind"]: f["n"] for f in said["findings"]}


def totals(house):
    return house.sql("SELECT n FROM total WHERE id < 6 ORDER BY id")


def test_a_sound_log(log):
    before = (log.state / "escuchad.db").read_bytes()  # closed well, so that nothing waits in a -wal
    said = log.ctl("fsck").out
    assert said == f"the log is sound: {N} mentions, {N} hits\n"
    assert (log.state / "escuchad.db").read_bytes() == before, "nothing is changed"
    with log.running():
        assert log.ctl("fsck").out == said
        refused = log.ctl("fsck", "--repair", code=75).err
        assert f"process {log.pid}" in refused and "systemctl stop" in refused


def test_no_log(house):
    house.configure([])
    assert "no log in this folder" in house.ctl("fsck", code=1).err
    assert not (house.state / "escuchad.db").exists()


MENDED = [
    ("hit-lost", 2, ["DELETE FROM stream WHERE mention IN (3, 4)"], ["orphans"]),
    ("row-empty", 1, ["DELETE FROM mention WHERE id = 5"], []),
    ("row-damaged", 1, ["UPDATE mention SET text = 'Acme f\x01lla' WHERE id = 6"], []),
    ("row-aside", 1, ["UPDATE stream SET state = 3 WHERE mention = 7"], []),
    ("nameless", N, ["DELETE FROM name WHERE name = 'a'"], ["orphans"]),
    ("orphans", 2, ["INSERT INTO counts (mention, at) VALUES (9999, 1)", "INSERT INTO version (mention, until) VALUES (9999, 1)"], []),
    ("counts", 1, ["UPDATE total SET n = 7 WHERE id = 4"], []),
    ("counts", 3, ["UPDATE total SET n = (SELECT max(id) FROM stream) WHERE id = 6"], []),  # as if all had been sent
    ("search", 1, ["UPDATE mark SET at = 99999 WHERE name = 'search'"], []),
]


@pytest.mark.parametrize("kind, n, statements, too", MENDED, ids=[m[0] for m in MENDED])
def test_what_does_not_agree_is_mended(log, kind, n, statements, too):
    change(log, *statements)
    said, kinds = found(log, code=1)
    assert kinds.pop(kind) == n and set(kinds) <= {*too, "counts"}, kinds
    text = log.ctl("fsck", code=1).out
    assert "  --repair " in text and "stop escuchad" in text
    said, _ = found(log, "--repair", code=0)
    assert said["clean"] and not said.get("kept_as")
    assert log.ctl("fsck").out.startswith("the log is sound")
    kept = N - (kind == "row-empty")
    assert len(log.titles()) == kept == said["mentions"]
    pending = log.sql("SELECT count(*) FROM outbox WHERE state = 0")[0][0]
    assert pending == N - (kind in ("row-empty", "row-damaged", "row-aside"))
    with log.running():
        until(lambda: log.ctl("search", "Acme", "-n", 1000, "--json", code=None).out.count("\n") == kept, "all to be found")


def test_told_in_words(log):
    change(log, "UPDATE total SET n = 7 WHERE id = 4", "UPDATE stream SET state = 3 WHERE mention = 7")
    log.configure([log.source("a", "http://127.0.0.1:1/")], language="es")
    out = log.ctl("fsck", code=1).out
    assert "1 hallazgo dañado se apartó y no se envió a Redis\n  --repair lo" in out
    assert "reparado" in log.ctl("fsck", "--repair").out


def spoil(path, pages, size=4096):
    with open(path, "r+b") as f:
        for page in pages:
            f.seek((page - 1) * size)
            f.write(b"\xee" * size)


def pages_of(house, table):
    return [p for (p,) in house.sql("SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY pageno", table)]


def has_dbstat():
    return ("ENABLE_DBSTAT_VTAB",) in sqlite3.connect(":memory:").execute("PRAGMA compile_options").fetchall()


@pytest.mark.skipif(not has_dbstat(), reason="this SQLite does not say where its pages are")
def test_damaged_pages_cost_what_is_on_them_alone(log):
    path = log.state / "escuchad.db"
    leaves = pages_of(log, "mention")
    hurt = [leaves[5], leaves[6], leaves[len(leaves) // 2]]
    lost = sum(n for (n,) in log.sql(f"SELECT ncell FROM dbstat WHERE name = 'mention' AND pageno IN ({hurt[0]}, {hurt[1]}, {hurt[2]})"))
    spoil(path, hurt)
    damaged = path.read_bytes()
    said, kinds = found(log, code=1)
    assert kinds["damaged"]
    assert path.read_bytes() == damaged, "a look changes nothing"
    said, _ = found(log, "--repair", code=0)
    assert said["mentions"] == N - lost and 0 < lost < N / 10
    kept = log.state / said["kept_as"].rsplit("/", 1)[1]
    assert kept.read_bytes() == damaged, "the damaged file is kept as it is"
    assert not list(log.state.glob("*.new*"))
    assert log.sql("SELECT count(*) FROM outbox WHERE state = 0") == [(N - lost,)], "what waited still waits"
    out = log.ctl("fsck").out
    assert "sound" in out and str(kept) in out and "delete it" in out
    assert log.sql("SELECT count(*) FROM seen") == [(1,)], "nothing that a source showed is told again"


@pytest.mark.parametrize("by", ["fsck", "start"])
def test_a_repair_that_was_cut_short(log, by):
    """FAULTS D8: killed after the damaged file was put aside and before the new one got its name; or earlier."""
    path, new = log.state / "escuchad.db", log.state / "escuchad.db.new"
    path.rename(new)
    if by == "fsck":
        assert log.ctl("fsck").out == f"the log is sound: {N} mentions, {N} hits\n"
    new.write_bytes(b"half") if path.exists() else None
    with log.running():
        assert log.status()["log"]["mentions"] == N
    assert not new.exists() and len(log.mentions()) == N


def test_a_damaged_index_costs_nothing(log):
    root = log.sql("SELECT rootpage FROM sqlite_schema WHERE name = 'mention_key'")[0][0]
    spoil(log.state / "escuchad.db", [root])
    said, _ = found(log, "--repair", code=0)
    assert said["mentions"] == N and said["hits"] == N


def test_no_database_at_all(log):
    (log.state / "escuchad.db").write_bytes(b"no database" * 1000)
    assert found(log, code=1)[1]["damaged"]
    said, _ = found(log, "--repair", code=0)
    assert said["mentions"] == 0 and said["kept_as"]
    log.configure([log.source("a", "http://127.0.0.1:1/")])
    log.once(code=1)  # it serves: the one source fails, and nothing else


@pytest.mark.parametrize("seed", range(4))
def test_any_damage_ends_in_a_sound_log(log, seed):
    """Bytes overwritten anywhere behind the first page: it is found or it does not matter, and the daemon goes on."""
    random.seed(seed)
    path = log.state / "escuchad.db"
    with open(path, "r+b") as f:
        for _ in range(seed + 1):
            f.seek(random.randrange(4096, path.stat().st_size - 64))
            f.write(random.randbytes(random.choice([1, 8, 64])))
    said, _ = found(log, "--repair", code=0)
    assert said["clean"] and said["mentions"] > N / 2
    assert [t for (t,) in log.sql("PRAGMA integrity_check")] == ["ok"]
    with log.running():
        assert log.status()["log"]["mentions"] >= said["mentions"]


@pytest.mark.skipif(not has_dbstat(), reason="this SQLite does not say where its pages are")
def test_damage_met_while_it_runs_is_looked_into_and_told(log):
    log.rules()
    leaves = pages_of(log, "mention")
    log.configure([log.source("a", "http://127.0.0.1:1/")],  # nothing else asks
                  channels=[{"name": "correo", "kind": "smtp", "url": "smtp://127.0.0.1:1", "from": "escuchad@example.com"}],
                  people=[{"name": "luis", "reach": [{"correo": "luis@example.com"}]}], operators=["luis"])
    log.start()
    spoil(log.state / "escuchad.db", leaves)
    until(lambda: log.ctl("tail", "--json", "-n", 1000, code=None).code != 0 or log.events("store.failed"), "the damage to be met")
    assert log.told("store.fault", kind="damaged")
    assert log.told("operators.tell", kind="log_damaged", state="begins")
    (facts,), = until(lambda: log.sql("SELECT facts FROM notice"), "the notice to be kept")
    assert [f["en"] for f in json.loads(facts)["facts"]] == ['the database is damaged; "escuchactl fsck" says where']
    log.ctl("tail", "--json", code=None)
    assert len(log.events("operators.tell", kind="log_damaged")) == 1, "once"
    log.stop()
    assert not (log.state / "escuchad.db.clean").exists(), "the next start looks at all of it"
