"""A first installation that fails on a real systemd: nothing to go back to, and nothing that passes for installed."""

import json

import pytest

from factory import SILENT
from machine import AGENT, STATE, unit

pytestmark = pytest.mark.timeout(240)


def test_a_first_installation_that_fails_is_told_each_time_and_made_anew_by_a_good_one(bare, factory):
    silent = factory.setup(factory.publish(agent=SILENT))
    for _ in range(2):
        result = bare.setup(silent)
        assert result.returncode == 42, f"{result.stdout}{result.stderr}"
        assert json.loads(result.stdout.splitlines()[-1])["code"] == 42
        assert bare.systemctl("is-active", AGENT, check=False) in ("inactive", "failed")
        assert bare.status()["lastResult"]["kind"] == "installFailed"
        # Kept for support; what a poll would bring is not taken.
        assert bare.exists(f"{STATE}/undo.list")
        assert bare.run("slipway", "apply", check=False).returncode == 42
        assert bare.status()["lastResult"]["kind"] == "installFailed"
    good = factory.publish()
    result = bare.setup(factory.setup(good))
    assert result.returncode == 0, f"{result.stdout}{result.stderr}"
    assert json.loads(result.stdout.splitlines()[-1])["result"] == "installed"
    assert (bare.answers(), bare.status()["health"]) == (good.version, "passing")
    assert bare.systemctl("is-active", unit("fetch", "timer")) == "active"
    assert bare.failed_units() == ""
