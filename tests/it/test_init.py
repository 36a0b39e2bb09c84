"""From nothing to the first hit: escuchactl init for a brand of one's own, escuchad --check, --once, the daemon."""
import pytest

from daemon import CTL, ESCUCHAD, feed, item

BRAND = "Ñandú & Co"
ANSWERS = {"lang": "es", "brand": BRAND, "handles": "@nandu_co, nandu.example", "competitors": "Emú", "country": "AR"}


def press(web):
    web.route("/prensa", feed(
        item("http://diario.example/1", "Los clientes de ÑANDÚ & CO denuncian una estafa", "Nunca más, dicen"),
        item("http://diario.example/2", "Nandu y co no es lo mismo", "Sin la ñ es otra palabra"),
        item("http://diario.example/3", "El emu abre en Rosario"), item("http://diario.example/4", "Mañana lloverá"),
        item("http://diario.example/5", "Crece ñandu & co", "Sin acento se entiende igual"), title="El Diario"))


def let_in(house):
    """What nobody but a test has to do: its newspaper stands on this machine."""
    text = house.config.read_text()
    assert "    every: 10m\n" in text
    house.write(text.replace("    every: 10m\n", "    every: 10m\n    allow_private: 127.0.0.0/8\n"))


@pytest.mark.parametrize("asked", [False, True], ids=["flags", "questions"])
def test_a_first_afternoon(house, web, asked):
    press(web)
    given = {**ANSWERS, "feed": web.url("/prensa")}
    if asked:  # in the order of the questions; the rest of them by Enter
        answers = house.folder / "answers"
        answers.write_text("\n".join([given["lang"], BRAND, given["handles"], given["competitors"], "Argentina", "", "no", given["feed"]]) + "\n")
        with answers.open() as stdin:
            made = house.run(CTL, "init", house.folder, stdin=stdin)
        assert "¿Cómo se llama su marca" in made.out
    else:
        made = house.run(CTL, "init", house.folder, "--yes", "--no-news", *(w for k, v in given.items() for w in (f"--{k}", v)))
    assert "escuchad --check" in made.out and f"-c {house.config}" in made.out  # what comes next is said
    text = house.config.read_text()
    assert "language: es" in text and "America/Argentina/Buenos_Aires" in text and text.count("#") > 8 and BRAND in text
    assert {"nandu-co.yaml", "emu.yaml"} <= {p.name for p in house.rules_folder.iterdir()}
    assert house.run(ESCUCHAD, "--check", "-c", house.config).code == 0

    blocked = house.once(code=1)  # out of the box no feed leads inside
    assert "ssrf_blocked" in blocked.err and web.connections == 0
    let_in(house)
    assert house.run(ESCUCHAD, "--check", "-c", house.config).code == 0
    out = house.once().out
    assert "ÑANDÚ & CO" in out and "[nandu-co]" in out and "Nandu y co" not in out and "lloverá" not in out
    with house.running():
        hits = {h["guid"][-1]: h for h in house.hits()}
        assert {k: [x["topic"] for x in h["hits"]] for k, h in hits.items()} == {"1": ["nandu-co"], "3": ["emu"], "5": ["nandu-co"]}
        assert hits["1"]["hits"][0]["rules"] == ["quejas"] and hits["1"]["hits"][0]["tags"] == ["queja"]
        assert "1 se oye" in house.ctl("status").out  # in the language that was asked for
