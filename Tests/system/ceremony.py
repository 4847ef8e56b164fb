"""A publisher who works through the command line alone, and readers that are python-tuf's own client."""

import json
import subprocess
from pathlib import Path

import pytest
from tuf.ngclient import Updater

PASSPHRASE = "correct horse"
MANIFEST = """
id = "{id}"
name = "Demo"
publisher = "Example"
platforms = ["linux-x86_64"]
[[services]]
name = "agent"
command = ["agent/run"]
user = "demo"
[services.probe]
http = "http://127.0.0.1:8190/health"
"""


def environment(executables: Path, **more: str) -> dict[str, str]:
    path = f"{executables}:/usr/sbin:/usr/bin:/sbin:/bin"
    return {"PATH": path, "LC_ALL": "C", "SLIPWAY_PASSPHRASE": PASSPHRASE, **more}


def write_product(folder: Path, id: str) -> None:
    (folder / f"{id}.toml").write_text(MANIFEST.format(id=id))
    for name in ("agent/run", "slipway/bin/slipway"):
        file = folder / "build" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("#!/bin/sh\n")
        file.chmod(0o755)


class Publisher:
    """A repository in `folder`, made and changed by slipway-release alone."""

    def __init__(self, folder: Path, executables: Path) -> None:
        self.folder, self.executables = folder, executables
        write_product(folder, "demo")
        self.run("init", "--keys", "keys")
        self.pack("1.0.0")
        self.run("promote", "demo", "1.0.0", "--channel", "stable", "--keys", "keys")

    def run(self, verb: str, *arguments: str, code: int = 0) -> dict:
        result = subprocess.run(
            [self.executables / "slipway-release", verb, *arguments, "--repository", "repo", "--json"],
            cwd=self.folder, env=environment(self.executables), capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert result.returncode == code, f"{verb}: {result.stderr}"
        return json.loads(result.stdout)

    def pack(self, version: str) -> None:
        self.run(
            "pack", "--manifest", "demo.toml", "--tree", "build", "--version", version, "--platform", "linux-x86_64",
            "--level", "3", "--keys", "keys",
        )  # fmt: skip

    def sign(self, *keys: str) -> dict:
        named = [part for key in keys for part in ("--key", f"keys/{key}.pem")]
        return self.run("sign", "change", "--yes", *named)

    def key(self, name: str) -> str:
        self.run_plain("make-key", f"{name}.pem")
        return f"{name}.pem.pub"

    def run_plain(self, *arguments: str) -> None:
        subprocess.run(
            [self.executables / "slipway-release", *arguments], cwd=self.folder, env=environment(self.executables),
            check=True, capture_output=True, timeout=60,
        )  # fmt: skip

    @property
    def files(self) -> set[str]:
        return {str(path.relative_to(self.folder)) for path in (self.folder / "repo").rglob("*") if path.is_file()}


class Reader:
    """python-tuf's client, trusting the first root; `folder` keeps what it trusts from one look to the next."""

    def __init__(self, folder: Path, site: str, root: Path) -> None:
        self.folder, self.site, self.root = folder, site, root

    def look(self, product: str = "demo") -> str:
        """Refreshes and downloads the policy and one release; returns the SHA-256 of the archive that it took."""
        for name in ("metadata", "targets"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        updater = Updater(
            str(self.folder / "metadata"), f"{self.site}/metadata/", str(self.folder / "targets"),
            f"{self.site}/targets/", bootstrap=self.root.read_bytes(),
        )  # fmt: skip
        updater.refresh()
        policy = updater.get_targetinfo(f"products/{product}/policy.json")
        newest = json.loads(Path(updater.download_target(policy)).read_bytes())["releases"][-1]
        archive = updater.get_targetinfo(f"products/{product}/releases/{newest}/linux-x86_64.tar.zst")
        updater.download_target(archive)
        return archive.hashes["sha256"]

    def knows(self, target: str) -> bool:
        """By what was trusted at the last look, and a refresh."""
        updater = Updater(str(self.folder / "metadata"), f"{self.site}/metadata/", bootstrap=self.root.read_bytes())
        return updater.get_targetinfo(target) is not None

    def trusts(self, role: str) -> int:
        text = (self.folder / "metadata" / f"{role}.json").read_text()
        return json.loads(text)["signed"]["version"]


@pytest.fixture
def publisher(tmp_path, executables):
    return Publisher(tmp_path, executables)


@pytest.fixture
def readers(publisher, web, tmp_path):
    """One that has been there from the beginning, and a maker of ones that are new."""
    web.folder = publisher.folder / "repo"
    root = publisher.folder / "repo/metadata/1.root.json"
    old = Reader(tmp_path / "old", web.address, root)
    old.look()
    return old, lambda name: Reader(tmp_path / name, web.address, root)
