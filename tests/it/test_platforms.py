"""Platforms end to end: the files that come with the program, against a server that plays each."""
import time

import pytest

from daemon import LOCAL, until
from peers.platform_peer import Town, hackernews, platform_at, reply


def source(name, platform, **params):
    return {"name": name, "platform": platform, "allow_private": LOCAL, **params}


def texts(house):
    return [t for t, in house.sql("SELECT text FROM mention ORDER BY id")]


@pytest.fixture
def town():
    return Town()


def test_pages_then_only_what_is_new(house, web, town):
    hackernews(web, town)
    platform_at(house.folder, "hackernews", web)
    for i in range(7):
        town.say(f"Acme comentario {i}", at=time.time() - 100 + i)
    house.configure([source("hn", "hackernews", query="acme", every="1h")], platforms="platforms/")
    with house.running():
        house.wait_source("hn", state="ok")
        assert sorted(texts(house)) == [f"Acme comentario {i}" for i in range(7)]
        assert web.count("/api/v1/search_by_date") == 3  # three a page
        town.say("Acme, otra vez")
        house.poll("hn")
        until(lambda: len(texts(house)) == 8)
        assert "created_at_i%3E" in web.paths()[-1]
        assert house.sql("SELECT count(*) FROM mention")[0][0] == 8
