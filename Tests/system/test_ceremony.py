"""Key ceremonies through the command line, and python-tuf's own client as the stranger who has to follow them."""

import json
import os
import re
import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from tuf.ngclient import Updater

REPOSITORY = Path(__file__).resolve().parents[2]
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


ROLES = ["root", "targets", "snapshot", "timestamp", "demo", "demo-rollout"]


def test_python_tuf_follows_each_rotation(publisher, readers):
    old, new = readers
    for number, role in enumerate(ROLES):
        publisher.run("rotate", role, "--keys", "keys")
        assert publisher.run("verify")["ok"]
        assert old.look() == new(f"new-{number}").look()
    assert old.trusts("root") == 5
    publisher.pack("1.1.0")
    assert old.look() == new("last").look()


def test_python_tuf_follows_proposals(publisher, readers):
    old, new = readers
    before = publisher.files
    carol = publisher.key("carol")
    publisher.run("add-key", "root", "--public-key", carol, "--threshold", "3", "--propose", "change")
    publisher.run("rotate", "targets", "--public-key", carol, "--propose", "change")
    for keys in (["root/root-1"], ["root/root-2"]):
        assert not publisher.sign(*keys)["published"]
        assert publisher.files == before
        old.look()
    # The third of the new root's three, and the new targets key, are the same.
    shutil.copy(publisher.folder / "carol.pem", publisher.folder / "keys/carol.pem")
    assert publisher.sign("carol")["complete"]
    assert publisher.files == before
    assert publisher.sign("online/snapshot-1", "online/timestamp-1", "targets/targets-1")["published"]
    assert old.look() == new("new").look()
    assert (old.trusts("root"), old.trusts("targets")) == (2, 3)
    shown = json.loads((publisher.folder / "repo/metadata/2.root.json").read_text())["signed"]["roles"]
    assert shown["root"]["threshold"] == 3 and len(shown["root"]["keyids"]) == 4


def test_python_tuf_follows_a_product_of_another_team(publisher, readers):
    old, _ = readers
    releases, channels = publisher.key("releases"), publisher.key("channels")
    publisher.run(
        "delegate", "door", "--public-key", releases, "--rollout-key", channels, "--key", "keys/targets/targets-1.pem",
        "--propose", "change",
    )  # fmt: skip
    publisher.run("sign", "change", "--yes", "--key", "releases.pem", "--key", "channels.pem")
    assert publisher.run("sign", "change", "--yes", "--keys", "keys")["published"]
    old.look()
    write_product(publisher.folder, "door")
    publisher.run(
        "pack", "--manifest", "door.toml", "--tree", "build", "--version", "2.0.0", "--platform", "linux-x86_64",
        "--key", "releases.pem", "--propose", "change",
    )  # fmt: skip
    assert publisher.run("sign", "change", "--yes", "--keys", "keys")["published"]
    assert old.look("door")
    assert publisher.run("verify")["ok"]


def test_a_polling_reader_sees_only_whole_states(publisher, readers):
    """Each publication is looked at from the old state and from nothing, as often as the machine can."""
    old, new = readers
    seen, errors, end = [], [], threading.Event()

    def poll(name: str, look) -> None:
        number = 0
        while not end.is_set():
            number += 1
            try:
                seen.append((name, look(number)))
            except Exception as error:  # noqa: BLE001 - whatever a reader runs into is a finding
                errors.append(f"{name} {number}: {error!r}")
                return

    pollers = [
        threading.Thread(target=poll, args=("old", lambda number: old.look())),
        threading.Thread(target=poll, args=("new", lambda number: new(f"poll-{number}").look())),
    ]
    for thread in pollers:
        thread.start()
    try:
        for role in ROLES:
            publisher.run("rotate", role, "--keys", "keys")
        publisher.run("resign", "--keys", "keys", "--role", "root")
        publisher.pack("1.1.0")
        publisher.run("prune", "--grace", "1h")
        publisher.run("rotate", "timestamp", "--keys", "keys")
    finally:
        end.set()
        for thread in pollers:
            thread.join(60)
    assert not errors, errors
    assert {name for name, _ in seen} == {"old", "new"} and len(seen) >= 20
    assert len({digest for _, digest in seen}) <= 2


def test_a_copy_that_is_published_to_is_whole_at_every_moment(publisher, web, tmp_path):
    """Both keys sign at a rotation; a copy in another folder gets it in the order that serves readers."""
    publisher.run("publish", "--to", "site")
    web.folder = publisher.folder / "site"
    root = publisher.folder / "repo/metadata/1.root.json"
    old = Reader(tmp_path / "old", web.address, root)
    errors, looks, end = [], [], threading.Event()

    def poll() -> None:
        while not end.is_set():
            try:
                looks.append(old.look())
                looks.append(Reader(tmp_path / f"new-{len(looks)}", web.address, root).look())
            except Exception as error:  # noqa: BLE001
                errors.append(repr(error))
                return

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        for role in ROLES:
            publisher.run("rotate", role, "--keys", "keys")
            publisher.run("publish", "--to", "site")
    finally:
        end.set()
        thread.join(60)
    assert not errors, errors
    assert len(looks) >= 10


def test_the_commands_of_the_document(tmp_path, executables, web):
    """docs/key-ceremony.md from its first command to its last, then python-tuf's client over what came of it."""
    if not shutil.which("pkcs11-tool") or not shutil.which("softhsm2-util"):
        pytest.fail("the packages softhsm2 and opensc are missing; scripts/test installs them")
    write_product(tmp_path, "door-sign")
    (tmp_path / "tokens").mkdir()
    (tmp_path / "softhsm2.conf").write_text(f"directories.tokendir = {tmp_path}/tokens\nobjectstore.backend = file\n")
    blocks = re.findall(r"^```sh\n(.*?)^```", (REPOSITORY / "docs/key-ceremony.md").read_text(), re.M | re.S)
    assert len(blocks) >= 10
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "".join(blocks)], cwd=tmp_path, capture_output=True, text=True, timeout=240,
        env=environment(executables, SOFTHSM2_CONF=str(tmp_path / "softhsm2.conf"), HOME=str(tmp_path)),
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    for words in ("adds the key", "removes the key", "signed by 1 of 2", "Published: nothing more is to sign"):
        assert words in result.stdout + result.stderr
    targets = json.loads(sorted((tmp_path / "repo/metadata").glob("*.root.json"))[-1].read_text())["signed"]
    (keyid,) = targets["roles"]["targets"]["keyids"]
    assert targets["keys"][keyid]["scheme"] == "ecdsa-sha2-nistp256"
    web.folder = tmp_path / "repo"
    assert Reader(tmp_path / "reader", web.address, tmp_path / "repo/metadata/1.root.json").look("door-sign")
    assert not list(tmp_path.glob("*.proposal"))


def test_systemd_finds_nothing_wrong_with_the_units(tmp_path, executables):
    units = []
    for unit in (REPOSITORY / "share/systemd").iterdir():
        units.append(tmp_path / unit.name)
        program = str(executables / "slipway-release")
        units[-1].write_text(unit.read_text().replace("/usr/bin/slipway-release", program))
        assert "/usr/bin/slipway-release" in unit.read_text() or unit.suffix == ".timer"
    assert {unit.suffix for unit in units} == {".service", ".timer"}
    result = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, timeout=60,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
    )  # fmt: skip
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_the_timers_command_signs_only_what_is_due(publisher, readers):
    old, _ = readers
    before = publisher.files
    assert publisher.run("resign", "--due", "--keys", "keys")["roles"] == []
    assert publisher.files == before
    publisher.run("resign", "--expires", "timestamp=1h", "--role", "timestamp", "--keys", "keys")
    assert [role["role"] for role in publisher.run("resign", "--due", "--keys", "keys")["roles"]] == ["timestamp"]
    old.look()
    assert publisher.run("status", "--check")["warnings"] == []
    publisher.run("resign", "--expires", "timestamp=1h", "--role", "timestamp", "--keys", "keys")
    (warning,) = publisher.run("status", "--check", code=21)["warnings"]
    assert (warning["role"], warning["expiry"]) == ("timestamp", "soon")
