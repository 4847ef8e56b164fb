"""A device below a folder of its own: installed by a real Setup file, supervised by the real `slipway run`."""

import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path


def wait_until(condition, seconds: float = 20, what: str = ""):
    """Polls until `condition` gives something true, and gives that back."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what or condition}")


def die_with_parent() -> None:
    """Called in a child: a test run that is killed leaves no supervisor behind."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Device:
    """One product on one device. `saved` keeps what `reset` goes back to."""

    def __init__(self, folder: Path, product: str, scratch: Path) -> None:
        self.root = folder
        self.product = product
        self.scratch = scratch
        self.supervisor: subprocess.Popen | None = None
        self.saved = folder.with_name(folder.name + ".saved")
        self.marked = 0
        for path in (folder, scratch):
            path.mkdir(parents=True, exist_ok=True)

    # Where things lie

    @property
    def versions(self) -> Path:
        return self.root / "opt/slipway" / self.product

    @property
    def state(self) -> Path:
        return self.root / "var/lib/slipway" / self.product

    @property
    def fetch(self) -> Path:
        return self.state / "fetch"

    def account(self, name: str) -> tuple[int, int]:
        """User and group number in the device's own passwd file."""
        for line in (self.root / "etc/passwd").read_text().splitlines():
            fields = line.split(":")
            if fields[0] == name:
                return int(fields[2]), int(fields[3])
        raise KeyError(name)

    @property
    def fetch_user(self) -> tuple[int, int]:
        return self.account(f"slipway-{self.product}")

    # Commands

    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "TMPDIR": str(self.scratch), "LANG": "C.UTF-8"}

    def run(self, program: Path, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess:
        command = [str(program), *arguments]
        return subprocess.run(
            command, env=self.environment(), cwd=self.scratch, capture_output=True, text=True, timeout=timeout
        )

    def setup(self, file: Path, *arguments: str) -> subprocess.CompletedProcess:
        """Runs a Setup file against this device."""
        return self.run(file, "--root", str(self.root), "--quiet", "--accept-license", "--json", *arguments)

    def slipway(self, verb: str, *arguments: str) -> subprocess.CompletedProcess:
        program = self.versions / "current/slipway/bin/slipway"
        return self.run(program, verb, "--root", str(self.root), "--product", self.product, *arguments)

    def status(self) -> dict:
        result = self.slipway("status", "--json")
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    def wish(self, name: str, text: str) -> None:
        """A file of wishes of the admin's own."""
        folder = self.root / "etc/slipway" / self.product / "config.d"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text)

    def look_at(self, *addresses: str) -> None:
        """Repositories, in the order in which they are to be asked."""
        lists = {key: json.dumps([f"{each}/{key}/" for each in addresses]) for key in ("metadata", "targets")}
        lines = [f"{key} = {value}\n" for key, value in lists.items()]
        self.wish("95-repository.toml", "[repository]\n" + "".join(lines))

    # Supervision

    def start(self, looks: float = 0.25) -> None:
        """Starts `slipway run` and waits for the agent; the timer of polls never fires by itself. `looks`: seconds between
        looks at a version on probation."""
        program = self.versions / "proven/slipway/bin/slipway"
        rarely = "1000000"
        self.supervisor = subprocess.Popen(
            [str(program), "run", "--root", str(self.root), "--product", self.product, "--interval", rarely,
             "--first-poll", rarely, "--prove-interval", str(looks)],
            env=self.environment(), cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=open(self.root / "supervisor.log", "ab"), preexec_fn=die_with_parent,
        )  # fmt: skip
        wait_until(self.agent_pid, what=f"the agent runs; {self.log()}")

    def stop(self) -> None:
        """Ends the supervisor, and with it everything that it started."""
        if not self.supervisor:
            return
        self.supervisor.send_signal(signal.SIGTERM)
        try:
            self.supervisor.wait(15)
        except subprocess.TimeoutExpired:
            self.supervisor.kill()
            self.supervisor.wait()
        self.supervisor = None

    def remove(self) -> None:
        self.stop()
        # Not shutil: a test may leave folders that are deeper than Python's recursion.
        subprocess.run(["rm", "-rf", self.root, self.saved, self.scratch], check=True)

    def log(self) -> str:
        path = self.root / "supervisor.log"
        return path.read_text(errors="replace")[-3000:] if path.exists() else ""

    def ask(self, verb: str, *units: str) -> dict:
        """One request to the supervisor, as the updater's own processes make it."""
        folder = os.open(self.root / "run/slipway" / self.product, os.O_RDONLY | os.O_DIRECTORY)
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(60)
                connection.connect(f"/proc/self/fd/{folder}/supervisor.sock")
                request = {"verb": verb, "units": [self.unit(unit) for unit in units], "noBlock": False}
                connection.sendall(json.dumps(request).encode() + b"\n")
                return json.loads(connection.makefile("rb").readline())
        finally:
            os.close(folder)

    def unit(self, name: str) -> str:
        return f"{self.product}-agent.service" if name == "agent" else f"slipway-{name}@{self.product}.service"

    def unit_status(self, name: str) -> dict:
        return self.ask("status", name)["status"]

    def agent_pid(self) -> int | None:
        """The agent's pid; None while it does not run."""
        try:
            status = self.unit_status("agent")
        except OSError:
            return None
        pid = status["mainPID"]
        return pid if status["activeState"] == "active" and pid and Path(f"/proc/{pid}").exists() else None

    def poll(self) -> None:
        """One poll as the timer starts it, with all that follows from it."""
        self.mark()
        self.ask("start", "fetch")
        self.settle()

    def settle(self) -> None:
        """Waits until neither fetch nor apply runs, nor has a reason to."""
        wait_until(self.is_settled, 60, f"fetch and apply come to rest; {self.log()}")

    def claim(self) -> None:
        """Takes away what fetch brought, as apply does: until then fetch has nothing to do."""
        (self.fetch / "ready").unlink(missing_ok=True)
        shutil.rmtree(self.fetch / "outgoing", ignore_errors=True)

    def mark(self) -> None:
        """Before something is begun: starts count anew, and refusals of earlier runs do not count."""
        self.ask("resetFailed", "fetch", "apply")
        self.marked = self.latest_result()[0]

    def latest_result(self) -> tuple[int, str]:
        """How often the state was written, and the kind of its last result."""
        results = [(0, "")]
        for path in self.state.glob("state*.json"):
            try:
                state = json.loads(json.loads(path.read_text())["state"])
                results.append((state["generation"], state.get("lastResult", {}).get("kind", "")))
            except (OSError, ValueError):
                continue
        return max(results)

    def has_refused(self) -> bool:
        """Whether apply has written down that it refused; it then stays a while, so that nobody can make it spin."""
        generation, kind = self.latest_result()
        return generation > self.marked and kind == "applyFailed"

    def is_settled(self) -> bool:
        if self.has_refused():
            self.ask("stop", "apply")
        # Apply starts fetch before it ends, and fetch raises the flag before it ends: looked at in this order, apply at
        # rest before and after and its start being the same, nothing can be on its way.
        before = self.unit_status("apply")
        idle = [self.unit_status(name)["activeState"] in ("inactive", "failed") for name in ("fetch", "rescue")]
        ready = os.path.lexists(self.fetch / "ready")
        after = self.unit_status("apply")
        at_rest = all(status["activeState"] in ("inactive", "failed") for status in (before, after))
        return all(idle) and not ready and at_rest and before["invocationID"] == after["invocationID"]

    # Going back

    def save(self) -> None:
        shutil.rmtree(self.saved, ignore_errors=True)
        subprocess.run(["cp", "-a", self.state, self.saved], check=True)

    def reset(self) -> None:
        """State as it was saved, under a supervisor and an agent that go on running."""
        # A part that has not ended yet goes on writing into what it has open: moved away, that harms nobody.
        old = tempfile.mkdtemp(dir=self.scratch)
        subprocess.run(["mv", "-T", self.state, old], check=True)
        shutil.rmtree(old, ignore_errors=True)
        subprocess.run(["cp", "-a", self.saved, self.state], check=True)

    def forget_results(self) -> None:
        """The state files as they were saved; everything else stays."""
        for path in self.state.glob("state*.json"):
            path.unlink()
        for path in self.saved.glob("state*.json"):
            shutil.copy2(path, self.state)

    def clone(self, folder: Path) -> "Device":
        """A copy of a device whose supervisor has not been started; neither is the copy's."""
        subprocess.run(["cp", "-a", "--reflink=auto", self.root, folder], check=True)
        other = Device(folder, self.product, folder.with_name(folder.name + ".tmp"))
        other.save()
        return other

    # What is looked at

    def current(self) -> str | None:
        link = self.versions / "current"
        return os.readlink(link).removeprefix("app-") if link.is_symlink() else None

    def trusted(self) -> dict[str, bytes]:
        """The trusted metadata by role, byte for byte."""
        folder = self.state / "trusted/metadata"
        return {path.name.removesuffix(".json"): path.read_bytes() for path in folder.glob("*.json")}

    def installed(self) -> dict[str, tuple]:
        """Everything below the versions' folder, by path: type, mode, owner, size and time of change."""
        found = {}
        for folder, directories, files in os.walk(self.versions):
            for name in directories + files:
                path = Path(folder, name)
                status = path.lstat()
                found[str(path.relative_to(self.versions))] = (
                    status.st_mode, status.st_uid, status.st_size, status.st_ino, status.st_ctime_ns,
                )  # fmt: skip
        return found
