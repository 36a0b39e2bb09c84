"""Channels of every kind: what each service gets is what its documents say, its words are told, no secret is ever shown, and one that
hangs, limits, lies or dies holds up nobody else (FAULTS O3, O4, O7, O8)."""
import hashlib
import hmac
import json
import shutil
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from daemon import ACME, LOCAL, PATIENCE, SANITIZED, feed, item, until
from peers.channel_peer import TOKEN, ChannelPeer
from test_crisis import HOSTILE
from test_topics import BEFORE, RULES, publish

TOP = Path(__file__).resolve().parents[2]
QUICK = {"gather": "1s", "pause": "0s", "retry": "1s"}
# What a channel of each kind says, and an address of it. {u}: where the peer speaks as this kind.
KINDS = {
    "telegram": ({"api": "{u}", "token": None}, "123456789"),
    "slack": ({"api": "{u}", "token": None}, "C0123456789"),
    "slack-webhook": ({"webhook": None}, "equipo"),
    "discord": ({"webhook": None}, "equipo"),
    "teams": ({"webhook": None}, "equipo"),
    "mattermost": ({"server": "{u}", "token": None}, "4xp9fdt77pncbef59f4k1qe83o"),
    "matrix": ({"server": "{u}", "token": None}, "!abc:example.org"),
    "ntfy": ({"server": "{u}"}, "acme-crisis-8f3k"),
    "pushover": ({"api": "{u}", "token": None}, "uQiRzpo4DXghDmr9QzzfQu27cmVRsG"),
    "whatsapp": ({"api": "{u}", "token": None, "phone": "106540352242922", "template": "aviso_crisis"}, "+51987654321"),
    "twilio-sms": ({"api": "{u}", "account": "AC" + "0" * 32, "token": None, "sender": "+15005550006"}, "+51987654321"),
    "pagerduty": ({"api": "{u}", "key": None}, "redes"),
    "opsgenie": ({"api": "{u}", "key": None}, "redes"),
    "alertmanager": ({"server": "{u}"}, "redes"),
    "webhook": ({"webhook": None, "secret": "signing"}, "equipo"),
}


@pytest.fixture
def peer(request):
    with ChannelPeer() as p:
        request.node.stories = [*getattr(request.node, "stories", []), ("channels", lambda: f"{dict(p.refused)}")]
        yield p


def secret(house, name, value):
    path = house.folder / f"{name}.secret"
    path.write_text(value)
    path.chmod(0o600)
    return {"file": str(path)}


def channel(house, peer, kind, name=None, **more):
    says, _ = KINDS[kind]
    own = {}
    for key, value in says.items():
        if value is None:
            own[key] = secret(house, f"{kind}-{key}", peer.url(f"/{kind}/{TOKEN}") if key == "webhook" else TOKEN)
        elif value == "signing":
            own[key] = secret(house, f"{kind}-{key}", "firma-secreta")
        else:
            own[key] = value.format(u=peer.url(f"/{kind}"))
    return {"name": name or kind, "kind": kind, "allow_private": LOCAL, **own, **more}


def configure(house, web, channels, people, **top):
    web.route("/a", feed(item("uno", "Acme")))
    house.rules(acme=ACME)
    house.configure([house.source("prensa", web.url("/a"))], channels=channels, people=people, operators=[people[0]["name"]], notices=QUICK, **top)


def shown(house):
    """All that anybody can read of it: what every program wrote."""
    return "".join(p.read_text(errors="replace") for p in house.folder.rglob("*") if p.is_file() and p.suffix in (".log", ".out", ".err", ".txt"))


def test_every_kind_is_told_what_its_documents_say(house, web, peer):
    names = list(KINDS)
    people = [{"name": f"p{i}", "reach": [{n: KINDS[n][1]} for n in names[i:i + 10]]} for i in range(0, len(names), 10)]
    configure(house, web, [channel(house, peer, kind) for kind in names], people)
    assert house.check().code == 0
    with house.running():
        house.poll("prensa")
        for kind in names:
            done = house.ctl("test-channel", kind, "--json", code=None)
            assert done.out, (kind, done)
            told = done.lines()[0]
            assert told["sent"], (kind, told, peer.refused[kind])
            assert len(peer.taken[kind]) == 1, kind
        q = peer.taken["webhook"][0]
        time, mac = (part.split("=")[1] for part in q["headers"]["X-Escuchad-Signature"].split(","))
        assert mac == hmac.new(b"firma-secreta", time.encode() + b"." + q["raw"], hashlib.sha256).hexdigest()
        assert q["json"]["kind"] == "test" and q["json"]["to"] == "equipo"
        # a receiver's own words, and never what it knows us by
        peer.next["slack"] = [(200, {}, json.dumps({"ok": False, "error": f"token {TOKEN} revoked"}).encode())]
        told = house.ctl("test-channel", "slack", code=1)
        assert "revoked" in told.out + told.err and "***" in told.out + told.err
    assert TOKEN not in shown(house) and "firma-secreta" not in shown(house)


# --- a crisis ---

def crisis(house, web, channels, people, notify, operators=("ana",), **top):
    """All of them are told at once of what publish(…, *HOSTILE) begins."""
    step = [{"after": "0s", "notify": list(notify)}]
    web.route("/a", feed(*BEFORE))
    house.rules(acme=RULES)
    house.configure([house.source("a", web.url("/a"))], channels=channels, people=people, operators=list(operators), notices=QUICK,
                    escalations=[{"name": "casa", "info": [], "warning": step, "critical": step, "repeat": "30m"}],
                    **{"defaults": {"escalation": "casa"}, **top})


def test_what_follows_is_one_thread_and_one_message_over_restarts_and_reloads(house, web, peer):
    """Whoever is told keeps one thread (Slack), or one message that changes (Telegram), whatever happens to the process meanwhile."""
    people = [{"name": "ana", "reach": [{"slack": "C0123456789"}]}, {"name": "luis", "reach": [{"telegram": "987"}]}, {"name": "eva"}]
    crisis(house, web, [channel(house, peer, kind) for kind in ("slack", "telegram")], people, ["ana", "luis"])

    def taken(kind, n):
        return until(lambda: len(peer.taken[kind]) >= n and peer.taken[kind][-1]["json"], f"{n} of {kind}: {dict(peer.refused)}")

    def ended():
        until(lambda: house.sql("SELECT count(*) FROM notice WHERE state != 2") == [(0,)] and house.sql("SELECT count(*) FROM sent_as") == [(2,)],
              "all to be sent, and known as what")

    house.start()
    house.settled()
    peer.held = dict.fromkeys(("slack", "telegram"), threading.Event())
    publish(house, web, *HOSTILE)
    assert "thread_ts" not in taken("slack", 1) and "message_id" not in taken("telegram", 1)
    house.ctl("ack", "1", "--as", "eva")  # both of the others are told, while it isn't known yet what their first message is called
    until(lambda: house.sql("SELECT count(*) FROM notice WHERE state = 1") == [(4,)], "the second ones to be on their way")
    peer.held["slack"].set()
    assert taken("slack", 2)["thread_ts"] == "1790000000.000001"
    second = taken("telegram", 2)
    assert (second.get("message_id") or second["reply_parameters"]["message_id"]) == 1001
    ended()
    house.kill()
    house.start()
    house.settled()
    house.ctl("reload")  # new channels know it, too
    house.ctl("close", "1", "--as", "ana")
    assert taken("slack", 3)["thread_ts"] == "1790000000.000001"
    house.stop()


def test_channels_that_hang_limit_lie_and_die_hold_up_nobody(house, web, peer):
    """FAULTS O7, O8: each of these people has one that does not work, then one that does; zoe has none that does, and ana is told so."""
    script = house.folder / "guion.sh"
    script.write_text(f"#!/bin/sh\ncat >'{house.folder}/guion.part' && mv '{house.folder}/guion.part' '{house.folder}/guion.json'\n")
    script.chmod(0o755)
    peer.silent.add("ntfy")
    peer.next["discord"] = [(429, {"Retry-After": "600"}, b'{"retry_after":600}')] * 9
    peer.next["slack"] = [(200, {}, b'{"ok":false,"error":"channel_not_found"}')] * 9
    peer.next["mattermost"] = [(307, {"Location": peer.url("/elsewhere/x")}, b"")] * 9
    peer.hangs_up.add("matrix")
    dead = {**channel(house, peer, "pushover"), "api": "http://127.0.0.1:9"}
    channels = [*(channel(house, peer, kind, timeout="3s") for kind in ("ntfy", "discord", "slack", "mattermost", "matrix", "telegram")), dead,
                {"name": "guion", "kind": "command", "command": [str(script)]}]
    bad = {"eva": "ntfy", "leo": "discord", "noe": "slack", "sol": "pushover", "kim": "mattermost", "ian": "matrix"}
    chats = [str(i) for i in range(2, 2 + len(bad))]
    people = [{"name": "ana", "reach": [{"telegram": "1"}]}, {"name": "zoe", "reach": [{"slack": "C0123456789"}]}, {"name": "ada", "reach": [{"guion": "ada"}]},
              *({"name": name, "reach": [{kind: KINDS[kind][1]}, {"telegram": chat}]} for chat, (name, kind) in zip(chats, bad.items()))]
    crisis(house, web, channels, people, [p["name"] for p in people], allow_commands=True)

    def told(chat):
        return [q["at"] for q in peer.taken["telegram"] if q["json"]["chat_id"] == chat and "acme" in q["json"]["text"]]

    with house.running():
        house.settled()
        publish(house, web, *HOSTILE)
        until(lambda: all(told(chat) for chat in ["1", *chats]), f"all to be told: {dict(peer.refused)}", seconds=30 * PATIENCE)
        asked, = {q["at"] for status, q in peer.refused["ntfy"][:1]}
        assert told("1")[0] < asked + 3 * PATIENCE  # before the one that hangs was given up
        assert len(peer.refused["discord"]) == 1  # it said when it may be asked again
        until(lambda: any("zoe" in q["json"]["text"] and "channels" in q["json"]["text"] for q in peer.taken["telegram"] if q["json"]["chat_id"] == "1"),
              "ana to be told that nothing reaches zoe")
        told_by = until(lambda: (house.folder / "guion.json").exists() and json.loads((house.folder / "guion.json").read_text()), "the program to be told")
        assert told_by["kind"] == "incident" and told_by["to"] == "ada" and told_by["topic"] == "acme"
        for chat in chats:
            assert len(told(chat)) == 1, chat
        assert len(peer.refused["mattermost"]) == 1 and not peer.taken["elsewhere"] and not peer.refused["elsewhere"]  # nobody is sent on


# --- examples of files ---

def test_a_check_runs_the_examples_of_the_kinds_that_are_used(house, web, peer):
    """Those of one's own as well: what differs, what fails and what is not there is told at its place."""
    own = house.folder / "channels"
    shutil.copytree(TOP / "conf/channels/fixtures", own / "fixtures")
    request = own / "fixtures/webhook.request.json"
    shutil.copy(TOP / "conf/channels/webhook.yaml", own)
    configure(house, web, [channel(house, peer, "webhook"), channel(house, peer, "webhook", "otro"), channel(house, peer, "slack")],
              [{"name": "ana", "reach": [{"webhook": "equipo"}]}], language="es")

    def told():
        done = house.check(code=None)
        return done.code, [json.dumps(f) for f in done.findings() if f.get("key") == "fixtures"]

    assert told() == (0, [])
    right = request.read_text()
    request.write_text(right.replace('"Idempotency-Key":"0', '"Idempotency-Key":"1'))
    code, (line,) = told()  # once, though two channels are of this kind
    assert code == 1 and 'webhook.yaml"' in line and "headers.Idempotency-Key" in line and "webhook.request.json" in line
    request.write_text("[]")
    code, (line,) = told()
    assert code == 1 and "no JSON object" in line
    request.write_text(right)
    (own / "webhook.yaml").write_text((TOP / "conf/channels/webhook.yaml").read_text().replace("new: '.'", "new: '.subject | tonumber'"))
    code, (line,) = told()
    assert code == 1 and "incident.json" in line
    (own / "webhook.yaml").write_text((TOP / "conf/channels/webhook.yaml").read_text().replace("request: webhook.request.json", "request: nadie.json"))
    code, (line,) = told()
    assert code == 1 and "nadie.json" in line


# --- a real one ---

@pytest.mark.skipif(SANITIZED or not shutil.which("prometheus-alertmanager"), reason="prometheus-alertmanager, beside a plain build")
def test_alertmanager_has_the_crisis_until_it_is_closed(house, web, peer):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{s.getsockname()[1]}"
    (house.folder / "alertmanager.yml").write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")
    server = subprocess.Popen(["prometheus-alertmanager", f"--config.file={house.folder}/alertmanager.yml", f"--storage.path={house.folder}/am",
                               f"--web.listen-address={url[7:]}", "--cluster.listen-address="], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def alerts():
        r = subprocess.run(["amtool", "alert", "query", f"--alertmanager.url={url}", "--output=json", 'alertname="escuchad"', "receiver=redes"], capture_output=True, text=True)
        return json.loads(r.stdout) if r.returncode == 0 else None

    try:
        until(lambda: alerts() == [], "alertmanager to answer")
        crisis(house, web, [channel(house, peer, "alertmanager") | {"server": url}], [{"name": "ana", "reach": [{"alertmanager": "redes"}]}], ["ana"])
        with house.running():
            house.settled()
            publish(house, web, *HOSTILE)
            alert, = until(lambda: [a for a in alerts() or [] if a["labels"]["kind"] == "incident"], "the alert")
            assert (alert["labels"]["topic"], alert["labels"]["severity"], alert["labels"]["kind"]) == ("acme", "warning", "incident")
            assert "acme" in alert["annotations"]["summary"] and alert["annotations"]["description"]
            house.ctl("close", "1", "--as", "ana")
            until(lambda: house.sql("SELECT count(*) FROM notice WHERE matter LIKE 'dossier %' AND state = 2") == [(1,)], "the dossier to be sent")
            until(lambda: alerts() == [], f"nothing to be left: {alerts()}")
    finally:
        server.kill()
        server.wait()
