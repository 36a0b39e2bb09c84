"""As many crises at once as there may be, and one more."""
import contextlib
import json

from daemon import until
from peers.smtp_peer import SmtpPeer
from test_scale import Unix

MOST = 500  # main/crisis_place.h, CRISES_MAX
FULL = 503
STEPS = [{"after": "0s", "notify": ["luis"]}]
CASA = {"name": "casa", "info": [], "warning": STEPS, "critical": STEPS}
PEOPLE = [{"name": "luis", "language": "es", "reach": [{"correo": "luis@example.com"}]}]


def test_the_last_that_has_a_place_and_the_first_that_has_none(house):
    """The five hundredth opens, the next does not. A restart knows them all. (Half of them are drills: there may be 256 files of rules.)"""
    house.rules(**{f"t{i}": f"topic: t{i}\nrole: brand\npatterns:\n  n: 'marca{i}'\n" for i in range(MOST // 2 + 1)})
    with SmtpPeer() as mail:
        house.configure([], channels=[mail.channel()], people=PEOPLE, operators=["luis"], language="es", deliver=[], canary={"enabled": False},
                        escalations=[CASA], defaults={"escalation": "casa"}, notices={"gather": "1s", "pause": "0s", "retry": "1s"})

        def asked(method, path, body=None):
            with contextlib.closing(Unix(house.state / "escuchad.sock")) as link:
                link.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json"} if body else {})
                answer = link.getresponse()
                return answer.status, answer.read().decode()

        def opens(i, do="open"):
            return asked("POST", "/v1/incidents", {"do": do, "topic": f"t{i}", "who": "ana"})[0]

        def known():
            return len(asked("GET", "/v1/incidents?limit=1000")[1].splitlines())

        with house.running():
            until(lambda: asked("GET", "/readyz")[0] == 200, "the rules")
            assert {opens(i, do) for i in range(MOST // 2) for do in ("open", "drill")} == {200}
            assert opens(MOST // 2) == FULL and known() == MOST
            house.kill()
            house.start()
            until(lambda: asked("GET", "/readyz")[0] == 200, "the rules")
            assert known() == MOST and opens(MOST // 2) == FULL
