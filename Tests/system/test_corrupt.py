"""A file of Slipway's own that a disk or a person has spoilt, and whoever comes next: nobody crashes, no version changes,
nothing that protects the device is lost, and what did not read is set aside and told."""

import hashlib
import itertools
import json
import os

import pytest

from lab import NEW, OLD, committed

KINDS = ("empty", "cut off", "zeros", "garbage", "folder", "link", "gone")
VERBS = ("status", "fetch", "apply", "recover", "prove", "verify", "self-test")

FILES = [
    "journal.json", "state.json", "state.other.json", "wanted.json", f"trees/app-{NEW}.json",
    f"trees/app-{NEW}.product.json", f"trees/app-{OLD}.json", "trusted/metadata/root.json",
    "trusted/metadata/timestamp.json", "trusted/metadata/snapshot.json", "trusted/metadata/targets.json",
    "trusted/metadata/ID.json", "trusted/metadata/ID-rollout.json", "trusted/copies/root.json",
    "trusted/copies/snapshot.json", f"trees/copies/app-{NEW}.json",
]  # fmt: skip

#: What cannot work while a file is not what it was, until somebody with the lock has come by.
STOPPED = {("fetch", "wanted.json"): 31}

BAD = {"version": "1.0.5", "tree": "ba" * 32, "reason": "it crashed", "at": "2026-11-01T00:00:00Z"}


@pytest.fixture(scope="module")
def device(lab, pristine):
    """A device with a way back and a version that is known to be bad, under a supervisor; each test gets it as new."""
    newest = lab.publish()
    lab.serve(newest)
    device = lab.clone(pristine, f"corrupt-{len(lab.devices)}")
    device.poll()
    committed(device)
    for name in ("state.json", "state.other.json"):
        sealed = json.loads((device.state / name).read_text())
        text = json.dumps(json.loads(sealed["state"]) | {"knownBad": [BAD]})
        sealed = {"sha256": hashlib.sha256(text.encode()).hexdigest(), "state": text}
        (device.state / name).write_text(json.dumps(sealed))
    device.save()
    yield device
    device.remove()


@pytest.fixture(autouse=True)
def as_new(device):
    device.mark()
    device.reset()


def spoil(path, kind: str) -> None:
    data = path.read_bytes()
    path.unlink()
    match kind:
        case "empty": path.touch()
        case "cut off": path.write_bytes(data[: len(data) // 2])
        case "zeros": path.write_bytes(bytes(len(data)))
        case "garbage": path.write_bytes(bytes(byte ^ 0x5A for byte in data))
        case "folder": (path / "in/it").mkdir(parents=True)
        case "link": path.symlink_to("/etc/passwd")  # fmt: skip


def file(device, name: str):
    return device.state / name.replace("ID", device.product)


def one_clear_error(result, context) -> None:
    """Or none."""
    assert result.returncode >= 0 and "Fatal error" not in result.stderr, (context, result.stderr)
    errors = result.stderr.count("ERROR: ")
    assert errors == (1 if result.returncode else 0), (context, result.returncode, result.stderr)


def healthy(device, trusted: dict[str, bytes]) -> None:
    """Nothing is lost, and everything works."""
    status = device.status()
    assert (status["version"], status["proven"], status["previous"], status["state"]) == (NEW, NEW, OLD, "idle")
    assert status["knownBad"] == [BAD] and status["faults"] == []
    assert device.trusted() == trusted
    for verb in ("verify", "self-test", "fetch", "apply"):
        result = device.slipway(verb)
        assert result.returncode == 0, (verb, result.stderr)
    assert device.trusted() == trusted


def check(device, name: str, kind: str, verb: str) -> None:
    path = file(device, name)
    before = device.trusted()
    sealed = {path: path.read_bytes() for path in (device.state / "trees").glob("*.json")}
    spoil(path, kind)
    result = device.slipway(verb)
    one_clear_error(result, (name, kind, verb))
    assert result.returncode == (STOPPED.get((verb, name), 0)), (name, kind, verb, result.stderr)
    assert device.current() == NEW
    recovered = device.slipway("recover")
    assert recovered.returncode == 0, recovered.stderr
    assert device.current() == NEW
    # Telling is for what was there and did not read.
    aside = path.with_name(path.name + ".corrupt")
    if "copies" not in name:
        assert os.path.lexists(aside) == (kind != "gone"), (name, kind, verb)
    assert {path: path.read_bytes() for path in sealed} == sealed
    healthy(device, before)
    # Once is enough, and a second time changes nothing.
    files = {path: path.read_bytes() for path in device.state.rglob("*.json") if path.is_file()}
    assert device.slipway("recover").returncode == 0
    assert {path: path.read_bytes() for path in files} == files


def thinned(rows, step: int) -> list:
    """All rows; those between the steps are slow ones."""
    return [
        row if number % step == 0 else pytest.param(*(row if isinstance(row, tuple) else (row,)), marks=pytest.mark.slow)
        for number, row in enumerate(rows)
    ]


#: 17 has no divisor in common with the number of kinds, or of verbs: each meets each among the quick ones.
@pytest.mark.parametrize(("name", "kind", "verb"), thinned(itertools.product(FILES, KINDS, VERBS), 17))
def test_whoever_comes_next(device, name, kind, verb):
    check(device, name, kind, verb)


# Where the copy is lost too


def spoil_both(device, name: str, kind: str) -> None:
    folder, _, leaf = name.rpartition("/")
    copies = "trusted/copies" if folder.startswith("trusted") else f"{folder}/copies"
    spoil(file(device, name), kind)
    spoil(file(device, f"{copies}/{leaf}"), kind)


@pytest.mark.parametrize("verb", thinned(VERBS, 3))
def test_a_state_that_is_wholly_lost_is_begun_anew_and_told(device, verb):
    for name in ("state.json", "state.other.json"):
        spoil(device.state / name, "zeros")
    one_clear_error(device.slipway(verb), verb)
    assert device.slipway("recover").returncode == 0
    status = device.status()
    assert (status["version"], status["state"], status["faults"]) == (NEW, "idle", [])
    assert [path.rpartition("/")[2] for path in status["setAside"]] == ["state.json.corrupt", "state.other.json.corrupt"]
    assert "state.json did not read" in (device.root / "var/log/slipway" / device.product / "apply/apply.log").read_text()


LEAVES = (f"app-{NEW}.json", f"app-{NEW}.product.json", f"app-{OLD}.json")


@pytest.mark.parametrize(("leaf", "verb"), thinned(itertools.product(LEAVES, VERBS), 8))
def test_a_sealed_manifest_is_brought_again(device, leaf, verb):
    trees = device.state / "trees"
    sealed = (trees / leaf).read_bytes()
    spoil_both(device, f"trees/{leaf}", "garbage")
    result = device.slipway(verb)
    one_clear_error(result, (leaf, verb))
    assert result.returncode in (0, 33), result.stderr
    recovered = device.slipway("recover")
    one_clear_error(recovered, (leaf, verb))
    assert device.status()["version"] == NEW
    result = device.slipway("verify")
    assert result.returncode == 33 and leaf in result.stderr, result.stderr
    result = device.slipway("verify", "--repair", "--json")
    assert result.returncode == 0, result.stderr
    assert [one["source"] for one in json.loads(result.stdout)["repaired"]] == ["repository"]
    assert (trees / leaf).read_bytes() == sealed
    assert device.slipway("apply").returncode == 0 and device.current() == NEW


ROLES = ("timestamp", "snapshot", "targets", "ID", "ID-rollout")


@pytest.mark.parametrize(("role", "kind"), thinned(itertools.product(ROLES, KINDS), 6))
def test_metadata_that_is_wholly_lost_is_brought_by_the_next_poll(device, role, kind):
    before = device.trusted()
    spoil_both(device, f"trusted/metadata/{role}.json", kind)
    assert device.slipway("recover").returncode == 0
    device.poll()
    assert device.trusted() == before
    assert device.current() == NEW and device.status()["knownBad"] == [BAD]


@pytest.mark.parametrize("kind", thinned(KINDS, 3))
def test_a_root_that_is_wholly_lost_comes_back_with_the_setup_file(lab, device, kind):
    before = device.trusted()
    spoil_both(device, "trusted/metadata/root.json", kind)
    for verb in ("status", "verify", "prove"):
        assert device.slipway(verb).returncode == 0
    result = device.slipway("apply")
    one_clear_error(result, kind)
    assert result.returncode == 20 and "Setup file" in result.stderr.splitlines()[-1], result.stderr
    assert device.current() == NEW and device.agent_pid()
    setup = lab.setup_file(lab.last)
    assert device.setup(setup).returncode == 0
    setup.unlink()
    assert device.trusted() == before
    for verb in ("self-test", "apply", "verify"):
        assert device.slipway(verb).returncode == 0, verb
