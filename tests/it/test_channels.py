"""Channels of every kind: what each service gets is what its documents say, its words are told, and no secret is ever shown (FAULTS O3, O4)."""
import hashlib
import hmac
import json

import pytest

from daemon import ACME, LOCAL, feed, item
from peers.channel_peer import TOKEN, ChannelPeer

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
