"""A certificate authority of the tests' own, and what it signs, well and badly."""
import subprocess

CONFIG = """[ca]
default_ca = prueba
[prueba]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
[any]
commonName = supplied
"""


def make(folder, hosts):
    """{name: host} becomes NAME.pem and NAME.key, good for nine days; the name says what is wrong with it: "old", "future",
    "self" (signed by itself), "other" (of another host), "long" (good for ninety days); all else is well. ca.pem trusts them."""
    def openssl(*args):
        subprocess.run(["openssl", *args], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    (folder / "ca.cnf").write_text(CONFIG)
    (folder / "index").write_text("")
    (folder / "serial").write_text("1000\n")
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "100", "-subj", "/CN=Prueba CA")
    ca = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "ext")
    for name, host in hosts.items():
        subject = ["-subj", f"/CN={host}"]
        if name == "self":
            openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "self.key", "-out", "self.pem", "-days", "9", *subject,
                    "-addext", f"subjectAltName=DNS:{host}")
            continue
        (folder / "ext").write_text(f"subjectAltName=DNS:{'otro.example' if name == 'other' else host}\n")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", *subject)
        if name == "future":
            openssl("ca", "-batch", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-extfile", "ext", "-in", "future.csr",
                    "-out", "future.pem", "-startdate", "20400101000000Z", "-enddate", "20410101000000Z")
        else:
            days = {"old": "-1", "long": "90"}.get(name, "9")
            openssl("x509", "-req", "-in", f"{name}.csr", "-out", f"{name}.pem", *ca, "-days", days)
    return folder
