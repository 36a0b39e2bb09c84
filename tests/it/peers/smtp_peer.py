"""A mail server that behaves badly on request: the other end of every notice in these tests.

    with SmtpPeer() as mail:                 smtp://127.0.0.1:PORT without TLS
    with SmtpPeer(tls="starttls") as mail:   STARTTLS is there, and needed      tls="smtps": from the first byte on
    mail.answers = {"MAIL": ["421 later"], "RCPT": ["550 no"], "DATA": ["451 later"]}   next answers, one a time
    mail.silent = "EHLO" | "DATA" | "END"    says nothing any more from there on (END: the message came, its answer doesn't)
    mail.messages                            what was taken: Message(envelope, headers, text)

Ends by itself: with the test's block, and each connection after MAX_SECONDS."""
import asyncio
import email
import email.policy
import ssl
import subprocess
import threading
import time

from aiosmtpd.smtp import SMTP, AuthResult

MAX_SECONDS = 30


def certificate(folder, name="127.0.0.1"):
    """(certificate, key) of a server; the certificate is its own authority."""
    folder.mkdir(parents=True, exist_ok=True)
    crt, key = folder / "server.crt", folder / "server.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=escuchad test", "-addext", f"subjectAltName=IP:{name},DNS:localhost", "-keyout", key, "-out", crt],
                   check=True, capture_output=True)
    return crt, key


class Message:
    def __init__(self, envelope):
        self.sender, self.to, self.raw = envelope.mail_from, envelope.rcpt_tos, envelope.content
        self.options = envelope.mail_options
        self.parsed = email.message_from_bytes(self.raw, policy=email.policy.default)

    def __getitem__(self, header):
        return self.parsed[header]

    @property
    def text(self):
        return self.parsed.get_body(("plain",)).get_content().replace("\r\n", "\n")

    @property
    def key(self):
        return self["Message-ID"]

    @property
    def repeat(self):
        return "POSSIBLE REPEAT" in self.text or "POSIBLE REPETICIÓN" in self.text

    def __repr__(self):
        return f"{self.to} {self['Subject']} {self.key}"


class Server(SMTP):
    """Lets the peer answer, or keep silent, before aiosmtpd does."""

    peer = None

    async def smtp_EHLO(self, hostname):
        if not await self.peer.stop(self, "EHLO"):
            await super().smtp_EHLO(hostname)


class SmtpPeer:
    def __init__(self, tls=None, folder=None, users=None, port=0):
        self.tls, self.users, self.port = tls, users or {}, port
        self.messages, self.answers, self.silent, self.commands, self.logins = [], {}, None, [], []
        self.crt, self.key = certificate(folder) if tls else (None, None)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.server = None

    def __enter__(self):
        self.thread.start()
        asyncio.run_coroutine_threadsafe(self.listen(), self.loop).result(10)
        return self

    def __exit__(self, *_):
        async def close():
            self.server.close()
            for task in asyncio.all_tasks():
                if task is not asyncio.current_task():
                    task.cancel()
        asyncio.run_coroutine_threadsafe(close(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    async def listen(self):
        context = None
        if self.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.crt, self.key)

        def make():
            server = Server(self, enable_SMTPUTF8=True, hostname="mail.test", timeout=MAX_SECONDS, loop=self.loop,
                            tls_context=context if self.tls == "starttls" else None, require_starttls=self.tls == "starttls",
                            authenticator=self.authenticate if self.users else None, auth_required=bool(self.users),
                            auth_require_tls=False)
            server.peer = self
            return server
        self.server = await self.loop.create_server(make, "127.0.0.1", self.port, ssl=context if self.tls == "smtps" else None)
        self.port = self.server.sockets[0].getsockname()[1]

    @property
    def url(self):
        return f"{'smtps' if self.tls == 'smtps' else 'smtp'}://127.0.0.1:{self.port}"

    def channel(self, name="correo", **more):
        return {"name": name, "kind": "smtp", "url": self.url, "from": "escuchad@example.com", "timeout": "5s", **more}

    def authenticate(self, server, session, envelope, mechanism, data):
        login = (data.login.decode(), data.password.decode())
        self.logins.append(login)
        return AuthResult(success=self.users.get(login[0]) == login[1], handled=False)

    async def stop(self, server, command):
        """Whether it says nothing any more, or something of its own."""
        self.commands.append(command)
        if self.silent == command:
            await asyncio.sleep(MAX_SECONDS)
            return True
        return False

    def answer(self, command):
        waiting = self.answers.get(command)
        return waiting.pop(0) if waiting else None

    # --- aiosmtpd's hooks ---

    async def handle_MAIL(self, server, session, envelope, address, options):
        await self.stop(server, "MAIL")
        said = self.answer("MAIL")
        if said:
            return said
        envelope.mail_from, envelope.mail_options = address, options
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        await self.stop(server, "RCPT")
        said = self.answer("RCPT")
        if said:
            return said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.commands.append("DATA")
        said = self.answer("DATA")
        if said:
            return said
        silent = self.silent == "END"  # whoever waits for the message may change it
        message = Message(envelope)
        self.messages.append(message)
        if silent:
            await asyncio.sleep(MAX_SECONDS)
        return f"250 queued as {len(self.messages)}"

    def to(self, address):
        return [m for m in self.messages if m.to == [address]]

    def wait(self, n=1, seconds=20):
        deadline = time.monotonic() + seconds
        while len(self.messages) < n:
            assert time.monotonic() < deadline, f"{len(self.messages)} messages, {n} wanted: {self.messages}; commands {self.commands}"
            time.sleep(0.02)
        return self.messages
