"""The worked example of a meeting-room agent, and a machine on which all that it needs is right."""

import json
import re
from pathlib import Path

from stand import Authority, Server, Stand

MANIFEST = Path(__file__).resolve().parents[2] / "manifests/teams-rooms.toml"
HOSTS = re.findall(r'"([a-z0-9.-]+):443"', MANIFEST.read_text())
REPOSITORY = "updates.example.com"
#: Every name has an address of its own, for rules against one of them.
ADDRESSES = {host: f"127.1.0.{number}" for number, host in enumerate([*HOSTS, REPOSITORY], 1)}
VICTIM = HOSTS[3]
DEBIAN = 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'
PASSWD = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n"
ACCOUNTS = "Admin:x:1000:1000::/home/Admin:/bin/sh\nSkype:x:1001:1001::/home/Skype:/bin/sh\n"


def furnish(stand: Stand, authority: Authority) -> None:
    """Everything but servers."""
    stand.trust(authority)
    stand.know(ADDRESSES)
    stand.replace("/etc/passwd", PASSWD + ACCOUNTS)
    stand.replace("/etc/os-release", DEBIAN)


def everyone(certificate: str, *but: str) -> list[Server]:
    return [Server(address, certificate=certificate) for host, address in ADDRESSES.items() if host not in but]


def manual(*bypass: str) -> str:
    return f'[proxy]\nmode = "manual"\nservers = ["127.0.0.1:3128"]\nbypass = {json.dumps(bypass)}\n'
