"""Taking over from where people are: what they say by the command line, a link, a mail or a chat, and what it does to a crisis; and what
somebody muted (FAULTS A7, D3)."""
from daemon import until
from test_crisis import CASA, HOSTILE, PEOPLE, STEPS, all_sent, configure, happened, incidents, mail, one, said, to  # noqa: F401
from test_topics import BEFORE, RULES, publish


def opened(house, web, mail, **top):
    configure(house, web, mail, **top)
    house.start()
    house.settled()
    publish(house, web, *HOSTILE)
    return mail.wait(1)[0]


def test_pass_and_merge(house, web, mail):
    configure(house, web, mail)
    house.rules(acme=RULES, beta=RULES.replace("acme", "beta").replace("Acme", "Beta"))
    with house.running():
        house.settled()
        house.ctl("open", "acme", "--as", "ana")
        assert "luis" in house.ctl("pass", "1", "luiz", "--as", "ana", code=1).err  # did you mean
        house.ctl("pass", "1", "luis", "--as", "ana")
        asked = until(lambda: to(mail.messages, "luis"), "luis to be told")[0]
        assert "¿Sigue en ello?" in asked.text or "¿La toma?" in asked.text, asked.text
        assert one(house)["owner"] == "luis" and one(house)["state"] == "acknowledged"
        house.ctl("ack", "1", "--as", "luis")
        assert "pass luis" in house.ctl("show", "1").out
        house.ctl("open", "beta", "--as", "ana")
        assert "sí misma" in house.ctl("merge", "2", "2", code=1).err
        assert "no hay ninguna crisis" in house.ctl("merge", "2", "9", code=1).err
        house.ctl("merge", "2", "1", "--as", "ana")
        assert [i["topic"] for i in incidents(house, "--open")] == ["acme"]
        assert "merged" in happened(house, 2) and one(house, 2)["state"] == "closed"
        assert "ya está cerrada" in house.ctl("pass", "2", "luis", code=1).err
