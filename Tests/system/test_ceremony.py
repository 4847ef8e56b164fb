"""Key ceremonies through the command line, and python-tuf's own client as the stranger who has to follow them."""

import json
import os
import re
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from ceremony import Reader, environment, publisher, readers, write_product  # noqa: F401

REPOSITORY = Path(__file__).resolve().parents[2]
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


def test_python_tuf_follows_the_end_of_a_delegation(publisher, readers):
    old, new = readers
    digest = old.look()
    releases, channels = publisher.key("releases"), publisher.key("channels")
    delegate = ("delegate", "door", "--public-key", releases, "--rollout-key", channels, "--propose", "change")
    for turn in ("first", "again"):
        publisher.run(*delegate)
        publisher.run("sign", "change", "--yes", "--key", "releases.pem", "--key", "channels.pem")
        assert publisher.run("sign", "change", "--yes", "--keys", "keys")["published"]
        write_product(publisher.folder, "door")
        publisher.run(
            "pack", "--manifest", "door.toml", "--tree", "build", "--version", "2.0.0", "--platform", "linux-x86_64",
            "--key", "releases.pem", "--propose", "change",
        )  # fmt: skip
        assert publisher.run("sign", "change", "--yes", "--keys", "keys")["published"]
        assert old.look("door") == new(f"{turn}-before").look("door")
        before = publisher.files
        (change,) = publisher.run("undelegate", "door", "--propose", "change")["proposal"]["changes"]
        assert {item["kind"] for item in change["items"]} >= {"delegationRemoved", "keyRemoved"}
        assert publisher.files == before and old.look("door")
        assert publisher.run("sign", "change", "--yes", "--keys", "keys")["published"]
        assert publisher.run("verify")["ok"]
        for reader in (old, new(f"{turn}-after")):
            assert reader.look() == digest
            assert not reader.knows("products/door/policy.json")


def read_only(folder: Path, publisher, *arguments: str) -> subprocess.CompletedProcess:
    """Runs slipway-release where `folder` cannot be written to, not by root either: in a mount namespace of its own."""
    if os.geteuid() != 0:
        pytest.skip("needs root: mounts are made")
    script = 'mount --bind -o ro "$0" "$0" && ! touch "$0/x" 2>/dev/null && exec "$@"'
    return subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, folder, publisher.executables / "slipway-release", *arguments],
        cwd=publisher.folder, env=environment(publisher.executables), capture_output=True, text=True, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("is_whole", [True, False], ids=["repository", "metadata"])
def test_a_copy_on_a_medium_that_cannot_be_written_to(publisher, readers, is_whole):
    """An offline machine: the keys, a copy that is only read, and one folder for what is proposed."""
    stick, tray = publisher.folder / "stick", publisher.folder / "tray"
    shutil.copytree(publisher.folder / ("repo" if is_whole else "repo/metadata"), stick if is_whole else stick / "metadata")
    (stick / ".lock").unlink(missing_ok=True)
    tray.mkdir()
    carol = publisher.key("carol")

    def run(verb: str, *arguments: str) -> subprocess.CompletedProcess:
        result = read_only(stick, publisher, verb, *arguments, "--repository", "stick")
        assert result.returncode == 0, f"{verb}: {result.stderr}"
        return result

    run("add-key", "root", "--public-key", carol, "--propose", "tray/change", "--key", "keys/root/root-1.pem")
    assert "adds the key" in run("sign", "tray/change", "--show").stdout
    signed = run("sign", "tray/change", "--yes", "--key", "keys/root/root-2.pem")
    assert "All signatures are there" in signed.stderr
    if is_whole:
        run("verify")
        run("status", "--check")
    assert [path.name for path in tray.iterdir()] == ["change"] and not (stick / ".lock").exists()
    assert publisher.run("sign", "tray/change", "--yes")["published"]
    old, new = readers
    assert old.look() == new("new").look() and old.trusts("root") == 2


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
