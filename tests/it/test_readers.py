"""Readers die, hang, eat memory and lose their nursery: told, replaced, nothing lost, and neighbours go on."""
import os
import resource
import signal

import pytest

from daemon import PATIENCE, SANITIZED, feed, item, processes, resident_kb, until


def busy(house, n=1):
    return until(lambda: (r := house.status()["readers"])["busy"] >= n and r, f"{n} readers to be at work")


def stop_all(pids):
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    until(lambda: all(processes()[p][2] == "T" for p in pids), "readers to stop")


@pytest.fixture
def three(house, web):
    """Three feeds, polled once, each with something new since."""
    for name in "abc":
        web.route(f"/{name}", feed(item(f"{name}1", f"Acme {name}1")))
    house.configure([house.source(n, web.url(f"/{n}")) for n in "abc"])
    with house.running():
        house.settled()
        house.two_readers()
        for name in "abc":
            web.route(f"/{name}", feed(item(f"{name}1", f"Acme {name}1"), item(f"{name}2", f"Acme {name}2")))
        yield house


ALL = sorted(f"Acme {name}{n}" for name in "abc" for n in (1, 2))


def whole(house):
    """All three sources are heard, nothing is lost and nothing there twice."""
    until(lambda: sorted(house.titles()) == ALL, f"all mentions; there are {house.titles()}")
    assert len(house.hits()) == len(ALL)
    sources = house.settled()
    assert all(s["state"] == "ok" for s in sources.values())
    assert house.status()["readers"]["set_aside"] == 0


def nice(pid, task):
    return os.getpriority(os.PRIO_PROCESS, int(task)) - os.getpriority(os.PRIO_PROCESS, pid)


def test_whoever_may_wait_goes_behind_the_loop(three):
    """Guests of the loop don't wait for a core that readers, decoders or the log have."""
    house = three
    house.ctl("poll", "a")
    house.settled()
    others = {t for t in os.listdir(f"/proc/{house.pid}/task") if int(t) != house.pid}
    readers = {house.nursery(), *house.two_readers()}
    assert others and {nice(house.pid, t) for t in others} == {3}
    assert {nice(house.pid, p) for p in readers} == {3}
    assert {os.sched_getscheduler(int(p)) for p in {*others, *readers}} == {os.SCHED_BATCH}
    assert os.sched_getscheduler(house.pid) == os.SCHED_OTHER


def test_a_reader_killed_in_the_midst(three):
    house = three
    first = house.two_readers()
    stop_all(first)  # what they are given now they hold for sure
    house.ctl("poll", "a")
    busy(house)
    for pid in first:
        os.kill(pid, signal.SIGKILL)
    told = house.told("reader.died", source="a")
    assert "signal 9" in told[0] and "strikes=1" in told[0]
    for name in "bc":
        house.ctl("poll", name)
    whole(house)
    assert not set(house.two_readers()) & set(first) and house.status()["readers"]["restarts"] == 2


def test_an_idle_reader_killed_costs_nobody_a_strike(three):
    house = three
    first = house.two_readers()
    os.kill(first[0], signal.SIGKILL)
    told = house.told("reader.died")
    assert "strikes=0" in told[0]
    house.ctl("poll", "--all")
    whole(house)


def test_a_reader_that_hangs(three):
    """Its deadline passes; neighbours are served meanwhile by the other one."""
    house = three
    hung, other = house.two_readers()
    stop_all([hung, other])
    house.ctl("poll", "--all")
    busy(house, 2)  # each has one, and one waits
    os.kill(other, signal.SIGCONT)
    until(lambda: len(house.titles()) >= 5, "the others to be served")
    assert not house.events("reader.late")
    assert "strikes=1" in house.told("reader.late", 30)[0]
    whole(house)
    assert hung not in house.two_readers() and other in processes()


@pytest.mark.skipif(SANITIZED, reason="memory limits and AddressSanitizer's shadow don't go together")
def test_a_reader_that_eats_memory(three, web):
    """A small limit set from outside on the readers there are: their successors have the usual one."""
    house = three
    first = house.two_readers()
    for pid in first:
        resource.prlimit(pid, resource.RLIMIT_AS, (resident_kb(pid, "VmSize") * 1024 + (1 << 20),) * 2)
    web.route("/a", feed(item("a1", "Acme a1"), item("a2", "Acme a2", "memoria " * 900_000)))
    house.ctl("poll", "a")
    told = house.told("reader.died", source="a")
    assert "strikes=1" in told[0]
    for name in "bc":
        house.ctl("poll", name)
    whole(house)


@pytest.mark.skipif(SANITIZED, reason="memory limits and AddressSanitizer's shadow don't go together")
def test_a_feed_that_costs_its_reader_each_time_is_set_aside(three, web):
    """The third strike is charged to its source; the source is told as failing, asked again later, and its neighbours go on."""
    house = three
    nursery, first = house.nursery(), house.two_readers()
    usual = resource.prlimit(nursery, resource.RLIMIT_DATA)
    small = resident_kb(first[0], "VmData") * 1024 + (8 << 20)
    for pid in (nursery, *first):  # readers to come inherit it
        resource.prlimit(pid, resource.RLIMIT_DATA, (small, usual[1]))
    heavy = feed(item("a1", "Acme a1"), item("a2", "Acme a2", "memoria " * 900_000))
    web.route("/a", heavy)
    house.ctl("poll", "a")
    a = house.wait_source("a", why="set_aside", running=False)
    assert a["state"] == "failing" and a["failures"] == 1 and a["detail"] and a["next"]
    assert "strikes=3" in house.told("reader.set_aside", source="a")[0]
    assert house.status()["readers"]["set_aside"] == 1
    for name in "bc":
        house.poll(name)
    assert sorted(house.titles()) == [t for t in ALL if t != "Acme a2"]
    house.two_readers()
    resource.prlimit(nursery, resource.RLIMIT_DATA, usual)
    for pid in house.readers():
        resource.prlimit(pid, resource.RLIMIT_DATA, usual)
    house.ctl("poll", "a")  # the same body again: it was never read, and so it is not known
    house.wait_source("a", state="ok")
    assert sorted(house.titles()) == ALL


def test_a_nursery_killed(three):
    """Its readers go with it; a new one loads the same rules, and what was under way is done by its readers."""
    house = three
    nursery, first = house.nursery(), house.two_readers()
    stop_all(first)
    house.ctl("poll", "--all")
    busy(house, 2)
    os.kill(nursery, signal.SIGKILL)
    house.told("nursery.died")
    until(lambda: not set(first) & set(processes()), "its readers to go with it")
    until(lambda: house.nursery() not in (None, nursery), "a new nursery")
    whole(house)
    status = house.status()
    assert status["readers"]["alive"] == 2 and status["rules"]["topics"] == 1 and not status["rules"]["failed"]


def test_a_nursery_that_hangs(three):
    """A reader is to be replaced, and the nursery says nothing: it is replaced itself."""
    house = three
    nursery, first = house.nursery(), house.two_readers()
    stop_all([nursery])
    os.kill(first[0], signal.SIGKILL)
    house.told("nursery.late", 30)
    until(lambda: house.nursery() not in (None, nursery), "a new nursery")
    house.ctl("poll", "--all")
    whole(house)


def test_nobody_is_left_behind(three):
    """However escuchad ends, so do its nursery and readers."""
    house = three
    left = [house.nursery(), *house.two_readers()]
    stop_all(left[1:])
    house.kill()
    until(lambda: not set(left) & set(processes()), "nursery and readers to end with escuchad", 5 if PATIENCE == 1 else 10)
    with house.running():
        left = [house.nursery(), *house.two_readers()]
    assert not set(left) & set(processes())
    house.start()  # what the fixture stops
    house.ctl("poll", "--all")
    whole(house)
