"""escuchactl backup: a copy that is whole or not there, and what happens when an old one is restored."""
import json
import os
import sqlite3

import pytest

from daemon import CTL, feed, item, until

STREAM = "escucha:hits"


def news(n):
    return feed(*[item(f"http://prensa.example/{i}", f"Acme {i}", "Acme falla otra vez") for i in range(n)])


@pytest.fixture
def listening(house, web):
    web.route("/a", news(3))
    house.configure([house.source("a", web.url("/a"))])
    return house


def counted(path):
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return db.execute("SELECT (SELECT count(*) FROM mention), (SELECT count(*) FROM stream)").fetchone()


def test_while_the_daemon_runs_and_without_it(listening, tmp_path):
    with listening.running():
        listening.settled()
        said = listening.ctl("backup", tmp_path / "uno.db").out
        assert f"{tmp_path}/uno.db: 3 mentions, 3 hits, " in said and "sound" in said
        assert listening.poll("a") is None, "it goes on"
    made = listening.ctl("backup", tmp_path / "dos.db", "--json").lines()[0]
    assert made["mentions"] == 3 and made["hits"] == 3 and made["bytes"] == (tmp_path / "dos.db").stat().st_size
    for name in ("uno.db", "dos.db"):
        assert counted(tmp_path / name) == (3, 3)
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    assert sorted(p.name for p in tmp_path.glob("*.db*")) == ["dos.db", "uno.db"], "nothing else is left lying"


def test_it_does_not_make_the_next_start_look_at_the_whole_log(listening, tmp_path):
    listening.once()
    mark = listening.state / "escuchad.db.clean"
    before = mark.read_text()
    listening.ctl("backup", tmp_path / "uno.db")
    assert mark.read_text() == before and not (listening.state / "escuchad.db-wal").exists()
    stat = (listening.state / "escuchad.db").stat()
    assert f"{stat.st_ino} {stat.st_size} {int(stat.st_mtime)}." in before


def test_what_is_there_stays(listening, tmp_path):
    listening.once()
    there = tmp_path / "uno.db"
    there.write_text("mine")
    assert "stays as it is" in listening.ctl("backup", there, code=1).err
    assert there.read_text() == "mine"
    assert "/none/uno.db: the folder of this file is not there" in listening.ctl("backup", tmp_path / "none/uno.db", code=1).err
    listening.ctl("backup", code=2)


def test_no_log_and_a_damaged_one(listening, tmp_path):
    assert "no log in this folder" in listening.ctl("backup", tmp_path / "uno.db", code=1).err
    listening.once()
    path = listening.state / "escuchad.db"
    size = path.stat().st_size
    with open(path, "r+b") as f:
        f.truncate(size - size // 3)
    assert "damaged" in listening.ctl("backup", tmp_path / "uno.db", code=1).err
    assert not list(tmp_path.glob("uno.db*"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else")
def test_who_may_not_read_the_log_is_told_what_to_do(listening, tmp_path):
    listening.once()
    done = listening.run(CTL, "backup", "/dev/shm/never.db", env={"STATE_DIRECTORY": str(listening.state)}, code=1,
                         prefix=["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"])
    assert "with sudo" in done.err, done


def test_an_old_copy_restored(house, web, redis, tmp_path):
    """FAULTS D5: what came after the copy is told again by the sources, enters the stream once, and nothing is swallowed."""
    web.route("/a", news(3))
    house.configure([house.source("a", web.url("/a"))], queue={"redis": redis.url()})
    house.once()
    house.ctl("backup", tmp_path / "copy.db")
    web.route("/a", news(6))
    house.once()
    assert redis("XLEN", STREAM) == 6
    for name in ("escuchad.db", "escuchad.db-wal", "escuchad.db-shm"):
        (house.state / name).unlink(missing_ok=True)
    (tmp_path / "copy.db").rename(house.state / "escuchad.db")
    web.route("/a", news(9))
    with house.running():
        house.poll("a")
        until(lambda: house.sql("SELECT count(*) FROM outbox WHERE state = 1") == [(9,)], "all to be delivered")
    assert sorted(house.titles()) == [f"Acme {i}" for i in range(9)], "none is swallowed"
    sent = [json.loads(fields["mention"])["title"] for _, fields in redis.entries()]
    assert set(sent) == set(house.titles())
    assert [sent.count(f"Acme {i}") for i in (0, 1, 2, 6, 7, 8)] == [1] * 6, "what the copy knew, and what is new, once"
