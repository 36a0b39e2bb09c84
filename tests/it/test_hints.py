"""What people write first and wrongly is answered with what they meant; and tables fit the terminal."""

import pytest

from daemon import feed, item


def findings(house, code=1, **kwargs):
    return house.check(code=code, **kwargs).findings()


@pytest.mark.parametrize("platform", ["rss", "RSS", "atom", "xml"])
def test_what_others_call_a_feed(house, platform):
    house.configure([{"name": "a", "platform": platform, "url": "https://prensa.example/rss"}])
    assert 'did you mean "feed"?' in str(findings(house)) or any(f.get("guess") == "feed" for f in findings(house))


@pytest.mark.parametrize("url, meant", [("prensa.example/rss.xml", "https://prensa.example/rss.xml"), ("www.prensa.example", "https://www.prensa.example"),
                                        ("prensa", None), ("ftp://prensa.example", None)])
def test_an_address_without_its_beginning(house, url, meant):
    house.configure([{"name": "a", "platform": "feed", "url": url}])
    said = str(findings(house))
    assert (f"{meant}" in said) if meant else ("did you mean" not in said and "'guess'" not in said)


def test_a_credential_says_where_it_was_looked_for(house):
    house.configure([{"name": "a", "platform": "feed", "url": "https://prensa.example/", "user": "u", "password": {"credential": "prensa"}}])
    assert "/etc/escuchad/secrets" in str(findings(house))
    assert "/run/creds" in str(findings(house, env={"CREDENTIALS_DIRECTORY": "/run/creds"}))


def test_a_list_on_one_line(house):
    house.rules(acme="topic: acme\nrole: brand\npatterns:\n  name: andino, café andino\n  other: 'uno|dos, tres'\n")
    house.configure([{"name": "a", "platform": "file", "path": "x.xml"}])
    said = findings(house, code=0)
    assert [f["message"] for f in said if f["severity"] == "warning" and "[andino, café andino]" in f["message"]] and len(said) == 1


def test_rare_mistakes_of_an_expression_in_spanish(house):
    house.configure([{"name": "a", "platform": "file", "path": "x.xml"}], language="es")
    for regex, words in (("(?y)a", "(? no significa nada"), ("[:alpha:]", "no nombra aquí ninguna clase"), ("(?<a>x)(?<a>y)", "mismo nombre"),
                         ("(x)(?(1)a|b|c)", "PCRE2 dice, en inglés")):
        house.rules(acme=f"topic: acme\nrole: brand\npatterns:\n  name: '{regex}'\n")
        assert words in str(findings(house)), regex


@pytest.mark.parametrize("width", [80, 40])
def test_tables_fit_the_terminal(house, web, width):
    web.route("/a", feed(item("uno", "Acme falla")))
    house.configure([house.source("prensa", web.url("/a")), house.source("muda", web.url("/nada"))], language="es")
    with house.running():
        house.settled()
        for command in ("sources", "status"):
            lines = house.on_terminal(width, command)
            assert max(map(len, lines)) <= width, lines
            whole = " ".join(" ".join(lines).split())
            assert "muda" in whole and "no hay nada en esa dirección (HTTP 404)" in whole, "and nothing is left out"
