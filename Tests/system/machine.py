"""A device with a real systemd: a container, driven from outside through scripts/container and nothing else."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from device import wait_until
from factory import PORT, PRODUCT, REPOSITORY, TAKEN_OVER

CONTAINER = REPOSITORY / "scripts/container"
AGENT = f"{PRODUCT}-agent.service"
#: Where the publisher's folder is found inside.
SHELF = "/srv/shelf"
STATE = f"/var/lib/slipway/{PRODUCT}"
VERSIONS = f"/opt/slipway/{PRODUCT}"
#: What the updater's units run.
UPDATER = f"{VERSIONS}/proven/slipway/bin/slipway"

SERVER = f"""[Service]
ExecStart=/usr/bin/python3 -m http.server {PORT} --bind 127.0.0.1 --directory {SHELF}/repository
Restart=always
[Install]
WantedBy=multi-user.target
"""
DUMMY = """[Service]
ExecStart=/usr/bin/sleep 1000000
[Install]
WantedBy=multi-user.target
"""


def unit(part: str, kind: str = "service") -> str:
    return f"slipway-{part}@{PRODUCT}.{kind}"


class Machine:
    """One container. Its files are read from outside, so that looking at them is quick and changes nothing."""

    def __init__(self, name: str, shelf: Path) -> None:
        self.name = name
        cache = os.environ.get("SLIPWAY_CACHE")
        home = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
        self.folder = Path(cache or f"{home}/slipway") / "containers" / name
        self.root = self.folder / "root"
        binds = ["--bind-ro", f"{shelf}:{SHELF}", "--bind-ro", f"{REPOSITORY}/scripts:/srv/scripts"]
        self.container("start", *binds, timeout=180)

    # Power

    def container(self, verb: str, *arguments: str, timeout: float = 230) -> None:
        result = subprocess.run(
            [str(CONTAINER), verb, self.name, *arguments], capture_output=True, text=True, timeout=timeout
        )
        assert result.returncode == 0, f"scripts/container {verb}: {result.stdout}{result.stderr}"

    def reboot(self) -> None:
        self.container("reboot")

    def shut_down(self) -> None:
        self.container("stop")

    def pull_the_plug(self) -> None:
        self.container("kill")

    def lose_power(self) -> None:
        """For a moment."""
        self.pull_the_plug()
        self.boot()

    def boot(self) -> None:
        self.container("start")

    def destroy(self) -> None:
        self.container("destroy")

    # Commands

    def run(self, *command: str, check: bool = True, timeout: float = 60) -> subprocess.CompletedProcess:
        """Runs a command inside as root."""
        result = subprocess.run(
            [str(CONTAINER), "exec", self.name, "--", *command],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout,
        )  # fmt: skip
        assert not check or result.returncode == 0, f"{command}: {result.returncode}\n{result.stdout}{result.stderr}"
        return result

    def begin(self, *command: str) -> subprocess.Popen:
        """Starts a command inside as root, and does not wait for its end."""
        return subprocess.Popen(
            [str(CONTAINER), "exec", self.name, "--", *command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def setup(self, name: str, *arguments: str, timeout: float = 90) -> subprocess.CompletedProcess:
        return self.run(
            f"{SHELF}/{name}", "--quiet", "--accept-license", "--json", *arguments, check=False, timeout=timeout
        )

    def status(self) -> dict:
        return json.loads(self.run("slipway", "status", "--json").stdout)

    def systemctl(self, *arguments: str, check: bool = True) -> str:
        return self.run("systemctl", *arguments, check=check).stdout.strip()

    def show(self, name: str, *properties: str) -> dict[str, str]:
        lines = self.systemctl("show", name, "--property", ",".join(properties)).splitlines()
        return dict(line.split("=", 1) for line in lines)

    def boot_id(self) -> str:
        return self.run("cat", "/proc/sys/kernel/random/boot_id").stdout.strip().replace("-", "")

    def failed_units(self) -> str:
        return self.systemctl("list-units", "--failed", "--plain", "--no-legend")

    # What is looked at

    def read(self, path: str) -> str:
        return (self.root / path.lstrip("/")).read_text()

    def exists(self, path: str) -> bool:
        return os.path.lexists(self.root / path.lstrip("/"))

    def link(self, name: str) -> str | None:
        """The version that current, proven or previous leads to."""
        path = self.root / VERSIONS.lstrip("/") / name
        return os.readlink(path).removeprefix("app-") if path.is_symlink() else None

    def journal(self) -> dict:
        """Slipway's journal: where a change of version stands."""
        return json.loads(self.read(f"{STATE}/journal.json"))

    def journal_state(self) -> str | None:
        try:
            return self.journal()["state"]
        except FileNotFoundError:
            return None

    def agent_pid(self) -> int:
        """The agent's pid inside; 0 while it does not run."""
        about = self.show(AGENT, "MainPID", "ActiveState")
        return int(about["MainPID"]) if about["ActiveState"] == "active" else 0

    def answers(self) -> str | None:
        """The version that the agent says it is."""
        result = self.run("curl", "-s", "-m", "5", "http://127.0.0.1:8190/version", check=False)
        return json.loads(result.stdout)["version"] if result.returncode == 0 else None

    def log_sizes(self) -> dict[Path, int]:
        """A place in Slipway's logs, to look from: the file of each writer with its size in bytes."""
        paths = [self.root / f"var/log/slipway/{PRODUCT}/{part}/{part}.log" for part in ("fetch", "apply")]
        return {path: path.stat().st_size if path.exists() else 0 for path in paths}

    def steps(self, since: dict[Path, int]) -> dict[str, set[str]]:
        """What was done since then, by the id of the build that did it, as the logs say."""
        text = "".join(path.read_bytes()[size:].decode() for path, size in since.items())
        result: dict[str, set[str]] = {}
        for step, build in re.findall(r"^\S+ \w+ \[\d+\] (.*) \(build ([0-9a-f]{16})\)", text, re.MULTILINE):
            result.setdefault(build, set()).add(step.removesuffix(f" --product {PRODUCT}"))
        return result

    # systemd's journal

    def cursor(self) -> str:
        text = self.run("journalctl", "-n", "0", "--show-cursor").stdout
        return text.rsplit("cursor: ", 1)[1].strip()

    def logged(self, since: str, *match: str) -> list[dict]:
        lines = self.run("journalctl", "-o", "json", "--after-cursor", since, *match).stdout.splitlines()
        return [json.loads(line) for line in lines]

    def tail(self, lines: int = 60) -> str:
        return self.run("journalctl", "-n", str(lines), "--no-pager", "-o", "short-monotonic", check=False).stdout

    def wait(self, condition, seconds: float, what: str):
        """Polls `condition`, and shows systemd's journal when it never comes true."""
        try:
            return wait_until(condition, seconds, what)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.tail()}") from None

    # Updates

    def poll(self) -> None:
        """Starts fetch, as its timer does."""
        self.systemctl("start", "--no-block", unit("fetch"))

    def is_at_rest(self) -> bool:
        """Whether nothing is pending and nobody is at work, not even on what follows a change."""
        states = self.systemctl("is-active", unit("apply"), unit("prove"), unit("rescue"), check=False).split()
        return self.journal_state() == "idle" and not {"activating", "deactivating"} & set(states)

    def settled(self, version: str, kind: str, seconds: float) -> dict:
        """Waits until the latest change has come to its end; gives the status then."""

        def over() -> dict | None:
            if not self.is_at_rest():
                return None
            status = self.status()
            result = status.get("lastResult") or {}
            return status if (result.get("version"), result.get("kind")) == (version, kind) else None

        return self.wait(over, seconds, f"{version} is {kind}; {self.journal()}")

    def condemned(self, version: str, seconds: float) -> dict:
        """Waits until a version is known to be bad and nothing is pending; gives the status then."""

        def over() -> dict | None:
            if not self.is_at_rest():
                return None
            status = self.status()
            return status if version in [bad["version"] for bad in status["knownBad"]] else None

        return self.wait(over, seconds, f"{version} is known-bad; {self.journal()}")

    def look(self) -> None:
        """Takes one look at a version on probation, as the prove timer does every ten seconds."""
        self.run("systemctl", "start", unit("prove"), check=False, timeout=200)

    def look_until_idle(self, seconds: float) -> None:
        def over() -> bool:
            self.look()
            return self.is_at_rest()

        self.wait(over, seconds, "probation comes to an end")

    # Interruptions

    def leader(self) -> int:
        """The host's pid of the container's PID 1."""
        nspawn = (self.folder / "pid").read_text().strip()
        for child in Path(f"/proc/{nspawn}/task/{nspawn}/children").read_text().split():
            if re.search(r"^NSpid:.*\b1$", Path(f"/proc/{child}/status").read_text(), re.MULTILINE):
                return int(child)
        raise AssertionError(f"{self.name} does not run")

    def processes(self, *words: str) -> list[int]:
        """The host's pids of those processes inside whose command line has all of `words`."""
        space = os.readlink(f"/proc/{self.leader()}/ns/pid")
        found = []
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                line = Path(f"/proc/{entry}/cmdline").read_bytes().decode().split("\0")
                if all(word in line for word in words) and os.readlink(f"/proc/{entry}/ns/pid") == space:
                    found.append(int(entry))
            except OSError:
                continue
        return found

    def at_state(self, state: str, act, seconds: float = 60) -> None:
        """Calls `act` at once when Slipway's journal says `state`: looks without a pause, for states that pass fast."""
        path = self.root / STATE.lstrip("/") / "journal.json"
        mark = f'"state":"{state}"'.encode()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                with open(path, "rb", buffering=0) as file:
                    if mark in file.read(65536):
                        return act()
            except FileNotFoundError:
                continue
        raise AssertionError(f"the journal never said {state}: {self.journal()}\n{self.tail()}")

    def hold_at(self, state: str) -> list[int]:
        """Stops those parts of the updater in their tracks that change versions, when the journal says `state`. Gives
        their pids."""
        held: list[int] = []

        def stop() -> None:
            held.extend(set(self.processes(UPDATER)) - set(self.processes(UPDATER, "fetch")))
            for pid in held:
                os.kill(pid, signal.SIGSTOP)

        self.at_state(state, stop)
        assert self.journal_state() == state, "it went on before it could be held"
        return held

    def slow_down(self, part: str) -> None:
        """Lets every flush to the disk take a fifth of a second until the next boot: for states that pass too fast."""
        command = f"{UPDATER} {part} --product {PRODUCT}"
        strace = "/usr/bin/strace -f -qq -o /dev/null -e trace=fsync -e inject=fsync:delay_enter=200000"
        text = f"[Service]\nExecStart=\nExecStart={strace} {command}\nSystemCallFilter=@debug\n"
        self.drop_in("/run", unit(part), text)

    def drop_in(self, top: str, name: str, text: str) -> None:
        """Changes settings of a unit, until the next boot below /run or for good below /etc."""
        folder = f"{top}/systemd/system/{name}.d"
        self.run("sh", "-c", f"mkdir -p {folder} && printf %s '{text}' >{folder}/test.conf && systemctl daemon-reload")

    def cut_power_at(self, state: str) -> bool:
        """Ends every process inside at once when the journal says `state`; whether it still says so afterwards."""
        leader = self.leader()
        self.at_state(state, lambda: os.kill(leader, signal.SIGKILL))
        self.pull_the_plug()
        return self.journal_state() == state


@contextmanager
def shelf_folder() -> Iterator[Path]:
    """A folder that containers see as their shelf; without root there are no containers."""
    if os.geteuid() != 0:
        pytest.skip("needs root: containers do")
    folder = Path(tempfile.mkdtemp(prefix="slipway-shelf-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def prepared(name: str, shelf: Path) -> Machine:
    """A machine with the repository's server and a unit that the product takes over, as they were before Slipway."""
    machine = Machine(name, shelf)
    try:
        for file, text in (("test-repository.service", SERVER), (TAKEN_OVER, DUMMY)):
            (machine.root / "etc/systemd/system" / file).write_text(text)
        machine.systemctl("daemon-reload")
        machine.systemctl("enable", "--now", "test-repository.service", TAKEN_OVER)
    except BaseException:
        machine.destroy()
        raise
    return machine
