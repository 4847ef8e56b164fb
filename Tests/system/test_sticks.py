"""Updates that somebody carries: a device that never sees a network, one that sees it now and then, and the sticks that are old,
new, cut short, or for somebody else."""

import datetime
import fcntl
import json
import os
import subprocess
from pathlib import Path

import pytest

import product
from device import wait_until
from lab import NEW, OLD, Before, committed
from publisher import DAYS

pytestmark = pytest.mark.timeout(180)

NEWER = "1.2.0"


@pytest.fixture
def device(lab, pristine):
    """A running device, whose repository is not there."""
    copy = lab.clone(pristine, f"stick-{len(lab.devices)}")
    # An address where nothing is: it answers at once.
    copy.look_at(f"{lab.web.address}/nowhere")
    yield copy
    copy.remove()


def publisher(lab, ahead: int = 0):
    """The lab's publisher, some states later."""
    other = lab.publisher.fork()
    for _ in range(ahead):
        other.bump()
    return other


def offering(lab, version: str = NEW, ahead: int = 0, **days):
    other = publisher(lab, ahead)
    other.days |= days
    other.pack(version, product.tree(version, lab.updater), product.manifest(other.product, version))
    return other.publish()


@pytest.fixture
def stick(tmp_path):
    """Puts a bundle on a stick: a file, or the same as a folder."""

    def write(repository, version: str = NEW, folder: bool = False) -> Path:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.bundle"
        if not folder:
            path.write_bytes(repository.bundle(version))
            return path
        for name, files in (("metadata", repository.metadata), ("targets", repository.by_digest(version))):
            (path / name).mkdir(parents=True)
            for file, data in files.items():
                (path / name / file).write_bytes(data)
        return path

    return write


def plugged(device, path: Path, code: int = 0, *words: str) -> dict:
    result = device.slipway("update", "--from", str(path), "--json", *words)
    assert result.returncode == code, result.stdout + result.stderr
    return json.loads(result.stdout.splitlines()[-1])


def test_a_device_without_a_network_lives_by_sticks(lab, device, stick):
    """The first is a folder, the second a file that was made in spring and is plugged in in autumn."""
    first = stick(offering(lab, ahead=1), folder=True)
    assert plugged(device, first, 2, "--check")["version"] == NEW
    assert device.current() == OLD
    assert plugged(device, first)["result"] == "switched"
    committed(device)
    second = stick(offering(lab, NEWER, 2, timestamp=-200, snapshot=-200, rollout=-100), NEWER)
    assert plugged(device, second)["result"] == "switched"
    committed(device, NEWER)
    for old in (second, first):
        answer = plugged(device, old)
        assert (answer["result"], answer["version"]) == ("upToDate", NEWER)
    assert device.current() == NEWER


def test_a_stick_that_is_too_old_is_refused(lab, device, stick):
    before = Before.of(device)
    path = stick(offering(lab, ahead=1, timestamp=-401, snapshot=-401, rollout=-401))
    assert plugged(device, path, 21)["error"] == "expired"
    # What the offline roles say never gets so old.
    path = stick(offering(lab, ahead=1, product=-1))
    assert plugged(device, path, 21)["error"] == "expired"
    assert device.current() == OLD and device.agent_pid() == before.pid and device.installed() == before.installed


def test_an_older_state_with_something_newer_is_refused(lab, device, stick):
    """It may hide what was blocked since; which is not to be told from an attack."""
    before = Before.of(device)
    device.look_at(lab.web.address)
    behind = offering(lab)
    lab.serve(publisher(lab, 2).publish())
    device.poll()
    before.trusted = device.trusted()
    error = plugged(device, stick(behind), 20)
    assert "made before what this device knows" in error["message"] and "made again" in error["remedy"]
    before.assert_same(frozenset(), behind.newest)


# Now and then online


@pytest.mark.parametrize(("age", "complete"), [("fresh", False), ("expired", True)], ids=["without rollout", "expired"])
def test_a_device_goes_on_online_after_a_stick(age, complete, lab, device, stick):
    """Also where the stick brought no more of the rollout's metadata than its version, and where it has long expired."""
    days = {"timestamp": -30, "snapshot": -30} if age == "expired" else {}
    same = publisher(lab, 1)
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    # What is published twice is the same both times.
    same.expiry = lambda role: now + datetime.timedelta(days=same.days[same.kind(role)])
    same.days |= days
    same.pack(NEW, product.tree(NEW, lab.updater), product.manifest(same.product, NEW))
    repository = same.publish()
    if not complete:
        repository.metadata = {name: data for name, data in repository.metadata.items() if "-rollout" not in name}
    assert plugged(device, stick(repository))["result"] == "switched"
    committed(device)
    device.look_at(lab.web.address)
    # The same state online: a fresh timestamp for the same snapshot, and then a new release.
    same.days |= DAYS
    same.bump("timestamp")
    if age == "expired":
        same.bump("snapshot")
    lab.serve(same.publish())
    device.poll()
    status = device.status()
    assert status["lastFetch"]["ok"] and status["waitingFor"] == [], status
    assert status["lastResult"]["kind"] == "committed", f"{status} {device.log()}"
    lab.serve(offering(lab, NEWER, 4))
    device.poll()
    committed(device, NEWER)


def test_a_stick_ahead_of_the_repository_holds_nothing_up(lab, device, stick):
    """The state online is older for a while: nothing is taken from it, nothing is lost, and the next newer one counts."""
    assert plugged(device, stick(offering(lab, ahead=3)))["result"] == "switched"
    committed(device)
    device.look_at(lab.web.address)
    lab.serve(offering(lab, ahead=2))
    before = device.trusted()

    def is_refused():
        # A poll that comes while the one after the commit is under way is that one, and may have begun before this state.
        device.poll()
        return device.status()["lastResult"].get("code") == 20

    wait_until(is_refused, 30, "the older state is refused")
    assert "rollback" in device.status()["lastResult"]["message"]
    assert device.trusted() == before and device.current() == NEW and device.agent_pid()
    lab.serve(offering(lab, NEWER, 4))
    assert device.slipway("update").returncode == 0
    committed(device, NEWER)


# Sticks that are not what they should be


@pytest.mark.parametrize("share", [0, 0.0001, 0.5, 0.999], ids=str)
def test_a_stick_that_was_pulled_out_too_early(share, lab, device, stick):
    before = Before.of(device)
    repository = offering(lab, ahead=1)
    path = stick(repository)
    os.truncate(path, int(path.stat().st_size * share))
    result = device.slipway("update", "--from", str(path), "--json")
    error = json.loads(result.stdout)
    assert result.returncode == error["code"] and error["code"] in (20, 65) and error["remedy"], result.stderr
    before.assert_same(frozenset(), repository.newest)


def test_a_stick_for_another_platform_and_none_at_all(lab, device, stick, tmp_path):
    before = Before.of(device)
    other = publisher(lab, 1)
    platform = "linux-aarch64"
    other.pack(NEW, product.tree(NEW, lab.updater), product.manifest(other.product, NEW, platform), platform=platform)
    error = plugged(device, stick(other.publish()), 24)
    assert f"the bundle is for {platform}, but this device is linux-x86_64" in error["message"]
    assert plugged(device, tmp_path / "nothing", 65)["message"].endswith("there is no such bundle")
    (tmp_path / "photos").mkdir()
    assert "metadata/ and targets/" in plugged(device, tmp_path / "photos", 65)["message"]
    assert device.current() == OLD and device.agent_pid() == before.pid


# At the same time


def test_a_stick_waits_for_a_poll_and_a_poll_for_a_stick(lab, device, stick):
    device.look_at(lab.web.address)
    lab.serve(offering(lab, NEWER, 2))
    path = stick(offering(lab, ahead=1))
    lock = os.open(device.root / "run/slipway" / device.product / "lock", os.O_RDWR)
    program = device.versions / "current/slipway/bin/slipway"
    command = [program, "update", "--from", path, "--json", "--root", device.root, "--product", device.product]
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        carried = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=device.environment())
        device.ask("start", "fetch")
        wait_until(lambda: device.slipway("apply").returncode == 32, 30, "apply does not wait for ever")
        assert carried.poll() is None and device.current() == OLD
    finally:
        fcntl.flock(lock, fcntl.LOCK_UN)
        os.close(lock)
    output, error = carried.communicate(timeout=60)
    assert carried.returncode == 0, error
    # Progress comes before it, line by line.
    assert json.loads(output.splitlines()[-1])["result"] in ("switched", "proving")
    device.settle()
    wait_until(lambda: device.status()["state"] == "idle", 60, "the change has ended")
    device.poll()
    wait_until(lambda: device.current() == NEWER, 60, "the newer one came online")
    committed(device, NEWER)
