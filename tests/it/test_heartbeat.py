"""A sign of life for whoever watches from outside: while all is well, and never else."""
from daemon import feed, item, until

PING = "/ping/acme"


def test_it_goes_out_while_somebody_listens(house, web):
    web.route("/a", feed(item("http://a.example/1", "Acme abre")))
    web.route(PING, b"OK")
    house.rules(acme="topic: acme\nrole: brand\npatterns:\n  name: acme\nabout: name\n")
    source, beat = house.source("a", web.url("/a")), {"url": web.url(PING), "every": "30s", "allow_private": "127.0.0.0/8"}
    house.configure([source], heartbeat=beat)
    with house.running():
        house.settled()
        until(lambda: any(r.path == PING for r in web.requests), "a sign of life")
        assert "heartbeat.failed" not in house.log()
        house.configure([source], heartbeat={**beat, "url": web.url("/status/500")})
        house.ctl("reload")
        until(lambda: "event=heartbeat.failed class=http_500" in house.log(), "what its failure is called")
        house.configure([source])
        web.requests.clear()
        house.ctl("reload")
        house.ctl("poll", "a")
        until(lambda: any(r.path == "/a" for r in web.requests), "a poll")
        assert {r.path for r in web.requests} == {"/a"}
