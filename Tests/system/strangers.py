"""Proxies that others made, really started on loopback, and a repository behind them that speaks TLS."""

import http.server
import shutil
import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest

from device import die_with_parent, wait_until
from stand import Authority
from web import Web

#: Users of a squid that wants credentials, and those whom it lets through.
BASIC = """auth_param basic program /usr/lib/squid/basic_ncsa_auth {folder}/users
acl known proxy_auth REQUIRED
http_access allow known
"""


def is_open(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Squid:
    """`rules` and `listening` may say {folder} and {port}."""

    def __init__(self, folder: Path, rules: str = "http_access allow all\n", listening: str = "127.0.0.1:{port}") -> None:
        if not shutil.which("squid"):
            pytest.fail("squid is missing: apt-get install squid-openssl")
        folder.mkdir(exist_ok=True)
        # It becomes another user.
        folder.chmod(0o777)
        self.folder, self.port = folder, free_port()
        fill = {"folder": folder, "port": self.port}
        configuration = folder / "squid.conf"
        configuration.write_text(
            f"http_port {listening.format(**fill)}\n{rules.format(**fill)}\n"
            "cache deny all\ncache_mem 0\npid_filename none\npinger_enable off\nnetdb_filename none\n"
            "max_filedescriptors 256\nshutdown_lifetime 0 seconds\n"
            f"coredump_dir {folder}\ncache_log {folder}/cache.log\n"
            # With the credentials that came, or a dash.
            "logformat short %rm %ru %>Hs %{Proxy-Authorization}>h\n"
            f"access_log stdio:{folder}/access.log short\n"
        )
        self.process = subprocess.Popen(["squid", "-N", "-f", str(configuration)], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, preexec_fn=die_with_parent)  # fmt: skip
        wait_until(lambda: is_open(self.port), what="squid listens")

    @classmethod
    def inspecting(cls, folder: Path, authority: Authority, behind: Authority) -> "Squid":
        """One that reads along, and signs with `authority` what it passes on."""
        folder.mkdir()
        (folder / "inspecting.pem").write_bytes(authority.pem + authority.private)
        (folder / "behind.pem").write_bytes(behind.pem)
        database = folder / "made"
        certgen = "/usr/lib/squid/security_file_certgen"
        subprocess.run([certgen, "-c", "-s", database, "-M", "4MB"], check=True, capture_output=True)
        for path in [database, *database.iterdir()]:
            path.chmod(0o777)
        rules = (
            f"sslcrtd_program {certgen} -s {database} -M 4MB\nsslcrtd_children 1 startup=1 idle=1\n"
            "ssl_bump bump all\ntls_outgoing_options cafile={folder}/behind.pem\nhttp_access allow all\n"
        )
        listening = "127.0.0.1:{port} ssl-bump tls-cert={folder}/inspecting.pem generate-host-certificates=on"
        return cls(folder, rules, listening)

    @property
    def log(self) -> str:
        path = self.folder / "access.log"
        return path.read_text() if path.exists() else ""

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


class Secure:
    """What a web server serves, by TLS too."""

    def __init__(self, web: Web, certificate: str) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), web.server.RequestHandlerClass)
        self.server.daemon_threads = True
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Nginx:
    """Serves a folder, and notes for each request its line, the status, and the bytes of the body that were sent."""

    def __init__(self, folder: Path, site: Path, settings: str = "", port: int = 0) -> None:
        if not shutil.which("nginx"):
            pytest.fail("nginx is missing: apt-get install nginx-light")
        folder.mkdir()
        self.folder, self.port = folder, port or free_port()
        configuration = folder / "nginx.conf"
        configuration.write_text(
            f"daemon off; pid {folder}/pid; error_log {folder}/error.log; user root; worker_processes 1;\n"
            f"events {{}}\nhttp {{ log_format short '$request_uri $status $body_bytes_sent';\n"
            f"access_log {folder}/access.log short; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n"
            f"fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;\n"
            f"server {{ listen 127.0.0.1:{self.port}; root {site}; {settings} }} }}\n"
        )
        self.process = subprocess.Popen(["nginx", "-c", configuration, "-e", folder / "error.log"],
                                        stderr=subprocess.DEVNULL, preexec_fn=die_with_parent)  # fmt: skip
        wait_until(lambda: is_open(self.port), what="nginx listens")

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answers(self) -> list[tuple[str, int, int]]:
        """Path, status and bytes of each answer so far."""
        lines = [line.split() for line in (self.folder / "access.log").read_text().splitlines()]
        return [(path, int(status), int(count)) for path, status, count in lines]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()
