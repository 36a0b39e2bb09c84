"""A sign of life for whoever watches from outside: while all is well, and never else."""
from daemon import feed, item, until

PING = "/ping/acme"


def test_it_goes_out_while_somebody_listens(house, web):
    web.route("/a", feed(item("http://a.example/1", "Acme abre")))
    web.route(PING, b"OK")
    house.rules(acme="topic: acme\nrole: brand\npatterns:\n  name: acme\nabout: name\n")
    secret = house.folder / "latido.secret"
    secret.write_text(web.url(PING) + "\n")
    secret.chmod(0o600)
    source, beat = house.source("a", web.url("/a")), {"url": web.url("/status/500"), "every": "30s", "allow_private": "127.0.0.0/8"}
    house.configure([source], heartbeat={**beat, "url": {"file": str(secret)}})
    said = [str(house.check())]
    with house.running():
        house.settled()
        until(lambda: any(r.path == PING for r in web.requests), "a sign of life")
        assert "heartbeat.failed" not in house.log()
        said += [str(house.ctl(*words, code=None)) for words in (("status",), ("status", "--json"), ("doctor",))]
        secret.write_text(web.url("/status/500"))
        house.ctl("reload")
        until(lambda: "event=heartbeat.failed class=http_500 detail=***" in house.log(), "what its failure is called")
        house.configure([source])
        web.requests.clear()
        house.ctl("reload")
        house.ctl("poll", "a")
        until(lambda: any(r.path == "/a" for r in web.requests), "a poll")
        assert {r.path for r in web.requests} == {"/a"}
        secret.write_text("watch.example.com/ping/acme")
        house.configure([source], heartbeat={**beat, "url": {"file": str(secret)}})
        wrong = house.check(code=1)
        assert [f["key"] for f in wrong.findings()] == ["heartbeat.url"]
        assert PING not in house.log() + str(wrong) + "".join(said)  # what a secret holds
