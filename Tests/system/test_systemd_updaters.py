"""New updaters that are broken: the old one judges them, and what runs stays or comes back."""

import re

import pytest

from factory import PRODUCT
from machine import VERSIONS, unit

pytestmark = pytest.mark.timeout(240)

NEVER_ENDING = "#!/bin/sh\nkill -STOP $$\n"

#: Passes its self-test by asking the real one, and has the real one's answer say its own build id.
TRUTHFUL = """#!/bin/sh
self=$(readlink -f "$0")
real=${self%/*}/real
test_self() {
  id=$(sha256sum "$self" | cut -c1-16)
  "$real" "$@" | sed "s/\\"build\\":\\"[0-9a-f]*\\"/\\"build\\":\\"$id\\"/"
  exit 0
}
"""

CANNOT_POLL = TRUTHFUL + """
case $1 in
  self-test) test_self "$@" ;;
  fetch) echo "cannot poll" >&2; exit 1 ;;
esac
exec "$real" "$@"
"""

#: Works until it is the current one.
TURNS_BAD = TRUTHFUL + f"""
case $1 in
  self-test) [ "$self" = "$(readlink -f {VERSIONS}/current/slipway/bin/slipway)" ] || test_self "$@" ;;
esac
exit 1
"""


@pytest.mark.parametrize(
    "script, fault",
    [
        pytest.param("#!/bin/sh\nexit 1\n", "failed its self-test (exit code 1)", id="crashes"),
        pytest.param("#!/bin/sh\nkill -SEGV $$\n", "failed its self-test (killed by a signal)", id="is killed"),
        pytest.param("#!/bin/sh\nexit 0\n", "ended its self-test without an answer", id="does nothing"),
        pytest.param(NEVER_ENDING, "did not answer its self-test within 20 s", id="hangs"),
        pytest.param("#!/bin/sh\nexec \"${0%/*}/real\" \"$@\"\n", "is installed", id="is not what it says"),
    ],
)
def test_an_updater_that_fails_its_self_test_is_never_switched_to(machine, factory, script, fault):
    old, pid, mark = machine.link("current"), machine.agent_pid(), machine.cursor()
    bad = factory.publish(updater=script)
    machine.poll()
    status = machine.condemned(bad.version, 90)
    assert status["version"] == old
    assert fault in status["knownBad"][-1]["reason"]
    # Apply ends after it has noted that.
    machine.wait(lambda: machine.systemctl("is-active", unit("apply"), check=False) != "activating", 20, "apply ends")
    assert (machine.status()["lastResult"]["code"], machine.failed_units()) == (40, "")
    assert machine.agent_pid() == pid, "the agent never noticed"
    assert not [entry for entry in machine.logged(mark) if "switched to" in str(entry["MESSAGE"])]
    assert machine.processes(f"{VERSIONS}/app-{bad.version}/slipway/bin/slipway") == []


@pytest.mark.parametrize(
    "script, fault",
    [
        pytest.param(CANNOT_POLL, "its updater cannot poll, where the old one can", id="cannot poll"),
        pytest.param(TURNS_BAD, "failed its self-test (exit code 1)", id="crashes after the switch"),
    ],
)
def test_an_updater_that_does_not_qualify_is_rolled_back(machine, factory, script, fault):
    old, build = machine.link("current"), factory.releases[machine.link("current")].build
    bad = factory.publish(updater=script)
    mark = machine.cursor()
    machine.poll()
    status = machine.condemned(bad.version, 120)
    assert (status["version"], status["proven"]) == (old, old)
    assert fault in status["knownBad"][-1]["reason"]
    assert machine.answers() == old
    said = "\n".join(str(entry["MESSAGE"]) for entry in machine.logged(mark))
    assert f"switched to {bad.version}" in said
    assert re.search(rf"{bad.version} is rolled back to {old}.*\(build {build}\)", said)


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
