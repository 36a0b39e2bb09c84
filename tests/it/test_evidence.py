"""What stands behind a crisis: kept as it came, in a chain that fsck follows, and told as a dossier when it is over (FAULTS D8, O1)."""
import hashlib
import json
import sqlite3

from daemon import feed, item, until
from test_crisis import CASA, HOSTILE, STEPS, configure, happened, mail, to, told  # noqa: F401 (a fixture)
from test_topics import publish


def test_what_opened_a_crisis_is_kept_and_told(house, web, mail):  # noqa: F811
    """FAULTS D8, O1"""
    configure(house, web, mail, {**CASA, "warning": [STEPS[0]]})
    with house.running():
        house.settled()
        publish(house, web, *HOSTILE, item("9", "<script>alert(1)</script> Acme es un fraude & estafa", "*robo*", link="https://sitio9.example/"))
        mail.wait(1)
        until(lambda: house.sql("SELECT count(*) FROM evidence")[0][0], "evidence")
        until(lambda: "tiene el aviso, por correo" in house.ctl("show", "1").out, "the timeline to say who has it")
        dossier, = house.ctl("dossier", "1", "--json").lines()
        about, size, digest = house.sql("SELECT a.about, a.size, a.body_hash FROM evidence e JOIN answer a ON a.id = e.answer")[0]
        assert b"127.0.0.1" in bytes(about) and size > 100 and bytes(digest).hex() in dossier["markdown"]
        html = dossier["html"]
        assert "<script>" not in html and "<svg" in html and "src=" not in html
        assert "por correo" in html
        for words in ("Qué pasó", "Qué se dijo", "Pruebas", "Todas las fuentes se oyeron", "sitio0.example", "se abrió", "aviso a ana", "Por qué se abrió: varias personas usan palabras de crisis"):
            assert words in html and words in dossier["markdown"].replace("\\", ""), words
        out = house.folder / "informe"
        house.ctl("dossier", "1", "--out", str(out))
        assert "<svg" in (out / "crisis-1.html").read_text() and (out / "crisis-1.md").read_text().startswith("# Crisis 1, acme")
        assert "no hay ninguna crisis" in house.ctl("dossier", "7", code=1).err
        house.ctl("close", "1", "--as", "ana")
        last = until(lambda: next((m for m in to(mail.messages, "ana") if "informe" in m["Subject"]), None), "the dossier by mail")
        assert "sitio0.example" in last.text and "Pruebas" in last.text
        until(lambda: "closed" in happened(house), "it to be kept as closed")
        with sqlite3.connect(house.folder / "state" / "escuchad.db", timeout=10) as db:  # why it was met last: nothing
            db.execute("UPDATE incident SET kept = CAST(x'00000000' || substr(kept, 5) AS BLOB)")
        assert "Por qué se abrió: varias personas usan palabras de crisis" in house.ctl("dossier", "1", "--json").lines()[0]["html"]
    assert house.ctl("fsck", "--json").lines()[0]["clean"]
    whole = house.ctl("evidence", "1", "--out", str(house.folder / "pruebas"))
    assert "La cadena está entera" in whole.out and "entera" in whole.out
    listed = json.loads((house.folder / "pruebas" / "evidence.json").read_text())
    for piece in listed["evidence"]:
        body = (house.folder / "pruebas" / piece["file"]).read_bytes()
        assert len(body) == piece["bytes"] and hashlib.sha256(body).hexdigest() == piece["sha256"] and piece["state"] == "kept"
    assert listed["chain"] == {"links": len(listed["evidence"]), "broken": 0, "first_broken": 0, "last": listed["evidence"][-1]["link"]}
    assert "no hay pruebas" in house.ctl("evidence", "7", code=1).err
    with sqlite3.connect(house.folder / "state" / "escuchad.db") as db:
        db.execute("UPDATE answer SET body = zeroblob(9) WHERE held > 0 AND id = (SELECT min(answer) FROM evidence)")
    finding, = house.ctl("fsck", "--json", code=1).lines()[0]["findings"]
    assert (finding["kind"], finding["first"], finding["left"]) == ("evidence", 1, True)
    broken = house.ctl("evidence", "1", code=1)
    assert "CAMBIADA" in broken.out and "n.º 1" in broken.err


def test_a_dossier_that_a_crash_held_up_is_sent_once(house, web, mail):  # noqa: F811
    """FAULTS O8"""
    configure(house, web, mail, {**CASA, "warning": [STEPS[0]]})
    with house.running():
        house.settled()
        publish(house, web, *HOSTILE)
        mail.wait(1)
        house.ctl("close", "1", "--as", "ana")
        until(lambda: any("informe" in m["Subject"] for m in mail.messages), "the dossier by mail")
        until(lambda: house.sql("SELECT min(state) FROM notice WHERE matter LIKE 'dossier%'") == [(2,)], "it to be noted as sent")
    with house.running():
        house.settled()
    with sqlite3.connect(house.folder / "state" / "escuchad.db") as db:  # as if the process had ended just behind the closing
        db.execute("DELETE FROM notice WHERE matter LIKE 'dossier 1 ana'")
    before = len([m for m in mail.messages if "informe" in m["Subject"]])
    for _ in range(2):
        with house.running():
            house.settled()
            until(lambda: len([m for m in mail.messages if "informe" in m["Subject"]]) > before, "the dossier after all")
            until(lambda: house.sql("SELECT min(state) FROM notice WHERE matter LIKE 'dossier%'") == [(2,)], "it to be noted as sent")
    assert len([m for m in mail.messages if "informe" in m["Subject"]]) == before + 1


def test_a_false_alarm_has_no_dossier_by_mail(house, web, mail):  # noqa: F811
    configure(house, web, mail, {**CASA, "warning": [STEPS[0]]})
    with house.running():
        house.settled()
        publish(house, web, *HOSTILE)
        mail.wait(1)
        house.ctl("false-alarm", "1", "--as", "ana")
        mail.wait(2)
        assert house.sql("SELECT count(*) FROM notice WHERE matter LIKE 'dossier%'")[0][0] == 0
        assert told(house) and "Falsa alarma" in house.ctl("dossier", "1").out.replace("falsa", "Falsa")
