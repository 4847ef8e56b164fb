"""Whose fault it is: the new version's, the machine's, the outside world's, or the clock's. 1.0.0 runs; 1.1.0 is good."""

import datetime
import json
import signal

import pytest

from device import wait_until
from vendor import at, at_rest, kept, reason, reasons, result, says, state, wish

HOUR = 3600


def begin(story, player, version: str, **how) -> None:
    """Publishes a version with a probe or a probation of its own, and waits until it is on probation."""
    story.pack(version, **how)
    story.promote(version)
    player.start()
    player.poll()
    wait_until(lambda: state(player) == "proving", 30, f"{version} is on probation; {player.log()}")


def crash(player) -> None:
    """The machine goes down without a shutdown, and is up again."""
    player.supervisor.send_signal(signal.SIGKILL)
    player.supervisor.wait()
    player.start()


def reboot(player) -> None:
    player.stop()
    player.start()


def probation(player) -> dict:
    return json.loads((player.state / "journal.json").read_text()).get("probation", {})


def passed(player) -> float:
    """Seconds of probation that were summed so far, over all boots."""
    return probation(player).get("passed", 0) / 1e9


def well(player) -> None:
    """Waits until the version on probation has passed in this boot."""
    wait_until(lambda: "latestPass" in probation(player), 20, f"it passes; {player.log()}")


def known_bad(player) -> list[str]:
    return [bad["version"] for bad in player.status()["knownBad"]]


def test_the_third_boot_that_ends_without_a_shutdown_rolls_back(story, player):
    begin(story, player, "1.3.0", probation="10min")
    for goes_down in (crash, reboot, crash):
        well(player)
        goes_down(player)
    well(player)
    assert state(player) == "proving" and player.current() == "1.3.0", "two may be power cuts"
    crash(player)
    assert player.current() == "1.0.0", "rolled back before the agent was started"
    at_rest(player)
    assert known_bad(player) == ["1.3.0"]
    assert "went down 3 times" in player.status()["knownBad"][0]["reason"]
    # Nothing is pending: the same says nothing now.
    for _ in range(4):
        crash(player)
    assert player.current() == "1.0.0" and state(player) == "idle"


def test_a_version_that_never_passes_in_three_boots_is_rolled_back(story, player):
    begin(story, player, "1.3.0", check="#!/bin/sh\nexit 1\n", deadline="10min")
    for _ in range(2):
        reboot(player)
        assert state(player) == "proving" and player.current() == "1.3.0"
    reboot(player)
    assert player.current() == "1.0.0"
    at_rest(player)
    assert known_bad(player) == ["1.3.0"]
    says(player, "knownBad")


@pytest.mark.slow
def test_rebooted_again_and_again_in_order_it_is_kept(story, player):
    begin(story, player, "1.3.0", probation="12s")
    boots = 0
    while state(player) == "proving":
        reboot(player)
        boots += 1
        wait_until(lambda: result(player)[0] == "committed" or passed(player) > boots * 2, 20, "probation goes on")
    assert boots >= 4
    kept(player, "1.3.0")


def fails(player) -> dict:
    """Lets the version on offer be tried and fail while the old one does not pass either; why it waits then."""
    wait_until(lambda: state(player) != "idle", 30, f"it is tried; {player.log()}")
    wait_until(lambda: state(player) == "idle", 60, f"it is judged; {player.log()}")
    says(player, "inconclusive")
    player.settle()
    return reason(player, "inconclusive")


def seconds(player) -> int:
    """From the latest judgement to the next try."""
    return round(moment(reason(player, "inconclusive")["until"]) - moment(player.status()["lastResult"]["at"]))


def moment(text: str) -> float:
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def decides(player, time: str) -> None:
    """A poll by the timer's hand at another time: whether apply is to decide anew, fetch alone tells."""
    done = at(player, time, "fetch")
    assert done.returncode == 0, done.stderr


def tried_again(story, player, hours: int) -> None:
    """The next try comes after so many hours and not before: fetch, at that time, has apply decide anew."""
    before = player.unit_status("apply")["invocationID"]
    decides(player, f"+{hours * HOUR - 120}s")
    player.settle()
    assert player.unit_status("apply")["invocationID"] == before, "decided before the time had come"
    decides(player, f"+{hours * HOUR + 60}s")
    wait_until(lambda: player.unit_status("apply")["invocationID"] != before, 20, "apply is started")
    player.settle()
    assert state(player) == "idle", "by the clock of the supervisor the time has not come"
    done = at(player, f"+{hours * HOUR + 60}s", "apply")
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_an_outage_in_both_versions_blames_nobody_and_the_update_is_not_lost(story, vendor, player):
    """The old version fails before the switch, the new one after it, the old one again: tried anew after 1, 6, 24 and
    24 hours, until the outage is over."""
    story.pack("1.3.0", deadline="5s")
    story.promote("1.3.0")
    player.start()
    vendor.outage.touch()
    player.poll()
    fails(player)
    pauses = [seconds(player)]
    for hours in (1, 6):
        tried_again(story, player, hours)
        fails(player)
        pauses.append(seconds(player))
    # In a day the timestamp has expired, and is signed anew.
    story.sign("resign", before=("faketime", "-f", f"+{24 * HOUR + 60}s"))
    player.poll()
    fails(player)
    pauses.append(seconds(player))
    assert [pause / HOUR for pause in pauses] == [1, 6, 24, 24]
    assert known_bad(player) == [] and player.current() == "1.0.0"
    vendor.outage.unlink()
    wish(player, "update", "--now")
    kept(player, "1.3.0")
    says(player)


@pytest.mark.slow
def test_an_outage_that_ends_in_between_blames_nobody(story, vendor, player):
    story.pack("1.3.0", check="#!/bin/sh\nexit 1\n", deadline="5s")
    story.promote("1.3.0")
    player.start()
    vendor.outage.touch()
    player.poll()
    wait_until(lambda: state(player) == "rolledBack", 30, f"it is rolled back; {player.log()}")
    vendor.outage.unlink()
    at_rest(player)
    says(player, "inconclusive")
    assert (player.status()["health"], known_bad(player)) == ("passing", [])


PAST, FUTURE = "1970-01-01 00:00:00", "2040-01-01 00:00:00"


def test_a_clock_at_1970_then_2040_then_right(story, player):
    """Nothing expires wrongly, nothing is kept early, no update is lost, and polls go on."""
    story.pack("1.3.0", probation="4s")
    story.promote("1.3.0")
    wish(player, "hold")
    # Looks are taken by hand, under whatever clock.
    player.start(looks=1_000_000)
    player.poll()
    assert (reasons(player), player.status()["staged"]) == (["hold"], "1.3.0")
    until = reason(player, "hold")["until"]
    for clock, expected in ((PAST, "hold"), (FUTURE, "network"), (PAST, "hold"), ("+0s", "hold")):
        for verb in ("fetch", "apply"):
            done = at(player, clock, verb)
            assert done.returncode == 0, f"{clock}: {done.stderr}"
        assert (player.current(), player.status()["staged"]) == ("1.0.0", "1.3.0"), clock
        if expected == "hold":
            says(player, "hold")
            drift = moment(until) - moment(reason(player, "hold")["until"])
            assert 0 <= drift < 120, "put off for as long as before: time is never earlier than the trusted timestamp"
    wish(player, "release")
    done = at(player, PAST, "apply")
    assert done.returncode == 0 and player.current() == "1.3.0", "by 1970 the metadata is as good as when it was signed"
    for clock in (FUTURE, PAST):
        done = at(player, clock, "prove")
        assert done.returncode == 0, done.stderr
        assert state(player) == "proving", "time passes by the monotonic clock alone"

    def is_over() -> bool:
        at(player, FUTURE, "prove")
        return state(player) == "idle"

    wait_until(is_over, 30, "probation is over")
    assert result(player) == ("committed", "1.3.0")
    story.pack("1.4.0")
    story.promote("1.4.0")
    player.poll()
    wait_until(lambda: player.current() == "1.4.0", 30, "polls go on")
