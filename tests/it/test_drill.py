"""A drill: the real way of an alarm that is none, and how long each person took."""
from daemon import until
from test_crisis import CASA, HOSTILE, STEPS, configure, incidents, mail, one, to  # noqa: F401 (a fixture)
from test_topics import publish


def test_a_drill_goes_the_real_way_and_counts_for_nothing(house, web, mail):  # noqa: F811
    configure(house, web, mail, {**CASA, "warning": [STEPS[0]]})
    with house.running():
        house.settled()
        assert house.ctl("drill", "acme", "--no-wait", "--as", "jefe").out.startswith("Simulacro n.º 1")
        first = mail.wait(1)[0]
        assert "[SIMULACRO]" in first["Subject"] and "ESTO ES UN SIMULACRO" in first.text and "es un simulacro" in first.text
        house.ctl("note", "1", "voy", "--as", "ana")
        publish(house, web, *HOSTILE)  # what is true opens its own, and is told as such
        until(lambda: len(incidents(house)) == 2, "the real crisis")
        real = until(lambda: [m for m in to(mail.messages, "ana") if "SIMULACRO" not in m["Subject"]], "its message")[0]
        assert "SIMULACRO" not in real.text
        assert one(house, 1).get("drill") and not one(house, 2).get("drill") and "people" not in one(house, 2)
        assert "fraude" not in first.text
        house.kill()
        house.start()
        until(lambda: one(house, 1)["state"], "it to be known again")
        house.ctl("close", "1", "--as", "jefe")
        ana = next(p for p in one(house, 1)["people"] if p["who"] == "ana")
        assert ana["told"] <= ana["answered"] and ana["seconds"] >= 0 and "arrived" in ana
        shown = house.ctl("show", "1").out
        assert "SIMULACRO: no pasó nada" in shown and "TARDÓ" in shown
        assert house.sql("SELECT count(*) FROM notice WHERE matter LIKE 'dossier%'")[0][0] == 0
        assert house.sql("SELECT count(*) FROM evidence WHERE incident = 1")[0][0] == 0


def test_it_ends_by_itself(house, web, mail):  # noqa: F811
    configure(house, web, mail)
    with house.running():
        house.settled()
        assert "topics" in house.ctl("drill", "nadie", code=1).err
        table = house.ctl("drill", "--for", "1s").out  # the first brand
        assert "PERSONA" in table and "ana" in table and table.rstrip().endswith("no"), table
        assert one(house, 1)["state"] == "closed" and one(house, 1)["topic"] == "acme"
        assert "como 30m" in house.ctl("drill", "--for", "pronto", code=2).err
        house.ctl("open", "acme", "--as", "jefe")
        happened = house.ctl("backtest", "--json").lines()[0]["alerts"]["happened"]
        assert [i["incident"] for i in happened] == [2]  # a drill never happened
