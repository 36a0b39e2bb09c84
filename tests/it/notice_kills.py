"""Kills without warning while people are told of crises (FAULTS D3): tests/notice_kills, test_story.py. Crises open by what is said and by
hand, get worse, are taken, noted and closed, by two kinds of channels whose answers come late or are a refusal; each step is cut off
somewhere. What the log says was to be told is then compared with what arrived."""
import asyncio
import contextlib
import json
import random
import subprocess
import time
from collections import Counter, defaultdict

from daemon import CTL, LOCAL, PATIENCE, feed, item, until
from peers.channel_peer import TOKEN, ChannelPeer
from peers.smtp_peer import SmtpPeer
from test_topics import RULES

TOPICS_MAX, WAVE, WAVES_MAX = 12, 3, 5  # so many authors a wave: one warns, four are critical
SLOW = (0, 0.12)                    # seconds until a peer that has a message says so
REFUSED = 0.05
ANSWERS = {"ack": 4, "note": 2, "close": 3, "pass": 1}
PEOPLE = {"ana": "correo", "luis": "aviso", "eva": "correo"}
FIRST = {1: {"ana", "luis"}, 2: {"ana", "luis", "eva"}}  # of each severity: whom its first step names
SENT, GIVEN_UP = 2, 3
MARK = "POSIBLE REPETICIÓN"


class SlowMail(SmtpPeer):
    chance = random.Random()

    async def handle_DATA(self, server, session, envelope):
        if self.chance.random() < REFUSED:
            return "451 later"
        said = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(self.chance.uniform(*SLOW))
        return said


class SlowChannel(ChannelPeer):
    chance = random.Random()

    def __init__(self):
        super().__init__()
        self.server.handle_error = lambda *_: None  # whoever called was killed

    def serve(self, handler, kind, q):
        send = handler.send_response

        def later(status):
            time.sleep(self.chance.uniform(*SLOW))
            send(status)
        handler.send_response = later
        if self.chance.random() < REFUSED:
            self.next[kind].append((503, {}, b"{}"))
        super().serve(handler, kind, q)


class Account:
    """What the log says was to be told, and what arrived; each list should be empty."""

    def __init__(self):
        self.lost, self.strangers, self.unmarked, self.doubled, self.untold, self.unwritten = [], [], [], [], [], []
        self.notices = self.arrived = self.repeats = self.replaced = self.crises = 0

    def good(self):
        return not any((self.lost, self.strangers, self.unmarked, self.doubled, self.untold, self.unwritten))

    def __str__(self):
        faults = ", ".join(f"{len(v)} {k}" for k, v in vars(self).items() if isinstance(v, list))
        return (f"{self.notices} notices of {self.crises} crises: {faults}; {self.arrived} arrivals, {self.repeats} of them repeats with the same key, "
                f"{self.replaced} replaced by a newer one")


class NoticeKilling:
    def __init__(self, house, web, mail, chats, seed, topics=TOPICS_MAX):
        self.house, self.web, self.mail, self.chats, self.seed = house, web, mail, chats, seed
        self.chance = mail.chance = chats.chance = random.Random(seed)
        self.topics = topics
        self.said, self.kills, self.done, self.notes = [0] * topics, Counter(), Counter(), []
        self.configure()

    @staticmethod
    def name(k):
        return f"marca{k}"

    def configure(self):
        house = self.house
        hook = house.folder / "hook"
        hook.write_text(self.chats.url(f"/webhook/{TOKEN}"))
        hook.chmod(0o600)
        for k in range(self.topics):
            self.show(k)
        house.rules(**{self.name(k): RULES.replace("acme", self.name(k)) for k in range(self.topics)})
        step = {"after": "0s", "notify": ["ana", "luis"]}
        house.configure(
            [house.source(self.name(k), self.web.url(f"/{k}")) for k in range(self.topics)], language="es",
            notices={"gather": "1s", "pause": "0s", "retry": "1s"},
            channels=[self.mail.channel(), {"name": "aviso", "kind": "webhook", "webhook": {"file": "hook"}, "allow_private": LOCAL}],
            people=[{"name": p, "reach": [{channel: f"{p}@example.com"}]} for p, channel in PEOPLE.items()],
            escalations=[{"name": "casa", "info": [], "warning": [step, {"after": "1s", "notify": ["eva"]}],
                          "critical": [{"after": "0s", "notify": list(PEOPLE)}], "repeat": "30m"}],
            defaults={"escalation": "casa"})

    # --- what happens ---

    def show(self, k):
        """What is said of a brand so far, each by a site and in words of its own."""
        brand = self.name(k)
        old = [item(f"viejo{k}", f"{brand} abre una tienda")]
        new = [item(f"{brand}-{i}", f"{brand} es una estafa: {random.Random(k * 100 + i).getrandbits(400):x}", link=f"https://s{i}.example/{k}")
               for i in range(self.said[k])]
        self.web.route(f"/{k}", feed(*old, *new))

    def begin(self, *args):
        """escuchactl, which may be cut off with the daemon."""
        return subprocess.Popen([CTL, *map(str, args), "-c", self.house.config], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, cwd=self.house.folder, env=self.house.environment({}))

    def event(self):
        """What somebody says or does next: its name, and the program under way that says it."""
        open_ones = self.house.sql("SELECT id FROM incident WHERE state < 3 ORDER BY id")
        worse = [k for k in range(self.topics) if self.said[k] < WAVE * WAVES_MAX]
        draw = self.chance.random()
        if worse and (draw < 0.35 or not open_ones):
            k = self.chance.choice(worse)
            self.said[k] += WAVE
            self.show(k)
            return "wave", self.begin("poll", self.name(k))
        if draw < 0.55 or not open_ones:
            return "open", self.begin("open", self.name(self.chance.randrange(self.topics)), "--as", "ana")
        number, who = self.chance.choice(open_ones)[0], self.chance.choice(list(PEOPLE))
        verb = self.chance.choices(list(ANSWERS), ANSWERS.values())[0]
        if verb == "note":
            self.notes.append(f"nota {len(self.notes)}.")
            return verb, self.begin("note", number, self.notes[-1], "--as", who)
        return verb, self.begin(verb, number, *(["luis"] if verb == "pass" else []), "--as", who)

    def strike(self):
        """One event or two, and a kill somewhere in them; the daemon is not there when it returns."""
        if self.chance.random() < 0.12:
            self.house.start(ready=False)
            time.sleep(self.chance.uniform(0, 0.1) * PATIENCE)
            self.house.kill()
            self.kills["at its start"] += 1
            return
        self.house.start()
        for last in (False, True) if self.chance.random() < 0.4 else (True,):
            what, program = self.event()
            if not last:
                program.wait(30 * PATIENCE)
        if self.chance.random() < 0.7:  # what is said is judged within a second: a message is under way then
            with contextlib.suppress(AssertionError):
                until(self.under_way, seconds=1.5)
        time.sleep(self.chance.uniform(0, 0.15))
        self.house.kill()
        code = program.wait(30 * PATIENCE)
        self.done[what] += code == 0
        if what == "note" and code != 0:
            self.notes.pop()  # nobody was told that it is written
        self.kills["in the midst of a message" if self.under_way() else "with nothing under way"] += 1

    def under_way(self):
        return self.house.sql("SELECT 1 FROM notice WHERE kind = 'incident' AND state < 2 LIMIT 1")

    def run(self, n):
        with self.house.running():
            self.house.settled()  # a first poll is no news
        for _ in range(n):
            self.strike()
        with self.house.running():
            for k in range(self.topics):
                self.house.ctl_alone("poll", self.name(k))
            self.house.settled()
            until(lambda: not self.under_way(), "all messages to end", 60)
            with contextlib.suppress(AssertionError):  # what is still on its way is told twice at worst
                self.wait_quiet()
            return self.account()

    def wait_quiet(self):
        """Nothing new within a second and a half: steps that were due at a start are done."""
        seen, since = -1, time.monotonic()
        while time.monotonic() - since < 1.5 * PATIENCE:
            n = self.house.sql("SELECT count(*), sum(state) FROM notice")[0]
            if n != seen:
                seen, since = n, time.monotonic()
            time.sleep(0.05)

    # --- the account ---

    def arrivals(self):
        """Of each key, in the order in which they came: for whom, and whether it says that it may be a repeat."""
        found = defaultdict(list)
        for m in list(self.mail.messages):
            found[m.key.strip("<>").partition("@")[0]].append((m.to[0].partition("@")[0], MARK in m.text))
        for q in list(self.chats.taken["webhook"]):
            found[q["json"]["key"]].append((q["json"]["person"], q["json"]["maybe"]))
        return found

    def account(self):
        a, arrived = Account(), self.arrivals()
        known = dict(self.house.sql("SELECT key, person FROM notice"))
        rows = self.house.sql("SELECT key, person, state, matter, facts, coalesce(why, '') FROM notice WHERE kind = 'incident' ORDER BY created, rowid")
        a.notices, a.arrived = len(rows), sum(map(len, arrived.values()))
        a.strangers = [(key, to) for key, came in arrived.items() for to, _ in came if known.get(key) != to]
        for key, came in arrived.items():
            a.repeats += len(came) - 1
            a.unmarked += [key] if any(not marked for _, marked in came[1:]) else []
        has_newer, told = set(), Counter()
        for key, person, state, matter, facts, why in reversed(rows):
            news = json.loads(facts)
            about = (person, news["incident"], news["reason"], news["severity"]) if "reason" in news else (person, matter)
            replaced = state == GIVEN_UP and why == "a newer one follows" and matter in has_newer
            a.replaced += replaced
            if not replaced and (state != SENT or not arrived.get(key)):
                a.lost.append((key, about, state, why))
            has_newer.add(matter)
            told[about] += 1
        a.doubled = [about for about, n in told.items() if n > 1 and (len(about) == 2 or about[2] in ("begins", "rises", "ends"))]
        self.account_crises(a, {(person, number) for person, number, *_ in (about for about in told if len(about) == 4)}, told)
        return a

    def account_crises(self, a, told_of, told):
        """Each crisis: whom its level names was told; what it says was told has its message; what was written down is there."""
        for number, peak in self.house.sql("SELECT id, peak FROM incident"):
            a.crises += 1
            a.untold += [(number, person) for person in FIRST.get(peak, ()) if (person, number) not in told_of]
        lines = Counter(self.house.sql("SELECT who, incident, text FROM incident_line WHERE what = 'told'"))
        notices = Counter()
        for about, n in told.items():
            if len(about) == 4:
                notices[about[:3]] += n
        a.untold += [(line, n, notices[line]) for line, n in lines.items() if notices[line] != n]
        written = {text for text, in self.house.sql("SELECT text FROM incident_line WHERE what = 'note'")}
        a.unwritten = [note for note in self.notes if note not in written]

    def __str__(self):
        def listed(counter):
            return ", ".join(f"{n} {what}" for what, n in counter.most_common())
        return f"seed {self.seed}: {sum(self.kills.values())} kills ({listed(self.kills)}) among {listed(self.done)}"
