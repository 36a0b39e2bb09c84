"""Every platform that is polled, end to end: the file that comes with the program, against a stage that plays what the platform's
documents say (peers/platforms). All are sources of one daemon, which is asked again and again; what came of each is told one by one:

    first     all pages, ids exact, nothing asked that the documents don't allow
    again     only what is new, though the token ended meanwhile
    wall      its headers say that nothing is left, on the first of several pages
    after     what lay behind the wall comes with the next
    limited   it is refused as the platform refuses who asked too often
    revoked   … and as it refuses a stranger
FAULTS P10."""
import pytest

import yaml

from daemon import CTL, ESCUCHAD, House, until
from peers.http_peer import HttpPeer
from peers.platforms import PLATFORMS, Playhouse
from peers.stages import STAGES

NAMES = sorted(STAGES)
POLLED = sorted(p.stem for p in PLATFORMS.glob("*.yaml") if yaml.safe_load(p.read_text()).get("transport", "poll") in ("poll", "longpoll"))


class Played:
    """What came of each, by the name of the round."""

    def __init__(self):
        self.guids, self.sources, self.asked, self.left, self.said = {}, {}, {}, {}, ""


def guids(house):
    found = {}
    for name, guid in house.sql("SELECT name.name, coalesce(mention.guid, mention.url) FROM mention JOIN name ON name.id = mention.source"):
        found.setdefault(name, []).append(guid)
    return {name: sorted(of) for name, of in found.items()}


def polled(house):
    return dict(house.sql("SELECT name.name, source.polled FROM source JOIN name ON name.id = source.id"))


def round_of(house, stages, played, name):
    """Each is asked once more, and what came of it is noted."""
    before = {n: (polled(house).get(n) if name != "first" else None, s.asked if name != "first" else 0) for n, s in stages.items()}
    if name != "first":
        for n in stages:
            house.ctl_alone("poll", n)
    def missing():
        now = polled(house)
        return [n for n in stages if now.get(n) == before[n][0]]
    try:
        until(lambda: not missing(), seconds=40)
    except AssertionError:
        pytest.fail(f"{name}: not polled: {missing()}")
    until(lambda: not any(s["running"] for s in house.sources().values()), "all to end")
    played.guids[name], played.sources[name] = guids(house), house.sources()
    played.asked[name] = {n: s.asked - before[n][1] for n, s in stages.items()}
    played.left[name] = dict(house.sql("SELECT name.name, (source.next - source.polled) / 60000 FROM source JOIN name ON name.id = source.id"))


@pytest.fixture(scope="module")
def playhouse(tmp_path_factory):
    if not ESCUCHAD.exists():
        pytest.fail(f"{ESCUCHAD} is not built")
    house, played = House(tmp_path_factory.mktemp("playhouse")), Played()
    (house.folder / "platforms").mkdir()
    with HttpPeer(host="0.0.0.0") as web:
        played.stages = stages = Playhouse(web).stages
        for stage in stages.values():
            stage.file(house.folder / "platforms")
            stage.post(stage.row["first"])
        house.configure([s.source() for s in stages.values()], platforms="platforms/")
        env = {s.env: s.secret for s in stages.values()}
        env[stages["googleplay"].env] = stages["googleplay"].account()
        with house.running(env=env):
            round_of(house, stages, played, "first")
            for stage in stages.values():
                stage.post(stage.row["second"])
                if stage.row["auth"][0] != "exchange":
                    stage.expire()
            round_of(house, stages, played, "again")
            for stage in stages.values():
                stage.post(stage.row["second"])
                stage.left = 0
            round_of(house, stages, played, "wall")
            for stage in stages.values():
                stage.left = 50
            round_of(house, stages, played, "after")
            for stage in stages.values():
                stage.full = "limited" in stage.row
            round_of(house, stages, played, "limited")
            for stage in stages.values():
                stage.full, stage.revoked = False, True
            round_of(house, stages, played, "revoked")
            played.said = house.log() + house.ctl("sources", "--json").out + house.ctl("status", "--json").out + house.run(CTL, "doctor", "-c", house.config, code=None).out
    played.kept = b"".join(p.read_bytes() for p in house.state.iterdir() if p.is_file())
    yield played
    assert not house.sanitizer_reports()


def test_none_is_left_out():
    assert POLLED == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_first_all_then_what_is_new(playhouse, name):
    stage, row = playhouse.stages[name], playhouse.stages[name].row
    first, again = stage.guids(row["first"]), stage.guids(row["first"] + row["second"])
    assert not stage.faults, stage.faults[:3]
    assert playhouse.guids["first"].get(name) == first, playhouse.sources["first"][name]
    assert playhouse.sources["first"][name]["state"] == "ok"
    assert playhouse.guids["again"].get(name) == again, playhouse.sources["again"][name]
    pages = -(-row["second"] // row["serves"]) + 2  # the one that holds nothing new, and one that a token was too old for
    overlap = -(-(row["first"] + row["second"]) // row["serves"]) + 2 if row["order"] == 1 or "until_seen" not in (
        yaml.safe_load((PLATFORMS / f"{name}.yaml").read_text()).get("pages") or {}) else 0
    assert playhouse.asked["again"][name] <= max(pages, overlap)


@pytest.mark.parametrize("name", [n for n in NAMES if "rate" in STAGES[n]])
def test_the_wall_is_seen_before_it_is_hit(playhouse, name):
    """Nothing is left for two hours, say its headers; what it didn't ask for then is not lost."""
    assert playhouse.left["wall"][name] >= 119
    assert playhouse.asked["wall"][name] == 1
    assert playhouse.guids["after"].get(name) == playhouse.stages[name].guids()


@pytest.mark.parametrize("name", [n for n in NAMES if "limited" in STAGES[n]])
def test_the_limit_is_no_fault(playhouse, name):
    source, row = playhouse.sources["limited"][name], STAGES[name]
    assert source["why"] == "limited", source
    if not row.get("mute"):
        assert words(row["limited"][1]) in source["detail"]


@pytest.mark.parametrize("name", [n for n in NAMES if "wrong" in STAGES[n]])
def test_a_stranger_is_told_in_the_platforms_words(playhouse, name):
    source, row = playhouse.sources["revoked"][name], STAGES[name]
    if "token_wrong" in row and row["auth"][0] != "exchange" or row["auth"][0] == "session":
        assert source["why"] == "unauthorized"
        word = row.get("told") or row["token_wrong"][1]["error"]
        assert str(word) in source["detail"] or row["token_wrong"][0] == 401
    else:
        assert source["why"] == f"http_{row['wrong'][0]}", source
        assert row.get("mute") or words(row["wrong"][1]) in source["detail"]


@pytest.mark.parametrize("name", NAMES)
def test_no_secret_is_told_or_kept(playhouse, name):
    stage = playhouse.stages[name]
    for word in (stage.secret, f"access-{name}-", f"refresh-{name}-"):
        assert word not in playhouse.said and word.encode() not in playhouse.kept


def words(value):
    """What a person would read of an error."""
    for key in ("message", "detail", "error_message", "description", "response", "error_description"):
        if isinstance(value, dict) and isinstance(value.get(key), str):
            return value[key]
    inner = value.get("error") or value["errors"][0]
    return inner if isinstance(inner, str) else words(inner) if "error" not in inner else inner["error"]
