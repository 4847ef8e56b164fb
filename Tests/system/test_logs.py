"""Logs as a person sees them, and the archive for support, in which no secret is."""

import base64
import json
import os
import signal
import subprocess
import time
import urllib.parse

import pytest

from device import wait_until

SHORT = "q7"
PASSWORD = 'Kq7!vR/2 "x;Wz'
ENROLMENT = "enrol-7f3c9a1e5b"
#: What of them must not be anywhere in an archive.
SECRETS = [
    PASSWORD, ENROLMENT, "t0ken-of-the-agent", "userinfo-pw", "hunter2-comment", "MIIEvQIBADANBg", "bearer-9e8d",
    "outside-the-folder", "env-s3cret", base64.b64encode(f"room7:{PASSWORD}".encode()).decode(),
    urllib.parse.quote(PASSWORD, safe=""), json.dumps(PASSWORD)[1:-1],
    # A short one is looked for where it stands behind its user.
    f"bo:{SHORT}", base64.b64encode(f"bo:{SHORT}".encode()).decode(),
]  # fmt: skip


@pytest.fixture(scope="module")
def talkative(lab, pristine):
    device = lab.clone(pristine, f"talkative-{len(lab.devices)}")
    for place, user, password in (("proxy.example.com:3128", "room7", PASSWORD), ("other.example.com:8080", "bo", SHORT)):
        given = subprocess.run(
            [str(device.versions / "current/slipway/bin/slipway"), "proxy", "credentials", "--root", str(device.root),
             "--product", device.product, place, user],
            input=password + "\n", text=True, capture_output=True, env=device.environment(),
        )  # fmt: skip
        assert given.returncode == 0, given.stderr
    configuration = device.root / "etc/slipway" / device.product
    (configuration / "enrolment.key").write_text(ENROLMENT + "\n")
    (configuration / "config.d/50-site.toml").write_text('# the password is hunter2-comment\nrings = ["pilot"]\n')
    logs = device.root / "var/log/slipway" / device.product
    outside = device.root / "outside"
    outside.write_text("outside-the-folder\n")
    agent = logs / "agent"
    agent.mkdir(exist_ok=True)
    basic, quoted, escaped, pair, shortly = SECRETS[-5:]
    (agent / "agent.log").write_text(
        f"2026-11-22T10:00:00Z a plain line\nin use: {PASSWORD} and {ENROLMENT}, or {escaped}\n"
        f"GET http://room7:{quoted}@proxy/ and http://anna:userinfo-pw@host/path\nProxy-Authorization: Basic {basic}\n"
        f"as {pair} or {shortly}\n"
        'Authorization: Bearer bearer-9e8d\n{"token": "t0ken-of-the-agent"}\n'
        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----\nthe secret of success stays\n"
    )
    # Its end is taken, which begins in the middle of the password.
    (agent / "long.log").write_bytes(f"{PASSWORD}\n".encode() + b"x" * ((4 << 20) - 10) + b"\nend\n")
    (agent / "link.log").symlink_to(outside)
    os.link(outside, agent / "second-name.log")
    os.mkfifo(agent / "pipe.log")
    unit = device.root / "etc/systemd/system" / f"{device.product}-agent.service"
    unit.write_text(unit.read_text() + "Environment=API_TOKEN=env-s3cret\n")
    yield device
    device.remove()


def collect(device, path, *options) -> subprocess.CompletedProcess:
    return device.slipway("logs", "--collect", str(path), *options)


@pytest.fixture(scope="module")
def archive(talkative):
    path = talkative.scratch / "support.tar.zst"
    result = collect(talkative, path, "--json")
    assert result.returncode == 0, result.stderr
    return path, json.loads(result.stdout)["entries"]


def test_the_archive_is_a_tar_that_only_the_caller_may_read(talkative, archive):
    path, entries = archive
    assert path.stat().st_mode & 0o777 == 0o600
    listed = subprocess.run(["tar", "--zstd", "-tvf", path], capture_output=True, text=True, check=True).stdout
    for name in ("about.txt", "status.json", "history.json", "checks.json", "config.json", "state/history.jsonl",
                 "logs/install.log", "logs/apply/apply.log", "logs/agent/agent.log", "state/journal.json",
                 f"units/slipway-fetch@{talkative.product}.service"):  # fmt: skip
        assert f" {talkative.product}-support/{name}\n" in listed, listed
    assert all(line.startswith("-rw-------") for line in listed.splitlines())
    for name in ("link.log", "second-name.log", "pipe.log"):
        assert any(entry.startswith(f"logs/agent/{name} (left out") for entry in entries), entries


def test_no_secret_is_in_it_wherever_it_was(archive):
    path, _ = archive
    text = subprocess.run(["tar", "--zstd", "-xOf", path], capture_output=True, check=True).stdout
    for secret in SECRETS:
        assert secret.encode() not in text, secret
    assert PASSWORD[-4:].encode() + b"\n" not in text, "half of it"
    assert b"http://***@host/path" in text and b"Proxy-Authorization: ***" in text
    assert b"2026-11-22T10:00:00Z a plain line" in text and b"the secret of success stays" in text
    assert b'"rings"' in text, "the configuration is there"
    for name in ("status", "history", "checks", "config"):
        command = ["tar", "--zstd", "-xOf", path, "--wildcards", f"*-support/{name}.json"]
        document = subprocess.run(command, capture_output=True, check=True).stdout
        assert json.loads(document)["schema"].startswith("slipway."), document


@pytest.mark.parametrize("kind", ["file", "link", "folder"])
def test_what_is_there_is_never_overwritten(talkative, kind):
    path, target = talkative.scratch / f"there-{kind}", talkative.scratch / f"target-{kind}"
    if kind == "file":
        path.write_text("mine")
    elif kind == "link":
        path.symlink_to(target)
    else:
        path.mkdir()
    result = collect(talkative, path)
    assert result.returncode == 64 and "is there already" in result.stderr
    assert not target.exists() and (kind != "file" or path.read_text() == "mine")


def test_secrets_that_cannot_be_read_are_not_risked(talkative):
    file = talkative.root / "etc/slipway" / talkative.product / "proxy-credentials"
    text = file.read_bytes()
    path = talkative.scratch / "risky.tar.zst"
    try:
        file.write_bytes(b"no tabs here\n")
        assert collect(talkative, path).returncode == 78
        assert not path.exists()
    finally:
        file.write_bytes(text)


def test_logs_that_were_cleared_away_keep_no_archive_from_being_made(talkative):
    logs, aside = talkative.root / "var/log/slipway" / talkative.product, talkative.scratch / "logs-aside"
    logs.rename(aside)
    try:
        shown = talkative.slipway("logs", "--lines", "5")
        assert (shown.returncode, shown.stdout) == (0, ""), shown.stderr
        for turn in ("gone", "file"):
            path = talkative.scratch / f"without-{turn}.tar.zst"
            result = collect(talkative, path, "--json")
            assert result.returncode == 0, result.stderr
            entries = json.loads(result.stdout)["entries"]
            assert "history.json" in entries and any(entry.startswith("logs (left out") for entry in entries), entries
            if turn == "gone":
                logs.write_text("in the way\n")
        assert talkative.slipway("logs").returncode == 31
    finally:
        logs.unlink(missing_ok=True)
        aside.rename(logs)


def test_a_name_in_the_logs_does_not_look_like_a_line_of_another(talkative):
    log = talkative.root / "var/log/slipway" / talkative.product / "agent/x\napply.log"
    try:
        log.write_text("hm\n")
        assert "agent/x apply.log: hm" in talkative.slipway("logs").stdout.splitlines()
    finally:
        log.unlink()


def test_lines_of_all_writers_are_shown_in_their_order(talkative):
    shown = talkative.slipway("logs", "--lines", "100000")
    assert shown.returncode == 0, shown.stderr
    lines = shown.stdout.splitlines()
    assert {line.split(": ")[0] for line in lines} >= {"install.log", "apply/apply.log", "agent/agent.log"}
    stamps = [rest for line in lines if (rest := line.split(": ", 1)[1][:20]).endswith("Z") and rest[4:5] == "-"]
    assert stamps == sorted(stamps)
    few = talkative.slipway("logs", "--lines", "3").stdout.splitlines()
    assert few == lines[-3:]
    assert len(json.loads(talkative.slipway("logs", "--lines", "3", "--json").stdout)["lines"]) == 3


def test_follow_shows_what_comes_and_goes_on_over_a_rotation(talkative):
    log = talkative.root / "var/log/slipway" / talkative.product / "agent/agent.log"
    program = talkative.versions / "current/slipway/bin/slipway"
    process = subprocess.Popen(
        [program, "logs", "--follow", "--lines", "1", "--root", str(talkative.root), "--product", talkative.product],
        stdout=subprocess.PIPE, text=True, env=talkative.environment())  # fmt: skip
    try:
        assert process.stdout and process.stdout.readline()
        with open(log, "a") as file:
            file.write("one line and half \x1b[31m of")
            file.flush()
            # Two looks: half a line is not shown.
            time.sleep(1.1)
            file.write(" another\n")
        assert process.stdout.readline() == "agent/agent.log: one line and half \ufffd[31m of another\n"
        log.rename(log.with_name("agent.log.1"))
        log.write_text("a new file\n")
        assert process.stdout.readline() == "agent/agent.log: a new file\n"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def test_slipways_own_logs_do_not_grow_for_ever(talkative):
    log = talkative.root / "var/log/slipway" / talkative.product / "apply/apply.log"
    log.write_bytes(b"2026-11-22T10:00:00Z debug [1] long ago\n" * 110_000)
    assert log.stat().st_size > 4 << 20
    assert talkative.slipway("recover").returncode == 0
    assert log.stat().st_size < 10_000
    assert log.with_name("apply.log.1").stat().st_size > 4 << 20
    wait_until(lambda: "recover" in log.read_text(), 5)
