"""What a device sees of a network, made on loopback: names, servers and certificates of our own, in namespaces that end
with the test. Files of the machine are replaced inside them only."""

import contextlib
import datetime
import http.server
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from device import die_with_parent, wait_until

DAY = datetime.timedelta(days=1)


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def private(key) -> bytes:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


class Authority:
    """A certificate authority of the tests; `above` signs it, or it does so itself."""

    def __init__(self, title: str, above: "Authority | None" = None) -> None:
        self.title = title
        self.above = above
        self.key = ec.generate_private_key(ec.SECP256R1())
        signer = above or self
        self.certificate = signer.sign(name(title), self.key.public_key(), -DAY, 30 * DAY, authority=True)

    def sign(self, subject, key, start, end, names: tuple[str, ...] = (), authority: bool = False):
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(name(self.title)).public_key(key)
            .serial_number(x509.random_serial_number()).not_valid_before(now + start).not_valid_after(now + end)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )  # fmt: skip
        if names:
            alternatives = x509.SubjectAlternativeName([x509.DNSName(each) for each in names])
            builder = builder.add_extension(alternatives, critical=False)
        return builder.sign(self.key, hashes.SHA256())

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def private(self) -> bytes:
        return private(self.key)

    def server(self, path: Path, *names: str, start=-DAY, end=10 * DAY) -> str:
        """Writes a key and a certificate for `names`, with those above; the path of the file that has them."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self.sign(name(names[0][:60]), key.public_key(), start, end, names)
        above = self.pem if self.above else b""
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + above + private(key))
        return str(path)


@dataclass
class Server:
    """One that listens; without a certificate it speaks plain HTTP, and a silent one says nothing at all."""

    address: str
    port: int = 443
    certificate: str | None = None
    silent: bool = False


class Stand:
    """Processes of `run` have the network of this stand, and the files that were put in place of the machine's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.chmod(0o755)
        self.count = 0
        self.servers: list[subprocess.Popen] = []
        self.hosts: dict[str, str] = {}
        script = (
            "ip link set lo up && mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system && "
            "mount -t tmpfs tmpfs /etc/ssl/certs && echo ready && exec sleep 1000000"
        )
        self.holder = subprocess.Popen(
            ["unshare", "--net", "--mount", "sh", "-c", script], stdout=subprocess.PIPE, preexec_fn=die_with_parent
        )
        assert self.holder.stdout and self.holder.stdout.readline() == b"ready\n"

    def close(self) -> None:
        """The namespaces, and what was mounted in them, end with their last process."""
        for process in [*self.servers, self.holder]:
            process.kill()
            process.wait()

    def inside(self, *command: str) -> list[str]:
        return ["nsenter", "-t", str(self.holder.pid), "-n", "-m", "--", *map(str, command)]

    def do(self, *command: str, **options) -> subprocess.CompletedProcess:
        return subprocess.run(self.inside(*command), check=True, capture_output=True, text=True, **options)

    def run(self, *command: str, timeout: float = 60, **options) -> subprocess.CompletedProcess:
        return subprocess.run(self.inside(*command), capture_output=True, text=True, timeout=timeout, **options)

    def replace(self, path: str, text: str | bytes) -> None:
        """Puts a file in place of the machine's, here alone."""
        self.count += 1
        file = self.folder / f"file-{self.count}"
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        file.chmod(0o644)
        if not os.path.exists(path) and not path.startswith("/etc/ssl/certs/"):
            raise FileNotFoundError(path)
        self.do("touch", path)
        self.do("mount", "--bind", str(file), path)

    def trust(self, authority: Authority) -> None:
        self.replace("/etc/ssl/certs/ca-certificates.crt", authority.pem)

    def know(self, hosts: dict[str, str]) -> None:
        """Names that resolve; no other does, for no DNS server answers here."""
        lines = [f"{address} {host}\n" for host, address in hosts.items()]
        self.replace("/etc/hosts", "127.0.0.1 localhost\n" + "".join(lines))
        self.replace("/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")

    def serve(self, *servers: Server) -> None:
        specification = json.dumps([vars(server) for server in servers])
        process = subprocess.Popen(
            self.inside(sys.executable, __file__, specification), stdout=subprocess.PIPE, preexec_fn=die_with_parent,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)},
        )  # fmt: skip
        self.servers.append(process)
        assert process.stdout and process.stdout.readline() == b"ready\n"

    def forbid(self, address: str, verdict: str = "drop") -> None:
        """A firewall's rule against an address."""
        self.do("nft", "add table ip t; add chain ip t out { type filter hook output priority 0; };"
                f"add rule ip t out ip daddr {address} {verdict}")  # fmt: skip

    def tinyproxy(self, port: int, *settings: str) -> None:
        self.count += 1
        configuration = self.folder / f"tinyproxy-{self.count}.conf"
        lines = [f"Port {port}", "Listen 127.0.0.1", "Timeout 60", "MaxClients 50", *settings]
        configuration.write_text("\n".join(lines) + "\n")
        process = subprocess.Popen(
            self.inside("tinyproxy", "-d", "-c", str(configuration)), preexec_fn=die_with_parent,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.servers.append(process)
        listens = f"ss -Hltn sport = :{port} | grep -q ."
        wait_until(lambda: self.run("sh", "-c", listens).returncode == 0, 10, "tinyproxy listens")


@contextlib.contextmanager
def standing(folder: Path):
    stand = Stand(folder)
    try:
        yield stand
    finally:
        stand.close()


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET

    def log_message(self, *arguments) -> None:
        pass


class TLSServer(http.server.ThreadingHTTPServer):
    """The handshake is made by the thread that answers: one that never ends keeps nobody else waiting."""

    daemon_threads = True
    context: ssl.SSLContext | None = None
    silent = False

    def finish_request(self, request, client_address) -> None:
        if self.silent:
            request.recv(65536)
            threading.Event().wait(1000)
        with contextlib.suppress(OSError):
            if self.context:
                request = self.context.wrap_socket(request, server_side=True)
            super().finish_request(request, client_address)

    def handle_error(self, request, client_address) -> None:
        pass


def main(servers: list[dict]) -> None:
    for each in servers:
        server = TLSServer((each["address"], each["port"]), Answer)
        server.silent = each["silent"]
        if each["certificate"]:
            server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            server.context.load_cert_chain(each["certificate"])
        threading.Thread(target=server.serve_forever, daemon=True).start()
    print("ready", flush=True)
    signal.pause()


if __name__ == "__main__":
    socket.setdefaulttimeout(60)
    main(json.loads(sys.argv[1]))
