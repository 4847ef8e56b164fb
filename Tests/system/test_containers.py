"""Attacks on what carries a bundle: the Setup file around it and the one-file container, and bundles in hand."""

import dataclasses
import hashlib
import json
import os
import struct

import pytest

import product
from containers import bundle_member
from lab import NEW, Before, Lab
from publisher import Publisher
from trees import Member


def footer(change):
    """Changes the four numbers of a Setup file's footer: executable, root, where the bundle starts, bundle."""

    def spoil(data: bytes) -> bytes:
        numbers = list(struct.unpack("<4Q", data[16:48]))
        change(numbers)
        return data[:16] + struct.pack("<4Q", *numbers) + data[48:]

    return spoil


def add(place: int, amount: int):
    return footer(lambda numbers: numbers.__setitem__(place, (numbers[place] + amount) % (1 << 64)))


FOOTERS = {
    "executable longer": add(0, 1),
    "root longer": add(1, 1),
    "bundle starts later": add(2, 512),
    "bundle longer": add(3, 512),
    "bundle of 16 EiB": footer(lambda numbers: numbers.__setitem__(3, (1 << 64) - 1)),
    "numbers that add up beyond 64 bits": footer(
        lambda numbers: numbers.__setitem__(slice(0, 2), [(1 << 64) - 1, numbers[0] + numbers[1] + 1])
    ),
    "another checksum": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
}


@pytest.mark.parametrize("name", FOOTERS)
def test_setup_refuses_a_footer(name, lab: Lab, live):
    file = lab.setup_file(lab.publish(), footer=FOOTERS[name])
    refused(live, live.setup(file), 65)
    file.unlink()


def test_setup_refuses_a_changed_byte(lab: Lab, live):
    file = lab.setup_file(lab.publish())
    with open(file, "r+b") as opened:
        opened.seek(-5000, os.SEEK_END)
        byte = opened.read(1)
        opened.seek(-1, os.SEEK_CUR)
        opened.write(bytes([byte[0] ^ 1]))
    refused(live, live.setup(file), 65)
    file.unlink()


def test_setup_refuses_a_root_that_is_not_the_expected_one(lab: Lab, live):
    repository = lab.publish()
    file = lab.setup_file(repository)
    before = Before.of(live)
    refused(live, live.setup(file, "--expect-root", "0" * 64), 20, before)
    pinned = hashlib.sha256(repository.root).hexdigest()
    assert live.setup(file, "--expect-root", pinned, "--check-only").returncode == 0
    file.unlink()


def refused(device, result, code: int, before: Before | None = None) -> None:
    assert result.returncode == code, result.stdout + result.stderr
    assert json.loads(result.stdout.splitlines()[-1])["code"] == code
    assert device.current() == "1.0.0" and device.agent_pid()
    if before:
        before.assert_same(frozenset(), {})


# The one-file container


def entry(name: str, data: bytes = b"x", **fields) -> bytes:
    member = Member(name.encode(), data=data, magic=b"", patches={257: b"ustar\x0000"})
    return dataclasses.replace(member, **fields).bytes()


def put_first(data: bytes):
    return lambda bundle: data + bundle


STRAY = "metadata/stray.json"
BUNDLES = {
    "cut off": lambda bundle: bundle[: len(bundle) // 2],
    "cut off before its end mark": lambda bundle: bundle[:-1024],
    "empty": lambda bundle: b"",
    "a name of its own": put_first(entry("scripts/install.sh")),
    "an absolute name": put_first(entry("/etc/cron.d/x")),
    "a name that climbs": put_first(entry("../metadata/x")),
    "a file twice": lambda bundle: bundle_member(STRAY, b"x") * 2 + bundle,
    "a link": put_first(entry(STRAY, type=b"2", target=b"/etc/shadow")),
    "a hard link": put_first(entry(STRAY, type=b"1", target=b"targets/x")),
    "a device": put_first(entry(STRAY, type=b"3")),
    "a folder": put_first(entry("metadata/", type=b"5")),
    "a pax header": put_first(entry("PaxHeaders/x", type=b"x", data=b"12 path=abc\n")),
    "a GNU long name": put_first(entry("././@LongLink", type=b"L", data=b"metadata/x\0")),
    "a GNU header": put_first(entry(STRAY, patches={257: b"ustar  \0"})),
    "a prefix": put_first(entry(STRAY, patches={257: b"ustar\x0000", 345: b"deeper"})),
    "a wrong checksum": put_first(entry(STRAY, checksum=b"000000\0 ")),
    "a file of 8 GiB": put_first(entry(STRAY, size=b"77777777777\0")),
    "a file of 8 EiB": put_first(entry(STRAY, size=b"\x80\0\0\0\x7f" + b"\xff" * 7)),
    "5,000 files": put_first(b"".join(bundle_member(f"metadata/{number}", b"") for number in range(5000))),
}


@pytest.fixture(scope="module")
def honest(lab) -> tuple[bytes, bytes]:
    """The root to trust, and a bundle of the new version."""
    repository = lab.publish()
    return repository.root, repository.bundle(NEW)


@pytest.fixture
def in_hand(lab, honest, tmp_path):
    """Writes a bundle and gives the arguments that name it."""

    def write(bundle: bytes) -> list[str]:
        (tmp_path / "root.json").write_bytes(honest[0])
        (tmp_path / "bundle").write_bytes(bundle)
        return ["--bundle", str(tmp_path / "bundle"), "--trust-root", str(tmp_path / "root.json")]

    return write


@pytest.mark.parametrize("name", BUNDLES)
def test_setup_refuses_a_container_with(name, lab: Lab, live, honest, in_hand):
    arguments = in_hand(BUNDLES[name](honest[1]))
    before = Before.of(live)
    refused(live, live.setup(lab.setup_program, *arguments), 65, before)


@pytest.mark.parametrize("name", BUNDLES)
def test_update_refuses_a_container_with(name, lab: Lab, live, honest, in_hand):
    bundle = in_hand(BUNDLES[name](honest[1]))[1]
    before = Before.of(live)
    refused(live, live.slipway("update", "--from", bundle, "--json"), 65, before)


def test_the_honest_bundle_is_taken_by_both(lab: Lab, pristine, honest, in_hand):
    fresh = lab.device("bare")
    result = fresh.setup(lab.setup_program, *in_hand(honest[1]))
    assert result.returncode == 0, result.stderr
    assert fresh.current() == NEW
    fresh.remove()
    device = lab.clone(pristine, "in-hand")
    result = device.slipway("update", "--from", in_hand(honest[1])[1], "--json")
    assert result.returncode == 0, result.stdout + result.stderr
    assert device.current() == NEW
    device.remove()


# Bundles that are whole and signed, and for somebody else


def other_product(lab: Lab, moved_on: bool) -> Publisher:
    """A second product of the same publisher: one repository, and both products' roles in it."""
    ours = lab.publisher.fork()
    if not moved_on:
        ours.versions = {role: number - 1 for role, number in ours.versions.items()}
    listed = json.loads(ours.publish().newest["snapshot"])["signed"]["meta"]
    other = lab.publisher.fork()
    other.product = "other-agent"
    other.versions = {role: 9 for role in other.roles}
    other.releases, other.policy = {}, {"schema": "slipway.policy/1", "id": "other-agent", "releases": []}
    other.channel = {"schema": "slipway.channel/1", "id": "other-agent", "channel": "stable", "platforms": {}}

    def delegate_both(signed: dict) -> None:
        delegations = ours.delegations().to_dict()
        signed["delegations"]["keys"].update(delegations["keys"])
        signed["delegations"]["roles"] += delegations["roles"]

    def list_both(signed: dict) -> None:
        signed["meta"].update({name: meta for name, meta in listed.items() if name != "targets.json"})

    other.edits = {"targets": delegate_both, "snapshot": list_both}
    other.pack(NEW, product.tree(NEW, lab.updater), product.manifest("other-agent", NEW))
    return other


@pytest.mark.parametrize("moved_on", [False, True], ids=["ours as it is known", "ours newer"])
def test_update_refuses_another_products_bundle(moved_on, lab: Lab, live, tmp_path):
    (tmp_path / "bundle").write_bytes(other_product(lab, moved_on).publish().bundle(NEW))
    before = Before.of(live)
    result = live.slipway("update", "--from", str(tmp_path / "bundle"), "--json")
    assert result.returncode == 24, result.stdout + result.stderr
    assert live.current() == "1.0.0" and live.agent_pid() == before.pid
    assert live.installed() == before.installed


@pytest.mark.parametrize("kind", ["link", "hard link", "fifo", "folder"])
def test_setup_refuses_a_bundle_folder_with_a(kind, lab: Lab, live, tmp_path):
    repository = lab.publish()
    folder = tmp_path / "folder"
    for name, files in (("metadata", repository.metadata), ("targets", repository.by_digest(NEW))):
        (folder / name).mkdir(parents=True)
        for file, data in files.items():
            (folder / name / file).write_bytes(data)
    archive = folder / "targets" / repository.target("tar.zst").digest
    aside = archive.rename(tmp_path / "aside")
    make = {
        "link": lambda: archive.symlink_to(aside), "hard link": lambda: os.link(aside, archive),
        "fifo": lambda: os.mkfifo(archive), "folder": archive.mkdir,
    }  # fmt: skip
    make[kind]()
    (tmp_path / "root.json").write_bytes(repository.root)
    result = live.setup(lab.setup_program, "--bundle", str(folder), "--trust-root", str(tmp_path / "root.json"))
    refused(live, result, 20)
