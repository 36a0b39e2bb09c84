"""A bot's chat is tied to a person by a code, and from there they answer: by words and buttons, fetched by the bot's one long poll; whatever
dies meanwhile, each is acted on once (FAULTS A7, D3)."""
import random
import re
import threading
import time

import pytest

from daemon import LOCAL, feed, until
from peers.channel_peer import TOKEN
from peers.telegram_peer import TelegramPeer
from test_channels import QUICK, secret
from test_crisis import HOSTILE, happened, incidents, one
from test_topics import BEFORE, RULES, publish, said

ANA, LUIS, STRANGER = 42, 77, 9
STEPS = [{"after": "0s", "notify": ["ana", "luis"]}]
WRONG = "no vale"
MANY = """cobró doble ayer negó garantía prometida perdió pedido navideño bloqueó cuentas viejas entregó cajas vacías vendió entradas falsas
          cambió precios nocturnos inventó multas absurdas ocultó cargos mensuales falsificó firmas notariales retuvo sueldos enteros"""


@pytest.fixture
def bot(request):
    with TelegramPeer() as p:
        request.node.stories = [*getattr(request.node, "stories", []), ("bot", lambda: f"{p.updates} {p.offsets[-5:]} {dict(p.refused)} {p.taken['telegram'][-3:]}")]
        yield p


def configure(house, web, bot, sources=(), critical=STEPS, defaults=None, **channel):
    web.route("/a", feed(*BEFORE))
    house.rules(acme=RULES)
    token = secret(house, "bot", TOKEN)
    house.configure([house.source("a", web.url("/a")), *({**s, "token": token} for s in sources)],
                    channels=[{"name": "bot", "kind": "telegram", "api": bot.url("/telegram"), "token": token, "allow_private": LOCAL, **channel}],
                    people=[{"name": "ana", "reach": [{"bot": "paired"}]}, {"name": "luis", "reach": [{"bot": str(LUIS)}]}], operators=["luis"], language="es",
                    notices=QUICK, escalations=[{"name": "casa", "warning": STEPS, "critical": critical, "repeat": "30m"}], defaults={"escalation": "casa", **(defaults or {})})


def code_of(house, person="ana"):
    return re.search(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}\b", house.ctl("pair", person).out)[0]


def paired(house, bot):
    bot.write(ANA, code_of(house))
    bot.told(ANA, "este chat es de ana")


def test_a_code_ties_a_chat_once(house, web, bot):
    configure(house, web, bot)
    assert "ana debe vincular su chat con bot una vez" in (checked := house.check()).out + checked.err
    with house.running():
        house.settled()
        assert "todavía no ha vinculado" in house.ctl("doctor", code=None).out
        first = code_of(house)
        code = code_of(house)  # in the place of the first
        bot.write(ANA, "/start")
        bot.told(ANA, "Escriba aquí el código")
        bot.write(-100, code, kind="group")
        bot.told(-100, "chat privado")
        for guess in (first, *(f"ABCD-EFG{i}" for i in range(2, 6))):
            bot.write(STRANGER, guess)
        until(lambda: [WRONG in t for t in bot.texts(STRANGER)].count(True) == 5, f"five answers: {bot.texts(STRANGER)}")
        bot.write(STRANGER, code)  # who guesses so often is not heard, even where it is right
        bot.write(LUIS, code)
        bot.told(LUIS, "Este chat ya es de luis")
        bot.write(ANA, code.lower().replace("-", " "))
        bot.told(ANA, "este chat es de ana")
        bot.confirmed()
        assert len(bot.texts(STRANGER)) == 5
        bot.write(STRANGER + 1, code)
        bot.told(STRANGER + 1, WRONG)
        assert "vinculado" not in house.ctl("doctor", code=None).out
        house.kill()
        house.start()
        house.settled()
        publish(house, web, *HOSTILE)
        assert "acme" in bot.told(ANA, "AVISO acme")["json"]["text"]  # a kill forgets nobody
        house.ctl("unpair", "ana")
        bot.write(ANA, "la tomo")
        bot.confirmed()
        assert one(house)["state"] == "open" and not [t for t in house.titles() if t and "la tomo" in t]
    assert not bot.conflicts


@pytest.mark.parametrize("as_source", [False, True])
def test_buttons_and_words(house, web, bot, as_source):
    """One reader a token, also where the bot is a source."""
    configure(house, web, bot, [{"name": "grupo", "platform": "telegram", "api": bot.url("/telegram"), "allow_private": LOCAL, "topic": "acme"}] if as_source else [])
    with house.running():
        house.settled()
        paired(house, bot)
        if as_source:
            bot.write(-100, "Acme abre a las nueve", kind="group")
            until(lambda: "abre a las nueve" in house.ctl("tail", "-n", "3", "--json").out, "what is said in the group")
        publish(house, web, *HOSTILE)
        message = bot.told(ANA, "AVISO acme")
        buttons = [b["callback_data"] for row in message["json"]["reply_markup"]["inline_keyboard"] for b in row]
        assert "take 1" in buttons
        bot.press(ANA, message, "take 1", by=STRANGER)  # in ana's chat there is nobody else: who presses there is ana
        bot.press(STRANGER, message, "close 1")  # forwarded: not theirs to press
        until(lambda: one(house).get("owner") == "ana", "ana to have it")
        edited = until(lambda: next((q for q in bot.of(ANA) if q["path"].endswith("editMessageText")), None), "the message to be changed")
        assert edited["json"]["message_id"] == 1000 + bot.taken["telegram"].index(message) + 1 and "ana" in edited["json"]["text"].split("\n\n")[0]
        until(lambda: bot.pressed, "the press to be answered")
        bot.told(LUIS, "ana")
        bot.write(ANA, "nota hablé con el taller")
        until(lambda: "note" in happened(house), "the note")
        bot.press(ANA, message, "pass 1")
        whom = until(lambda: next((q for q in bot.of(ANA) if "pass luis 1" in str(q["json"].get("reply_markup"))), None), "to be asked to whom")
        bot.press(ANA, whom, "pass luis 1")
        until(lambda: one(house).get("owner") == "luis", "luis to have it")
        bot.write(LUIS, "resuelto")
        until(lambda: one(house)["state"] == "closed", "it to be closed")
        n = len(bot.pressed)
        bot.press(ANA, message, "take 1")
        until(lambda: len(bot.pressed) > n, "a button of what is over to be answered")
        assert "cerrada" in bot.pressed[-1]["text"] and one(house)["state"] == "closed"
        assert not [t for t in house.titles() if t and ("nota" in t or "resuelto" in t)]
    assert not bot.conflicts


def test_each_word_is_acted_on_once_whatever_dies(house, web, bot):
    """FAULTS D3: killed when the answer with the words has just left, or a moment later, while they are written, done, answered."""
    configure(house, web, bot)
    house.start()
    house.settled()
    paired(house, bot)
    house.ctl("open", "acme", "--as", "luis")
    delays, killed = [0, 0.02, 0.05, 0.1, 0.3], threading.Event()
    random.Random(7).shuffle(delays)
    notes = [f"hecho {i}" for i in range(len(delays))]

    def kill():
        time.sleep(delays.pop())
        bot.on_delivered = None
        house.kill()
        killed.set()

    for text in notes:
        killed.clear()
        bot.on_delivered = kill
        bot.write(ANA, f"nota {text}")
        assert killed.wait(20)
        house.start()
        house.settled()
        bot.confirmed()
    until(lambda: happened(house).count("note") >= len(notes), f"all notes: {one(house)['events']}")
    assert [e["text"] for e in one(house)["events"] if e["what"] == "note"] == notes
    assert len(incidents(house)) == 1
    house.stop()


def test_steps_by_words_and_what_a_word_is_worth(house, web, bot):
    """Who takes over what they were told of as a warning does not stop the steps of the crisis that it has become meanwhile; who was told of that does."""
    (house.folder / "guia.md").write_text("# Quejas\n\n- [ ] Llamar a la tienda\n- [ ] Avisar a legal\n")
    configure(house, web, bot, critical=[{"after": "0s", "notify": ["luis"]}], defaults={"playbook": "guia.md"})
    with house.running():
        house.settled()
        paired(house, bot)
        publish(house, web, *HOSTILE)
        bot.told(ANA, "AVISO acme")
        for word, answer in (("paso 2", "Hecho el paso 2"), ("step 1", "Hecho el paso 1"), ("ya, paso 3", "tiene 2 pasos")):
            bot.write(ANA, word)
            bot.told(ANA, answer)
        assert [(s["done"], s["who"]) for s in one(house)["steps"]] == [(True, "ana")] * 2 and one(house)["state"] == "open"
        many = [f"Acme {a} {b} {c}: pura estafa" for a, b, c in zip(*[iter(MANY.split())] * 3)]
        publish(house, web, *HOSTILE, *said(len(many), many))
        bot.told(LUIS, "CRISIS acme")
        bot.write(ANA, "la tomo")
        bot.confirmed()
        until(lambda: "event=answer.said who=ana verb=take" in house.log(), "the word to be read")
        assert one(house)["state"] == "open" and one(house)["severity"] == "critical"
        bot.write(LUIS, "la tomo")
        until(lambda: one(house)["state"] == "acknowledged", "luis to have it")
        assert one(house)["owner"] == "luis"
    assert not bot.conflicts
