"""What tests of the whole program share: a house for escuchad, the web that it listens to, and what is told of a failure."""
import pytest

from daemon import ESCUCHAD, SANITIZED, House
from peers.http_peer import HttpPeer
from peers.redis import RedisPeer


# Pages, long waits and whole tables of cases: where memory is watched they would show nothing more for minutes of it.
ONLY_PLAIN = {"test_docs", "test_a_sheet", "test_pair", "test_completions", "test_detect", "test_sentinel", "test_platforms_all", "test_discard", "test_backtest",
              "test_kills", "test_why", "test_lists_files", "test_once_waits_thirty_seconds_at_most",
              "test_the_command_explains_each", "test_a_drip_is_given_up", "test_a_nursery_that_hangs", "test_kills_change_nothing",
              "test_made_mentions_and_a_thousand_rules", "test_ten_kills_while_people_are_told",
              "test_lines_killed_a_hundred_times_lose_nothing_and_double_nothing",
              "test_long_polls_killed_a_hundred_times_lose_nothing_and_double_nothing",
              "test_first_hour", "test_crises_many", "test_a_model_is_trained_used_and_told", "test_every_kind_is_told_what_its_documents_say",
              "test_later_and_then_taken", "test_a_rotated_token_is_kept_before_it_is_used", "test_each_is_told_once_over_kills",
              "test_the_first_mails_of_a_full_mailbox_are_no_news_however_many_polls_they_take"}


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.module.__name__ != "test_scale")  # the longest of all: nobody is to wait for it at the end
    for item in items:
        if SANITIZED and ONLY_PLAIN & {item.module.__name__, item.originalname}:
            item.add_marker(pytest.mark.skip(reason="about something else than memory"))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        for name, story in getattr(item, "stories", []):
            report.sections.append((name, story()))


@pytest.fixture
def house(request, tmp_path):
    if not ESCUCHAD.exists():
        pytest.fail(f"{ESCUCHAD} is not built")
    house = House(tmp_path)
    request.node.stories = [*getattr(request.node, "stories", []), ("escuchad", house.story)]
    yield house
    house.close()
    assert not house.sanitizer_reports()  # also where every assert of the test's own held


@pytest.fixture
def web(request):
    with HttpPeer() as peer:
        request.node.stories = [*getattr(request.node, "stories", []), ("web", lambda: "\n".join(map(repr, peer.requests[-200:])))]
        yield peer


@pytest.fixture
def redis(request, tmp_path):
    with RedisPeer(tmp_path / "redis") as peer:
        request.node.stories = [*getattr(request.node, "stories", []), ("redis", peer.log)]
        yield peer


@pytest.fixture
def clock(house):
    """The daemon's clocks, set by the test (test_clock.py)."""
    if SANITIZED:
        pytest.skip("a sanitizer has to be the first library of all")
    from test_clock import Clock
    clock = Clock(house)
    yield clock
    clock.close()
