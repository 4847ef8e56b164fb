"""The whole story on a real systemd: install, update, roll back, leave. The tests build on each other, in this order."""

import io
import json
import re
import subprocess
import tarfile
from pathlib import Path

import pytest

from factory import CRASHING, PRODUCT, SILENT, TAKEN_OVER
from machine import AGENT, SHELF, STATE, VERSIONS, unit

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def first(factory):
    return factory.publish()


@pytest.fixture(scope="module")
def second(factory, first):
    """Its updater's timer is the quickest there may be."""
    return factory.release(interval="1min")


@pytest.fixture(scope="module")
def begun(bare, factory, first):
    """The installation, at work and with the lock in its hand."""
    setup = bare.begin(f"{SHELF}/{factory.setup(first)}", "--accept-license", "--json")
    try:
        # Made with the lock held, which is kept to the end.
        bare.wait(lambda: setup.poll() is not None or bare.exists(VERSIONS), 30, "Setup changes something")
        yield setup
    finally:
        setup.kill()
        setup.wait()


def test_a_second_setup_finds_the_lock_held(bare, factory, begun, first):
    result = bare.setup(factory.setup(first))
    assert begun.poll() is None, "the first one was too fast to be met"
    assert result.returncode == 32, f"{result.stdout}{result.stderr}"
    assert json.loads(result.stdout.splitlines()[-1])["code"] == 32


def test_setup_installs_starts_and_waits_for_the_first_passing_probe(bare, begun, first, second):
    output, progress = begun.communicate(timeout=90)
    assert begun.returncode == 0, f"{output}{progress}\n{bare.tail()}"
    assert progress.rstrip().endswith("Finished")
    last = json.loads(output.splitlines()[-1])
    assert (last["schema"], last["result"], last["version"]) == ("slipway.setup/1", "installed", first.version)
    assert bare.answers() == first.version
    status = bare.status()
    assert (status["version"], status["state"], status["health"]) == (first.version, "idle", "passing")


def test_users_are_made_by_sysusers(bare):
    assert f"u slipway-{PRODUCT} " in bare.read(f"{STATE}/sysusers.conf")
    for user in (f"slipway-{PRODUCT}", PRODUCT):
        number = int(bare.run("id", "-u", user).stdout)
        assert 0 < number < 1000
        assert bare.run("getent", "passwd", user).stdout.strip().endswith("/usr/sbin/nologin")
    pid = bare.agent_pid()
    assert bare.run("stat", "-c", "%U", f"/proc/{pid}").stdout.strip() == PRODUCT


def test_units_are_enabled_and_nothing_has_failed(bare):
    for name in (AGENT, unit("fetch", "timer"), unit("apply", "path"), unit("prove", "timer"), unit("recover")):
        assert bare.systemctl("is-enabled", name) == "enabled", name
    for name in (AGENT, unit("fetch", "timer"), unit("apply", "path"), unit("recover")):
        assert bare.systemctl("is-active", name, check=False) == "active", name
    assert bare.failed_units() == ""


def test_what_stands_in_the_way_is_taken_over(bare):
    assert bare.systemctl("is-enabled", TAKEN_OVER, check=False) == "disabled"
    assert bare.systemctl("is-active", TAKEN_OVER, check=False) == "inactive"
    assert f"takenOver\t{TAKEN_OVER}\tenabled\tactive\n" in bare.read(f"{STATE}/undo.list")


@pytest.mark.parametrize(
    "name, limit",
    [(unit("fetch"), 1.5), (unit("apply"), 1.5), (unit("prove"), 1.5), (AGENT, 3.0)],
)
def test_units_are_confined(bare, name, limit):
    text = bare.run("systemd-analyze", "security", "--no-pager", name).stdout
    score = float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", text)[1])
    assert score < limit, text


def test_systemd_finds_nothing_wrong_with_the_units(bare):
    units = [line.split("\t")[1] for line in bare.read(f"{STATE}/undo.list").splitlines() if line.startswith("unit\t")]
    result = bare.run("systemd-analyze", "verify", *units, check=False)
    assert (result.returncode, result.stderr) == (0, "")


def test_a_background_update_is_committed_by_the_old_updater(bare, factory, first, second, capsys):
    factory.promote(second)
    since = bare.log_sizes()
    bare.poll()
    bare.wait(lambda: bare.journal_state() == "proving", 60, "the new version is on probation")
    assert (bare.link("current"), bare.link("proven")) == (second.version, first.version)
    # The journal says so before the restart: only then are both times those of this switch.
    bare.wait(lambda: bare.answers() == second.version, 20, "the new agent answers")
    about = bare.show(AGENT, "InactiveEnterTimestampMonotonic", "ActiveEnterTimestampMonotonic")
    tested = bare.wait(lambda: bare.journal().get("probation", {}).get("build"), 30, "the new updater is looked at")
    assert tested == second.build
    status = bare.settled(second.version, "committed", 90)
    assert (status["version"], status["previous"], status["proven"]) == (second.version, first.version, second.version)
    assert bare.answers() == second.version
    assert bare.failed_units() == ""
    steps = bare.steps(since)
    # Kept, it looks once for what comes after it.
    steps[second.build].discard("apply")
    assert steps == {
        first.build: {
            "fetch", "apply", f"switched to {second.version}; it is on probation",
            "prove", f"{second.version} has proved itself and is kept",
        },
        second.build: {f"app-{second.version}: answered its self-test", "current: made a whole poll"},
    }  # fmt: skip
    # A unit of Type=exec is active once its program is executed; ExecMainStart is the fork, before the sandbox is made.
    down = int(about["ActiveEnterTimestampMonotonic"]) - int(about["InactiveEnterTimestampMonotonic"])
    with capsys.disabled():
        print(f"\ndowntime at the switch, old process gone to new process executed: {down / 1000:.1f} ms")
    assert 0 < down < 2_000_000


def test_the_next_update_comes_by_the_timer_alone_and_is_made_by_the_new_updater(bare, factory, second):
    timer = unit("fetch", "timer")
    assert set_timer(bare) == {"OnBoot": "2min", "OnUnitInactive": "1min", "RandomizedDelay": "10s", "Accuracy": "1s"}
    release = factory.publish()
    since, fired = bare.log_sizes(), bare.show(timer, "LastTriggerUSec")
    # A minute after the last poll, and the delay.
    bare.wait(lambda: bare.journal_state() == "proving", 90, "the timer starts an update")
    assert bare.show(timer, "LastTriggerUSec") != fired
    bare.settled(release.version, "committed", 60)
    steps = bare.steps(since)
    assert {"fetch", "apply", "prove", f"{release.version} has proved itself and is kept"} <= steps[second.build]
    own = {f"app-{release.version}: answered its self-test", "current: made a whole poll"}
    assert steps[release.build] - {"apply"} == own
    assert len(steps) == 2
    assert set_timer(bare) == {"OnBoot": "2min", "OnUnitInactive": "1h", "RandomizedDelay": "10min", "Accuracy": "1min"}


def set_timer(machine) -> dict[str, str]:
    """What systemd has been told of the fetch timer."""
    properties = "TimersMonotonic,RandomizedDelayUSec,AccuracyUSec"
    text = machine.systemctl("show", unit("fetch", "timer"), "--property", properties)
    return dict(re.findall(r"(\w+)USec=(\w+)", text))


def test_a_crash_looping_release_is_rolled_back_soon_after_its_third_crash(bare, factory, capsys):
    old = bare.link("current")
    bad = factory.publish(agent=CRASHING)
    mark, since = bare.cursor(), bare.log_sizes()
    bare.poll()
    status = bare.settled(bad.version, "rolledBack", 90)
    steps = bare.steps(since)
    assert {"recover --rescue", f"{bad.version} is rolled back to {old}", "prove"} <= steps[factory.releases[old].build]
    assert steps.keys() == {factory.releases[old].build, bad.build}
    assert steps[bad.build] == {f"app-{bad.version}: answered its self-test"}
    assert (status["version"], status["lastResult"]["code"]) == (old, 40)
    assert [entry["version"] for entry in status["knownBad"]] == [bad.version]
    assert bare.answers() == old
    entries = bare.logged(mark, f"UNIT={AGENT}", "+", f"_SYSTEMD_UNIT={AGENT}")
    crashes = [entry for entry in entries if str(entry["MESSAGE"]).find("Main process exited, code=exited, status=1") > 0]
    back = [entry for entry in entries if str(entry["MESSAGE"]) == f"version {old} is up"]
    assert len(crashes) >= 3 and back, bare.tail()
    seconds = (int(back[-1]["__MONOTONIC_TIMESTAMP"]) - int(crashes[2]["__MONOTONIC_TIMESTAMP"])) / 1e6
    with capsys.disabled():
        print(f"\nthird crash to the old version up: {seconds:.1f} s")
    assert 0 < seconds < 30


def test_a_known_bad_release_is_not_tried_again(bare, factory):
    status = bare.status()
    pid, mark = bare.agent_pid(), bare.cursor()
    factory.resign()
    bare.poll()
    bare.wait(lambda: bare.status()["lastCheck"] > status["lastCheck"], 30, "apply has looked")
    assert bare.journal_state() == "idle"
    assert bare.agent_pid() == pid
    assert [reason["reason"] for reason in bare.status()["waitingFor"]] == ["knownBad"]
    assert not [entry for entry in bare.logged(mark) if "switched to" in str(entry["MESSAGE"])]


def test_a_release_whose_probe_never_answers_is_rolled_back_at_the_deadline(bare, factory, capsys):
    old = bare.link("current")
    bad = factory.publish(agent=SILENT)
    mark, since = bare.cursor(), bare.log_sizes()
    bare.poll()
    status = bare.settled(bad.version, "rolledBack", 120)
    assert status["version"] == old
    assert "its probe has not passed" in status["lastResult"]["message"]
    assert bad.version in [entry["version"] for entry in status["knownBad"]]
    assert f"{bad.version} is rolled back to {old}" in bare.steps(since)[factory.releases[old].build]
    entries = bare.logged(mark)
    moment = {}
    for entry in entries:
        for step in (f"switched to {bad.version}", f"{bad.version} is rolled back"):
            if step in str(entry["MESSAGE"]):
                moment[step] = int(entry["__MONOTONIC_TIMESTAMP"]) / 1e6
    seconds = moment[f"{bad.version} is rolled back"] - moment[f"switched to {bad.version}"]
    with capsys.disabled():
        print(f"\nswitch to roll-back of a silent agent (deadline 20 s, a look every 10 s): {seconds:.1f} s")
    assert 19 <= seconds < 40


def test_what_happened_stands_in_the_history_and_in_the_journal(bare, factory, first, second):
    """Apply, prove and rescue sent it from their sandboxes."""
    document = json.loads(bare.run("runuser", "-u", "nobody", "--", "slipway", "history", "--json").stdout)
    assert document["ok"] and document["events"][0]["kind"] == "installed"
    told = [(event["kind"], event.get("version")) for event in document["events"]]
    for kind in ("staged", "switched", "committed"):
        assert told.count((kind, second.version)) == 1
    bad = [release.version for release in list(factory.releases.values())[-2:]]
    assert [version for kind, version in told if kind == "knownBad"] == bad
    ids = {event["kind"]: row_of(event["kind"]) for event in document["events"]}
    for kind, (message_id, priority) in ids.items():
        entries = in_journal(bare, f"MESSAGE_ID={message_id}")
        events = [event for event in document["events"] if event["kind"] == kind]
        assert [entry["SLIPWAY_NUMBER"] for entry in entries] == [str(event["number"]) for event in events], kind
        for entry, event in zip(entries, events):
            assert entry["SLIPWAY_PRODUCT"] == PRODUCT and entry.get("SLIPWAY_VERSION") == event.get("version")
            assert (entry["PRIORITY"], entry["SLIPWAY_PREVIOUS"]) == (priority, event["previous"])
            assert entry["MESSAGE"].startswith(f"{PRODUCT}: ")
    senders = {entry.get("_SYSTEMD_UNIT") for entry in in_journal(bare, f"SLIPWAY_PRODUCT={PRODUCT}")}
    assert {unit("apply"), unit("prove"), unit("rescue")} <= senders


def in_journal(machine, match: str) -> list[dict]:
    lines = machine.run("journalctl", "-o", "json", match).stdout.splitlines()
    return [json.loads(line) for line in lines]


def row_of(kind: str) -> tuple[str, str]:
    """MESSAGE_ID and priority, from the documentation."""
    text = (Path(__file__).resolve().parents[2] / "docs/events.md").read_text()
    return re.search(rf"^\| `{kind}` \| `([0-9a-f]{{32}})` \| (\d) \|", text, re.MULTILINE).groups()


def test_the_archive_for_support_has_the_journal_and_units_without_secrets(bare):
    bare.run("sh", "-c", "printf 'pa55-of-proxy\\n' | slipway proxy credentials proxy.example.com:3128 room7")
    bare.run("systemd-cat", "-t", "slipway", "--", "sh", "-c", "echo to http://room7:pa55-of-proxy@proxy.example.com")
    bare.run("systemd-run", "--wait", "-q", f"--unit={PRODUCT}-talk", "echo", "token=s3cr3t-token and pa55-of-proxy")
    bare.run("slipway", "logs", "--collect", "/root/support.tar.zst")
    assert bare.run("stat", "-c", "%a %U", "/root/support.tar.zst").stdout == "600 root\n"
    raw = (bare.root / "root/support.tar.zst").read_bytes()
    found = subprocess.run(["zstd", "-dc"], input=raw, capture_output=True, check=True).stdout
    assert b"pa55-of-proxy" not in found and b"s3cr3t-token" not in found
    with tarfile.open(fileobj=io.BytesIO(found)) as archive:
        names = archive.getnames()
        units = archive.extractfile(f"{PRODUCT}-support/journal/units.log").read().decode()
        events = archive.extractfile(f"{PRODUCT}-support/journal/events.log").read().decode()
    assert f"{PRODUCT}-support/units/{unit('fetch')}" in names and f"{PRODUCT}-support/units/timers.txt" in names
    assert "is rolled back to" in units and "token=***" in units
    assert row_of("rolledBack")[0] in events
    bare.run("slipway", "proxy", "credentials", "proxy.example.com:3128", "--remove")


def test_an_older_setup_file_changes_nothing(bare, factory, first):
    before = bare.run("find", VERSIONS, STATE, "/etc/slipway", "-printf", "%p %y %m %s %T@ %l\n").stdout
    pid = bare.agent_pid()
    result = bare.setup(factory.setup(first))
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout.splitlines()[-1])["result"] == "alreadyCurrent"
    assert bare.agent_pid() == pid
    assert bare.run("find", VERSIONS, STATE, "/etc/slipway", "-printf", "%p %y %m %s %T@ %l\n").stdout == before
