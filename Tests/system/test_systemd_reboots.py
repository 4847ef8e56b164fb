"""Power cut and reboot in every state of Slipway's journal, each reached by a real update: an agent runs afterwards.

A container shows the logic; what a disk forgets when its power goes is not shown here."""

import os
import signal

import pytest

from factory import CRASHING
from machine import AGENT, VERSIONS

pytestmark = [pytest.mark.timeout(300), pytest.mark.slow]

PROBATION = "6s"


def offered(factory, state: str):
    """A release on the way of which an update comes by `state`."""
    return factory.publish(agent=CRASHING if state in ("rollingBack", "rolledBack") else None, probation=PROBATION)


def runs_again(machine, versions: set[str]) -> str:
    """Waits for the agent after a boot; what it says it is must be what is current, and one of `versions`."""
    machine.wait(machine.agent_pid, 30, "the agent runs")
    version = machine.wait(machine.answers, 20, "the agent answers")
    assert version in versions
    machine.wait(lambda: machine.link("current") == machine.answers(), 20, "current is what runs")
    return version


def comes_to_rest(machine, old: str, release, state: str) -> None:
    """Lets probation, if there is one, take its course; then everything must be of one piece."""
    machine.look_until_idle(90)
    assert machine.link("current") == machine.link("proven") == machine.answers()
    bad = [entry["version"] for entry in machine.status()["knownBad"]]
    if state in ("rollingBack", "rolledBack"):
        assert machine.link("current") == old
        assert release.version in bad
    else:
        assert release.version not in bad
    if state in ("switching", "proving", "committed"):
        assert machine.link("current") == release.version
    assert machine.failed_units() == ""


@pytest.mark.parametrize(
    "state", ["verified", "staged", "switching", "proving", "committed", "rollingBack", "rolledBack"]
)
def test_the_power_goes(machine, factory, state):
    old = machine.link("current")
    release = offered(factory, state)
    if state == "committed":
        machine.slow_down("prove")
    machine.poll()
    assert machine.cut_power_at(state), f"it was over before it could be stopped: {machine.journal()}"
    machine.boot()
    runs_again(machine, {old, release.version})
    comes_to_rest(machine, old, release, state)


@pytest.mark.parametrize("state", ["staged", "switching", "proving", "rolledBack"])
def test_a_reboot(machine, factory, state):
    old = machine.link("current")
    release = offered(factory, state)
    machine.poll()

    def hold() -> None:
        # Whoever is at work stays in this state until systemd's patience ends.
        for pid in machine.processes(f"{VERSIONS}/proven/slipway/bin/slipway", "apply"):
            os.kill(pid, signal.SIGSTOP)

    machine.at_state(state, hold)
    assert machine.journal_state() == state, "it went on before it could be held"
    machine.reboot()
    runs_again(machine, {old, release.version})
    comes_to_rest(machine, old, release, state)


def test_an_interrupted_update_is_taken_up_again(machine, factory):
    old = machine.link("current")
    release = factory.publish(probation=PROBATION)
    machine.poll()
    machine.cut_power_at("verified")
    machine.boot()
    assert runs_again(machine, {old}) == old
    machine.poll()
    machine.wait(lambda: machine.journal_state() == "proving", 60, "the update is on probation")
    machine.look_until_idle(60)
    assert machine.answers() == release.version


def test_a_device_rebooted_again_and_again_within_the_probation_still_commits(machine, factory, capsys):
    release = factory.publish(probation="30s")
    machine.poll()
    machine.wait(lambda: machine.journal_state() == "proving", 60, "probation begins")
    boots = 0
    while machine.journal_state() == "proving":
        assert boots < 8, machine.journal()
        (machine.reboot if boots % 2 else lambda: (machine.pull_the_plug(), machine.boot()))()
        boots += 1
        runs_again(machine, {release.version})
        passed = machine.journal()["probation"]["passed"]
        machine.look()

        def longer() -> bool:
            # Looks as the timer takes them, only that it waits 30 s after a boot.
            machine.look()
            return machine.journal_state() != "proving" or machine.journal()["probation"]["passed"] > passed + 8e9

        machine.wait(longer, 40, "probation goes on")
    with capsys.disabled():
        print(f"\nprobation of 30 s came to its end over {boots} boots of about ten seconds")
    assert boots >= 3
    assert machine.settled(release.version, "committed", 10)["version"] == release.version
    assert machine.show(AGENT, "NRestarts")["NRestarts"] == "0"
