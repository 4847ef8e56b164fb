"""What people and their scripts do wrong, and what somebody who got into fetch leaves behind: the real executables on a
device that nobody supervises. Each gets one clear error, or works all the same."""

import json
import os
import subprocess

import pytest

from device import wait_until
from lab import OLD


@pytest.fixture
def device(lab, pristine):
    """A copy of the installed device for one test."""
    lab.serve(lab.history[-1])
    copy = pristine.clone(lab.folder / f"mistake-{len(lab.devices)}")
    lab.devices.append(copy)
    yield copy
    copy.remove()


def shell(device, script: str) -> subprocess.CompletedProcess:
    """A line of a person's script; `slipway` in it is the installed one."""
    program = device.versions / "current/slipway/bin/slipway"
    options = f"--root '{device.root}' --product {device.product}"
    return subprocess.run(
        ["sh", "-c", f'slipway() {{ "{program}" "$@" {options}; }}\n{script}'], env=device.environment(), cwd="/",
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def complains(result: subprocess.CompletedProcess, code: int, what: str) -> None:
    """One error on standard error, after what was logged: what and where, then what to do."""
    assert result.returncode == code, result.stderr
    head, _, error = result.stderr.partition("ERROR: ")
    lines = error.splitlines()
    assert not head or head.endswith("\n"), result.stderr
    assert lines and what in lines[0] and "ERROR: " not in error, result.stderr
    assert len(lines) > 1 and lines[1], result.stderr


def owners(*folders) -> set[tuple[int, int]]:
    found = set()
    for folder in folders:
        for path in folder.rglob("*"):
            found.add((path.lstat().st_uid, path.lstat().st_gid))
    return found


def test_fetch_started_by_root_goes_on_as_its_own_user(device):
    logs = device.root / "var/log/slipway" / device.product / "fetch"
    result = device.slipway("fetch")
    assert result.returncode == 0, result.stderr
    assert (device.fetch / "lock").exists()
    assert owners(device.fetch, logs) == {device.fetch_user}
    user, group = map(str, device.fetch_user)
    program = device.versions / "current/slipway/bin/slipway"
    polled = subprocess.run(
        ["setpriv", "--reuid", user, "--regid", group, "--clear-groups", program, "fetch", "--root", device.root,
         "--product", device.product], capture_output=True, text=True)  # fmt: skip
    assert polled.returncode == 0, polled.stderr


def test_a_lock_that_root_once_made_does_not_stop_fetch(device):
    lock = device.fetch / "lock"
    lock.touch(mode=0o600)
    assert device.slipway("fetch").returncode == 0
    assert (lock.stat().st_uid, lock.stat().st_gid) == device.fetch_user


@pytest.mark.parametrize("name", ["lock", "ready", "result.json", "partial", "outgoing"])
@pytest.mark.parametrize("kind", ["folder", "link", "file"])
def test_what_a_hostile_fetch_left_does_not_stop_an_honest_one(device, name, kind):
    path = device.fetch / name
    if kind == "folder":
        (path / "x").mkdir(parents=True)
    elif kind == "link":
        path.symlink_to("/etc/passwd")
    elif name in ("partial", "outgoing"):
        path.touch()
    for made in [path, *path.glob("*")]:
        if os.path.lexists(made):
            os.chown(made, *device.fetch_user, follow_symlinks=False)
    result = device.slipway("fetch")
    assert result.returncode == 0, result.stderr
    assert json.loads((device.fetch / "result.json").read_text())["ok"] is True


def test_status_shows_fetchs_words_as_words(device):
    """No escape reaches the terminal, no line is forged, and what is long is cut."""
    words = "\x1b[2J\x1b]0;pwned\x07\nknown bad:  none\x9b31m\u202e" + "x" * 10_000
    report = {"schema": "slipway.fetch/1", "at": "\x1b[1mnow\n", "ok": False, "code": 1, "message": words}
    (device.fetch / "result.json").write_text(json.dumps(report))
    result = device.slipway("status")
    assert result.returncode == 0, result.stderr
    assert not [c for c in result.stdout if c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160 or c == "\u202e")]
    assert not [line for line in result.stdout.splitlines() if line.startswith("known bad:")]
    assert max(map(len, result.stdout.splitlines())) < 400
    assert device.status()["lastFetch"]["message"] == words


def test_what_needs_a_supervisor_says_how_to_start_one(device):
    result = device.slipway("update")
    complains(result, 15, f"nothing supervises {device.product} here")
    assert f"slipway run --product {device.product} --root {device.root}" in result.stderr


@pytest.mark.parametrize("option", [["--root", ""], ["--root="]])
def test_an_empty_root_is_never_the_machine(lab, device, option):
    setup = lab.history[-1].setup(lab.folder / "empty-root.run", lab.setup_program, OLD)
    programs = [
        [device.versions / "current/slipway/bin/slipway", "status"], ["sh", device.root / "usr/bin/slipway", "status"],
        [setup, "--detect"],
    ]  # fmt: skip
    for program in programs:
        result = device.run(*program, *option)
        assert result.returncode == 64, program
        assert "--root" in result.stderr.splitlines()[0], program
    setup.unlink()


def test_a_command_of_the_admins_own_is_not_replaced(lab):
    device = lab.device("occupied")
    for folder in ("etc", "opt", "run", "usr/bin", "var/lib", "var/log"):
        (device.root / folder).mkdir(parents=True)
    own = device.root / "usr/bin/slipway"
    own.write_text("#!/bin/sh\necho mine\n")
    before = sorted(device.root.rglob("*"))
    file = lab.history[-1].setup(lab.folder / "occupied.run", lab.setup_program, OLD)
    result = device.setup(file)
    file.unlink()
    complains(result, 31, f"{own} is there, and Slipway did not make it")
    assert sorted(device.root.rglob("*")) == before
    assert own.read_text() == "#!/bin/sh\necho mine\n"
    device.remove()


def test_verify_gives_one_document(device):
    (device.versions / f"app-{OLD}/agent/lib/data").write_bytes(b"other data")
    result = device.slipway("verify", "--json")
    assert result.returncode == 33
    document = json.loads(result.stdout)
    assert document["schema"] == "slipway.verify/1"
    assert document["ok"] is False and len(document["differences"]) == 1
    complaint = [line for line in result.stderr.splitlines() if line.startswith("ERROR: ")]
    assert len(complaint) == 1 and "differs from its sealed manifest" in complaint[0]


@pytest.mark.parametrize("verb", ["check", "fetch"])
def test_a_malformed_manifest_is_named(device, verb):
    file = device.state / f"trees/app-{OLD}.product.json"
    file.write_text("{}\n")
    (device.state / f"trees/copies/{file.name}").unlink()
    complains(device.slipway(verb), 33, f"{file}: schema")


def test_a_malformed_wish_list_is_named(device):
    file = device.state / "wanted.json"
    file.write_text('{"schema": "slipway.wanted/1"}\n')
    complains(device.slipway("fetch"), 31, f"{file}: 'rootVersion' is missing")


def test_a_link_in_place_of_the_configuration_is_called_one(device):
    file = device.root / "etc/slipway" / device.product / "config.toml"
    file.symlink_to("/dev/null")
    result = device.slipway("fetch")
    complains(result, 31, str(file))
    assert "symbolic link" in result.stderr.splitlines()[-1]


def test_a_root_named_by_a_link_is_that_folder(lab):
    device = lab.device("linked")
    link = lab.folder / "link-to-linked"
    link.symlink_to(device.root.name)
    (device.scratch / "real").mkdir()
    (device.scratch / "real/config.toml").write_text("[updates]\nenabled = true\n")
    (device.scratch / "link").symlink_to("real")
    file = lab.history[-1].setup(lab.folder / "linked.run", lab.setup_program, OLD)
    config = device.scratch / "link/config.toml"
    options = ["--quiet", "--accept-license", "--repository", lab.web.address, "--config", str(config)]
    result = device.run(file, "--root", str(link), *options)
    file.unlink()
    assert result.returncode == 0, result.stderr
    assert device.current() == OLD
    assert device.slipway("verify").returncode == 0
    program = device.versions / "current/slipway/bin/slipway"
    assert device.run(program, "status", "--root", str(link)).returncode == 0
    link.unlink()
    device.remove()


def test_closed_standard_output_and_error_hurt_nobody(device):
    result = shell(device, "slipway status --json >&-")
    assert (result.returncode, result.stderr) == (0, "")
    result = shell(device, "slipway fetch <&- >&- 2>&-")
    assert result.returncode == 0
    assert json.loads((device.fetch / "result.json").read_text())["ok"] is True


def test_a_program_never_has_files_of_its_own_as_standard_streams(executables, tmp_path):
    command = f"exec '{executables}/slipway-agent' --socket '{tmp_path}/s' <&- >&- 2>&-"
    agent = subprocess.Popen(["sh", "-c", command])
    try:
        wait_until((tmp_path / "s").exists, what="the agent listens")
        assert {os.readlink(f"/proc/{agent.pid}/fd/{number}") for number in range(3)} == {"/dev/null"}
    finally:
        agent.kill()
        agent.wait()


@pytest.mark.parametrize("options", ["", "--json"])
def test_an_answer_that_cannot_be_written_is_an_error(device, options):
    result = shell(device, f"slipway status {options} >/dev/full")
    complains(result, 30, "standard output")


@pytest.mark.parametrize(
    "words, code, what",
    [
        (["config", "set", "updates.interval", "-1h"], 64, "'-1h' is no option"),
        (["config", "set", "updates.interval", "--", "-1h"], 64, "interval"),
        (["hold", "--for", "-1h"], 64, "'-1h' is no option"),
        (["logs", "--collect", ""], 64, "--collect takes the file to write"),
        (["logs", "--collect", "/"], 64, "--collect takes the file to write"),
        (["pin", "-1h"], 64, "'-1h' is no option"),
        (["update", "--from", ""], 64, "--from needs a bundle"),
        (["rollback", "--to", "xx"], 64, "'xx' is no version"),
    ],
)
def test_values_that_cannot_be_meant_are_told(device, words, code, what):
    program = device.versions / "current/slipway/bin/slipway"
    verb, rest = (words[:2], words[2:]) if words[0] == "config" else (words[:1], words[1:])
    result = device.run(program, *verb, "--root", str(device.root), *rest)
    complains(result, code, what)
    assert not result.stdout
    if words[0] == "rollback":
        assert "slipway rollback --to" in result.stderr


def test_garbage_is_no_manual(executables):
    result = subprocess.run([executables / "slipway", "manual", "--dump"], input="garbage", capture_output=True, text=True)
    complains(result, 65, "standard input")
    assert "Decoding" not in result.stderr


def test_a_hold_without_an_end_is_told_as_one(device):
    assert device.slipway("hold").returncode == 0
    history = device.slipway("history")
    assert "held until `slipway release`" in history.stdout, history.stdout


def test_status_tells_a_hold_while_nothing_waits(device):
    assert device.status()["pinned"] is None and "hold" not in device.status()
    assert device.slipway("hold", "--reason", "trade fair").returncode == 0
    assert device.status()["hold"] == {"reason": "trade fair"}
    assert "on hold:    until it is released (trade fair)" in device.slipway("status").stdout
    device.wish("96-hold.toml", '[hold]\nuntil = "2001-01-01T00:00:00Z"\n')
    assert "hold" not in device.status(), "that one has passed"


def test_a_product_whose_program_is_gone_does_not_stop_the_list(lab, device):
    for name, program in (("zz-gone", None), ("zz-mute", "#!/bin/sh\nexit 3\n")):
        folder = device.root / "opt/slipway" / name
        (folder / "current/slipway/bin").mkdir(parents=True)
        (folder / "current").rename(folder / "app-1.0.0")
        (folder / "current").symlink_to("app-1.0.0")
        if program:
            (folder / "current/slipway/bin/slipway").write_text(program)
            (folder / "current/slipway/bin/slipway").chmod(0o755)
    result = device.run("sh", device.root / "usr/bin/slipway", "list", "--root", str(device.root))
    assert result.returncode == 0 and device.product in result.stdout, result.stderr
