"""The core under kill -9 and under reloads, with items coming all the time; tests/kills and tests/reloads do it more often."""
from killing import Killing


def test_twenty_kills(house, web, redis):
    """FAULTS D1, D2: the daemon, its readers and Redis, alone and together; 0 lost, 0 twice, and the log says the same."""
    killing = Killing(house, web, redis, seed=20)
    result = killing.run(20)
    assert result.good() and result.items > 200, f"{killing}: {result}"
