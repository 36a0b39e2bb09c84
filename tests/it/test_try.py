"""escuchactl try: one request of a configured source, shown in words, of which nothing stays."""
import json

import pytest

from daemon import feed, item
from peers.platform_peer import Sessions, Town, bluesky, mastodon, platform_at, reply, seven_comments, source, x


@pytest.fixture
def town():
    return Town()


def summary(done):
    return done.lines()[-1]


def test_a_feed_and_what_it_would_hit(house, web):
    """As parse and match would say it; each time all of it, and never a row of the log."""
    web.route("/a", feed(item("uno", "Acme falla"), item("dos", "Robo en Acme"), item("tres", "Otra cosa")))
    house.configure([house.source("a", web.url("/a"), backfill=0)])
    for _ in range(2):
        done = house.ctl("try", "a")
        assert "Robo en Acme" in done.out and "[acme: fraud #crisis, legal]" in done.out
        assert "HTTP 200" in done.out and ": 3 mentions" in done.out
        assert "Would hit: 2 mentions. By rule: acme (1), acme: fraud (1)" in done.out or \
               "Would hit: 2 mentions. By rule: acme: fraud (1), acme (1)" in done.out, done
        assert "Nothing was stored" in done.out and not done.err
    assert not house.state.exists()
    assert web.count("/a") == 2


def test_json_is_mentions_and_then_what_came(house, web):
    web.route("/a", feed(item("uno", "Acme falla")))
    house.configure([house.source("a", web.url("/a"))])
    mention, came = house.ctl("try", "a", "--json").lines()
    assert mention["title"] == "Acme falla" and mention["hits"][0]["topic"] == "acme" and "baseline" not in mention
    assert came["try"] == "a" and came["ok"] and came["status"] == 200 and came["items"] == 1 and came["bytes"] > 0
    assert "why" not in came and "cost" not in came


def test_beside_a_daemon_nothing_moves(house, web, town):
    """The daemon's cursor, its mentions and its next poll stay as they were; what try shows still comes to the daemon."""
    seven_comments(house, web, town)
    with house.running():
        house.wait_source("hn", state="ok")
        town.say("Acme, otra vez")
        before = house.sql("SELECT * FROM source"), house.sql("SELECT count(*) FROM mention")
        asked = web.count("/api/v1/search_by_date")
        done = house.ctl("try", "hn")
        assert web.count("/api/v1/search_by_date") == asked + 1  # of three pages the first alone
        assert "Acme, otra vez" in done.out and "comentario 6" in done.out and "comentario 0" not in done.out
        assert "There is more on further pages" in done.out
        assert (house.sql("SELECT * FROM source"), house.sql("SELECT count(*) FROM mention")) == before
        house.poll("hn")
        assert house.sql("SELECT count(*) FROM mention WHERE text = 'Acme, otra vez'") == [(1,)]


def test_limits_cost_and_budget(house, web, town):
    x(web, town, page=100)
    mastodon(web, town)
    platform_at(house.folder, "x", web)
    platform_at(house.folder, "mastodon", web)
    for i in range(7):
        town.say(f"Acme {i}")
    house.configure([source("equis", "x", query="acme", token={"env": "X"}, budget={"per_day": "1 USD"}),
                     source("toots", "mastodon", server="plaza.example", tag="acme")], platforms="platforms/")
    env = {"X": "x-s3creto"}
    done = house.ctl("try", "equis", env=env)
    assert "Cost: 0.035 USD for this request" in done.out and "up to 5 pages: 2.50 USD at most" in done.out
    assert "x-s3creto" not in done.out + done.err
    came = summary(house.ctl("try", "equis", "--json", env=env))
    assert came["cost"] == pytest.approx(0.035) and came["currency"] == "USD"
    done = house.ctl("try", "toots", env=env)
    assert "Limits: 299 requests left" in done.out and "Cost" not in done.out


def test_what_is_wrong_and_what_to_do(house, web, town):
    x(web, town)
    platform_at(house.folder, "x", web)
    web.route("/404", code=404)
    house.configure([source("equis", "x", query="acme", token={"env": "X"}), house.source("weg", web.url("/404")),
                     house.source("privado", web.url("/404"), allow_private=[]),
                     {"name": "caja", "platform": "file", "path": "caja.xml"}], platforms="platforms/")
    done = house.ctl("try", "equis", code=1, env={"X": "x-otra"})
    assert 'put it where the source\'s "token" points to' in done.err and "Unauthorized" in done.err and "x-otra" not in done.err
    env = {"X": "x-s3creto"}
    refuse = lambda value, code, headers=(): web.route("/2/tweets/search/recent", handler=lambda h: reply(h, value, code, headers))
    refuse({"title": "Forbidden", "detail": "No access level"}, 403)
    done = house.ctl("try", "equis", code=1, env=env)
    assert "An app at developer.x.com with credit" in done.err and "No access level" in done.err
    refuse({"title": "Too many"}, 429, [("Retry-After", "600")])
    done = house.ctl("try", "equis", code=1, env=env)
    assert "asked less often" in done.err and "10 min" in done.out
    refuse({"title": "Invalid Request", "detail": "bad operator"}, 400)
    assert "query=acme" in house.ctl("try", "equis", code=1, env=env).err
    assert "HTTP 404" in house.ctl("try", "weg", code=1, env=env).err
    assert "allow_private" in house.ctl("try", "privado", code=1, env=env).err
    came = summary(house.ctl("try", "weg", "--json", code=1, env=env))
    assert not came["ok"] and came["why"] == "http_404" and came["status"] == 404
    assert 'did you mean "equis"' in house.ctl("try", "equi", code=2, env=env).err
    assert "escuchactl parse" in house.ctl("try", "caja", code=1, env=env).err
    assert "X" in house.ctl("try", "equis", code=78).err  # no secret: told as --check tells it


def test_a_session_of_its_own(house, web, town):
    """What the daemon keeps stays good: try opens a session of its own, and renews none."""
    sessions = Sessions()
    bluesky(web, town, sessions)
    platform_at(house.folder, "bluesky", web)
    town.say("Acme uno")
    house.configure([source("azul", "bluesky", query="acme", handle="acme.plaza.example", app_password={"env": "BSKY"})],
                    platforms="platforms/")
    env = {"BSKY": sessions.password}
    done = house.ctl("try", "azul", env=env)
    assert "Acme uno" in done.out and (sessions.created, sessions.refreshed) == (1, 0)
    assert "AuthenticationRequired" in house.ctl("try", "azul", code=1, env={"BSKY": "otra"}).err
    assert not house.state.exists()


REPLACED = """  kind: oauth2_refresh
  value: '{token}'
  get: {url: 'URL/token', form: {grant_type: refresh_token, refresh_token: '{@refresh}'}}
"""


def test_a_token_that_works_once_is_left_to_the_daemon(house, web, town):
    x(web, town)
    platform_at(house.folder, "x", web, **{"auth: {kind: bearer, value: '{token}'}": "auth:\n" + REPLACED.replace("URL", web.url(""))})
    web.route("/token", json.dumps({"access_token": "corto", "refresh_token": "otro", "expires_in": 3600}).encode())
    house.configure([source("equis", "x", query="acme", token={"env": "X"})], platforms="platforms/")
    done = house.ctl("try", "equis", code=1, env={"X": "una-vez"})
    assert "escuchactl poll equis" in done.err and web.count("/token") == 0


def test_rules_that_do_not_load_are_told(house, web):
    house.rules(acme="topic: acme\nrole: brand\npatterns:\n  name: '('\n")
    house.configure([house.source("a", web.url("/a"))])
    assert "acme.yaml" in house.ctl("try", "a", code=78).err
    assert web.count("/a") == 0


def test_a_phone(house, web):
    """At fifty columns and in Spanish, nothing of it is left in English."""
    web.route("/a", feed(*[item(str(i), f"Acme {i}") for i in range(25)]))
    house.configure([house.source("a", web.url("/a"))], language="es")
    said = house.on_terminal(50, "try", "a")
    assert any("… y 5 más" in line for line in said) and any("No se guardó nada" in line for line in said)
    assert sum("Acme" in line for line in said) >= 20
    assert sum("Acme 2" in line for line in house.on_terminal(50, "try", "a", "--all")) >= 6


def test_platforms_on_a_phone_and_of_ones_own(house, web):
    """Nothing is cut in mid-word at fifty columns, in either language; the configuration's folder is looked into."""
    platform_at(house.folder, "x", web, **{"platform: x": "platform: mi-x"})
    (house.folder / "platforms/x.yaml").rename(house.folder / "platforms/mi-x.yaml")
    for language in "es", "en":
        house.configure([house.source("a", web.url("/a"))], platforms="platforms/", language=language)
        for width in 50, 80:
            for name in "x", "bluesky", "facebook_feed":
                lines = house.on_terminal(width, "platforms", name)
                words = [line for line in lines if "://" not in line and not line.startswith("    ")]
                assert max(map(len, words)) <= width, words
        assert "mi-x" in {p["name"] for p in house.ctl("platforms", "--json").lines()[0]}
        assert ("Para pegar" if language == "es" else "To paste") in house.ctl("platforms", "mi-x").out
