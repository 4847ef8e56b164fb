"""Going back and repairing: what a disk or a person has spoilt becomes what was sealed again, or is called by its name."""

import json
import os
import shutil
import subprocess

import pytest

from device import wait_until
from lab import NEW, OLD, Spoil, committed
from publisher import PLATFORM

DATA = "agent/lib/data"
UPDATER = "slipway/bin/slipway"


@pytest.fixture
def device(lab, pristine):
    """A copy of the installed device that nobody supervises."""
    lab.serve(lab.history[-1])
    copy = pristine.clone(lab.folder / f"repair-{len(lab.devices)}")
    lab.devices.append(copy)
    yield copy
    copy.remove()


@pytest.fixture(scope="module")
def settled(lab, pristine):
    """A device that has been updated and stopped: it has a way back."""
    device = lab.clone(pristine, f"settled-{len(lab.devices)}")
    newest = lab.publish()
    lab.serve(newest)
    device.poll()
    committed(device)
    device.stop()
    yield device, newest
    device.remove()


@pytest.fixture
def updated(lab, settled):
    """A running copy of it."""
    device, newest = settled
    lab.serve(newest)
    device = lab.clone(device, f"updated-{len(lab.devices)}")
    yield device
    device.remove()


def spoil(path, data: bytes = b"spoilt") -> None:
    """As a disk does: other bytes, the same inode and mode."""
    mode = path.stat().st_mode
    path.chmod(0o644)
    path.write_bytes(data)
    path.chmod(mode & 0o7777)


def verified(device) -> dict:
    """What verify says of a device on which all is well."""
    result = device.slipway("verify", "--json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def repaired(device, *arguments: str) -> list[dict]:
    result = device.slipway("verify", "--repair", "--json", *arguments)
    assert result.returncode == 0, result.stderr
    document = json.loads(result.stdout)
    assert document["ok"] and not document["differences"]
    return document["repaired"]


# Trees


def test_every_difference_is_named_and_the_list_is_bounded(device):
    tree = device.versions / f"app-{OLD}"
    spoil(tree / DATA)
    (tree / "agent/lib/empty").unlink()
    (tree / "agent/version").chmod(0o644)
    for number in range(300):
        (tree / f"agent/lib/new-{number}").touch()
    result = device.slipway("verify", "--json")
    assert result.returncode == 33
    (verdict,) = json.loads(result.stdout)["versions"]
    assert verdict["count"] == 303 and len(verdict["differences"]) == 200
    assert verdict["version"] == OLD and verdict["ok"] is False
    assert f"{DATA}: wrongSize (6 bytes, not 9)" in verdict["differences"] or DATA in str(verdict["differences"])
    result = device.slipway("verify")
    assert f"{OLD}: and 103 more" in result.stderr and "in 303 places" in result.stderr


def test_the_agents_files_come_from_the_version_beside_and_the_agent_is_restarted(updated):
    (updated.versions / "current" / DATA).unlink()
    spoil(updated.versions / "previous/agent/bin/check")
    before = updated.agent_pid()
    news = repaired(updated)
    assert [(one["version"], one["source"], one["restarted"]) for one in news] == [
        (NEW, "copies", True), (OLD, "copies", False)]
    verified(updated)
    wait_until(lambda: updated.agent_pid() not in (None, before), 10, "the agent was restarted")
    assert updated.current() == NEW
    assert updated.status()["lastResult"]["kind"] == "repaired"
    assert not list(updated.versions.glob(".staging-*"))
    assert repaired(updated) == []


def test_a_tree_that_is_gone_comes_from_the_repository(lab, updated):
    """The agent's own version is nowhere else: fetch brings the archive, with its own user and sandbox."""
    spoil(updated.versions / "current/agent/version")
    (one,) = repaired(updated)
    assert one["source"] == "repository" and one["restarted"]
    verified(updated)
    assert (updated.versions / "current/agent/version").read_text() == NEW
    for name in ("repair.json", "fetch/repair", "incoming/repair"):
        assert not (updated.state / name).exists()


@pytest.mark.parametrize("supervised", [True, False])
def test_without_a_source_it_is_33_and_nothing_is_changed(lab, device, supervised):
    lab.web.answers["/"] = lambda handler: handler.send_error(404)
    if supervised:
        device.start()
    spoil(device.versions / f"app-{OLD}/agent/version")
    before = device.installed()
    result = device.slipway("verify", "--repair")
    assert result.returncode == 33 and result.stderr.count("ERROR: ") == 1, result.stderr
    assert "cannot be repaired" in result.stderr and "Setup file" in result.stderr.splitlines()[-1]
    assert device.installed() == before


def test_a_bundle_brings_what_is_missing(lab, device):
    file = lab.folder / f"repair-{len(os.listdir(lab.folder))}.bundle"
    file.write_bytes(lab.history[-1].bundle(OLD))
    shutil.rmtree(device.versions / f"app-{OLD}/agent")
    (one,) = repaired(device, "--from", str(file))
    assert one["source"] == "bundle"
    verified(device)


def test_another_versions_bundle_is_no_help(lab, device):
    repository = lab.publish()
    file = lab.folder / f"repair-{len(os.listdir(lab.folder))}.bundle"
    file.write_bytes(repository.bundle(NEW))
    spoil(device.versions / f"app-{OLD}/agent/version")
    result = device.slipway("verify", "--repair", "--from", str(file))
    assert result.returncode == 33, result.stderr
    assert device.current() == OLD


@pytest.mark.parametrize("what", [DATA, UPDATER, "agent", ""])
def test_the_setup_file_run_again_repairs(lab, device, what):
    setup = lab.history[-1].setup(lab.folder / "again.run", lab.setup_program, OLD)
    path = device.versions / f"app-{OLD}" / what
    trusted = device.trusted()
    if path.is_dir():
        shutil.rmtree(path)
    else:
        spoil(path)
    result = device.setup(setup)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout.splitlines()[-1])["result"] == "repaired"
    verified(device)
    assert device.trusted() == trusted
    result = device.setup(setup)
    setup.unlink()
    assert json.loads(result.stdout.splitlines()[-1])["result"] == "alreadyCurrent"


# Going back


def test_a_version_that_is_kept_good_is_only_avoided(lab, updated):
    result = updated.slipway("rollback", "--keep-good", "--json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["avoided"] == NEW
    wait_until(lambda: updated.status()["state"] == "idle", 30, "the old version passes")
    status = updated.status()
    assert (status["version"], status["knownBad"], status["avoided"]) == (OLD, [], [NEW])
    updated.poll()
    status = updated.status()
    assert updated.current() == OLD
    assert [(wait["reason"], wait["version"]) for wait in status["waitingFor"]] == [("pin", NEW)]
    assert updated.slipway("unpin").returncode == 0
    updated.poll()
    committed(updated)
    assert updated.status()["avoided"] == []


def block(publisher) -> None:
    publisher.policy["blocked"] = [OLD]


def raise_floor(publisher) -> None:
    publisher.policy["floor"] = NEW


def halt(publisher) -> None:
    publisher.channel["platforms"][PLATFORM]["halts"] = [{"version": OLD, "reason": "it burns"}]


@pytest.mark.parametrize(
    ("say", "why"), [(block, "blocked by its publisher"), (raise_floor, f"older than {NEW}"), (halt, "it burns")])
def test_what_the_publisher_forbids_is_not_gone_back_to(lab, updated, say, why):
    lab.serve(lab.publish(lambda scene: scene.publisher.bump(), Spoil(publisher=say)))
    updated.poll()
    before, pid = updated.installed(), updated.agent_pid()
    for options in ((), ("--keep-good",), ("--to", OLD)):
        result = updated.slipway("rollback", *options)
        assert result.returncode == 70, result.stderr
        assert why in result.stderr and "nothing here was changed" in result.stderr
    assert (updated.installed(), updated.agent_pid()) == (before, pid)
    status = updated.status()
    assert (status["knownBad"], status["avoided"], status["state"]) == ([], [], "idle")


@pytest.mark.parametrize(
    ("options", "code", "what"),
    [((), 42, "no previous version"), (("--to", "0.9.0"), 42, "no 0.9.0"), (("--to", OLD), 42, f"no {OLD}"),
     (("--to", "new"), 64, "'new' is no version")])  # fmt: skip
def test_where_there_is_no_way_back_it_is_said(device, options, code, what):
    before = device.installed()
    for keep in ((), ("--keep-good",)):
        result = device.slipway("rollback", *options, *keep)
        assert result.returncode == code and what in result.stderr, result.stderr
    assert device.installed() == before
    assert not list((device.root / "etc/slipway" / device.product).rglob("90-local.toml"))


def test_a_damaged_way_back_is_not_taken(updated):
    spoil(updated.versions / "previous" / DATA)
    result = updated.slipway("rollback")
    assert result.returncode == 33 and "verify --repair" in result.stderr
    repaired(updated)
    assert updated.slipway("rollback").returncode == 0
    wait_until(lambda: updated.status()["state"] == "idle", 30, "the old version passes")
    assert updated.current() == OLD
    assert [bad["version"] for bad in updated.status()["knownBad"]] == [NEW]


@pytest.mark.parametrize("known_bad", [False, True])
def test_lost_links_are_made_again(updated, known_bad):
    """Both at once: what ran is the newest version that did not fail here."""
    kept = OLD if known_bad else NEW
    if known_bad:
        assert updated.slipway("rollback").returncode == 0
        wait_until(lambda: updated.status()["state"] == "idle", 30, "the old version passes")
    updated.stop()
    program = str(updated.versions / f"app-{OLD}/slipway/bin/slipway")
    for link in ("current", "proven"):
        (updated.versions / link).unlink()
    result = updated.run(program, "recover", "--root", str(updated.root), "--product", updated.product)
    assert result.returncode == 0 and f"it is {kept} now" in result.stderr, result.stderr
    assert {os.readlink(updated.versions / link) for link in ("current", "proven")} == {f"app-{kept}"}
    verified(updated)


def test_nothing_is_repaired_while_a_version_is_on_probation(lab, updated):
    updated.stop()
    (updated.state / "journal.json").write_text(json.dumps(
        {"schema": "slipway.journal/1", "state": "proving", "from": OLD, "to": NEW, "tree": "00"}))
    spoil(updated.versions / "previous" / DATA)
    before = updated.installed()
    result = updated.slipway("verify", "--repair")
    assert result.returncode == 75 and "on probation" in result.stderr, result.stderr
    assert updated.installed() == before


def test_a_repair_that_was_killed_leaves_a_whole_tree_or_the_damaged_one(updated):
    """And the next one makes it whole: whatever moment the end comes at."""
    program = updated.versions / "previous/slipway/bin/slipway"
    command = [program, "verify", "--repair", "--root", updated.root, "--product", updated.product]
    for delay in (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4):
        spoil(updated.versions / "current" / DATA)
        process = subprocess.Popen(
            list(map(str, command)), env=updated.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(delay)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        tree = updated.versions / "current"
        assert (tree / DATA).read_bytes() in (b"spoilt", b"some data") and (tree / UPDATER).exists()
    repaired(updated)
    verified(updated)
    assert not list(updated.versions.glob(".staging-*"))
