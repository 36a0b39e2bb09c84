"""The packs that come with escuchad, as escuchactl shows them, and one that is used in another's place."""
import json

import pytest

from daemon import CTL

COUNTRIES = {"ar", "cl", "co", "es", "mx", "pe"}


def test_they_are_listed_in_the_language_of_who_asks(house):
    listed = {}
    for tag in ("es_CO.UTF-8", "en_US.UTF-8"):
        packs = json.loads(house.run(CTL, "packs", "--json", env={"LANG": tag}).out)
        assert len(packs) == 19 and COUNTRIES < {p["name"] for p in packs}
        listed[tag[:2]] = {p["name"]: p["about"] for p in packs}
    assert listed["es"]["complaints"].startswith("Quejas: algo ") and listed["en"]["complaints"].startswith("Complaints: something ")
    assert all(listed[tag].values() for tag in listed for name in COUNTRIES)
    assert "Quejas: algo" in house.run(CTL, "packs", env={"LANG": "es_CO.UTF-8"}).out


@pytest.mark.parametrize("name, guess", [("fruad", "fraud"), ("zzz", None)])
def test_one_that_is_none(house, name, guess):
    said = house.run(CTL, "packs", name, code=1).err
    assert name in said and (guess is None or guess in said)


def test_a_copy_beside_the_rules_is_used_in_its_place(house):
    shipped = house.run(CTL, "packs", "fraud").out
    assert shipped.startswith("# es: ") and "pack: fraud" in shipped
    rules = house.folder / "rules"
    (rules / "packs").mkdir(parents=True)
    (rules / "acme.yaml").write_text("topic: acme\nrole: brand\npatterns:\n  name: [acme]\nabout: name\ninclude: [fraud]\n")

    def rules_of(text):
        (house.folder / "line").write_text(text + "\n")
        out = house.run(CTL, "match", "--all", "--rules", rules, house.folder / "line").out
        return json.loads(out)["hits"][0]["rules"]

    assert rules_of("acme me estafó") == ["fraud"] and rules_of("acme: puro choro mareador") == []
    (rules / "packs/fraud.yaml").write_text(shipped.replace("      me estafó\n", "      puro choro mareador\n"))
    assert rules_of("acme me estafó") == [] and rules_of("acme: puro choro mareador") == ["fraud"]
