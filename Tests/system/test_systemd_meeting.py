"""When a version is switched to, on a real systemd. The tests build on each other, in this order."""

import json

import pytest

from factory import PRODUCT
from machine import SHELF, STATE, VERSIONS, unit

pytestmark = pytest.mark.timeout(300)

BUSY = f"/run/{PRODUCT}/busy"
REQUEST = f"/run/{PRODUCT}/update-request"
#: The timer of a version that waits looks once a minute.
MINUTE = 90


def slipway(machine, *arguments, code=0):
    result = machine.run("slipway", *arguments, check=False, timeout=120)
    assert result.returncode == code, f"{arguments}: {result.stdout}{result.stderr}"
    return result.stdout


def waiting(machine, version, *reasons):
    """Polls, and waits until `version` lies ready and waits for these reasons."""
    machine.poll()

    def staged():
        status = machine.status()
        found = [wait["reason"] for wait in status["waitingFor"]]
        rests = status["state"] == "idle" and status.get("staged") == version
        return status if rests and found == list(reasons) else None

    return machine.wait(staged, 60, f"{version} waits for {reasons}")


@pytest.fixture(scope="module")
def first(machine):
    return machine.status()["version"]


def test_a_room_in_a_meeting_is_not_restarted(machine, factory, first):
    machine.run("runuser", "-u", PRODUCT, "--", "touch", BUSY)
    pid = machine.agent_pid()
    second = factory.publish()
    status = waiting(machine, second.version, "busy")
    assert BUSY in status["waitingFor"][0]["detail"]
    assert (status["version"], status["state"]) == (first, "idle")
    assert machine.systemctl("is-active", unit("apply", "timer"), check=False) == "active"
    assert json.loads(slipway(machine, "update", "--now", "--json", code=75).splitlines()[-1])["result"] == "waiting"
    assert machine.agent_pid() == pid, "the agent was restarted"


def test_a_version_that_waits_survives_a_reboot_and_is_not_brought_again(machine, factory, first):
    since = machine.cursor()
    machine.reboot()
    machine.run("runuser", "-u", PRODUCT, "--", "touch", BUSY)
    assert machine.systemctl("is-active", unit("apply", "timer"), check=False) == "active"
    second = list(factory.releases)[-1]
    assert machine.status()["staged"] == second
    waiting(machine, second, "busy")
    assert not [line for line in machine.logged(since) if "downloading" in str(line.get("MESSAGE"))]


def test_when_the_meeting_is_over_the_switch_follows_within_a_minute(machine, factory):
    second = list(factory.releases)[-1]
    machine.run("rm", BUSY)
    status = machine.settled(second, "committed", MINUTE + 40)
    assert (status["version"], status["waitingFor"]) == (second, [])
    assert status.get("staged") is None
    assert machine.systemctl("is-active", unit("apply", "timer"), check=False) == "inactive"
    assert not machine.exists(f"{STATE}/switch-pending")


def test_a_hold_says_why_and_force_ends_it(machine, factory):
    slipway(machine, "hold", "--for", "2h", "--reason", "board meeting")
    third = factory.publish()
    status = waiting(machine, third.version, "hold")
    assert status["waitingFor"][0]["detail"] == "board meeting"
    assert status["waitingFor"][0]["until"]
    slipway(machine, "update", "--now", code=75)
    slipway(machine, "update", "--force")
    machine.settled(third.version, "committed", 60)
    slipway(machine, "release")
    assert "hold" not in slipway(machine, "config", "show")
    assert not machine.exists(f"/etc/slipway/{PRODUCT}/config.d/90-local.toml")


def test_outside_its_window_a_version_waits_and_now_passes_the_window(machine, factory):
    hour = int(machine.run("date", "+%H").stdout)
    window = f"{(hour + 5) % 24:02}:00..{(hour + 6) % 24:02}:00"
    slipway(machine, "config", "set", "updates.window", f'["{window}"]')
    fourth = factory.publish()
    status = waiting(machine, fourth.version, "window")
    assert status["waitingFor"][0]["until"]
    slipway(machine, "update", code=75)
    slipway(machine, "update", "--now")
    machine.settled(fourth.version, "committed", 60)
    slipway(machine, "config", "unset", "updates.window")


def test_a_newer_version_takes_the_place_of_the_one_that_waits(machine, factory):
    slipway(machine, "hold")
    fifth = factory.publish()
    waiting(machine, fifth.version, "hold")
    sixth = factory.publish()
    waiting(machine, sixth.version, "hold")
    assert not machine.exists(f"{VERSIONS}/app-{fifth.version}"), "what is not wanted any more keeps its space"
    slipway(machine, "release")
    machine.settled(sixth.version, "committed", MINUTE + 40)


def test_what_is_not_wanted_any_more_is_forgotten(machine, factory):
    running = machine.status()["version"]
    slipway(machine, "pin", running)
    slipway(machine, "hold")
    seventh = factory.publish()
    machine.poll()
    machine.wait(lambda: "pin" in [w["reason"] for w in machine.status()["waitingFor"]], 60, "the pin holds")
    slipway(machine, "unpin")
    waiting(machine, seventh.version, "hold")
    slipway(machine, "updates", "off")
    machine.poll()
    machine.wait(lambda: "updatesOff" in [w["reason"] for w in machine.status()["waitingFor"]], 60, "updates are off")
    assert machine.status().get("staged") is None
    assert not machine.exists(f"{VERSIONS}/app-{seventh.version}")
    slipway(machine, "updates", "on")
    slipway(machine, "release")
    machine.poll()
    machine.settled(seventh.version, "committed", 120)


def test_the_interval_of_the_configuration_reaches_the_timer(machine):
    def interval(time):
        shown = machine.systemctl("show", unit("fetch", "timer"), "-p", "TimersMonotonic")
        return f"OnUnitInactiveUSec={time} " in shown

    assert interval("1h")
    slipway(machine, "config", "set", "updates.interval", "7min")
    machine.poll()
    machine.wait(lambda: interval("7min"), 60, "the timer follows the admin")
    slipway(machine, "config", "unset", "updates.interval")
    machine.poll()
    machine.wait(lambda: interval("1h"), 60, "the timer follows the product again")


def test_the_agent_asks_for_a_poll_by_touching_a_file(machine):
    # During a poll the file would be overlooked: the timer that has just been written anew makes one at once.
    path = unit("fetch", "path")
    machine.wait(lambda: machine.show(path, "SubState")["SubState"] == "waiting", 30, "no poll is under way")
    before = machine.show(unit("fetch"), "InvocationID")
    machine.run("runuser", "-u", PRODUCT, "--", "touch", REQUEST)
    machine.wait(lambda: machine.show(unit("fetch"), "InvocationID") != before, 30, "a poll")


def test_offboarding_leaves_none_of_it(machine):
    # A poll that is about to begin brings the path units up behind whoever stops them.
    machine.run("systemctl", "start", "--no-block", unit("fetch"))
    slipway(machine, "offboard", "--yes")
    left = machine.run("find", "/etc/systemd/system", "-name", f"*{PRODUCT}*", check=False).stdout
    assert left == ""
    assert machine.run("systemctl", "list-units", "--all", "--plain", "--no-legend", f"*{PRODUCT}*").stdout == ""
