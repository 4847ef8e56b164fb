"""What has happened on a device is told once, by whom, and nobody changes it unseen."""

import hashlib
import json
import os
import re
import subprocess

import pytest

from device import wait_until
from lab import NEW, OLD, committed


@pytest.fixture(scope="module")
def past(lab, pristine):
    """A device that has been through something: a wish, an update kept, a way back, a bundle refused."""
    device = lab.clone(pristine, f"past-{len(lab.devices)}")
    # What other tests publish is not for this device.
    device.look_at("http://127.0.0.1:9")
    environment = device.environment() | {"SUDO_UID": "65534"}
    program = device.versions / "current/slipway/bin/slipway"
    wish = [str(program), "channel", "--root", str(device.root), "--product", device.product]
    subprocess.run([*wish, "beta"], env=environment, check=True, capture_output=True)
    subprocess.run([*wish, "stable"], env=environment, check=True, capture_output=True)
    good, bad = (lab.folder / f"past.{name}" for name in ("good", "bad"))
    good.write_bytes(lab.publish().bundle(NEW))
    bad.write_bytes(good.read_bytes().replace(b'"version":"1.1.0"', b'"version":"1.1.1"'))
    assert bad.read_bytes() != good.read_bytes()
    for _ in range(2):
        assert device.slipway("update", "--from", str(bad)).returncode == 20
    result = device.slipway("update", "--from", str(good))
    assert result.returncode == 0, result.stderr
    committed(device)
    assert device.slipway("rollback").returncode == 0
    wait_until(lambda: device.status()["state"] == "idle", 60, "the way back is over")
    assert device.slipway("update", "--from", str(good)).returncode == 70
    yield device
    device.remove()


def history(device, *options, code=0) -> dict:
    result = device.slipway("history", "--json", *options)
    assert result.returncode == code, result.stderr
    return json.loads(result.stdout)


def test_each_thing_that_happened_is_told_once_with_why_and_by_whom(past):
    document = history(past)
    assert document["schema"] == "slipway.history/1" and document["ok"] and document["product"] == past.product
    events = document["events"]
    assert [(event["kind"], event.get("version")) for event in events] == [
        ("wishChanged", None), ("installed", OLD), ("wishChanged", None), ("wishChanged", None), ("refused", None),
        ("refused", None), ("staged", NEW), ("switched", NEW), ("wishesTaken", None),
        ("committed", NEW), ("rolledBack", OLD), ("knownBad", NEW), ("refused", None),
    ]  # fmt: skip
    assert [event["number"] for event in events] == list(range(1, len(events) + 1))
    wish = events[2]
    assert (wish["key"], wish["value"], wish["by"], wish["uid"]) == ("channel", '"beta"', "nobody", 65534)
    assert (events[3]["value"], events[3]["before"]) == ('"stable"', '"beta"')
    assert events[4]["code"] == 20 and "its SHA-256 is not the signed" in events[4]["reason"]
    assert (events[7]["from"], events[9]["by"]) == (OLD, "slipway")
    assert (events[10]["from"], events[10]["reason"]) == (NEW, "rolled back by hand")
    assert events[12]["code"] == 70 and "knownBad" in events[12]["reason"]


def test_the_chain_is_what_anybody_can_compute(past):
    previous = "0" * 64
    for line in (past.state / "history.jsonl").read_bytes().splitlines():
        assert json.loads(line)["previous"] == previous
        previous = hashlib.sha256(line).hexdigest()


def test_it_is_read_without_root_and_without_the_lock(past):
    program = past.versions / "current/slipway/bin/slipway"
    command = [str(program), "history", "--root", str(past.root), "--product", past.product]
    run = past.root / "run/slipway" / past.product
    with open(run / "lock", "ab") as lock:
        subprocess.run(["flock", "-x", "-n", str(lock.fileno())], check=True, pass_fds=[lock.fileno()])
        nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        result = subprocess.run([*nobody, *command], capture_output=True, text=True, timeout=20)
    assert result.returncode == 0, result.stderr
    assert re.search(rf"switched to {NEW} from {OLD}; it is on probation", result.stdout)
    assert "[nobody]" in result.stdout


@pytest.mark.parametrize(
    "since, count", [("2000-01-01", None), ("2099-01-01T00:00:00Z", 0), ("1d", None), ("yesterday", -1)]
)
def test_since_takes_a_day_a_time_or_an_age(past, since, count):
    if count == -1:
        assert past.slipway("history", "--since", since).returncode == 64
    else:
        found = history(past, "--since", since)["events"]
        assert len(found) == (len(history(past)["events"]) if count is None else count)


def test_it_stays_with_the_logs_when_the_product_goes(lab, pristine):
    device = lab.clone(pristine, f"leaving-{len(lab.devices)}")
    logs = device.root / "var/log/slipway" / device.product
    result = device.slipway("offboard", "--yes", "--keep-logs")
    assert result.returncode == 0, result.stderr
    assert not device.state.exists()
    kinds = [json.loads(line)["kind"] for line in (logs / "history.jsonl").read_text().splitlines()]
    assert kinds[-2:] == ["installed", "offboarded"]
    device.remove()


def changed(text: bytes) -> bytes:
    return text.replace(b'"by":"nobody"', b'"by":"nobodx"', 1)


def without(line: int):
    return lambda text: b"".join(part for n, part in enumerate(text.splitlines(True), 1) if n != line)


@pytest.mark.parametrize(
    "change, line, words",
    [
        (changed, 4, "the line before it is another one than it names"),
        (without(1), 1, "what stood before it is missing"),
        (without(5), 5, "the line before it is another one than it names"),
        (lambda text: text.replace(b'{"at"', b'["at"', 1), 1, "does not read"),
    ],
    ids=["changed", "first-gone", "one-gone", "unreadable"],
)
def test_what_somebody_has_changed_is_told_with_its_place(past, change, line, words):
    file = past.state / "history.jsonl"
    text = file.read_bytes()
    try:
        file.write_bytes(change(text))
        document = history(past, code=20)
        assert not document["ok"]
        assert document["fault"]["file"] == "history.jsonl" and document["fault"]["line"] == line
        assert words in document["fault"]["reason"]
        shown = past.slipway("history")
        assert shown.returncode == 20 and f"history.jsonl, line {line}" in shown.stderr
    finally:
        file.write_bytes(text)


def test_what_a_stranger_appends_does_not_look_like_another_event(past):
    file = past.state / "history.jsonl"
    text = file.read_bytes()
    last = text.splitlines()[-1]
    event = json.loads(last) | {"number": json.loads(last)["number"] + 1, "by": "x\n2026-01-01T00:00:00Z  installed"}
    event |= {"previous": hashlib.sha256(last).hexdigest(), "kind": "other\x1b[2J"}
    try:
        file.write_bytes(text + json.dumps(event).encode() + b"\n")
        shown = past.slipway("history")
        assert shown.returncode == 0, shown.stderr
        assert len(shown.stdout.splitlines()) == len(text.splitlines()) + 1
        assert "\x1b" not in shown.stdout
    finally:
        file.write_bytes(text)


def test_a_line_that_a_power_cut_tore_is_cut_off_and_told_and_earlier_ones_stay(past):
    file = past.state / "history.jsonl"
    text = file.read_bytes()
    try:
        file.write_bytes(text + b'{"at":"2026-11-')
        torn = history(past)
        assert torn["ok"] and torn["torn"] == 15
        assert past.slipway("hold", "--for", "1h").returncode == 0
        after = history(past)
        assert after["ok"] and "torn" not in after
        assert file.read_bytes().startswith(text)
        new = after["events"][len(text.splitlines()) :]
        assert [event["kind"] for event in new] == ["historyCut", "wishChanged"]
        assert "15 bytes" in new[0]["reason"]
    finally:
        assert past.slipway("release").returncode == 0
        file.write_bytes(text)


def test_it_is_bounded_and_the_chain_goes_on_over_the_files(past):
    """Filled up to its limit, as years would do it."""
    file, older = past.state / "history.jsonl", past.state / "history.1.jsonl"
    text = file.read_bytes()
    try:
        lines, size = text.splitlines(), len(text)
        while size <= 512 << 10:
            event = json.loads(lines[-1]) | {"number": len(lines) + 1, "reason": "x" * 1000}
            event["previous"] = hashlib.sha256(lines[-1]).hexdigest()
            lines.append(json.dumps(event, separators=(",", ":"), sort_keys=True).encode())
            size += len(lines[-1]) + 1
        file.write_bytes(b"\n".join(lines) + b"\n")
        for turn in ("1h", "2h"):
            assert past.slipway("hold", "--for", turn).returncode == 0
        assert older.stat().st_size > 512 << 10 and file.stat().st_size < 10_000
        document = history(past)
        assert document["ok"] and document["events"][-1]["number"] > len(lines)
        older.rename(older.with_suffix(".gone"))
        assert history(past, code=20)["fault"]["reason"] == "what stood before it is missing"
        older.with_suffix(".gone").unlink()
    finally:
        assert past.slipway("release").returncode == 0
        older.unlink(missing_ok=True)
        file.write_bytes(text)
        os.chmod(file, 0o644)
