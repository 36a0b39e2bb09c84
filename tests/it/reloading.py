"""Reloads under load, one in ten of a configuration that is wrong (FAULTS C2, C3): tests/reloads, test_kills.py."""
import json
import os
import time
from collections import Counter

from conserve import Load, Press, account, ask
from daemon import ACME, PATIENCE, resident_kb, until

RSS_SLACK_KB, FDS_SLACK = 1024, 8  # sanitizers keep what was freed: there, descriptors alone are judged


class Reloading:
    def __init__(self, house, web, redis, seed):
        self.house, self.redis, self.seed, self.n = house, redis, seed, 0
        self.done = Counter()
        self.press = Press(house, web, seed=seed)
        self.queue = {"redis": redis.url()}
        self.bad = {"bad YAML": self.bad_yaml, "bad expression": self.bad_expression, "missing file": self.missing_file,
                    "unreadable secret": self.unreadable_secret}
        self.write()

    # --- what stands in the files ---

    def write(self, **top):
        """A good one, unlike the last: a pace, a language, a source and a topic that come and go."""
        self.n += 1
        sources = self.press.sources()
        for source in sources:
            source["every"] = f"{60 + self.n % 100}m"
        if self.n % 3 == 0:
            sources.append(self.house.source("vacio", self.press.web.url("/vacio")))
        self.house.rules(acme=ACME, otra=ACME.replace("topic: acme", "topic: otra").replace("[acme]", f"[marca{self.n}]"))
        self.house.configure(sources, **{"queue": self.queue, "language": "es" if self.n % 2 else "en", **top})

    def bad_yaml(self):
        self.house.write(self.house.config.read_text() + "keep: {mentions: [\n")

    def bad_expression(self):
        self.house.rules(acme=ACME.replace("robo)", "robo"))

    def missing_file(self):
        self.write(rules=["rules/", "nada.yaml"])

    def unreadable_secret(self):
        self.write(queue={**self.queue, "password": {"file": "nada"}})

    # --- a reload ---

    def generation(self):
        return json.loads(ask(self.house, "/v1/status")[1])["readers"]["generation"]

    def refused(self, kind):
        before = self.generation()
        self.bad[kind]()
        status, answer = ask(self.house, "/v1/reload", {})
        findings = json.loads(answer)["findings"]
        assert status == 422 and findings and all(f["message"] for f in findings if f["severity"] == "error"), (kind, status, answer)
        now = json.loads(ask(self.house, "/v1/status")[1])
        assert now["rules"]["failed"] is True and now["readers"]["generation"] == before, (kind, now)

    def reload(self):
        turn = sum(self.done.values())
        if turn % 10 == 9:
            kind = list(self.bad)[turn // 10 % len(self.bad)]
            self.refused(kind)
            self.done[kind] += 1
        else:
            self.good()
            self.done["good"] += 1
        if self.n % 5 == 0:
            self.press.turn_page()

    def good(self):
        self.write()
        status, answer = ask(self.house, "/v1/reload", {}, seconds=30)
        assert status == 200, (status, answer)

    def size(self):
        """Resident memory in kB and descriptors, with a good configuration and once the old readers are gone."""
        self.good()
        self.house.two_readers()
        fds = f"/proc/{self.house.pid}/fd"
        until(lambda: len(os.listdir(fds)) < 64, "descriptors to be closed")
        return resident_kb(self.house.pid, "VmRSS"), len(os.listdir(fds))

    def run(self, n):
        """n reloads under load, and a fifth of that while nothing comes: what the log's page cache takes (to 24 MB) is not theirs."""
        self.house.start()
        begun = time.monotonic()
        with Load(self.house):
            for _ in range(n):
                self.reload()
        self.each_ms = (time.monotonic() - begun) / n * 1000
        result = account(self.house, self.redis, self.press)
        self.house.ctl("search", "acme")  # the index, which waits until it is quiet, is filled now
        self.before = self.size()
        for _ in range(n // 5):
            self.reload()
        self.after = self.size()
        self.house.stop()
        return result

    def flat(self):
        return self.after[1] <= self.before[1] + FDS_SLACK and (PATIENCE > 1 or self.after[0] <= self.before[0] + RSS_SLACK_KB)

    def __str__(self):
        kinds = ", ".join(f"{n} {kind}" for kind, n in self.done.most_common())
        return (f"seed {self.seed}: {sum(self.done.values())} reloads ({kinds}; {self.each_ms:.0f} ms each), "
                f"over the last fifth from {self.before[0]} kB and {self.before[1]} descriptors to {self.after[0]} kB and {self.after[1]}")
