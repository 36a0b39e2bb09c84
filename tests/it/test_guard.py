"""The guard against Python's ipaddress, over addresses of every kind (FAULTS F9). What it refuses beyond is named here."""
import ipaddress
import random
import subprocess

from daemon import BUILD

SEED, COUNT = 20261122, 6_000
# Refused by us, and global for some Python or all: relays, translators and what the registry has added since.
BEYOND = [ipaddress.ip_network(n) for n in (
    "192.88.99.0/24", "192.0.0.0/24", "224.0.0.0/4", "::/8", "64:ff9b:1::/48", "100::/64", "2001::/23", "2002::/16", "3fff::/20",
    "5f00::/16", "fec0::/10", "ff00::/8")]


def real(address):
    """The address that a packet to it would reach."""
    if address.version == 6:
        for net in (ipaddress.ip_network("::ffff:0:0/96"), ipaddress.ip_network("64:ff9b::/96")):
            if address in net:
                return ipaddress.ip_address(int(address) & 0xFFFFFFFF)
    return address


def some_addresses():
    """Anywhere; at and just beside the edges of every special network; and IPv4 inside IPv6."""
    rnd = random.Random(SEED)
    v4 = [ipaddress.IPv4Address(rnd.getrandbits(32)) for _ in range(COUNT)]
    v6 = [ipaddress.IPv6Address(rnd.getrandbits(128)) for _ in range(COUNT)]
    v6 += [ipaddress.IPv6Address(0x2000 << 112 | rnd.getrandbits(125)) for _ in range(COUNT)]
    inside = [ipaddress.IPv6Address(prefix | int(a)) for prefix in (0xFFFF << 32, 0x64FF9B << 96) for a in v4]
    edges = []
    for cls in (ipaddress._IPv4Constants, ipaddress._IPv6Constants):
        for net in [*cls._private_networks, *(n for n in BEYOND if n.version == cls._private_networks[0].version)]:
            kind, most = type(net.network_address), int(type(net.network_address)(b"\xff" * (net.max_prefixlen // 8)))
            edges += [kind(n) for n in (int(net[0]) - 1, int(net[0]), int(net[-1]), int(net[-1]) + 1) if 0 <= n <= most]
    return [*v4, *v6, *inside, *edges]


def test_as_python_says():
    addresses = some_addresses()
    said = subprocess.run([BUILD / "tests/tools/guard_says"], input="\n".join(map(str, addresses)) + "\n", text=True,
                          capture_output=True, check=True, timeout=60).stdout.split()
    assert len(said) == len(addresses) > 30_000
    wrong = []
    for address, word in zip(addresses, said):
        to = real(address)
        want = to.is_global and not any(to in net for net in BEYOND if net.version == to.version)
        if (word == "yes") != want:
            wrong.append(f"{address}: {word}")
    assert not wrong, wrong[:20]
    assert min(said.count("yes"), said.count("no")) > 1_000  # both answers were asked for
