"""A mail server of a few lines that says what a test wants, on loopback.

    with ImapLiar({"SEARCH": b"* SEARCH 1 2\\r\\nTAG OK\\r\\n"}) as liar:   # TAG: the command's own; CLOSE at the end: it hangs up
        liar.port, liar.heard                                            # the commands as they came

A command is known by a word of it (EXAMINE, SEARCH, SIZE for the question of sizes, BODY for the mails); what is not named is answered
as an honest server with the mails given would. greeting: what it begins with. mails: {uid: bytes}."""
import socketserver
import threading

GREETING = b"* OK [CAPABILITY IMAP4rev1] here\r\n"


def fetched(uid, mail):
    return b'* 1 FETCH (FLAGS (\\Seen "a)b") UID %d RFC822.SIZE %d INTERNALDATE " 2-Jan-2026 10:00:00 +0100" BODY[]<0> {%d}\r\n%s)\r\n' % (
        uid, len(mail), len(mail), mail)


class ImapLiar:
    def __init__(self, answers=None, mails=None, greeting=GREETING, capability=b"IMAP4rev1"):
        self.answers, self.mails, self.heard = answers or {}, mails or {}, []
        liar = self

        class Session(socketserver.StreamRequestHandler):
            timeout = 60

            def handle(self):
                try:
                    self.wfile.write(greeting() if callable(greeting) else greeting)
                    while line := self.rfile.readline():
                        liar.heard.append(line.decode(errors="replace").strip())
                        answer = liar.answer(line, capability)
                        self.wfile.write(answer.removesuffix(b"CLOSE"))
                        if answer.endswith(b"CLOSE"):
                            return
                except OSError:
                    pass

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = allow_reuse_address = True

        self.server = Server(("127.0.0.1", 0), Session)
        self.port = self.server.server_address[1]

    def answer(self, line, capability):
        tag, _, words = line.partition(b" ")
        for word, said in self.answers.items():
            if word.encode() in words.upper():
                return said.replace(b"TAG", tag)
        ok = tag + b" OK done\r\n"
        if words.startswith(b"CAPABILITY"):
            return b"* CAPABILITY " + capability + b"\r\n" + ok
        if words.startswith(b"EXAMINE"):
            return b"* %d EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT %d] x\r\n" % (len(self.mails), max(self.mails, default=0) + 1) + ok
        if b"SEARCH" in words:
            return b"* SEARCH" + b"".join(b" %d" % uid for uid in self.mails) + b"\r\n" + ok
        if b"BODY" in words or b"SIZE" in words:
            asked = [int(n) for n in words.split()[2].split(b",")]
            items = [(uid, self.mails[uid]) for uid in asked if uid in self.mails]
            if b"BODY" in words:
                return b"".join(fetched(*one) for one in items) + ok
            return b"".join(b"* 1 FETCH (UID %d RFC822.SIZE %d)\r\n" % (uid, len(mail)) for uid, mail in items) + ok
        return ok

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *exception):
        self.server.shutdown()
        self.server.server_close()
