"""A site with a thin line keeps a copy of its own: what `slipway-release mirror` brings, what devices and a stranger's client
make of it, and what it refuses. The repository is python-tuf's work, the web server in front of the copy is nginx."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from tuf.ngclient import Updater

import product
from device import wait_until
from lab import NEW, OLD, committed
from publisher import Publisher, Target, new_keys
from strangers import Nginx
from trees import document

pytestmark = pytest.mark.timeout(180)

OTHER = "linux-aarch64"


class Site:
    """A publisher with small releases on the web, and the copy of them."""

    def __init__(self, folder: Path, web, program: Path) -> None:
        self.folder, self.web, self.program = folder, web, program
        self.copy = folder / "copy"
        self.publisher = Publisher()
        self.publisher.days["timestamp"] = 2
        self.root = folder / "root.json"
        self.root.write_bytes(self.publisher.roots[0])
        self.count = 0
        web.answers.clear()

    def pack(self, version: str, *platforms: str) -> None:
        for platform in platforms or ("linux-x86_64",):
            tree = product.tree(version, os.urandom(200_000))
            self.publisher.pack(version, tree, product.manifest(self.publisher.product, version, platform),
                                platform=platform)  # fmt: skip

    def publish(self):
        self.publisher.bump()
        repository = self.publisher.publish()
        self.count += 1
        self.web.folder = self.folder / f"site-{self.count}"
        repository.write(self.web.folder)
        return repository

    def mirror(self, *arguments, root: bool = True) -> subprocess.CompletedProcess:
        self.web.requests.clear()
        trust = ["--trust-root", self.root] if root else []
        command = [self.program, "mirror", self.web.address, self.copy, "--json", *trust, *arguments]
        return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60)

    def mirrored(self, *arguments, root: bool = True) -> dict:
        result = self.mirror(*arguments, root=root)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    def files(self) -> dict[str, bytes]:
        """What readers can see of the copy."""
        found = {}
        for path in self.copy.rglob("*"):
            name = path.relative_to(self.copy)
            if path.is_file() and not any(part.startswith(".") for part in name.parts):
                found[str(name)] = path.read_bytes()
        return found

    def archives(self) -> list[str]:
        """Version and platform of each archive in the copy."""
        found = self.copy.glob("targets/products/*/releases/*/*.tar.zst")
        return sorted(f"{path.parent.name} {path.name.split('.')[1]}" for path in found)


@pytest.fixture
def site(tmp_path, web, executables):
    tmp_path.chmod(0o755)
    yield Site(tmp_path, web, executables / "slipway-release")
    web.answers.clear()


def as_a_stranger(folder: Path, address: str, root: bytes, *names: str) -> list[bytes]:
    """These targets, brought by python-tuf's client."""
    for name in ("metadata", "targets"):
        (folder / name).mkdir(parents=True)
    updater = Updater(str(folder / "metadata"), f"{address}/metadata/", str(folder / "targets"), f"{address}/targets/",
                      bootstrap=root)  # fmt: skip
    updater.refresh()
    return [Path(updater.download_target(updater.get_targetinfo(name))).read_bytes() for name in names]


def test_a_device_updates_from_the_copy(lab, pristine, tmp_path, executables):
    """First from a copy that has no news, then with what a second run brought: the thin line carries it once."""
    lab.web.answers.clear()
    lab.serve(lab.publish())
    site = Site(tmp_path, lab.web, executables / "slipway-release")
    site.root.write_bytes(lab.last.metadata["1.root.json"])
    result = site.mirrored("--channel", "stable", "--platform", "linux-x86_64")
    assert result["schema"] == "slipway.mirror/1"
    assert result["releases"] == [{"product": "room-agent", "version": NEW, "platform": "linux-x86_64"}]
    nginx = Nginx(tmp_path / "nginx", site.copy)
    device = lab.clone(pristine, "behind-a-mirror")
    try:
        device.look_at(nginx.address)
        lab.web.requests.clear()
        device.poll()
        committed(device)
        assert not lab.web.requests, "nothing but the copy was asked"
        names = [lab.last.target(leaf).path for leaf in ("tar.zst", "tree.json", "policy.json", "stable.json")]
        archive, *_ = as_a_stranger(tmp_path / "stranger", nginx.address, lab.last.metadata["1.root.json"], *names)
        assert archive == lab.last.target("tar.zst").data
        program = executables / "slipway-release"
        status = subprocess.run([program, "status", "--repository", site.copy], capture_output=True, text=True)
        assert status.returncode == 0, status.stderr
    finally:
        nginx.stop()
        device.remove()


def test_only_what_is_new_and_needed_comes(site):
    site.pack("1.0.0", "linux-x86_64", OTHER)
    site.pack("1.1.0", "linux-x86_64", OTHER)
    site.publish()
    first = site.mirrored("--platform", "linux-x86_64")
    assert site.archives() == ["1.1.0 linux-x86_64"]
    assert not any(OTHER in path or "1.0.0" in path for path in site.web.requests)
    # Once more: three questions, and none of them for a target.
    again = site.mirrored("--platform", "linux-x86_64", root=False)
    assert (again["files"], again["bytes"], again["timestamp"]) == (0, 0, first["timestamp"])
    assert [path for path in site.web.requests if "/targets/" in path] == []
    assert len(site.web.requests) <= 2, site.web.requests
    # Other needs are seen to, without any news.
    assert len(site.mirrored()["releases"]) == 2
    assert site.archives() == ["1.1.0 linux-aarch64", "1.1.0 linux-x86_64"]
    # What changed on the disk is brought again.
    archive = next(site.copy.glob("targets/products/*/releases/*/*linux-x86_64.tar.zst"))
    before = archive.read_bytes()
    archive.write_bytes(before[:-1] + b"x")
    assert site.mirrored()["files"] == 1
    assert archive.read_bytes() == before
