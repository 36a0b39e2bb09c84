"""The core under kill -9 and under reloads, with items coming all the time; tests/kills and tests/reloads do it more often."""
from killing import Killing
from reloading import Reloading


def test_twenty_kills(house, web, redis):
    """FAULTS D1, D2: the daemon, its readers and Redis, alone and together; 0 lost, 0 twice, and the log says the same."""
    killing = Killing(house, web, redis, seed=20)
    result = killing.run(20)
    assert result.good() and result.items > 200, f"{killing}: {result}"


def test_fifty_reloads(house, web, redis):
    """FAULTS C2, C3: one in ten is wrong, and refused with a reason; nothing lost, nothing twice, nothing left behind."""
    reloading = Reloading(house, web, redis, seed=50)
    result = reloading.run(50)
    assert result.good() and result.items > 100 and reloading.flat(), f"{reloading}: {result}"
    assert all(reloading.done[kind] for kind in reloading.bad)
