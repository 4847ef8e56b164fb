"""Where attacks are tried: one publisher, one web server, one device whose agent runs all the time."""

import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

import product
from device import Device, wait_until
from publisher import Publisher, Repository
from trees import Archive, Tree, sha256
from web import Web

OLD, NEW = "1.0.0", "1.1.0"


def leave(_) -> None:
    """Changes nothing."""


@dataclass
class Scene:
    """The making of a repository that offers NEW, open to a change at each step."""

    publisher: Publisher
    tree: Tree
    product: dict
    #: Repositories published before, oldest first; the device knows the last one.
    history: list[Repository]
    #: Whether a new root is published.
    rotates: bool = False


@dataclass(frozen=True)
class Spoil:
    """One defect, at the step where it belongs."""

    scene: Callable[[Scene], object] = leave
    manifest: Callable[[dict], object] = leave
    product: Callable[[dict], object] = leave
    archive: Callable[[Archive], object] = leave
    publisher: Callable[[Publisher], object] = leave
    #: What was published, with `history` for mixing.
    repository: Callable[[Repository, list[Repository]], object] = lambda repository, history: None
    web: Callable[[Web], object] = leave


NOTHING = Spoil()


@dataclass
class Lab:
    folder: Path
    web: Web
    setup_program: Path
    updater: bytes
    publisher: Publisher = field(default_factory=Publisher)
    history: list[Repository] = field(default_factory=list)
    #: What was published last.
    last: Repository | None = None
    files: int = 0
    live: Device | None = None
    #: Devices to be removed at the end.
    devices: list[Device] = field(default_factory=list)

    @classmethod
    def build(cls, folder: Path, web: Web, executables: Path) -> "Lab":
        for name in ("slipway", "slipway-setup"):
            subprocess.run(["strip", "-o", folder / name, executables / name], check=True)
        lab = cls(folder, web, folder / "slipway-setup", (folder / "slipway").read_bytes())
        publisher = lab.publisher
        publisher.pack(OLD, product.tree(OLD, lab.updater), product.manifest(publisher.product, OLD))
        for _ in range(3):
            lab.history.append(publisher.publish())
            publisher.bump()
        return lab

    def close(self) -> None:
        for device in self.devices:
            device.remove()

    def device(self, name: str) -> Device:
        device = Device(self.folder / name, self.publisher.product, self.folder / f"{name}.tmp")
        self.devices.append(device)
        return device

    def installed(self, name: str) -> Device:
        """A device with OLD, polling this lab's web server; not yet started."""
        device = self.device(name)
        file = self.history[-1].setup(self.folder / "old.run", self.setup_program, OLD)
        result = device.setup(file, "--repository", self.web.address)
        file.unlink()
        assert result.returncode == 0, result.stderr
        return device

    def clone(self, device: Device, name: str) -> Device:
        """A running copy of a device that does not run itself."""
        other = device.clone(self.folder / name)
        self.devices.append(other)
        other.start()
        return other

    def publish(self, prepare: Callable[[Scene], object] = leave, spoil: Spoil = NOTHING) -> Repository:
        """A repository that offers NEW: `prepare` is what the honest twin has too."""
        publisher = self.publisher.fork()
        scene = Scene(
            publisher, product.tree(NEW, self.updater), product.manifest(publisher.product, NEW), self.history
        )
        prepare(scene)
        spoil.scene(scene)
        archive = scene.tree.archive()
        spoil.archive(archive)
        spoil.product(scene.product)
        publisher.pack(NEW, scene.tree, scene.product, archive, spoil.manifest)
        spoil.publisher(publisher)
        if scene.rotates:
            publisher.sign_root()
        repository = publisher.publish()
        spoil.repository(repository, self.history)
        self.last = repository
        return repository

    def serve(self, repository: Repository, spoil: Spoil = NOTHING) -> None:
        """Puts a repository on the web in place of the one before."""
        old = self.web.folder
        self.files += 1
        folder = self.folder / f"site-{self.files}"
        repository.write(folder)
        self.web.answers.clear()
        self.web.folder = folder
        spoil.web(self.web)
        if old:
            shutil.rmtree(old)

    def setup_file(self, repository: Repository, **spoil) -> Path:
        self.files += 1
        return repository.setup(self.folder / f"setup-{self.files}.run", self.setup_program, NEW, **spoil)


def committed(device: Device, version: str = NEW) -> None:
    """Waits until a version has been proved, and checks that it is what runs."""

    def is_committed() -> bool:
        result = device.status().get("lastResult") or {}
        return result.get("kind") == "committed" and result.get("version") == version

    wait_until(is_committed, 60, f"{version} is committed; {device.log()}")
    assert device.current() == version
    assert device.agent_pid()
    verified = device.slipway("verify")
    assert verified.returncode == 0, verified.stderr


@dataclass
class Before:
    """What must be the same after a refusal."""

    device: Device
    pid: int | None
    installed: dict
    trusted: dict[str, bytes]
    at: float

    @classmethod
    def of(cls, device: Device) -> "Before":
        pid = device.agent_pid()
        assert pid, "the agent runs"
        return cls(device, pid, device.installed(), device.trusted(), time.monotonic())

    def assert_same(self, moved: frozenset[str], newest: dict[str, bytes]) -> None:
        """Nothing changed but the trusted files of the roles in `moved`, which are the repository's own now."""
        device = self.device
        assert device.current() == OLD
        assert device.agent_pid() == self.pid, "the agent was restarted"
        assert device.installed() == self.installed
        after = device.trusted()
        assert set(after) == set(self.trusted)
        assert {role for role in after if after[role] != self.trusted[role]} == set(moved)
        assert all(after[role] == newest[role] for role in moved)
        for kept in (device.state / "trusted/targets").iterdir():
            assert kept.name == sha256(kept.read_bytes())
