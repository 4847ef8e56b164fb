"""Updates that somebody carries: a device that never sees a network, one that sees it now and then, and the sticks that are old,
new, cut short, or for somebody else."""

import fcntl
import json
import os
import subprocess
from pathlib import Path

import pytest

import product
from device import wait_until
from lab import NEW, OLD, Before, committed

pytestmark = pytest.mark.timeout(180)

NEWER = "1.2.0"


@pytest.fixture
def device(lab, pristine):
    """A running device, whose repository is not there."""
    copy = lab.clone(pristine, f"stick-{len(lab.devices)}")
    copy.look_at("http://127.0.0.1:9")
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


@pytest.mark.parametrize("folder", [False, True], ids=["file", "folder"])
def test_a_device_without_a_network_lives_by_sticks(folder, lab, device, stick):
    """The second stick was made in spring and is plugged in in autumn; the first one is of no use any more."""
    first = stick(offering(lab, ahead=1), folder=folder)
    assert plugged(device, first, 2, "--check")["version"] == NEW
    assert device.current() == OLD
    assert plugged(device, first)["result"] == "switched"
    committed(device)
    second = stick(offering(lab, NEWER, 2, timestamp=-200, snapshot=-200, rollout=-100), NEWER, folder)
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
