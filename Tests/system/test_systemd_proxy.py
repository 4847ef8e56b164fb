"""`slipway proxy` under a real systemd: what it sets is what the fetch unit does, by a script and a proxy inside the machine."""

import base64
import subprocess
import threading
from pathlib import Path

import pytest

from device import die_with_parent, wait_until
from factory import PORT, PRODUCT
from machine import STATE, unit

pytestmark = pytest.mark.timeout(180)

WEB, PROXY = 8088, 3128
SCRIPT = f"http://127.0.0.1:{WEB}/proxy.pac"
PASSWORD = "s3cret-horse-battery"
#: Both spellings in which it could be seen.
SECRETS = [PASSWORD, base64.b64encode(f"device:{PASSWORD}".encode()).decode()]
LOCAL = f"/etc/slipway/{PRODUCT}/config.d/90-local.toml"


class Neighbours:
    """A web server with a script, and tinyproxy: programs of this host in the machine's network."""

    def __init__(self, machine, folder: Path) -> None:
        self.machine, self.folder = machine, folder
        self.web: subprocess.Popen | None = None
        self.proxy: subprocess.Popen | None = None

    def start(self, port: int, *command: str) -> subprocess.Popen:
        inside = ["nsenter", "-t", str(self.machine.leader()), "-n", "--", *command]
        process = subprocess.Popen(inside, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent)
        listens = f"ss -Hltn sport = :{port} | grep -q ."
        wait_until(lambda: self.machine.run("sh", "-c", listens, check=False).returncode == 0, 20, f"port {port}")
        return process

    def serve(self, script: str) -> None:
        (self.folder / "proxy.pac").write_text(script)
        if not self.web:
            arguments = ["-m", "http.server", str(WEB), "--bind", "127.0.0.1", "--directory", str(self.folder)]
            self.web = self.start(WEB, "python3", *arguments)

    def tinyproxy(self, *settings: str) -> None:
        self.stop_proxy()
        configuration = self.folder / "tinyproxy.conf"
        lines = [f"Port {PROXY}", "Listen 127.0.0.1", "Timeout 20", "MaxClients 20", f'LogFile "{self.folder}/log"']
        configuration.write_text("\n".join([*lines, "LogLevel Connect", *settings]) + "\n")
        self.proxy = self.start(PROXY, "tinyproxy", "-d", "-c", str(configuration))

    def stop_proxy(self) -> None:
        if self.proxy:
            self.proxy.kill()
            self.proxy.wait()
        self.proxy = None

    def close(self) -> None:
        self.stop_proxy()
        if self.web:
            self.web.kill()
            self.web.wait()

    @property
    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text() if path.exists() else ""


@pytest.fixture(scope="module")
def neighbours(machine, tmp_path_factory):
    folder = tmp_path_factory.mktemp("neighbours")
    made = Neighbours(machine, folder)
    try:
        yield made
    finally:
        made.close()


def poll(machine) -> dict:
    """One poll of the unit, to its end; what `status` says of it."""
    machine.run("systemctl", "start", unit("fetch"), check=False, timeout=120)
    return machine.status()["lastFetch"]


def slipway(machine, *arguments: str, code: int = 0) -> str:
    result = machine.run("slipway", *arguments, check=False)
    assert result.returncode == code, f"{arguments}: {result.returncode}\n{result.stdout}{result.stderr}\n{machine.tail()}"
    return result.stdout + result.stderr


def sampled(machine, act, *words: str) -> list[str]:
    """The user numbers (real, effective, saved, file system) of the processes inside with all of `words`, seen while
    `act` ran."""
    seen, done = set(), threading.Event()

    def watch() -> None:
        while not done.is_set():
            for pid in machine.processes(*words):
                try:
                    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
                    seen.update(line.removeprefix("Uid:\t") for line in lines if line.startswith("Uid:"))
                except OSError:
                    continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        act()
    finally:
        done.set()
        watcher.join()
    return sorted(seen)


def test_a_script_that_was_set_leads_the_next_poll_through_its_proxy(machine, neighbours, factory):
    neighbours.tinyproxy()
    neighbours.serve(f"function FindProxyForURL(url, host) {{ return 'PROXY 127.0.0.1:{PROXY}'; }}")
    slipway(machine, "proxy", "set", "autoscript", SCRIPT)
    assert f'script = "{SCRIPT}"' in machine.read(LOCAL)
    factory.resign()
    latest = poll(machine)
    assert latest["ok"], f"{latest}\n{machine.tail()}"
    assert f"http://127.0.0.1:{PORT}/metadata/timestamp.json" in neighbours.log
    # The script was brought directly, and kept for fetch.
    assert "proxy.pac" not in neighbours.log
    assert machine.read(f"{STATE}/fetch/proxy-script").splitlines()[0].endswith(f" {SCRIPT}")


def test_a_trial_is_fetchs_and_the_script_is_nobodys(machine, neighbours):
    """Neither is root's at any time while the script runs, which takes its time here."""
    slow = "for (var i = 0; i < 3000000; i++) {}"
    neighbours.serve(f"function FindProxyForURL(url, host) {{ {slow} return 'PROXY 127.0.0.1:{PROXY}'; }}")
    machine.run("rm", "-f", f"{STATE}/fetch/proxy-script")
    said: list[str] = []
    address = f"http://127.0.0.1:{PORT}/"

    def trial() -> None:
        said.append(slipway(machine, "proxy", "test", address))

    evaluators = sampled(machine, trial, "pac-evaluator")
    assert f"routes:      PROXY 127.0.0.1:{PROXY}" in said[0] and f"script {SCRIPT}" in said[0]
    numbers = [line.split() for line in evaluators]
    assert any(len(set(four)) == 1 and 61184 <= int(four[0]) <= 65519 for four in numbers), evaluators
    fetch = machine.run("id", "-u", f"slipway-{PRODUCT}").stdout.strip()
    owner = machine.run("stat", "-c", "%u", f"{STATE}/fetch/proxy-script").stdout.strip()
    assert owner == fetch != "0"
    users = sampled(machine, trial, "proxy", "test", address)
    assert "\t".join([fetch] * 4) in users, users


def test_credentials_are_seen_nowhere(machine, neighbours, factory):
    neighbours.tinyproxy(f"BasicAuth device {PASSWORD}")
    factory.resign()
    refused = poll(machine)
    # Plain http: the proxy's own 407 is told from the server's.
    assert (refused["ok"], refused["code"]) == (False, 14), refused
    assert machine.show(unit("fetch"), "ExecMainStatus") == {"ExecMainStatus": "14"}
    (machine.root / "root/word").write_text(PASSWORD + "\n")
    (machine.root / "root/word").chmod(0o600)
    listed: list[str] = []
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    listed.append(path.read_bytes().decode(errors="replace"))
                except OSError:
                    continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        slipway(machine, "proxy", "credentials", f"127.0.0.1:{PROXY}", "device", "--password-file", "/root/word")
        latest = poll(machine)
    finally:
        done.set()
        watcher.join()
    assert latest["ok"], f"{latest}\n{machine.tail()}"
    path = f"/etc/slipway/{PRODUCT}/proxy-credentials"
    assert machine.run("stat", "-c", "%U %a", path).stdout.strip() == f"slipway-{PRODUCT} 600"
    assert PASSWORD in machine.read(path)
    (machine.root / "root/word").unlink()
    said = slipway(machine, "proxy", "show") + slipway(machine, "status", "--json")
    said += machine.run("slipway", "check", "--json", check=False).stdout
    said += slipway(machine, "proxy", "test", f"http://127.0.0.1:{PORT}/")
    said += machine.run("journalctl", "--no-pager", "-o", "export").stdout
    logs = machine.root / f"var/log/slipway/{PRODUCT}"
    said += "".join(each.read_text() for each in logs.rglob("*") if each.is_file())
    said += machine.run("sh", "-c", "cat /etc/systemd/system/slipway-*", check=False).stdout
    assert len(listed) > 100 and "device" in said
    for secret in SECRETS:
        assert secret not in said and not any(secret in line for line in listed)
    # Nobody else may read them.
    assert machine.run("setpriv", "--reuid", "65534", "--clear-groups", "cat", path, check=False).returncode != 0


def test_a_dead_proxy_bars_the_way_until_none_is_set(machine, neighbours, factory):
    neighbours.stop_proxy()
    factory.resign()
    latest = poll(machine)
    assert (latest["ok"], latest["code"]) == (False, 14) and "connection refused" in latest["message"]
    seen = neighbours.log
    slipway(machine, "proxy", "set", "none")
    assert poll(machine)["ok"]
    neighbours.tinyproxy(f"BasicAuth device {PASSWORD}")
    factory.resign()
    assert poll(machine)["ok"]
    assert "timestamp.json" not in neighbours.log.removeprefix(seen)
    # What was told before is still there, and `reset` forgets it.
    assert f'script = "{SCRIPT}"' in machine.read(LOCAL)
    slipway(machine, "proxy", "reset")
    assert not machine.exists(LOCAL) and not machine.exists(f"/etc/slipway/{PRODUCT}/proxy-credentials")
