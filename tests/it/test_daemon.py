"""The daemon's life, and escuchactl against it: starts, polls on its own, answers, ends; killed, it comes back whole."""
import contextlib
import json
import os
import signal
import stat
import subprocess
import time

from daemon import ACME, CTL, ESCUCHAD, PATIENCE, Watcher, children, feed, item, until
from peers.http_peer import HttpPeer


def simple(house, web, **top):
    web.route("/a", feed(item("http://a.example/1", "Acme, un fraude", "Me cobraron dos veces"), item("http://a.example/2", "Nada")))
    house.configure([house.source("a", web.url("/a"))], **top)


def test_it_polls_on_its_own(house, web):
    """What is due is polled without being asked: a feed at the start, a file every second."""
    inbox = house.folder / "in"
    inbox.mkdir()
    web.route("/a", feed(item("http://a.example/1", "Acme uno")))
    house.configure([house.source("a", web.url("/a")), {"name": "in", "platform": "file", "path": "in/*.xml", "every": "1s"}])
    with house.running():
        until(lambda: house.titles() == ["Acme uno"], "the feed")
        (inbox / "1.xml").write_bytes(feed(item("http://b.example/1", "Acme dos")))
        until(lambda: len(house.titles()) == 2, "the file")
        (inbox / "2.xml").write_bytes(feed(item("http://b.example/2", "Acme tres")))
        until(lambda: len(house.titles()) == 3, "the next file")
        assert web.count("/a") == 1


def test_a_restart_keeps_the_pace(house, web):
    """What was polled a moment ago is not polled again because of a restart: who is asked once an hour is asked once an hour."""
    simple(house, web)
    with house.running():
        house.settled()
    for _ in range(3):
        with house.running():
            house.settled()
    assert web.count("/a") == 1


def test_every_command(house, web):
    simple(house, web)
    with house.running():
        house.settled()
        status = house.status()
        assert status["pid"] == house.pid and status["config"] == str(house.config) and status["state"] == str(house.state)
        assert status["log"]["mentions"] == 2 and status["log"]["hits"] == 1 and status["rules"] == {**status["rules"], "topics": 1, "rules": 1}
        assert status["readers"]["alive"] == 2 and status["sources"]["ok"] == 1 and status["deaf"] == []
        assert str(house.pid) in house.ctl("status").out
        [source] = house.ctl("sources", "--json").lines()
        assert (source["items"], source["new"], source["hits"], source["title"]) == (2, 2, 1, "Prensa") and source["last"] and source["next"]
        assert house.ctl("sources", "--state", "failing", "--json").out == ""
        assert "Acme, un fraude" in house.ctl("tail").out
        [hit] = house.hits()
        assert hit["title"] == "Acme, un fraude" and hit["hits"][0]["rules"] == ["fraud"] and hit["hits"][0]["tags"] == ["crisis", "legal"]
        assert house.ctl("tail", "-t", "nadie", "--json").out == ""
        until(lambda: house.ctl("search", "cobraron", "--json", code=None).out, "the index")
        assert house.ctl("search", "COBRARÓN", "--json").lines()[0]["id"] == hit["id"]
        assert house.ctl("search", "nada", "--json").lines()[0]["hits"] == []
        house.ctl("search", "jamás", code=1)
        assert house.ctl("poll", "a", "--json").lines() == [{"polled": 1}]
        assert "nadie" in house.ctl("poll", "nadie", code=1).err
        house.ctl("reload")
        house.ctl("nada", code=2)


def test_a_mention_made_by_hand(house, web, redis):
    """A phone call is matched, kept, found, followed and queued like anything else."""
    simple(house, web, queue={"redis": redis.url()})
    with house.running():
        house.settled()
        watcher = Watcher(house, "-n", 1)
        until(lambda: len(watcher.hits) == 1, "what there was")
        [added] = house.ctl("add", "Llamó una clienta: acme, otra estafa", "--author", "Ana", "--url", "https://a.example/llamada", "--json").lines()
        assert added["platform"] == "manual" and added["author"] == {"name": "Ana"} and added["hits"][0]["rules"] == ["fraud"]
        assert house.ctl("add", "Preguntó por el horario", "--json").lines()[0]["hits"] == []
        assert house.ctl("add", "De la tienda", "--topic", "acme", "--json").lines()[0]["hits"][0]["topic"] == "acme"
        until(lambda: len(watcher.hits) == 3, "the hits of those two")
        assert [h["text"] for h in watcher.hits[1:]] == ["Llamó una clienta: acme, otra estafa", "De la tienda"]
        until(lambda: len(redis.entries()) == 3, "the stream")
        assert json.loads(redis.entries()[1][1]["mention"])["id"] == added["id"]
        until(lambda: house.ctl("search", "horario", code=None).code == 0, "the index")
        watcher.stop()


def test_a_watcher_sees_each_hit_once(house, web):
    """tail -f over polls, and over a restart of the daemon."""
    n = 0

    def publish():
        nonlocal n
        n += 1
        web.route("/a", feed(*(item(f"http://a.example/{i}", f"Acme {i}") for i in range(n))))

    publish()
    house.configure([house.source("a", web.url("/a"))])
    house.start()
    house.settled()
    watcher = Watcher(house)
    for _ in range(3):
        publish()
        house.poll("a")
    until(lambda: len(watcher.hits) == n, "the hits so far")
    house.stop()
    house.start()
    publish()
    house.poll("a")
    until(lambda: len(watcher.hits) >= n, "the hit after the restart")
    assert [h["title"] for h in watcher.hits] == [f"Acme {i}" for i in range(n)]
    watcher.stop()
    house.stop()


def test_sigterm_in_the_midst(house, web):
    """FAULTS S1: it waits no longer than it may, and ends with 0, while servers are slow, readers hang and somebody follows."""
    web.route("/a", feed(item("http://a.example/1", "Acme")))
    with HttpPeer() as slow:
        house.configure([house.source("a", web.url("/a"))] + [house.source(f"slow{i}", slow.url("/never")) for i in range(5)])
        house.start()
        house.wait_source("a", state="ok")
        watcher = Watcher(house)
        until(lambda: slow.count("/never") >= 2, "slow servers to be asked")
        for pid in house.two_readers():
            os.kill(pid, signal.SIGSTOP)
        web.route("/a", feed(item("http://a.example/2", "Acme")))
        house.ctl("poll", "a")
        until(lambda: house.status()["readers"]["busy"], "a job to be held")
        begun = time.monotonic()
        assert house.stop().code == 0
        assert time.monotonic() - begun < 8 * PATIENCE  # APP_DRAIN_MS and a little
        watcher.stop()
    assert not (house.state / "escuchad.sock").exists()


def test_one_process_a_state_folder(house, web):
    """The second says whose it is and exits 75, --once too; a kill leaves no lock behind."""
    simple(house, web)
    house.start()
    for args in ((), ("--once",)):
        done = house.run(ESCUCHAD, "-c", house.config, *args, code=75)
        assert str(house.pid) in done.err and str(house.state) in done.err
    house.settled()  # the first one didn't notice
    house.kill()
    with house.running():
        house.settled()
    house.once()


def test_killed_and_started_again(house, web):
    """kill -9 of the daemon in the midst of polls; what it had committed is there, what it had not comes again; none twice."""
    served = [0]

    def answer(h):
        served[0] += 7
        h.conditional(feed(*(item(f"http://a.example/{k}", f"Acme {k}") for k in range(served[0]))), f'"{served[0]}"', "x")

    web.route("/a", handler=answer)
    house.configure([house.source("a", web.url("/a"))])
    for i in range(6):
        house.start()
        house.settled()
        for _ in range(i % 3):
            house.ctl_alone("poll", "a")
        house.kill()
    with house.running():
        house.poll("a")
        titles = house.titles()
        assert sorted(titles) == sorted(f"Acme {k}" for k in range(served[0])) and served[0] >= 21
        assert len(house.hits()) == len(titles)
        assert house.status()["log"]["hits"] == len(titles)
    assert house.sql("PRAGMA integrity_check") == [("ok",)]


def test_the_socket_is_for_the_group_alone(house, web):
    simple(house, web)
    with house.running():
        mode = (house.state / "escuchad.sock").stat().st_mode
        assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o660
        assert stat.S_IMODE(house.state.stat().st_mode) == 0o700


def test_no_configuration_no_daemon(house):
    """78 for what a person has to mend, 2 for usage."""
    assert "nada.yaml" in house.run(ESCUCHAD, "-c", "nada.yaml", code=78).err
    assert house.run(ESCUCHAD, code=78).err  # none named and none found
    house.run(ESCUCHAD, "--once", "--check", code=2)
    house.run(ESCUCHAD, "--nada", code=2)
    assert "escuchad 0." in house.run(ESCUCHAD, "--version").out
    house.rules(acme=ACME.replace("brand", "brnad"))
    house.configure([])
    done = house.run(ESCUCHAD, "-c", house.config, code=78)
    assert "acme.yaml:2:" in done.err and '"brand"' in done.err


def test_nobody_there(house):
    house.configure([])
    done = house.ctl("status", code=1)
    assert str(house.state / "escuchad.sock") in done.err and "escuchad -c" in done.err


def test_output_to_a_closed_pipe(house, web):
    """escuchactl tail | head: it ends, and nobody else minds."""
    simple(house, web)
    with house.running():
        house.settled()
        p = subprocess.Popen(["sh", "-c", f"'{CTL}' tail -f --json -c '{house.config}' | head -n 1"], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, env=house.environment({}))
        assert json.loads(p.stdout.readline())["title"].startswith("Acme")
        house.ctl("add", "acme otra vez")
        assert p.wait(20 * PATIENCE) == 0


def test_once_ends_when_no_reader_stays_up(house, web):
    """A reader that can't do its work at all, whatever the reason: who waits for --once is told, and not kept."""
    house.configure([house.source("a", web.url("/never"))])
    once = house.begin_once()
    deadline = time.monotonic() + 60 * PATIENCE
    while once.poll() is None and time.monotonic() < deadline:
        for nursery in children(once.pid):
            for reader in children(nursery):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(reader, signal.SIGKILL)
        time.sleep(0.02)
    done = house.end(once, 1)
    assert done.code == 1 and "no reader stays up" in done.err and "signal 9" in done.err
