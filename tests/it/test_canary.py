"""A mention that nobody wrote goes the way of all others, and is spoken of only where it gets stuck."""
import json
import os
import signal

import pytest

from daemon import ACME, feed, item, until
from peers.smtp_peer import SmtpPeer

STAGES = ["reader", "match", "log", "queue", "alert", "channel"]


@pytest.fixture
def mail(tmp_path):
    with SmtpPeer(folder=tmp_path / "mail", users={"escuchad": "secreto"}, tls="starttls") as peer:
        yield peer


def configure(house, web, mail, tmp_path, **more):
    web.route("/a", feed(item("uno", "Acme")))
    web.route("/hook", b"{}")
    for name, secret in (("word", "secreto"), ("hook", web.url("/hook"))):
        (tmp_path / name).write_text(secret + "\n")
        (tmp_path / name).chmod(0o600)
    house.rules(acme=ACME)
    house.configure([house.source("prensa", web.url("/a"))],
                    channels=[mail.channel(user="escuchad", password={"file": "word"}, ca_file=str(mail.crt), tls="required"),
                              {"name": "gancho", "kind": "webhook", "webhook": {"file": "hook"}, "allow_private": "127.0.0.0/8"}],
                    people=[{"name": "luis", "reach": [{"correo": "luis@example.com"}, {"gancho": "luis"}]}], operators=["luis"],
                    escalations=[{"name": "casa", "warning": [{"after": "0s", "notify": ["luis"]}], "critical": [{"after": "0s", "notify": ["luis"]}]}],
                    defaults={"escalation": "casa"}, notices={"gather": "1s", "pause": "0s", "retry": "1s"}, **more)


def canary(house, code=0, within="20s"):
    return house.ctl("canary", "--within", within, "--json", code=code).lines()[0]


def test_a_time_that_no_stage_has(house, web, mail, tmp_path):
    configure(house, web, mail, tmp_path)
    for wrong in ("30m", "999ms", "soon", "2d"):
        assert "from 1s to 1m" in house.ctl("canary", "--within", wrong, code=2).err


def test_it_comes_through_and_nobody_sees_it(house, web, mail, redis, tmp_path):
    configure(house, web, mail, tmp_path, queue={"redis": redis.url()})
    with house.running():
        house.settled()
        until(lambda: len(redis.entries()) == 1, "the hit in the stream")
        before = len(house.hits()), house.ctl("incidents").out, house.status()["log"]["mentions"], redis.entries()
        web.requests.clear()
        answer = canary(house)
        assert answer["ok"] and [s["stage"] for s in answer["stages"]] == STAGES
        assert mail.logins == [("escuchad", "secreto")] and not mail.messages and "MAIL" not in mail.commands
        assert not [r for r in web.requests if r.path == "/hook"]  # connected to, and asked nothing
        assert (len(house.hits()), house.ctl("incidents").out, house.status()["log"]["mentions"], redis.entries()) == before
        assert house.status()["canary"]["enabled"] and "failed" not in house.status()["canary"]
        assert "kind=canary" not in house.log() and "event=canary.through" in house.log()
        assert len(house.sql("SELECT mention FROM canary")[0][0]) > 50


def test_it_says_where_it_gets_stuck(house, web, mail, tmp_path):
    configure(house, web, mail, tmp_path)
    with house.running():
        house.settled()
        mail.users["escuchad"] = "otra"
        stuck = canary(house, code=1)
        assert stuck["failed"] == "channel" and "correo: 5" in stuck["why"] and "gancho" not in stuck["why"]
        until(lambda: "event=operators.tell kind=canary" in house.log(), "operators to be told")
        until(lambda: [r for r in web.requests if r.path == "/hook"], "the other channel to say it")
        mail.users["escuchad"] = "secreto"
        assert canary(house)["ok"]
        assert any("state=over" in line for line in house.log().splitlines() if "kind=canary" in line)
        assert house.status()["canary"].get("failed") is None


def test_readers_that_stand_still_are_told(house, web, mail, tmp_path):
    configure(house, web, mail, tmp_path)
    with house.running():
        house.settled()
        readers = house.readers()
        for pid in readers:
            os.kill(pid, signal.SIGSTOP)
        stuck = canary(house, code=1, within="1s")
        assert stuck["failed"] == "reader" and stuck["stages"] == []
        for pid in readers:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        until(lambda: canary_ok(house), "new readers to let it through")


def canary_ok(house):
    return json.loads(house.ctl("canary", "--json", code=None).out.splitlines()[0])["ok"]


def test_redis_that_is_gone_is_told(house, web, mail, redis, tmp_path):
    configure(house, web, mail, tmp_path, queue={"redis": redis.url()})
    with house.running():
        house.settled()
        until(lambda: house.status()["queue"]["connected"], "Redis")
        redis.stop()
        until(lambda: not house.status()["queue"]["connected"], "Redis to be gone")
        stuck = canary(house, code=1, within="1s")
        assert stuck["failed"] == "queue" and [s["stage"] for s in stuck["stages"]] == STAGES[:3]
