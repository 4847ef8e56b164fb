"""New updaters that are broken: the old one judges them, and what runs stays or comes back."""

import pytest

from factory import PRODUCT
from machine import VERSIONS

pytestmark = pytest.mark.timeout(300)

CRASHES = "exit 1"
IS_KILLED = "kill -SEGV $$"
DOES_NOTHING = "exit 0"
HANGS = "kill -STOP $$"

CANNOT_POLL = "its updater cannot poll, where the old one can"


def broken(deed: str) -> str:
    return f"#!/bin/sh\n{deed}\n"


def turns_bad(call: str, deed: str) -> str:
    """An updater that is well, with a build id that is its own, until it is the current one; then `call` is broken."""
    return f"""#!/bin/sh
self=$(readlink -f "$0")
real=${{self%/*}}/real
if [ "$self" = "$(readlink -f {VERSIONS}/current/slipway/bin/slipway)" ]; then
  case "$*" in "{call}"*) {deed} ;; esac
fi
case "$*" in
  self-test* | "apply --qualify"*)
    answer=$("$real" "$@") || exit
    id=$(sha256sum "$self" | cut -c1-16)
    printf '%s\\n' "$answer" | sed "s/\\"build\\":\\"[0-9a-f]*\\"/\\"build\\":\\"$id\\"/"
    ;;
  *) exec "$real" "$@" ;;
esac
"""


@pytest.mark.parametrize(
    "script, fault",
    [
        pytest.param(broken(CRASHES), "failed its self-test (exit code 1)", id="crashes"),
        pytest.param(broken(IS_KILLED), "failed its self-test (killed by a signal)", id="is killed"),
        pytest.param(broken(DOES_NOTHING), "ended its self-test without an answer", id="does nothing"),
        pytest.param(broken(HANGS), "did not answer its self-test within 20 s", id="hangs"),
        pytest.param(broken('exec "${0%/*}/real" "$@"'), "is installed", id="is not what it says"),
    ],
)
def test_an_updater_that_fails_its_self_test_is_never_switched_to(machine, factory, script, fault):
    old, pid, since = machine.link("current"), machine.agent_pid(), machine.log_sizes()
    bad = factory.publish(updater=script)
    machine.poll()
    status = machine.condemned(bad.version, 90)
    assert status["version"] == old
    assert fault in status["knownBad"][-1]["reason"]
    assert (machine.status()["lastResult"]["code"], machine.failed_units()) == (40, "")
    assert machine.agent_pid() == pid, "the agent never noticed"
    assert machine.steps(since) == {factory.releases[old].build: {"fetch", "apply"}}, "nobody switched"
    assert machine.processes(f"{VERSIONS}/app-{bad.version}/slipway/bin/slipway") == []


@pytest.mark.parametrize(
    "deed, fault",
    [
        pytest.param(CRASHES, "failed its self-test (exit code 1)", id="crashes"),
        pytest.param(IS_KILLED, "failed its self-test (killed by a signal)", id="is killed", marks=pytest.mark.slow),
        pytest.param(DOES_NOTHING, "ended its self-test without an answer", id="does nothing"),
        pytest.param(HANGS, "did not answer its self-test within 20 s", id="hangs", marks=pytest.mark.slow),
    ],
)
def test_an_updater_that_breaks_after_the_switch_is_rolled_back(machine, factory, deed, fault):
    is_taken_back(machine, factory, factory.publish(updater=turns_bad("self-test", deed)), fault)


@pytest.mark.slow
@pytest.mark.parametrize(
    "call, deed, fault",
    [
        pytest.param("fetch --qualify", CRASHES, "fetch: exit code 1", id="fetch crashes"),
        pytest.param("fetch --qualify", IS_KILLED, "fetch: ", id="fetch is killed"),
        pytest.param("fetch --qualify", DOES_NOTHING, "apply: exit code", id="fetch does nothing"),
        pytest.param("fetch --qualify", HANGS, "fetch: no end after 60 s", id="fetch hangs"),
        pytest.param("apply --qualify", CRASHES, "apply: exit code 1", id="apply crashes"),
        pytest.param("apply --qualify", IS_KILLED, "apply: ", id="apply is killed"),
        pytest.param(
            "apply --qualify", DOES_NOTHING, "apply: it ended without the answer of build", id="apply does nothing"
        ),
        pytest.param("apply --qualify", HANGS, "apply: no end after 60 s", id="apply hangs"),
    ],
)
def test_an_updater_that_cannot_poll_is_rolled_back(machine, factory, call, deed, fault):
    is_taken_back(machine, factory, factory.publish(updater=turns_bad(call, deed)), f"{CANNOT_POLL}: {fault}")


@pytest.mark.parametrize(
    "defect, fault",
    [
        # Its fetch cannot read the product manifest that it was packed with.
        pytest.param((b"slipway.product/1", b"slipway.product/2"), "fetch: exit code", id="fetch"),
        # Its apply does not know the repository's policy.
        pytest.param((b"slipway.policy/1", b"slipway.policy/2"), "apply: exit code", id="apply"),
    ],
)
def test_an_updater_that_is_real_and_cannot_poll_is_rolled_back(machine, factory, defect, fault):
    is_taken_back(machine, factory, factory.publish(defect=defect), f"{CANNOT_POLL}: {fault}")


@pytest.mark.slow
def test_an_updater_that_brings_nothing_does_not_qualify_with_what_another_brought(machine, factory):
    bad = factory.publish(updater=turns_bad("fetch --qualify", DOES_NOTHING))
    # The old one makes a whole poll, which leaves all that the new one is to bring.
    assert machine.run("slipway", "update", "--check", check=False).returncode == 2
    is_taken_back(machine, factory, bad, f"{CANNOT_POLL}: apply: exit code")


def is_taken_back(machine, factory, bad, fault: str) -> None:
    """Updates to a version that passes its self-test before the switch: the old updater takes it back for `fault`."""
    old, since = machine.link("current"), machine.log_sizes()
    machine.poll()
    machine.wait(lambda: machine.journal_state() == "proving", 60, "probation begins")
    machine.look_until_idle(200)
    status = machine.condemned(bad.version, 10)
    assert (status["version"], status["proven"]) == (old, old)
    assert fault in status["knownBad"][-1]["reason"]
    assert machine.answers() == old
    steps = machine.steps(since)
    assert steps[bad.build] == {f"app-{bad.version}: answered its self-test"}
    assert {
        f"switched to {bad.version}; it is on probation", "prove", f"{bad.version} is rolled back to {old}"
    } <= steps[factory.releases[old].build]  # fmt: skip
    assert steps.keys() == {bad.build, factory.releases[old].build}
    assert machine.processes(f"{VERSIONS}/app-{bad.version}/slipway/bin/slipway") == []
    assert machine.failed_units() == ""


def test_an_updater_that_stays_well_is_kept_whatever_it_is_made_of(machine, factory):
    """The twin of those above."""
    release = factory.publish(updater=turns_bad("nothing", CRASHES), probation="2s")
    machine.poll()
    machine.wait(lambda: machine.journal_state() == "proving", 60, "probation begins")
    machine.look_until_idle(60)
    assert machine.settled(release.version, "committed", 10)["version"] == release.version


@pytest.mark.slow
def test_without_the_repository_a_version_is_committed_on_the_rest(machine, factory):
    machine.poll()
    release = factory.publish()
    machine.poll()
    machine.wait(lambda: machine.journal_state() == "switching", 60, "the switch begins")
    machine.systemctl("stop", "test-repository.service")
    try:
        status = machine.settled(release.version, "committed", 120)
        assert status["version"] == release.version
        assert machine.failed_units() == "", f"{PRODUCT} is offline, not broken"
    finally:
        machine.systemctl("start", "test-repository.service")
