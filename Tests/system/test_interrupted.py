"""What was cut off, or has gone wrong on the device itself, is finished or undone by whoever comes next."""

import json
import os
import signal
import subprocess
import time

import pytest

from device import wait_until
from lab import NEW, OLD, committed


@pytest.fixture
def fresh(lab):
    """A device with nothing on it, and the old version's Setup file."""
    device = lab.device(f"fresh-{len(lab.devices)}")
    file = lab.history[-1].setup(lab.folder / f"fresh-{len(lab.devices)}.run", lab.setup_program, OLD)
    yield device, file
    file.unlink()
    device.remove()


@pytest.fixture
def copy(lab, pristine):
    """A running copy of the device, for this test alone."""
    device = lab.clone(pristine, f"copy-{len(lab.devices)}")
    yield device
    device.remove()


def journal(device) -> dict:
    try:
        return json.loads((device.state / "journal.json").read_text())
    except FileNotFoundError:
        return {}


def killed_when(device, condition, program, *arguments) -> None:
    """Starts a program, and kills it outright as soon as `condition` holds."""
    process = subprocess.Popen(
        [str(program), *arguments], env=device.environment(), cwd=device.scratch, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)  # fmt: skip
    deadline = time.monotonic() + 60
    try:
        while not condition() and process.poll() is None:
            assert time.monotonic() < deadline
    finally:
        process.kill()
        process.wait()


def bundle(lab, repository):
    file = lab.folder / f"{len(os.listdir(lab.folder))}.bundle"
    file.write_bytes(repository.bundle(NEW))
    return file


# A first installation


@pytest.mark.parametrize("moment", ["undo.list", "switching", "proven", "current"])
def test_a_first_installation_that_was_killed_is_made_whole_by_the_next(lab, fresh, moment):
    device, file = fresh
    reached = {
        "undo.list": lambda: (device.state / "undo.list").exists(),
        "switching": lambda: journal(device).get("state") == "switching",
        "proven": lambda: (device.versions / "proven").is_symlink(),
        "current": lambda: (device.versions / "current").is_symlink(),
    }[moment]
    options = ("--root", str(device.root), "--quiet", "--accept-license", "--repository", lab.web.address)
    killed_when(device, reached, file, *options)
    result = device.setup(file, "--repository", lab.web.address)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout.splitlines()[-1])["result"] in ("installedNotStarted", "alreadyCurrent")
    assert journal(device)["state"] == "idle"
    for path in ("state.json", "wanted.json"):
        assert list(device.state.glob(path.replace("state", "state*"))), f"{path} is there"
    assert (device.root / "usr/bin/slipway").exists()
    units = os.listdir(device.root / "etc/systemd/system")
    assert f"slipway-fetch@{device.product}.timer" in units and f"{device.product}-agent.service" in units
    device.start()
    lab.serve(lab.publish())
    device.poll()
    committed(device)
    assert device.current() == NEW


def test_settings_that_cannot_be_read_change_nothing(fresh):
    device, file = fresh
    broken = device.scratch / "config.toml"
    broken.write_text("channel = [\n")
    for options, code in ((("--config", "/nonexistent"), 78), (("--config", str(broken)), 78)):
        result = device.setup(file, *options)
        assert result.returncode == code, result.stderr
        left = [path for path in device.root.rglob("*") if path.is_file() or path.is_symlink()]
        assert left == [], "the machine is as it was found"


# An update


@pytest.mark.parametrize("state", ["switching", "proving"])
def test_an_update_that_was_killed_is_finished_by_the_next_look(lab, copy, state):
    repository = lab.publish()
    program = copy.versions / "current/slipway/bin/slipway"
    old = copy.agent_pid()
    killed_when(
        copy, lambda: journal(copy).get("state") == state, program, "update", "--root", str(copy.root), "--product",
        copy.product, "--from", str(bundle(lab, repository)))  # fmt: skip
    committed(copy)
    assert copy.current() == NEW
    assert copy.agent_pid() != old, "what was committed is what runs"


def test_a_journal_lost_during_probation_is_not_the_end_of_it(lab, copy):
    lab.serve(lab.publish())
    copy.ask("start", "fetch")
    wait_until(lambda: journal(copy).get("state") == "proving", 60)
    copy.supervisor.send_signal(signal.SIGSTOP)
    (copy.state / "journal.json").write_text("{ torn")
    copy.supervisor.send_signal(signal.SIGCONT)
    wait_until((copy.state / "journal.json.corrupt").exists, 30, "the next look sets it aside")
    committed(copy)


# What an admin or a disk did


def test_a_typo_in_the_configuration_stops_decisions_and_nothing_else(lab, copy):
    config = copy.root / "etc/slipway" / copy.product / "config.toml"
    lab.serve(lab.publish())
    config.write_text("chanel = 'beta'\n")
    copy.mark()
    copy.ask("start", "fetch")
    copy.settle()
    assert copy.current() == OLD
    for verb, arguments in (("recover", ()), ("recover", ("--boot",)), ("recover", ("--rescue",)), ("prove", ())):
        assert copy.slipway(verb, *arguments).returncode == 0, (verb, arguments)
    for verb in ("apply", "update"):
        result = copy.slipway(verb)
        assert result.returncode == 78 and "config.toml" in result.stderr and "chanel" in result.stderr
    status = copy.status()
    assert "chanel" in status["configurationError"] and status["knownBad"] == []
    config.unlink()
    # Or the refusal above would be taken for one of the run that follows.
    copy.forget_results()
    copy.poll()
    committed(copy)


def test_a_switch_to_a_version_that_is_not_on_disk_is_given_up(copy):
    (copy.state / "journal.json").write_text(
        json.dumps({"schema": "slipway.journal/1", "state": "switching", "from": OLD, "to": "9.9.9", "tree": "00"}))
    assert copy.slipway("recover").returncode == 0
    wait_until(lambda: journal(copy)["state"] == "idle", 60, "the old version passes")
    assert copy.current() == OLD and copy.status()["knownBad"] == []


def test_a_lost_link_is_made_again_from_the_other(copy):
    (copy.versions / "current").unlink()
    program = copy.versions / "proven/slipway/bin/slipway"
    options = ("--root", str(copy.root), "--product", copy.product)
    assert copy.run(program, "recover", *options).returncode == 0
    assert copy.current() == OLD
    (copy.versions / "proven").unlink()
    assert copy.slipway("recover").returncode == 0
    assert (copy.versions / "proven").resolve() == (copy.versions / "current").resolve()


def test_offboarding_ends_what_slipway_run_runs(copy):
    agent, supervisor = copy.agent_pid(), copy.supervisor
    result = copy.slipway("offboard", "--yes")
    assert result.returncode == 0, result.stderr
    assert supervisor.wait(10) == 0
    copy.supervisor = None
    assert not os.path.exists(f"/proc/{agent}")
    assert not copy.versions.exists() and not copy.state.exists()
