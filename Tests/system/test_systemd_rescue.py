"""What goes wrong beside an update's own faults: an agent that is killed, an apply that hangs, two runs at once."""

import json
import os
import signal
from contextlib import contextmanager

import pytest

from factory import PRODUCT
from machine import AGENT, STATE, UPDATER, VERSIONS, unit

pytestmark = pytest.mark.timeout(240)


def kill_agent_to_death(machine) -> None:
    """Kills the agent as often as systemd starts it, until systemd gives up: soon, for three starts a minute are
    allowed."""

    def given_up() -> bool:
        if pid := machine.agent_pid():
            machine.run("kill", "-KILL", str(pid), check=False)
        return machine.systemctl("is-failed", AGENT, check=False) == "failed"

    machine.wait(given_up, 30, "systemd gives up")


@contextmanager
def frozen_apply(machine, state: str):
    """Starts a poll, and stops apply in its tracks in the given state, the lock in its hand; gives its pid."""
    machine.poll()
    (pid,) = machine.hold_at(state)
    try:
        yield pid
    except BaseException:
        machine.systemctl("kill", "--signal=KILL", unit("apply"), check=False)
        raise
    machine.wait(lambda: not machine.processes(UPDATER, "apply"), 30, "apply has ended")


@pytest.fixture(scope="module")
def updated(machine, factory):
    """A machine with a way back."""
    factory.publish(probation="2s")
    machine.poll()
    machine.wait(lambda: machine.journal_state() == "proving", 60, "probation begins")
    machine.look_until_idle(60)
    return machine


def test_a_second_run_finds_the_lock_held(updated, factory):
    newer = factory.setup(factory.release())
    trusted = updated.run("sh", "-c", f"sha256sum {STATE}/trusted/metadata/*").stdout
    current, pid = updated.link("current"), updated.agent_pid()
    updated.systemctl("reset-failed", check=False)
    updated.run("systemd-run", "--unit=holder", "--service-type=exec", "flock", f"/run/slipway/{PRODUCT}/lock",
                "sleep", "60")  # fmt: skip
    try:
        lock = f"/run/slipway/{PRODUCT}/lock"
        updated.wait(
            lambda: updated.run("flock", "-n", lock, "true", check=False).returncode != 0, 10, "the lock is held"
        )
        for result in (updated.setup(newer), updated.run("slipway", "recover", "--json", check=False)):
            assert result.returncode == 32, f"{result.stdout}{result.stderr}"
            assert json.loads(result.stdout.splitlines()[-1])["code"] == 32
    finally:
        updated.systemctl("stop", "holder")
    assert (updated.link("current"), updated.agent_pid()) == (current, pid)
    assert updated.run("sh", "-c", f"sha256sum {STATE}/trusted/metadata/*").stdout == trusted
    assert updated.run("sh", "-c", f"ls -A {VERSIONS} | grep staging", check=False).stdout == ""


@pytest.mark.slow
def test_a_persons_commands_find_the_lock_held_by_an_update_which_then_goes_on(updated, factory):
    release = factory.publish()
    with frozen_apply(updated, "staged") as pid:
        # They wait, update for two minutes and rollback for ten seconds.
        waiting = [updated.begin("slipway", verb, "--json") for verb in ("update", "rollback")]
        for command in waiting:
            output, message = command.communicate(timeout=150)
            assert command.returncode == 32, f"{output}{message}"
            assert json.loads(output.splitlines()[-1])["code"] == 32
        assert updated.journal_state() == "staged"
        os.kill(pid, signal.SIGCONT)
    updated.look_until_idle(60)
    assert updated.link("current") == updated.link("proven") == updated.answers() == release.version


@pytest.mark.slow
def test_an_apply_that_hangs_does_not_keep_a_dead_agent_from_being_started(updated, factory):
    old = updated.link("current")
    factory.publish()
    with frozen_apply(updated, "verified"):
        kill_agent_to_death(updated)
        updated.wait(updated.agent_pid, 90, "rescue stops apply and starts the agent")
    assert updated.wait(updated.answers, 10, "the agent answers") == old


@pytest.mark.slow
def test_an_apply_that_hangs_in_the_switch_is_rescued(updated, factory):
    old = updated.link("current")
    release = factory.publish()
    with frozen_apply(updated, "switching"):
        # What systemd starts when the agent, or apply at its time limit, has failed.
        updated.systemctl("start", "--no-block", unit("rescue"))
        updated.wait(lambda: updated.journal_state() in ("rolledBack", "idle"), 60, "rescue takes the lock")
    updated.look_until_idle(60)
    assert updated.link("current") == updated.answers() == old
    assert release.version in [entry["version"] for entry in updated.status()["knownBad"]]


@pytest.mark.slow
def test_an_agent_that_is_killed_while_nothing_is_pending_is_started_again_and_never_rolled_back(updated):
    current, previous = updated.link("current"), updated.link("previous")
    assert previous, "there is a way back, which must not be taken"
    mark = updated.cursor()
    kill_agent_to_death(updated)
    assert updated.link("current") == current
    # After 30 s the first time, and twice as long each time after.
    updated.wait(updated.agent_pid, 100, "rescue starts the agent again")
    assert [entry for entry in updated.logged(mark) if f"{AGENT} failed; started again in" in str(entry["MESSAGE"])]
    updated.wait(lambda: updated.answers() == current, 10, "the agent answers")
    assert (updated.link("current"), updated.link("previous"), updated.journal_state()) == (current, previous, "idle")
    assert current not in [entry["version"] for entry in updated.status()["knownBad"]]
