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


@pytest.mark.parametrize("given, kind, secret, told", [
    (["--channel", "ntfy", "--person", "Ana María"], "ntfy", None, "suscríbase"),
    (["--channel", "telegram"], "telegram", "secrets/telegram", "escuchactl pair yo"),
    (["--channel", "correo", "--to", "ana@mail.example"], "smtp", "secrets/smtp", "Falta la clave"),
], ids=["ntfy", "telegram", "mail"])
def test_somebody_is_told_from_the_first_hour_on(house, given, kind, secret, told):
    made = house.run(CTL, "init", house.folder, "--yes", "--no-news", "--lang", "es", "--brand", "Acme", *given)
    assert made.code == 0 and told in made.out and "escuchactl test-channel avisos" in made.out
    checked = house.run(ESCUCHAD, "--check", "-c", house.config, code=1 if secret else 0)
    if secret:  # no secret can be given as an option: until it is there, the check asks for it
        assert secret in checked.out
        (house.folder / "secrets").mkdir(mode=0o700)
        (house.folder / secret).write_text("s3creto\n")
        (house.folder / secret).chmod(0o600)
        checked = house.run(ESCUCHAD, "--check", "-c", house.config)
    assert checked.code == 0 and f"kind: {kind}" in house.config.read_text() and "Nadie se entera" not in checked.out, checked.out


def test_what_the_secret_is_asked_for_stays_in_a_file_of_its_own(house):
    answers = house.folder / "answers"
    answers.write_text("\n".join(["en", "Acme", "", "", "mx", "", "no", "", "", "", "", "pigeon", "mail", "nobody", "ana@mail.example", "ftp://x",
                                  "smtps://mail.example", "s3cret", "Ana"]) + "\n")
    with answers.open() as stdin:
        made = house.run(CTL, "init", house.folder / "new", stdin=stdin)
    secret = house.folder / "new/secrets/smtp"
    assert secret.read_text() == "s3cret\n" and secret.stat().st_mode & 0o777 == 0o600 and secret.parent.stat().st_mode & 0o777 == 0o700
    text = (house.folder / "new/escuchad.yaml").read_text()
    assert "s3cret" not in text + made.out and "url: 'smtps://mail.example'" in text and "- notices: 'ana@mail.example'" in text
    for wrong in ("pigeon", "nobody", "ftp://x"):
        assert f'"{wrong}" is n' in made.err + made.out
    assert house.run(ESCUCHAD, "--check", "-c", house.folder / "new/escuchad.yaml").code == 0


@pytest.mark.parametrize("wrong", [["--channel", "paloma"], ["--channel", "mail", "--to", "a b@c.d"], ["--channel", "mail", "--to", "a@b.c", "--smtp", "mail.example"]])
def test_a_wrong_channel_writes_nothing(house, wrong):
    made = house.run(CTL, "init", house.folder / "new", "--yes", "--brand", "Acme", *wrong, code=2)
    assert wrong[-1] in made.err and not (house.folder / "new").exists()


def test_a_wrong_option_is_told_in_the_configuration_s_language(house):
    house.configure([], language="es")
    assert "¿quiso decir --json?" in house.run(CTL, "status", "--jsn", "-c", house.config, code=2).err
    assert "ORDEN" in house.run(CTL, "-c", house.config, "--help").out
    house.configure([], language="español")  # what is wrong is told in the language that was meant
    assert 'se esperaba uno de en, es; no "español"; ¿quiso decir "es"?' in house.run(ESCUCHAD, "--check", "-c", house.config, code=1).out
