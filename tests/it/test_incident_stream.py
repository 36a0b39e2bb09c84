"""What happens to incidents, in a stream of Redis of its own: each change once, in order, whatever dies in between (FAULTS R3, R4, D3, D5)."""
import json

from daemon import feed, until
from peers.redis import free_port

STREAM = "escucha:incidents"


def configure(house, web, redis, **queue):
    web.route("/a", feed())
    house.configure([house.source("a", web.url("/a"))], queue={"redis": redis.url(), **queue},
                    people=[{"name": "ana", "reach": [{"correo": "ana@example.com"}]}],
                    channels=[{"name": "correo", "kind": "smtp", "url": "smtp://127.0.0.1:9", "from": "e@example.com", "tls": "none"}],
                    http={"listen": f"127.0.0.1:{free_port()}", "public_url": "https://escucha.example.com"})


def entries(redis):
    return [fields for _, fields in redis.entries(STREAM) if "incident" in fields]


def changes(redis):
    return [(f["number"], f["change"], f["by"]) for f in entries(redis)]


def wait(redis, *wanted):
    until(lambda: changes(redis) == list(wanted), f"{wanted}, not {changes(redis)}", 40)


def test_opened_taken_and_closed_are_told_in_order(house, web, redis):
    configure(house, web, redis)
    redis("XGROUP", "CREATE", STREAM, "equipo", "0", "MKSTREAM")
    with house.running():
        house.settled()
        house.ctl("open", "acme", "--as", "ana")
        house.ctl("ack", "1", "--as", "ana")
        house.ctl("note", "1", "llamé a la agencia", "--as", "ana")
        house.ctl("close", "1", "--as", "ana")
        house.ctl("drill", "acme", "--no-wait", "--as", "ana")
        wait(redis, ("1", "opened", "ana"), ("1", "taken", "ana"), ("1", "note", "ana"), ("1", "closed", "ana"), ("2", "opened", "ana"))
        (_, read), = redis("XREADGROUP", "GROUP", "equipo", "ana", "STREAMS", STREAM, ">")
        assert len(read) == 5
        opened, taken, note, closed, drill = entries(redis)
        assert list(opened)[:8] == ["incident", "number", "topic", "severity", "state", "change", "by", "at"]
        assert (opened["topic"], opened["severity"], opened["state"], taken["state"], closed["state"]) == \
            ("acme", "critical", "open", "acknowledged", "closed")
        assert "drill" not in opened and drill["drill"] == "yes" and json.loads(drill["incident"])["drill"]
        said, shown = json.loads(note["incident"]), house.ctl("show", "1", "--json").lines()[0]
        assert said["events"] == [e for e in shown["events"] if e["what"] == "note"]
        assert said["url"] == "https://escucha.example.com/v1/incidents/1" and said["owner"] == "ana"
        ended = json.loads(closed["incident"])
        assert {k: v for k, v in ended.items() if k not in ("id", "url", "events")} == {k: v for k, v in shown.items() if k != "events"}
        queue = house.status()["queue"]
        assert queue["incidents"]["stream"] == STREAM and queue["incidents"]["pending"] == 0 and queue["pending"] == 0
        assert not redis("EXISTS", "escucha:hits")


def test_none_is_lost_and_none_doubled(house, web, redis):
    configure(house, web, redis)
    with house.running():
        house.settled()
        house.ctl("open", "acme", "--as", "ana")
        wait(redis, ("1", "opened", "ana"))
        redis.kill()
        house.ctl("ack", "1", "--as", "ana")
        house.ctl("note", "1", "sigue", "--as", "ana")
        until(lambda: house.status()["queue"]["incidents"]["pending"] == 2, "both to wait")
        listed = house.ctl("outbox", "list", "--incidents", "--json").lines()
        assert [e["events"][0]["what"] for e in listed] == ["taken", "note"] and house.ctl("outbox", "list", "--json").lines() == []
        house.kill()
        redis.start()
        house.start()
        all_of_it = [("1", "opened", "ana"), ("1", "taken", "ana"), ("1", "note", "ana")]
        wait(redis, *all_of_it)
        (id, first), *_ = redis.entries(STREAM)
        with redis.hidden():  # an older copy of itself comes back
            redis("DEL", STREAM)
            redis("XADD", STREAM, id, *[w for pair in first.items() for w in pair])
        wait(redis, *all_of_it)
        redis("DEL", STREAM)
        house.ctl("outbox", "requeue", "--incidents")
        wait(redis, *all_of_it)
        assert house.ctl("outbox", "requeue", "--incidents", "--json").lines() == [{"requeued": 3, "older": 0}]  # known there again
        until(lambda: house.status()["queue"]["incidents"]["pending"] == 0, "all to be known again")
        wait(redis, *all_of_it)


def test_once_sends_what_waits(house, web, redis):
    configure(house, web, redis)
    redis.kill()
    with house.running():
        house.settled()
        house.ctl("open", "acme", "--as", "ana")
        until(lambda: house.status()["queue"]["incidents"]["pending"] == 1, "it to wait")
    redis.start()
    house.once()
    wait(redis, ("1", "opened", "ana"))
