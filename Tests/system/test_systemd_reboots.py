"""Power cut and reboot in every state of Slipway's journal, each reached by a real update: an agent runs afterwards.

A container shows the logic; what a disk forgets when its power goes is not shown here."""

import time

import pytest

from factory import CRASHING
from machine import AGENT, STATE, unit

pytestmark = [pytest.mark.timeout(300), pytest.mark.slow]

STATES = ["verified", "staged", "switching", "proving", "committed", "rollingBack", "rolledBack"]
BAD = {"rollingBack", "rolledBack"}

PROBATION = "6s"


def begin(machine, factory, state: str):
    """Starts an update that comes by `state`; gives its release."""
    release = factory.publish(agent=CRASHING if state in BAD else None, probation=PROBATION)
    if state == "committed":
        machine.slow_down("prove")
    machine.poll()
    return release


def comes_up(machine, factory, boot) -> None:
    """Boots: recover is the first to act then, and is run by the build that `proven` leads to."""
    build, since = factory.releases[machine.link("proven")].build, machine.log_sizes()
    boot()
    assert "recover --boot" in machine.steps(since)[build]
    assert not any("recover --boot" in steps for other, steps in machine.steps(since).items() if other != build)


def runs_again(machine, versions: set[str]) -> str:
    """Waits for the agent after a boot; what it says it is must be what is current, and one of `versions`."""
    machine.wait(machine.agent_pid, 30, "the agent runs")
    version = machine.wait(machine.answers, 20, "the agent answers")
    assert version in versions
    machine.wait(lambda: machine.link("current") == machine.answers(), 20, "current is what runs")
    return version


def comes_to_rest(machine, old: str, release, state: str) -> None:
    """Lets the update take its course, which no poll starts anew; then everything must be of one piece."""
    is_bad = state in BAD
    kept = old if is_bad else release.version

    def over() -> bool:
        machine.look()
        return machine.is_at_rest() and machine.link("proven") == kept

    machine.wait(over, 90, f"{kept} is kept")
    assert machine.link("current") == machine.answers() == kept
    assert (release.version in [entry["version"] for entry in machine.status()["knownBad"]]) == is_bad
    assert machine.failed_units() == ""


@pytest.mark.parametrize("state", STATES)
def test_the_power_goes(machine, factory, state):
    old = machine.link("current")
    release = begin(machine, factory, state)
    assert machine.cut_power_at(state), f"it was over before it could be stopped: {machine.journal()}"
    comes_up(machine, factory, machine.boot)
    runs_again(machine, {old, release.version})
    comes_to_rest(machine, old, release, state)


@pytest.mark.parametrize("state", STATES)
def test_a_reboot(machine, factory, state):
    old, boot = machine.link("current"), machine.boot_id()
    release = begin(machine, factory, state)
    # Whoever is at work stays at this point until systemd ends it.
    machine.hold_at(state)
    machine.shut_down()
    assert machine.journal_state() == state
    assert machine.read(f"{STATE}/clean-shutdown").strip() == boot, "ended in order"
    comes_up(machine, factory, machine.boot)
    runs_again(machine, {old, release.version})
    comes_to_rest(machine, old, release, state)


def test_an_interrupted_update_goes_on_at_the_next_boot_without_a_download(machine, factory):
    release = factory.publish(probation=PROBATION)
    machine.poll()
    assert machine.cut_power_at("verified")
    server = "test-repository.service"
    (machine.root / f"etc/systemd/system/multi-user.target.wants/{server}").unlink()
    machine.boot()
    try:
        machine.wait(lambda: machine.answers() == release.version, 60, "the new version runs")
        assert machine.systemctl("is-active", server, check=False) == "inactive"
    finally:
        machine.systemctl("enable", "--now", server)
    machine.look_until_idle(60)
    assert machine.link("proven") == release.version


def test_a_device_rebooted_again_and_again_within_the_probation_still_commits(machine, factory, capsys):
    # In a container the waits of the prove timer, 30 s after a boot and 10 s between looks, are made shorter.
    timer = unit("prove", "timer")
    machine.drop_in("/etc", timer, "[Timer]\nOnBootSec=\nOnBootSec=3s\nOnUnitActiveSec=3s\n")
    probation = 40
    release = factory.publish(probation=f"{probation}s")
    machine.poll()
    machine.wait(lambda: machine.journal_state() == "proving", 60, "probation begins")
    summed = [0]

    def goes_on() -> bool:
        return machine.journal_state() != "proving" or machine.journal()["probation"]["passed"] > summed[-1] + 5e9

    lengths = []
    while True:
        # Two power cuts; a third would be a machine that the version brings down.
        comes_up(machine, factory, machine.lose_power if len(summed) in (2, 4) else machine.reboot)
        began = time.monotonic()
        runs_again(machine, {release.version})
        machine.wait(goes_on, 30, "probation goes on")
        lengths.append(time.monotonic() - began)
        if machine.journal_state() != "proving":
            break
        summed.append(machine.journal()["probation"]["passed"])
    with capsys.disabled():
        print(f"\nprobation of {probation} s over {len(lengths)} boots of at most {max(lengths):.0f} s")
    assert len(lengths) > 3 and max(lengths) < probation / 2
    assert summed == sorted(summed)
    assert machine.settled(release.version, "committed", 20)["version"] == release.version
    assert machine.show(AGENT, "NRestarts")["NRestarts"] == "0"


def test_a_machine_that_goes_down_three_times_without_a_shutdown_goes_back(machine, factory):
    """A kernel panic, say, minutes after the new agent has started; the probe may pass until then."""
    machine.drop_in("/etc", unit("prove", "timer"), "[Timer]\nOnBootSec=\nOnBootSec=3s\nOnUnitActiveSec=3s\n")
    old = machine.link("current")
    release = factory.publish(probation="10min")
    machine.poll()
    for boot in range(3):
        machine.wait(lambda: machine.journal_state() == "proving", 60, "it is on probation")
        assert machine.journal()["probation"].get("uncleanBoots", 0) == boot
        comes_up(machine, factory, machine.lose_power)
    status = machine.condemned(release.version, 60)
    assert machine.link("current") == old == machine.wait(machine.answers, 20, "the old agent answers")
    assert "went down 3 times without being shut down" in status["knownBad"][-1]["reason"]
    machine.poll()
    machine.wait(lambda: "knownBad" in [w["reason"] for w in machine.status()["waitingFor"]], 30, "it is not taken again")
