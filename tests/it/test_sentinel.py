"""Redis behind Sentinels: the master is found, left when another is chosen, and what it took with it is sent again (FAULTS
R4, §3.3).

ESCUCHAD_FAILOVERS=30 says how many failovers there are in a row; tests/failovers runs it so."""
import os
import time

import pytest

from daemon import until
from peers.redis import free_port
from peers.sentinels import Sentinels
from test_queue import STREAM, Listening, Stranger

FAILOVERS = int(os.environ.get("ESCUCHAD_FAILOVERS", "2"))


@pytest.fixture
def watched(request, tmp_path):
    with Sentinels(tmp_path / "sentinels") as peers:
        request.node.stories = [*getattr(request.node, "stories", []), ("sentinels", peers.log)]
        yield peers


class Watched(Listening):
    """The stream is that of whoever is master."""

    def __init__(self, house, web, watched, **queue):
        super().__init__(house, web, url=watched.url(f"127.0.0.1:{free_port()}"), **queue)  # the first is not there
        self.watched = watched

    def whole(self):
        self.redis = self.watched.master()
        super().whole()


def test_failovers_to_a_lagging_replica(house, web, watched):
    """FAULTS R4: nothing lost, nothing doubled, each time."""
    listening = Watched(house, web, watched)
    with house.running():
        for i in range(FAILOVERS):
            listening.say(20)
            listening.whole()
            watched.cut()
            listening.say(20)  # the master alone has these
            listening.whole()
            if i % 2:
                watched.isolate()
            else:
                watched.crash()
            turned = time.monotonic()
            listening.say(20)
            listening.whole()
            listening.connected()
            print(f"failover {i + 1}: whole after {time.monotonic() - turned:.1f} s")
            watched.mend()
            listening.whole()
        assert len(house.events("queue.master")) == 2 * (1 + FAILOVERS)  # of each of the two streams
        assert house.told("queue.rewound", too_old=0)
        assert "redis-sentinel://" in house.ctl("status", "--json").out


def test_sentinels_that_do_not_know(house, web, watched):
    url = watched.url().replace("/maestro/", "/otro/")
    listening = Listening(house, web, url=url)
    with house.running():
        listening.say(2)
        assert listening.away("no Sentinel knows a master of that name")["pending"] == 2


@pytest.mark.parametrize("says, why", [(b"+OK\r\n", "no Sentinel"), (b"-NOAUTH Authentication required.\r\n", "NOAUTH"),
                                       (b"HTTP/1.1 400 Bad Request\r\n\r\n", "no Redis"), (b"*2\r\n$1\r\nx\r\n$1\r\n0\r\n", "no Sentinel"),
                                       (b"", "in time")])
def test_what_is_no_sentinel(house, web, says, why):
    """FAULTS R8"""
    with Stranger(says) as stranger:
        listening = Listening(house, web, url=f"redis-sentinel://127.0.0.1:{stranger.port}/m")
        with house.running():
            listening.say(1)
            assert listening.away(why)["pending"] == 1


def test_a_replica_is_not_taken_for_the_master(house, web, watched):
    """What the Sentinels say is old: ROLE tells."""
    port = str(watched.replica().port).encode()
    with Stranger(b"*2\r\n$9\r\n127.0.0.1\r\n$%d\r\n%s\r\n" % (len(port), port)) as stranger:
        listening = Listening(house, web, watched.master(), url=f"redis-sentinel://127.0.0.1:{stranger.port},127.0.0.1:{free_port()}/m")
        with house.running():
            listening.say(2)
            listening.away("no master")
            watched.replica()("REPLICAOF", "NO", "ONE")
            until(lambda: watched.replica()("XLEN", STREAM) == 2, seconds=40)


def test_a_password_of_their_own(house, web, watched):
    for sentinel in watched.sentinels:
        sentinel("ACL", "SETUSER", "default", "resetpass", ">guardia")
    (house.folder / "pw").write_text("guardia")
    (house.folder / "pw").chmod(0o600)
    listening = Listening(house, web, watched.master(), url=watched.url(), sentinel_password={"file": "pw"})
    with house.running():
        listening.say(3)
        listening.whole()
        assert "guardia" not in house.log()
