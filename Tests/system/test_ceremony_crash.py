"""`slipway-release` killed at each system call that makes a change of keys last: python-tuf's client reads what is there
at every moment, and the same command again finishes what was begun."""

import json
import shutil
import subprocess

import pytest

from ceremony import Publisher, Reader, environment, publisher, readers  # noqa: F401

KEYS = ("--keys", "keys")
#: What is run, and the role whose keys it changes.
VERBS = {
    "rotate root": (("rotate", "root", *KEYS), "root"),
    "rotate targets": (("rotate", "targets", *KEYS), "targets"),
    "rotate snapshot": (("rotate", "snapshot", *KEYS), "snapshot"),
    "rotate timestamp": (("rotate", "timestamp", *KEYS), "timestamp"),
    "rotate demo": (("rotate", "demo", *KEYS), "demo"),
    "add-key root": (("add-key", "root", "--public-key", "carol.pem.pub", *KEYS), "root"),
    "add-key timestamp": (("add-key", "timestamp", "--public-key", "carol.pem.pub", *KEYS), "timestamp"),
    "sign": (("sign", "change", "--yes", *KEYS), "targets"),
}
#: fsync is called before and after each file gets its name, renameat in between.
CASES = [(verb, "fsync") for verb in VERBS] + [("rotate targets", call) for call in ("renameat", "write")]
#: The others are killed at the same calls, more often.
QUICK = [("add-key root", "fsync"), ("add-key timestamp", "fsync"), ("sign", "fsync")]
ROWS = [
    pytest.param(*case, id=", ".join(case), marks=[] if case in QUICK else [pytest.mark.slow]) for case in CASES
]


def keys_of(publisher: Publisher, role: str) -> set[str]:
    (entry,) = [entry for entry in publisher.run("status")["roles"] if entry["role"] == role]
    return set(entry["keys"])


@pytest.mark.timeout(600)
@pytest.mark.parametrize("verb, call", ROWS)
def test_killed_at_any_call_all_can_read_and_the_same_command_finishes(publisher, readers, web, tmp_path, verb, call):
    arguments, role = VERBS[verb]
    delegator = "targets" if role == "demo" else "root"
    old, _ = readers
    publisher.key("carol")
    publisher.run("rotate", "targets", *KEYS, "--propose", "change")
    if verb != "sign":
        (publisher.folder / "change").unlink()
    before, digest = keys_of(publisher, role), old.look()
    kept = tmp_path / "kept"
    for name in ("repo", "keys"):
        shutil.copytree(publisher.folder / name, kept / name)
    change = (publisher.folder / "change").read_bytes() if verb == "sign" else None
    killed = 0
    while True:
        for name in ("repo", "keys"):
            shutil.rmtree(publisher.folder / name)
            shutil.copytree(kept / name, publisher.folder / name)
        if change:
            (publisher.folder / "change").write_bytes(change)
        trace = tmp_path / "trace"
        inject = f"inject={call}:signal=KILL:when={killed + 1}"
        command = [
            "strace", "-f", "-qq", "-o", trace, "-e", f"trace={call}", "-e", inject,
            publisher.executables / "slipway-release", *arguments, "--repository", "repo"]  # fmt: skip
        result = subprocess.run(
            command, cwd=publisher.folder, env=environment(publisher.executables), capture_output=True, text=True,
            timeout=60,
        )  # fmt: skip
        if result.returncode == 0:
            break
        killed += 1
        place = f"{verb}, {call} number {killed}"
        assert "killed by SIGKILL" in trace.read_text(), f"{place}: {result.stderr}"

        # Whoever followed the repository so far, and whoever begins now, gets what was published.
        follower = Reader(tmp_path / f"follower-{killed}", web.address, old.root)
        shutil.copytree(old.folder, follower.folder)
        for reader in (follower, Reader(tmp_path / f"new-{killed}", web.address, old.root)):
            assert reader.look() == digest, place
        assert publisher.run("verify")["ok"], place

        again(publisher, arguments, role, before, place)
        assert publisher.run("verify")["ok"], place
        after = keys_of(publisher, role)
        assert after > before if "add-key" in verb else after != before and len(after) == len(before), place
        newest = Reader(tmp_path / f"newest-{killed}", web.address, old.root)
        assert follower.look() == newest.look() == digest, place
        assert follower.trusts(delegator) == newest.trusts(delegator) > old.trusts(delegator), place
        assert not list((publisher.folder / "repo/metadata").glob(".*.new")), place
        assert killed < 60
    assert killed >= 2


def again(publisher: Publisher, arguments: tuple[str, ...], role: str, before: set[str], place: str) -> None:
    """The same command once more: it ends well, or says that there is nothing left to do, which must be so."""
    result = subprocess.run(
        [publisher.executables / "slipway-release", *arguments, "--repository", "repo", "--json"],
        cwd=publisher.folder, env=environment(publisher.executables), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    if result.returncode != 0:
        refusal = json.loads(result.stdout)
        told = (result.returncode, refusal["error"])
        finished = {"add-key": (65, "conflict"), "sign": (65, "invalidInput")}
        assert told == finished.get(arguments[0]), f"{place}: {result.stderr}"
        assert keys_of(publisher, role) != before, place
