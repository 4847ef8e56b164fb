"""What a device takes and why not: each rule of channel, policy and device as an admin meets it. The publisher works
with slipway-release, and `status --json` must name every reason that holds. 1.0.0 runs; 1.1.0 and 1.2.0 are packed."""

import pytest

from device import wait_until
from vendor import PLATFORM, PRODUCT, kept, reason, reasons, result, says, state, wish


def poll(device) -> list[str]:
    device.poll()
    return reasons(device)


def test_gates_are_named_together_and_open_one_by_one(story, player):
    story.promote("1.1.0", "--percent", "0", "--ring", "early", "--not-before", "2099-01-01T00:00:00Z")
    player.start()
    assert poll(player) == ["percent", "ring", "notBefore"]
    assert reason(player, "ring") == {"reason": "ring", "version": "1.1.0", "detail": "early"}
    assert reason(player, "notBefore")["until"] == "2099-01-01T00:00:00Z"
    bucket = int(reason(player, "percent")["detail"].split(",")[0].removeprefix("bucket "))
    assert reason(player, "percent")["detail"] == f"bucket {bucket}, rolled out to 0 %"
    wish(player, "config", "set", "rings", '["late", "early"]')
    assert poll(player) == ["percent", "notBefore"]
    story.promote("1.1.0", "--percent", str(bucket), "--ring", "early")
    assert poll(player) == ["percent"], "a bucket at the percentage waits"
    wish(player, "updates", "off")
    wish(player, "pin", "1.0.0")
    assert poll(player) == ["pin", "percent", "updatesOff"]
    wish(player, "unpin")
    story.halt("1.1.0")
    assert poll(player) == ["percent", "halted", "updatesOff"]
    assert reason(player, "halted")["detail"] == "loses the picture"
    story.policy("--block", "1.1.0")
    assert poll(player) == ["percent", "halted", "blocked", "updatesOff"]
    wish(player, "updates", "on")
    story.promote("1.2.0")
    assert poll(player) == []
    kept(player, "1.2.0")


@pytest.mark.slow
def test_halt_resume_and_roll_back(story, player):
    story.promote("1.1.0")
    story.halt("1.1.0")
    player.start()
    assert poll(player) == ["halted"]
    story.resume("1.1.0")
    poll(player)
    kept(player, "1.1.0")
    story.halt("1.1.0")
    assert poll(player) == ["halted"], "without --roll-back a device that runs it stays"
    assert reason(player, "halted")["detail"] == "the installed version is halted"
    assert (player.current(), state(player)) == ("1.1.0", "idle")
    story.halt("1.1.0", "--roll-back")
    poll(player)
    kept(player, "1.0.0")
    says(player, "halted")
    story.resume("1.1.0")
    poll(player)
    kept(player, "1.1.0")
    assert player.status()["knownBad"] == [], "a halt is no failure of the device's"


def test_a_bundle_of_what_is_known_to_be_halted_is_refused(story, player):
    bundle = story.folder / "halted.bundle"
    story.promote("1.1.0")
    story.halt("1.1.0")
    story.tool("bundle", PRODUCT, "1.1.0", "--platform", PLATFORM, "--output", str(bundle))
    player.start()
    assert poll(player) == ["halted"]
    result = player.slipway("update", "--from", str(bundle))
    assert result.returncode == 70, result.stderr
    assert player.current() == "1.0.0"


def test_a_forged_999_0_0_is_left_once_it_is_blocked(story, player):
    """Signed by the product's role: its keys were stolen. A device that took it goes back to a listed version, at or
    above the floor, and follows its channel from there."""
    story.pack("999.0.0")
    story.promote("999.0.0")
    player.start()
    poll(player)
    kept(player, "999.0.0")
    story.promote("1.1.0", "--percent", "0")
    assert poll(player) == [] and player.current() == "999.0.0", "an older offer is no news"
    story.policy("--block", "999.0.0", "--floor", "1.1.0")
    poll(player)
    kept(player, "1.1.0")
    says(player)
    assert player.status()["knownBad"] == []


def test_a_blocked_version_with_no_way_to_go_stays_and_says_so(story, player):
    player.start()
    story.policy("--floor", "1.0.0", "--block", "1.0.0")
    assert poll(player) == ["blocked"]
    assert reason(player, "blocked")["detail"] == "the installed version is blocked"
    assert player.current() == "1.0.0" and player.agent_pid()


def test_an_old_updater_goes_by_the_stepping_stone(story, player):
    story.pack("1.3.0", slipway="0.2.0")
    story.pack("1.4.0", slipway="0.2.0")
    story.policy("--minimum-updater", "0.2.0")
    story.promote("1.4.0")
    player.start()
    assert poll(player) == ["minimumUpdater"]
    assert reason(player, "minimumUpdater")["detail"] == "needs updater 0.2.0"
    story.policy("--via", "1.3.0")
    poll(player)
    # The stone is kept first; what lies beyond follows by itself, with no news of the repository's.
    wait_until(lambda: result(player) == ("committed", "1.3.0"), 60, f"1.3.0 is kept; {player.log()}")
    wait_until(lambda: result(player) == ("committed", "1.4.0"), 60, f"1.4.0 is kept; {player.log()}")
    says(player)


@pytest.mark.slow
def test_pins_and_downgrades(story, player):
    story.promote("1.2.0", "--percent", "0")
    player.start()
    wish(player, "pin", "1.1.0")
    poll(player)
    kept(player, "1.1.0")
    wish(player, "pin", "1.0.0")
    assert poll(player) == ["pin"]
    assert "--allow-downgrade" in reason(player, "pin")["detail"]
    wish(player, "pin", "1.0.0", "--allow-downgrade")
    poll(player)
    kept(player, "1.0.0")
    story.promote("1.2.0")
    assert poll(player) == ["pin"]
    wish(player, "unpin")
    poll(player)
    kept(player, "1.2.0")


@pytest.mark.slow
def test_a_hotfix_channel_and_the_way_back_from_it(story, player):
    story.promote("1.1.0", channel="hotfix")
    player.start()
    assert poll(player) == [] and player.current() == "1.0.0", "who does not follow the channel hears nothing of it"
    wish(player, "channel", "hotfix")
    poll(player)
    kept(player, "1.1.0")
    assert player.status()["channel"] == "hotfix"
    wish(player, "channel", "stable")
    assert poll(player) == [] and player.current() == "1.1.0", "ahead of the channel it waits to be overtaken"
    wish(player, "channel", "stable", "--allow-downgrade")
    poll(player)
    kept(player, "1.0.0")


@pytest.mark.slow
def test_a_critical_release_is_put_off_for_hours_only(story, player):
    story.promote("1.1.0")
    wish(player, "hold", "--reason", "trade fair")
    wish(player, "config", "set", "updates.window", '["*-02-30"]')
    player.start()
    assert poll(player) == ["window", "hold"], "the switch waits, and both reasons are named"
    assert reason(player, "hold")["detail"] == "trade fair"
    days = reason(player, "hold")["until"]
    story.policy("--critical", "1.2.0")
    story.promote("1.2.0")
    assert poll(player) == ["window", "hold"]
    assert reason(player, "hold")["until"] < days
    assert player.status()["staged"] == "1.2.0" and player.current() == "1.0.0"
