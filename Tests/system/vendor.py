"""A publisher who works with slipway-release alone, for devices below folders of their own. Its agent is well as long as
there is no outage: a file that stands for everything that an agent needs and a device cannot help."""

import os
import shutil
import subprocess
from pathlib import Path

from device import Device, wait_until
from factory import replace, script

PRODUCT = "sign-player"
PLATFORM = "linux-x86_64"

MANIFEST = """
id = "{product}"
name = "Sign Player"
publisher = "Example"
platforms = ["{platform}"]
[repository]
metadata = ["http://127.0.0.1:1/metadata/"]
targets = ["http://127.0.0.1:1/targets/"]
[[services]]
name = "agent"
command = ["agent/bin/agent"]
user = "{product}"
probation = "{probation}"
[services.probe]
command = ["agent/bin/check"]
deadline = "{deadline}"
interval = "1s"
[services.restart]
delay = "0s"
stop = "5s"
"""

AGENT = "#!/bin/sh\nexec sleep 1000000\n"


class Vendor:
    """`folder` has the repository, and what it is made with; a fork has a repository of its own."""

    def __init__(self, folder: Path, executables: Path) -> None:
        self.folder, self.executables = folder, executables
        self.repository = folder / "repository"
        self.outage = folder / "outage"
        self.updater = folder / "slipway"
        subprocess.run(["strip", "-o", self.updater, executables / "slipway"], check=True)
        self.tool("init", "--keys", str(folder / "keys"))

    def tool(self, verb: str, *arguments: str, before: tuple[str, ...] = ()) -> str:
        command = [*before, str(self.executables / "slipway-release"), verb, *arguments, "--repository", str(self.repository)]
        environment = os.environ | {"SLIPWAY_PASSPHRASE": "only for tests"}
        result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
        assert result.returncode == 0, f"{command}: {result.stdout}{result.stderr}"
        return result.stdout

    def sign(self, verb: str, *arguments: str, before: tuple[str, ...] = ()) -> str:
        return self.tool(verb, *arguments, "--keys", str(self.folder / "keys"), before=before)

    def fork(self, name: str) -> "Vendor":
        other = object.__new__(Vendor)
        other.__dict__.update(self.__dict__)
        other.repository = self.folder / name
        subprocess.run(["cp", "-a", "--reflink=auto", self.repository, other.repository], check=True)
        return other

    def pack(
        self, version: str, check: str | None = None, slipway: str = "0.1.0", probation: str = "1s", deadline: str = "30s"
    ) -> None:
        """`check` is the agent's probe; `slipway` the version that the updater takes itself for."""
        tree = self.folder / f"tree-{version}"
        for part in ("agent/bin", "slipway/bin"):
            (tree / part).mkdir(parents=True)
        script(tree / "agent/bin/agent", AGENT)
        script(tree / "agent/bin/check", check or f"#!/bin/sh\n[ ! -e {self.outage} ]\n")
        shutil.copy(self.updater, tree / "slipway/bin/slipway")
        if slipway != "0.1.0":
            replace(tree / "slipway/bin/slipway", b"0.1.0", slipway.encode())
        manifest = self.folder / "manifest.toml"
        manifest.write_text(
            MANIFEST.format(product=PRODUCT, platform=PLATFORM, probation=probation, deadline=deadline)
        )
        self.sign("pack", "--manifest", str(manifest), "--tree", str(tree), "--version", version,
                  "--platform", PLATFORM, "--level", "1")  # fmt: skip
        shutil.rmtree(tree)

    def promote(self, version: str, *arguments: str, channel: str = "stable") -> None:
        self.sign("promote", PRODUCT, version, "--channel", channel, *arguments)

    def halt(self, version: str, *arguments: str) -> None:
        self.sign("halt", PRODUCT, version, "--all", "--reason", "loses the picture", *arguments)

    def resume(self, version: str) -> None:
        self.sign("resume", PRODUCT, version, "--all")

    def policy(self, *arguments: str) -> None:
        self.sign("policy", PRODUCT, *arguments)

    def setup(self, version: str) -> Path:
        path = self.folder / f"setup-{version}.run"
        program = self.folder / "slipway-setup"
        subprocess.run(["strip", "-o", program, self.executables / "slipway-setup"], check=True)
        self.tool("setup", PRODUCT, version, "--platform", PLATFORM, "--output", str(path),
                  "--setup-binary", str(program))  # fmt: skip
        return path


# What a device of this vendor's says.


def reasons(device: Device) -> list[str]:
    """Why it is not newer, in the order of `status`."""
    return [wait["reason"] for wait in device.status()["waitingFor"]]


def reason(device: Device, name: str) -> dict:
    """One of them, as `status --json` has it."""
    return next(wait for wait in device.status()["waitingFor"] if wait["reason"] == name)


def result(device: Device) -> tuple[str | None, str | None]:
    latest = device.status().get("lastResult") or {}
    return latest.get("kind"), latest.get("version")


def kept(device: Device, version: str) -> None:
    """Waits until a version has proved itself and nothing is pending any more."""
    wait_until(lambda: result(device) == ("committed", version), 60, f"{version} is kept; {device.log()}")
    device.settle()
    assert device.current() == version


def state(device: Device) -> str:
    return device.status()["state"]


def says(device: Device, *names: str) -> None:
    """Waits until `status` gives these reasons: a change that has ended is followed by a decision."""
    wait_until(lambda: reasons(device) == list(names), 20, f"{names}; {device.status()}")


def wish(device: Device, *words: str) -> None:
    """A command of the admin's, which must work."""
    program = device.versions / "current/slipway/bin/slipway"
    done = device.run(program, *words, "--root", str(device.root), "--product", device.product)
    assert done.returncode == 0, done.stderr


def at_rest(device: Device) -> None:
    wait_until(lambda: state(device) == "idle", 60, f"the change has ended; {device.log()}")
    device.settle()


def at(device: Device, time: str, verb: str, *arguments: str) -> subprocess.CompletedProcess:
    """Runs a verb by hand under another wall clock: `time` as faketime has it, such as "+61m" or "2040-01-01 00:00:00".
    The monotonic clock goes on."""
    program = device.versions / "proven/slipway/bin/slipway"
    return device.run(
        Path("env"), "FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1", "faketime", "-f", time, str(program),
        verb, "--root", str(device.root), "--product", device.product, *arguments,
    )  # fmt: skip
