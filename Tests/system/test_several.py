"""Three products of one publisher on one device, and two platforms and three channels in one repository: what is done to one
product does nothing to another, and the last one to leave takes along what all share."""

import hashlib
import json
import os
import stat
import subprocess
from pathlib import Path

import pytest

from device import Device
from lab import committed
from shop import Shop
from strangers import Nginx

pytestmark = pytest.mark.timeout(240)

#: Names that begin alike: what is one's must not pass for another's.
PRODUCTS = ("room", "room-agent", "room-agent-two")
OTHER = "linux-aarch64"


def elf(path: Path, machine: int) -> Path:
    """The header of an executable for a machine, and nothing in it."""
    header = b"\x7fELF\x02\x01\x01" + bytes(9) + (2).to_bytes(2, "little") + machine.to_bytes(2, "little") + bytes(44)
    path.write_bytes(header)
    path.chmod(0o755)
    return path


@pytest.fixture(scope="module")
def shop(lab, executables, tmp_path_factory):
    folder = tmp_path_factory.mktemp("several")
    folder.chmod(0o755)
    folder.parent.chmod(0o755)
    site = folder / "site"
    (site / "shop").mkdir(parents=True)
    nginx = Nginx(folder / "nginx", site)
    shop = Shop(folder / "publisher", executables, lab.folder / "slipway", f"{nginx.address}/repository")
    (site / "repository").symlink_to(shop.repository)
    yield shop
    nginx.stop()


def test_an_updater_for_another_machine_is_not_packed(shop, tmp_path):
    own, arm, mips = elf(tmp_path / "own", 62), elf(tmp_path / "arm", 183), elf(tmp_path / "mips", 8)
    result = shop.pack("machines", "1.0.0", OTHER, updater=own, platforms=(OTHER, "linux-x86_64"))
    assert result.returncode == 65, result.stderr
    assert f"this updater is for x86_64, but the release is for {OTHER}" in result.stderr
    for updater, name in ((arm, "aarch64"), (mips, "ELF machine 8")):
        result = shop.pack("machines", "1.0.0", updater=updater)
        assert result.returncode == 65 and f"is for {name}, but the release is for linux-x86_64" in result.stderr
    # Both in one repository, each with its own; a release that lacks one of them is not promoted.
    both = {"platforms": (OTHER, "linux-x86_64")}
    shop.packed("machines", "1.0.0", OTHER, updater=arm, **both)
    result = shop.tool("promote", "machines", "1.0.0", "--channel", "stable", "--keys", shop.folder / "keys")
    assert result.returncode == 65 and "linux-x86_64" in result.stderr, result.stderr
    shop.packed("machines", "1.0.0", updater=own, **both)
    shop.promote("machines", "1.0.0")
    shop.do("verify")


def picture(root: Path, *parts: str) -> dict[str, tuple]:
    """Kind, mode, owner and contents of everything below a folder, or of what has one of `parts` in its path."""
    found = {}
    for folder, names, files in os.walk(root):
        for name in names + files:
            path = Path(folder, name)
            inside = path.relative_to(root)
            if parts and not any(part in inside.parts or any(p.startswith(part) for p in inside.parts) for part in parts):
                continue
            status = path.lstat()
            content = ""
            if stat.S_ISLNK(status.st_mode):
                content = os.readlink(path)
            elif stat.S_ISREG(status.st_mode):
                content = hashlib.sha256(path.read_bytes()).hexdigest()
            found[str(inside)] = (oct(status.st_mode), status.st_uid, status.st_gid, content)
    return found


def belongings(device: Device) -> dict[str, tuple]:
    """What one product has: its trees, state, wishes, logs, units and users."""
    found = {}
    for folder in ("opt/slipway", "var/lib/slipway", "etc/slipway", "var/log/slipway"):
        found |= {f"{folder}/{path}": what for path, what in picture(device.root / folder / device.product).items()}
    names = [f"slipway-{kind}@{device.product}." for kind in ("fetch", "apply", "prove", "recover", "rescue")]
    names += [f"{device.product}-agent.service", f"slipway-{device.product}.conf"]
    for path, what in picture(device.root / "etc").items():
        if any(Path(path).name.startswith(name) for name in names):
            found[f"etc/{path}"] = what
    for line in (device.root / "etc/passwd").read_text().splitlines():
        if line.split(":")[0] in (device.product, f"slipway-{device.product}"):
            found[line] = ()
    return found


def dispatched(root: Path, *arguments: str) -> subprocess.CompletedProcess:
    command = ["sh", root / "usr/bin/slipway", *arguments, "--root", root]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.mark.slow
def test_a_device_with_three_products(lab, shop):
    for product in PRODUCTS:
        shop.packed(product, "1.0.0")
        shop.promote(product, "1.0.0")
    devices = {name: Device(lab.folder / "three", name, lab.folder / "three.tmp") for name in PRODUCTS}
    room, agent, two = devices.values()
    root = room.root
    lab.devices.append(room)
    for folder in ("etc/systemd/system", "etc/sysusers.d", "opt", "run", "usr/bin", "var/lib", "var/log"):
        (root / folder).mkdir(parents=True)
    for name, line in (("passwd", "root:x:0:0::/root:/bin/sh"), ("group", "root:x:0:")):
        (root / "etc" / name).write_text(line + "\n")
    bare = picture(root)
    try:
        for device in devices.values():
            result = device.setup(shop.setup(device.product, "1.0.0"))
            assert result.returncode == 0, result.stderr
        the_dispatcher_wants_to_know_which(root)
        for device in devices.values():
            device.start()
        an_update_of_one_is_nobody_elses(shop, room, agent, two)
        channels_lead_where_they_say(shop, room, agent, two)
    finally:
        for device in devices.values():
            device.stop()
    offboarding_one_by_one(root, list(devices.values()), bare)


def the_dispatcher_wants_to_know_which(root: Path) -> None:
    for verb in (["status"], ["update"], ["offboard", "--yes"], []):
        result = dispatched(root, *verb)
        assert result.returncode == 64, result.stdout
        assert all(product in result.stderr for product in PRODUCTS) and "--product" in result.stderr
    listed = json.loads(dispatched(root, "list", "--json").stdout)
    assert [(each["product"], each["version"]) for each in listed["products"]] == [(name, "1.0.0") for name in PRODUCTS]
    for product in PRODUCTS:
        for words in (["--product", product], [f"--product={product}"]):
            assert json.loads(dispatched(root, "status", "--json", *words).stdout)["product"] == product
    assert dispatched(root, "status", "--product", "room-agent-three").returncode == 60
    for words in (["--help"], ["status", "--help"], ["--version"]):
        assert dispatched(root, *words).returncode == 0, words


def an_update_of_one_is_nobody_elses(shop: Shop, room: Device, agent: Device, two: Device) -> None:
    shop.packed("room-agent", "1.1.0")
    shop.promote("room-agent", "1.1.0")
    before = {device: (belongings(device), device.agent_pid()) for device in (room, two)}
    assert all(len(had) > 30 and pid for had, pid in before.values())
    mine = belongings(agent)
    agent.poll()
    committed(agent, "1.1.0")
    assert belongings(agent) != mine
    for device, had in before.items():
        assert (belongings(device), device.agent_pid()) == had
    # Another's bundle is told apart.
    result = room.slipway("update", "--from", str(shop.bundle("room-agent", "1.1.0")), "--json")
    assert result.returncode == 24, result.stderr
    # A poll of the others: news in the repository, and none for them.
    for device in (room, two):
        device.poll()
        status = device.status()
        assert (status["version"], status["lastFetch"]["ok"], status["waitingFor"]) == ("1.0.0", True, [])


def channels_lead_where_they_say(shop: Shop, room: Device, agent: Device, two: Device) -> None:
    """A beta for some, a hotfix for one customer, and the way back to everybody else."""
    shop.packed("room", "1.1.0-beta.1")
    shop.promote("room", "1.1.0-beta.1", "beta")
    shop.packed("room-agent-two", "1.0.1-acme.1")
    shop.promote("room-agent-two", "1.0.1-acme.1", "acme")
    for device, channel, version in ((room, "beta", "1.1.0-beta.1"), (two, "acme", "1.0.1-acme.1")):
        device.poll()
        assert device.current() == "1.0.0", "nobody has asked for it"
        assert device.slipway("channel", channel).returncode == 0
        device.poll()
        committed(device, version)
        assert device.status()["channel"] == channel
    # Older ones are no news; what follows upon them is.
    for device in (room, two):
        assert device.slipway("channel", "stable").returncode == 0
        device.poll()
    assert (room.current(), two.current()) == ("1.1.0-beta.1", "1.0.1-acme.1")
    shop.packed("room-agent-two", "1.0.1")
    shop.promote("room-agent-two", "1.0.1")
    two.poll()
    committed(two, "1.0.1")
    assert (room.current(), agent.current()) == ("1.1.0-beta.1", "1.1.0")


def offboarding_one_by_one(root: Path, devices: list[Device], bare: dict) -> None:
    while devices:
        leaving = devices.pop(1 if len(devices) > 1 else 0)
        before = {device: belongings(device) for device in devices}
        words = ["--product", leaving.product] if len(devices) > 1 else []
        result = dispatched(root, "offboard", "--yes", *words, "--product", leaving.product)
        assert result.returncode == 0, result.stdout + result.stderr
        assert not belongings(leaving)
        for device, had in before.items():
            assert belongings(device) == had
        if devices:
            listed = json.loads(dispatched(root, "list", "--json").stdout)["products"]
            assert [each["product"] for each in listed] == sorted(device.product for device in devices)
    assert {path: what for path, what in picture(root).items() if path != "supervisor.log"} == bare
