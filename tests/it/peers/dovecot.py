"""A real Dovecot of the test's own, on loopback: mail is laid into its folders as a mail server does it.

    with DovecotPeer() as mail:
        mail.deliver(message("Acme falla", "es un fraude"))      # into INBOX; its UID
        mail.deliver(message("otra"), folder="Quejas/Años")
        mail.flags(), mail.expunge(uid), mail.uids()
        mail.port (STARTTLS is there), mail.tls_port, mail.crt (its own authority)

doveadm does what a person or a filter would do meanwhile. Ends with the test's block."""
import contextlib
import getpass
import grp
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from peers.redis import free_port
from peers.smtp_peer import certificate

DOVECOT = shutil.which("dovecot", path="/usr/sbin:/usr/bin")
USER, PASSWORD = "buzon@correo.example", 'S3creto "de" Prueba\\ñ'
CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_location = {format}:{folder}/mail
mail_uid = {user}
mail_gid = {group}
namespace inbox {{
  inbox = yes
  separator = /
}}
{plain}
ssl = yes
ssl_cert = <{crt}
ssl_key = <{key}
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = home={folder}/home
}}
auth_failure_delay = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
mail_max_userip_connections = 100
"""


def message(subject, text="", date=None, sender="Ana Pérez <ana@correo.example>", **headers):
    """headers: message_id="<1@b>", in_reply_to=…; html="…" adds an alternative."""
    html = headers.pop("html", None)
    m = EmailMessage()
    m["Subject"], m["From"], m["To"] = subject, sender, USER
    m["Date"] = formatdate(date if date is not None else time.time())
    m["Message-ID"] = headers.pop("message_id", None) or make_msgid(domain="correo.example")
    for name, value in headers.items():
        m[name.replace("_", "-").title()] = value
    m.set_content(text)
    if html:
        m.add_alternative(html, subtype="html")
    return m.as_bytes()


class DovecotPeer:
    """plain: it takes passwords without TLS. As root it runs as nobody, in a folder of its own: nobody else's could be entered."""

    def __init__(self, plain=True, mailbox="maildir"):
        self.folder = folder = pathlib.Path(tempfile.mkdtemp(prefix="dovecot-"))
        self.port, self.tls_port, self.process = free_port(), free_port(), None
        self.user = "nobody" if os.getuid() == 0 else getpass.getuser()
        owner = pwd.getpwnam(self.user)
        self.owner = {"user": owner.pw_uid, "group": owner.pw_gid} if os.getuid() == 0 else {}
        self.crt, key = certificate(folder)
        self.config = folder / "dovecot.conf"
        self.config.write_text(CONFIG.format(
            folder=folder, user=self.user, group=grp.getgrgid(owner.pw_gid).gr_name, crt=self.crt, key=key, port=self.port,
            tls_port=self.tls_port, format=mailbox,
            plain="disable_plaintext_auth = no" if plain else "disable_plaintext_auth = yes\nlogin_trusted_networks ="))
        (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
        if self.owner:
            for path in [folder, *folder.rglob("*")]:
                os.chown(path, owner.pw_uid, owner.pw_gid)
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.process:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        with open(self.folder / "out", "ab") as out:
            self.process = subprocess.Popen([DOVECOT, "-F", "-c", self.config], stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                                            start_new_session=True, **self.owner)
        deadline = time.monotonic() + 20
        while True:
            with contextlib.suppress(OSError):
                with socket.create_connection(("127.0.0.1", self.port), 5) as s:
                    if s.recv(10).startswith(b"* OK"):
                        return
            assert self.process.poll() is None and time.monotonic() < deadline, self.log()
            time.sleep(0.02)

    def stop(self):
        process, self.process = self.process, None
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        self.kill(process)  # what it left behind

    def kill(self, process=None):
        """At once: a stop takes a second."""
        process = process or self.process
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    # --- the mailbox ---

    def doveadm(self, *args, stdin=b""):
        return subprocess.run(["doveadm", "-c", self.config, *args], input=stdin, capture_output=True, check=True, timeout=60,
                              **self.owner).stdout.decode()

    def deliver(self, *messages, folder="INBOX"):
        """One after another; what is not INBOX is made."""
        if folder != "INBOX":
            with contextlib.suppress(subprocess.CalledProcessError):
                self.doveadm("mailbox", "create", "-u", USER, folder)
        for m in messages:
            self.doveadm("save", "-u", USER, "-m", folder, stdin=m)

    def pour(self, messages):
        """Very many at once into INBOX, as a copied Maildir."""
        new = self.folder / "mail/new"
        new.mkdir(parents=True, exist_ok=True)
        for i, m in enumerate(messages):
            (new / f"{1_700_000_000 + i}.M{i}.peer").write_bytes(m)
        if self.owner:
            for path in [new.parent, new, *new.iterdir()]:
                os.chown(path, self.owner["user"], self.owner["group"])

    def fetch(self, fields, query="ALL", folder="INBOX"):
        return self.doveadm("-f", "tab", "fetch", "-u", USER, fields, "mailbox", folder, *query.split()).splitlines()[1:]

    def uids(self, folder="INBOX"):
        return [int(line) for line in self.fetch("uid", folder=folder)]

    def flags(self, folder="INBOX"):
        return self.fetch("flags", folder=folder)

    def expunge(self, uid, folder="INBOX"):
        self.doveadm("expunge", "-u", USER, "mailbox", folder, "uid", str(uid))

    def forget(self):
        """Its index goes, and with it the UIDs that it gave: UIDVALIDITY is another one."""
        self.stop()
        for path in (self.folder / "mail").rglob("dovecot*"):
            if path.is_file():
                path.unlink()
        time.sleep(1.1)  # UIDVALIDITY is a time in seconds
        self.start()

    def log(self):
        return "\n".join(p.read_text(errors="replace") for p in (self.folder / "out", self.folder / "log") if p.exists())
