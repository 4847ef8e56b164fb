"""The attack table: every row by both ways in, through the real executables, and each with a twin that installs.

A row's repository is made wrong in one place by an independent publisher. It must be refused with the right code while
what is installed, what is trusted and the running agent stay as they are.
"""

import json

import pytest

import archive_rows
import metadata_rows
import target_rows
from attacks import Attack
from device import Device
from lab import Before, Lab

ROWS = metadata_rows.ROWS + target_rows.ROWS + archive_rows.ROWS


def parameters(rows):
    return pytest.mark.parametrize("attack", rows, ids=str)


def update_by_web(lab: Lab, device: Device, prepare) -> None:
    lab.serve(lab.publish(prepare))
    device.poll()


def update_by_setup(lab: Lab, device: Device, prepare) -> None:
    file = lab.setup_file(lab.publish(prepare))
    result = device.setup(file)
    file.unlink()
    assert result.returncode == 0, result.stderr
    assert list(device.scratch.iterdir()) == []


@parameters(ROWS)
def test_fetch_and_apply_refuse(attack: Attack, lab: Lab, live, twins):
    expected = attack.fetched
    repository = lab.publish(attack.prepare, attack.spoil)
    lab.serve(repository, attack.spoil)
    before = Before.of(live)
    live.poll()

    status = live.status()
    result, fetched = status.get("lastResult") or {}, status.get("lastFetch") or {}
    seen = f"{result} {fetched}\n{live.log()}"
    assert result.get("code") == (expected.code if expected.by == "apply" else None), seen
    assert fetched.get("code") == (expected.code if expected.by == "fetch" else None), seen
    waiting = [wait["reason"] for wait in status["waitingFor"]]
    assert waiting == ([expected.waiting] if expected.waiting else []), seen
    before.assert_same(expected.moved, repository.newest)
    twins("fetched", attack.prepare, lambda device: update_by_web(lab, device, attack.prepare))


@parameters([row for row in ROWS if row.setup.code])
def test_setup_refuses(attack: Attack, lab: Lab, live, twins):
    file = lab.setup_file(lab.publish(attack.prepare, attack.spoil))
    before = Before.of(live)
    result = live.setup(file)
    file.unlink()

    assert result.returncode == attack.setup.code, result.stdout + result.stderr
    document = json.loads(result.stdout.splitlines()[-1])
    assert (document["schema"], document["code"]) == ("slipway.error/1", attack.setup.code)
    assert list(live.scratch.iterdir()) == []
    before.assert_same(attack.setup.moved, lab.last.newest)
    twins("setup", attack.prepare, lambda device: update_by_setup(lab, device, attack.prepare))


@parameters([row for row in ROWS if not row.setup.code])
def test_setup_installs_what_is_none_of_its_business(attack: Attack, lab: Lab):
    file = lab.setup_file(lab.publish(attack.prepare, attack.spoil))
    device = lab.device(f"fresh-{lab.files}")
    result = device.setup(file)
    file.unlink()
    assert result.returncode == 0, result.stderr
    assert device.current() == "1.1.0"
    device.remove()


def test_there_are_enough_rows_and_each_has_a_name():
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert len(archive_rows.ROWS) >= 25
