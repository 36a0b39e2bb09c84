"""Memory that is refused at some moment; tests/out_of_memory tries them all."""
import random

import pytest

from daemon import ESCUCHAD, READER, SANITIZED
from starving import Starving

pytestmark = pytest.mark.skipif(SANITIZED, reason="a sanitizer has a malloc of its own")


def test_memory_is_refused(house, redis):
    """FAULTS S3: escuchad and its readers, at moments all over their lives; the log is whole, and nothing is lost or doubled."""
    starving, chance = Starving(house, redis), random.Random(3)
    last = 2048
    while starving.starved(last):  # how often memory is asked for at all
        last = last * 5 // 4
    for i in range(16):
        starving.starved(f"{chance.randint(last // 8, last)}{'+' if i % 3 == 0 else ''}")
    for _ in range(3):
        starving.starved(chance.randint(last // 8, last // 2), how="--check")
    for _ in range(8):
        starving.starved(chance.randint(1, 4000), program=READER)
    assert starving.outcomes[f"{ESCUCHAD.name} aborts with a word"] and len(starving.outcomes) >= 3, starving.outcomes
    starving.delivered()
