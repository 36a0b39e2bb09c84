"""What to do in a crisis: the steps of a playbook, in messages, ticked off, and in the dossier (FAULTS D3)."""
from daemon import until
from test_crisis import CASA, configure, happened, mail, one, to  # noqa: F401 (a fixture)

PLAYBOOK = "# Quejas\n\n- [ ] Llamar a la **tienda**\n- [ ] Avisar a legal\n\nTexto.\n\n- [ ] Responder\n"
FOUR = {"playbook": "guia.md", "escalation": "casa"}


def test_steps_are_told_and_ticked_off(house, web, mail):  # noqa: F811
    """FAULTS D3: what was ticked off outlives a kill -9."""
    book = house.folder / "guia.md"
    configure(house, web, mail, CASA, defaults=FOUR)
    assert "guia.md" in house.check(code=1).out
    book.write_text("# Nada que hacer\n")
    assert "no tiene ningún paso" in house.check(code=1).out
    book.write_text(PLAYBOOK)
    house.check()
    with house.running():
        house.settled()
        house.ctl("open", "acme", "--as", "ana")
        text = mail.wait(1)[0].text
        assert "Qué hacer, según la guía:\n1. Llamar a la tienda\n2. Avisar a legal\n3. Responder\n" in text, text
        house.ctl("step", "1", "2", "--as", "ana")
        house.ctl("step", "1", "3", "--as", "luis")
        house.ctl("step", "1", "3", "--undo", "--as", "luis")
        assert "tiene 3 pasos" in house.ctl("step", "1", "4", code=1).err
        assert "número de un paso" in house.ctl("step", "1", "x", code=2).err
        house.kill()
        house.start()
        until(lambda: "steps" in one(house), "the crisis")
        assert [(s["step"], s["text"], s["done"], s.get("who")) for s in one(house)["steps"]] == [
            (1, "Llamar a la tienda", False, None), (2, "Avisar a legal", True, "ana"), (3, "Responder", False, None)]
        shown = house.ctl("show", "1").out
        assert "[x] 2. Avisar a legal (ana, " in shown and "[ ] 3. Responder\n" in shown and "luis dice que no está hecho: Responder" in shown
        assert happened(house).count("step") == 2
        house.ctl("pass", "1", "luis", "--as", "ana")
        asked = until(lambda: to(mail.messages, "luis"), "luis to be told")[-1].text
        assert "1. Llamar a la tienda\n3. Responder\n" in asked and "Avisar a legal" not in asked, asked
        book.write_text("- [ ] Responder\n- [ ] Avisar a legal\n")  # in another order: done stays done
        house.ctl("reload")
        assert [s["done"] for s in one(house)["steps"]] == [False, True]
        dossier, = house.ctl("dossier", "1", "--json").lines()
        assert "La guía, paso a paso" in dossier["html"] and "2. Avisar a legal: **ana**" in dossier["markdown"]
        configure(house, web, mail, CASA)
        house.ctl("reload")
        assert "no tiene guía" in house.ctl("step", "1", "1", code=1).err
