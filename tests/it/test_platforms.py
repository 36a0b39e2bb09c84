"""Platforms end to end: the files that come with the program, against a server that plays each."""

import base64
import http.client
import re
import socket
import threading
import time
import urllib.parse
from datetime import datetime, timezone

import pytest

import yaml

from daemon import CTL, until
from peers.imap_liar import ImapLiar
from peers.platform_peer import Sessions, Town, bluesky, mastodon, platform_at, reply, seven_comments, source, x
from peers.smtp_peer import SmtpPeer


def seconds_until(when):
    return (datetime.fromisoformat(when.replace("Z", "+00:00")) - datetime.now(timezone.utc)).total_seconds()


def metrics(house):
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(house.state / "escuchad.sock"))
    connection.request("GET", "/metrics")
    return connection.getresponse().read().decode()


def metric(house, name, name_of_source):
    return float(re.search(rf'^{name}{{source="{name_of_source}"}} (\S+)$', metrics(house), flags=re.M)[1])


def texts(house):
    return [t for t, in house.sql("SELECT text FROM mention ORDER BY id")]


@pytest.fixture
def town():
    return Town()


def test_pages_then_only_what_is_new(house, web, town):
    seven_comments(house, web, town)
    with house.running():
        house.wait_source("hn", state="ok")
        assert sorted(texts(house)) == [f"Acme comentario {i}" for i in range(7)]
        assert web.count("/api/v1/search_by_date") == 3  # three a page
        town.say("Acme, otra vez")
        house.poll("hn")
        until(lambda: len(texts(house)) == 8)
        assert "created_at_i%3E" in web.paths()[-1]
        assert house.sql("SELECT count(*) FROM mention")[0][0] == 8


def test_ids_go_on_where_they_stood(house, web, town):
    """Mastodon: pages by the greatest id, over a restart; what was there at first is no news."""
    mastodon(web, town, page=4)
    platform_at(house.folder, "mastodon", web, **{"size: 40": "size: 4"})
    for i in range(6):
        town.say(f"Acme {i}")
    house.configure([source("toots", "mastodon", server="plaza.example", tag="acme")], platforms="platforms/")
    with house.running():
        house.wait_source("toots", state="ok")
        assert texts(house) == [f"Acme {i}" for i in (5, 4, 3, 2)]  # the newest page: what lies before is left alone
    for i in range(6, 15):
        town.say(f"Acme {i}")
    with house.running():
        house.poll("toots")
        until(lambda: len(texts(house)) == 13)
        asked = [p for p in web.paths() if "min_id" in p]
        assert [p.partition("min_id=")[2] for p in asked[:3]] == ["6", "10", "14"]
        assert house.sql("SELECT count(*) FROM mention WHERE stream IS NOT NULL")[0][0] == 13
        hits = house.hits()
        assert [h.get("baseline") for h in hits].count(True) == 4
        assert {h["id"] for h in hits} and all(h["platform"] == "mastodon" for h in hits)


def test_patience_before_the_wall_and_at_it(house, web, town):
    """What is left by the headers, a 429, a 403 that means patience: limited, and told in the platform's own words."""
    mastodon(web, town)
    platform_at(house.folder, "mastodon", web)
    town.say("Acme uno")
    town.left, town.window = 0, 7200
    house.configure([source("toots", "mastodon", server="plaza.example", tag="acme", every="1m")], platforms="platforms/")
    with house.running():
        ok = house.wait_source("toots", state="ok")
        assert "next" in ok and house.sql("SELECT (next - ok) / 60000 FROM source")[0][0] >= 119  # two hours, though it may be asked each minute
        town.refuse = lambda h: reply(h, {"error": "Too many requests"}, 429, [("Retry-After", "600")])
        house.ctl("poll", "toots")
        failing = house.wait_source("toots", why="limited")
        assert failing["detail"] == "Too many requests"
        town.refuse = lambda h: reply(h, {"error": "This method requires an authenticated user"}, 422)
        house.ctl("poll", "toots")
        failing = house.wait_source("toots", why="http_422")
        assert failing["detail"] == "This method requires an authenticated user"
        town.refuse = None
        town.say("Acme dos")
        house.poll("toots")
        until(lambda: texts(house) == ["Acme uno", "Acme dos"])


def test_a_session_outlives_a_restart_and_its_own_end(house, web, town):
    """Bluesky: one session for all polls, kept sealed; refreshed when it ends, opened again when that fails; never in any output."""
    sessions = Sessions()
    bluesky(web, town, sessions)
    platform_at(house.folder, "bluesky", web)
    town.say("Acme uno")
    secret = {"env": "BSKY"}
    house.configure([source("azul", "bluesky", query="acme", handle="acme.plaza.example", app_password=secret)], platforms="platforms/")
    env = {"BSKY": sessions.password}
    with house.running(env=env):
        house.wait_source("azul", state="ok")
        house.poll("azul")
        assert (sessions.created, sessions.refreshed) == (1, 0)
        log = house.log()
    with house.running(env=env):
        house.poll("azul")
        assert (sessions.created, sessions.refreshed) == (1, 0)
        sessions.expire()
        town.say("Acme dos")
        house.poll("azul")
        until(lambda: len(texts(house)) == 2)
        assert (sessions.created, sessions.refreshed) == (1, 1)
        sessions.access = sessions.refresh = "others"  # all is revoked
        house.ctl("poll", "azul")
        failing = house.wait_source("azul", why="unauthorized")
        assert "ExpiredToken" in failing["detail"]
        house.poll("azul")
        house.wait_source("azul", state="ok")
        assert sessions.created == 2
        log += house.log() + house.ctl("sources", "--json").out
    kept = b"".join(p.read_bytes() for p in house.state.iterdir() if p.is_file())
    for word in (sessions.password, "access-1", "refresh-1", "access-3", "refresh-3"):
        assert word not in log and word.encode() not in kept


def test_a_wrong_password_is_said_and_not_hammered(house, web, town):
    sessions = Sessions()
    bluesky(web, town, sessions)
    platform_at(house.folder, "bluesky", web)
    house.configure([source("azul", "bluesky", query="acme", handle="acme.plaza.example", app_password={"env": "BSKY"})],
                    platforms="platforms/")
    with house.running(env={"BSKY": "otra"}):
        failing = house.wait_source("azul", why="unauthorized")
        assert "AuthenticationRequired" in failing["detail"] and "otra" not in house.log()
        assert house.sql("SELECT (next - polled) / 60000 FROM source")[0][0] >= 53  # within the hour nothing gets better


def test_money_is_kept_to(house, web, town):
    """X at 0.005 USD a post, 100 a page at most: 1 USD a day is two pages at most, however much there is, over restarts, too."""
    x(web, town, page=100)
    platform_at(house.folder, "x", web)
    for i in range(450):
        town.say(f"Acme {i}")
    house.configure([source("equis", "x", query="acme", token={"env": "X"}, every="1h", budget={"per_day": "1 USD"})], platforms="platforms/")
    env = {"X": "x-s3creto"}
    with house.running(env=env):
        house.wait_source("equis", state="ok")
        house.told("source.narrowed")
        assert len(texts(house)) <= 200
        one, = house.ctl("sources", "equis", "--json").lines()
        assert one["budget"]["usd_day_of"] == 1 and 0 < one["budget"]["usd_day"] <= 1
        assert seconds_until(one["budget"]["ends"]) < seconds_until(one["budget"]["resets"]) <= 86400
        said = house.ctl("sources", "equis").out
        assert "at this pace its quota would end" in said and "today: 0.50 of 1 USD" in said
        left = metric(house, "escuchad_source_budget_left_ratio", "equis")
        assert left == pytest.approx(1 - one["budget"]["usd_day"])
    for _ in range(3):
        for i in range(150):
            town.say(f"Acme, otra vez {i}")
        with house.running(env=env):
            house.ctl("poll", "equis")
            until(lambda: house.polls("equis"))
    assert len(texts(house)) == 200
    assert house.sql("SELECT error FROM source") == [("budget",)]
    house.configure([source("equis", "x", query="acme", token={"env": "X"}, budget={"per_day": "1 EUR"})], platforms="platforms/")
    assert "USD" in house.check(code=1, env=env).out


@pytest.mark.parametrize("code, body", [(200, b"<html>"), (500, b"{}")])
def test_what_fails_is_paid_for_too(house, web, code, body):
    """A platform counts what it answered, not what we made of it: an answer that can't be read is a page of posts, an error a call."""
    web.route("/2/tweets/search/recent", body, code=code, headers=[("Content-Type", "application/json")])
    platform_at(house.folder, "x", web, **({} if code == 200 else {"item: 0.005, page_items: 100": "request: 0.5"}))
    house.configure([source("equis", "x", query="acme", token={"env": "X"}, every="1h", budget={"per_day": "1 USD"})], platforms="platforms/")
    for _ in range(4):
        with house.running(env={"X": "x-s3creto"}):
            house.ctl("poll", "equis")
            until(lambda: house.polls("equis"))
    assert house.sql("SELECT error FROM source") == [("budget",)] and 1 <= web.count("/2/tweets/search/recent") <= 2


def test_what_was_heard_last_may_be_too_old_to_go_on_from(house, web, town):
    """X goes on from an id of the last seven days alone; who was away for longer, or of whom nobody spoke, begins anew, and knows what it knew."""
    refused = {"errors": [{"parameters": {"since_id": ["2"]}, "message": "'since_id' must be a tweet id created after [2026-11-15T10:00Z]."}],
               "title": "Invalid Request", "detail": "One or more parameters to your request was invalid.", "type": "about:blank"}
    x(web, town)
    play = web.routes["/2/tweets/search/recent"]
    web.route("/2/tweets/search/recent", handler=lambda h: reply(h, refused, 400) if town.refuse or h.arg("since_id") else play(h))
    platform_at(house.folder, "x", web)
    for i in range(2):
        town.say(f"Acme {i}")
    house.configure([source("equis", "x", query="acme", token={"env": "X"}, every="1h")], platforms="platforms/")
    with house.running(env={"X": "x-s3creto"}):
        house.wait_source("equis", state="ok")
        town.say("Acme, otra vez")
        house.poll("equis")
        until(lambda: len(texts(house)) == 3)
        assert house.sources()["equis"]["state"] == "ok" and [p for p in web.paths() if "since_id=2" in p]
        town.refuse = True  # whatever is asked: told in all the words that it has
        house.ctl("poll", "equis")
        assert house.wait_source("equis", why="http_400")["detail"].startswith("One or more parameters to your request was invalid.: 'since_id'")


def test_an_error_in_plain_words(house, web):
    """GDELT complains in plain text, with 200: it is told, and what asks for patience is no fault."""
    web.route("/api/v2/doc/doc", b"Please limit requests to one every 5 seconds.", kind="text/html")
    platform_at(house.folder, "gdelt", web)
    house.configure([source("mundo", "gdelt", query="acme")], platforms="platforms/")
    with house.running():
        assert "Please limit requests to one every 5 seconds" in house.wait_source("mundo", why="limited")["detail"]
        web.route("/api/v2/doc/doc", b"The specified phrase is too short.", kind="text/html")
        house.ctl("poll", "mundo")
        assert "The specified phrase is too short." in house.wait_source("mundo", why="not_a_feed")["detail"]


def test_an_address_that_leads_elsewhere_gets_nothing(house, web, town):
    """A redirect of a request that says who we are is not followed."""
    web.route("/2/tweets/search/recent", code=302, headers=[("Location", web.url("/ok"))])
    platform_at(house.folder, "x", web)
    house.configure([source("equis", "x", query="acme", token={"env": "X"})], platforms="platforms/")
    with house.running(env={"X": "x-s3creto"}):
        house.wait_source("equis", why="http_302")
        assert web.count("/ok") == 0
        assert "x-s3creto" not in house.log()


def test_the_command_explains_each(house):
    """Each platform's example is a source that --check takes, in both languages."""
    (house.folder / "secrets").mkdir()
    for p in house.run(CTL, "platforms", "--json").lines()[0]:
        one = house.run(CTL, "platforms", p["name"], "--json").lines()[0]
        sources = yaml.safe_load(one["example"])["sources"]
        for value in sources[0].values():
            if isinstance(value, dict) and "credential" in value:
                path = house.folder / "secrets" / value["credential"]
                path.write_text("s3creto")
                path.chmod(0o600)
        house.every = getattr(house, "every", []) + sources
    house.configure(house.every, language="es", http={"listen": "127.0.0.1:8480"})  # for those that come by HTTP
    assert house.check(env={"CREDENTIALS_DIRECTORY": str(house.folder / "secrets")}).findings() == []
    spanish = house.run(CTL, "platforms", "mastodon").out
    assert "Para pegar en escuchad.yaml" in spanish and "tag: 'acme'" in spanish
    assert "reddit" in house.run(CTL, "platforms", "redit", code=1).err


def test_a_key_that_ends_is_told_days_before(house, web, tmp_path):
    """Threads: a token that could not be exchanged in time; its end is told to operators, once, and it is used until then."""
    def exchange(h):
        if h.arg("access_token") != "s3creto":
            return reply(h, {"error": {"message": "Error validating access token", "type": "OAuthException", "code": 190}}, 400)
        return reply(h, {"access_token": "nueva", "token_type": "bearer", "expires_in": 5 * 86400 + 600})

    def search(h):
        if h.arg("access_token") != "nueva":
            return reply(h, {"error": {"message": "Invalid OAuth access token.", "type": "OAuthException", "code": 190}}, 400)
        return reply(h, {"data": []})
    web.route("/refresh_access_token", handler=exchange)
    web.route("/v1.0/keyword_search", handler=search)
    platform_at(house.folder, "threads", web)
    with SmtpPeer(folder=tmp_path / "mail") as mail:
        house.configure([source("hilos", "threads", query="acme", token={"env": "T"})], platforms="platforms/",
                        channels=[mail.channel()],
                        people=[{"name": "luis", "reach": [{"correo": "luis@example.com"}]}], operators=["luis"],
                        notices={"gather": "1s", "pause": "0s", "retry": "1s"})
        with house.running(env={"T": "s3creto"}):
            house.wait_source("hilos", state="ok")
            house.told("source.token_ends")
            house.poll("hilos")
            assert len(house.events("source.token_ends")) == 1
            told, = mail.wait(1)
            assert "hilos" in told.text and "5 days" in told.text and "escuchactl platforms" in told.text
            one, = house.ctl("sources", "hilos", "--json").lines()
            assert one["token_renew"] is True and 5 * 86400 < seconds_until(one["token_ends"]) <= 5 * 86400 + 600
            said = house.ctl("sources", "hilos").out
            assert "ends on" in said and "escuchactl platforms threads" in said and "good until" in said
            assert house.status()["short"][0]["source"] == "hilos" and "hilos: the key" in house.ctl("status").out
            assert "hilos: the key" in house.ctl("doctor", code=None).out
            assert metric(house, "escuchad_source_token_end_timestamp_seconds", "hilos") > time.time() + 5 * 86400 - 60
        with house.running(env={"T": "s3creto"}):  # known again without its being asked
            until(lambda: house.ctl("sources", "hilos", "--json").lines()[0].get("token_renew"))
            assert house.polls("hilos") == 0


ROTATING = """
platform: rotonda
title: {{es: Rotonda, en: Roundabout}}
help: {{es: Una rotonda., en: A roundabout.}}
params: {{refresh: {{secret: true, required: true, help: {{es: r, en: r}}}}}}
request: {{url: '{url}/posts'}}
auth:
  kind: oauth2_refresh
  value: '{{refresh}}'
  get: {{url: '{url}/token', form: {{grant_type: refresh_token, refresh_token: '{{@refresh}}'}}}}
map: {{use: mastodon}}
"""


def test_a_rotated_token_is_kept_before_it_is_used(house, web):
    """Each refresh token is good once. kill -9 as the new access token arrives at its first use: the refresh token that came with it is known."""
    given, used, spent, gate = [], [], [], threading.Event()

    def token(h):
        said = urllib.parse.parse_qs(h.rfile.read(int(h.headers["Content-Length"])).decode())["refresh_token"]
        if said != [f"refresh-{len(given)}-s3creto"]:
            return reply(h, {"error": "invalid_grant", "error_description": "it was used before"}, 400)
        given.append(f"access-{len(given) + 1}-s3creto")
        reply(h, {"access_token": given[-1], "refresh_token": f"refresh-{len(given)}-s3creto", "expires_in": 3600})

    def posts(h):
        used.append(h.headers["Authorization"].removeprefix("Bearer "))
        if used[-1] != given[-1] or used[-1] in spent:
            return reply(h, {"error": "The access token expired"}, 401)
        if used.count(given[-1]) == 1:
            gate.wait(20)
        reply(h, [])
    web.route("/token", handler=token)
    web.route("/posts", handler=posts)
    (house.folder / "platforms").mkdir()
    (house.folder / "platforms/rotonda.yaml").write_text(ROTATING.format(url=web.url("")))
    house.configure([source("giro", "rotonda", refresh={"env": "R"})], platforms="platforms/")
    env, said = {"R": "refresh-0-s3creto"}, ""
    for n in (1, 2, 3):
        gate.clear()
        house.start(env=env)
        house.ctl("poll", "giro")
        until(lambda: f"access-{n}-s3creto" in used, "its first use")
        said += house.log()
        house.kill()
        uses = len(used)
        gate.set()
        with house.running(env=env):
            house.ctl("poll", "giro")
            until(lambda: len(used) > uses, "its second use")
            house.wait_source("giro", state="ok")
            assert set(used[uses:]) == {f"access-{n}-s3creto"} and len(given) == n
            said += house.log() + house.ctl("sources", "--json").out + house.ctl("doctor", code=None).out + metrics(house)
        spent.append(given[-1])
    checked, tried = house.check(env=env), house.ctl("try", "giro", code=None, env=env)
    said += checked.out + checked.err + tried.out + tried.err
    assert "s3creto" not in said
    assert b"s3creto" not in b"".join(p.read_bytes() for p in house.state.iterdir() if p.is_file())


def test_a_mailbox_that_takes_no_passwords(house, web):
    """imap-oauth as it comes: the provider's tokens by the account's refresh token, of an app that has no secret of its own."""
    asked = []

    def token(h):
        asked.append(h.rfile.read(int(h.headers["Content-Length"])).decode())
        reply(h, {"access_token": "abc123", "expires_in": 3600})
    web.route("/token", handler=token)
    want = base64.b64encode(b"user=ana@correo.example\x01auth=Bearer abc123\x01\x01").decode()
    mail = b"Message-ID: <1@correo.example>\r\nFrom: Ana <ana@example.com>\r\nSubject: Acme no responde\r\n\r\nHola\r\n"
    with ImapLiar(mails={1: mail}, capability=b"IMAP4rev1 SASL-IR AUTH=XOAUTH2", greeting=b"* OK here\r\n") as liar:
        house.configure([source("buzon", "imap-oauth", server=f"127.0.0.1:{liar.port}", user="ana@correo.example", security="none",
                                token_url=web.url("/token"), client="app-1", refresh_token={"env": "R"})])
        said = house.once(env={"R": "renueva-s3creto"})
        assert house.titles() == ["Acme no responde"] and any(want in line for line in liar.heard)
        assert asked == ["grant_type=refresh_token&refresh_token=renueva-s3creto&client_id=app-1"]
        assert "renueva-s3creto" not in said.out + said.err and "abc123" not in said.out + said.err
