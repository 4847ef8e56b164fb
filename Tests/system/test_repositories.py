"""Where a device looks, and how it brings what it wants: several addresses in their order, a cap on bandwidth, downloads
that go on across polls and power cuts, and a repository that has moved. The servers are nginx."""

import hashlib
import json
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

import product
from device import wait_until
from lab import NEW, OLD, committed
from publisher import Publisher, Target
from strangers import Nginx, free_port
from trees import document

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def site(tmp_path):
    """Makes servers; `site("name", repository)` serves what a repository holds."""
    tmp_path.chmod(0o755)
    started = []

    def start(name: str, repository=None, settings: str = "", port: int = 0) -> Nginx:
        folder = tmp_path / f"{name}-site"
        folder.mkdir(exist_ok=True)
        if repository:
            repository.write(folder)
        started.append(Nginx(tmp_path / f"{name}-{len(started)}", folder, settings, port))
        started[-1].site = folder
        return started[-1]

    yield start
    for each in started:
        each.stop()


@pytest.fixture(scope="module")
def wishing(lab, pristine):
    """A device that has been told to bring NEW, by a repository that does not have its archive."""
    repository = lab.publish()
    lab.serve(repository)
    archive = lab.web.folder / "targets" / repository.target("tar.zst").consistent_name
    archive.unlink()
    device = lab.clone(pristine, "wishing")
    device.poll()
    device.stop()
    assert not device.status()["lastFetch"]["ok"]
    device.repository = repository
    yield device
    device.remove()


@pytest.fixture
def device(lab, wishing):
    copy = wishing.clone(lab.folder / f"wishing-{len(lab.devices)}")
    copy.repository = wishing.repository
    lab.devices.append(copy)
    yield copy
    copy.remove()


def fetched(device) -> None:
    """One fetch, which brings what is wanted."""
    result = device.slipway("fetch")
    assert result.returncode == 0, result.stderr
    brought = device.fetch / "outgoing" / device.repository.target("tar.zst").digest
    assert brought.read_bytes() == device.repository.target("tar.zst").data


def archives(server: Nginx) -> list[tuple[int, int]]:
    """Status and bytes of each answer that was to be an archive."""
    return [(status, count) for path, status, count in server.answers() if path.endswith(".tar.zst")]


# The cap


@pytest.mark.parametrize("place", ["configuration", "manifest"])
def test_a_download_stays_below_the_cap(place, device, site):
    """A bound on what is right, not a measure of speed: the bytes cannot have come in less time."""
    size = device.repository.target("tar.zst").length
    rate = size // 2
    if place == "configuration":
        device.wish("96-cap.toml", f'[updates]\nbandwidth = "{rate}B/s"\n')
    else:
        file = device.state / f"trees/app-{OLD}.product.json"
        manifest = json.loads(file.read_text())
        manifest.setdefault("updates", {})["bandwidthBytesPerSecond"] = rate
        text = json.dumps(manifest)
        # What is sealed is kept twice.
        (file.parent / "copies" / file.name).write_text(f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}")
        file.write_text(text)
    server = site("good", device.repository)
    device.look_at(server.address)
    before = time.monotonic()
    fetched(device)
    # The last piece need not be waited for: one read of the socket, and no more than a MiB.
    assert time.monotonic() - before > (size - (1 << 20)) / rate
    assert archives(server) == [(200, size)]


# Several addresses


def test_addresses_are_asked_in_their_order(lab, pristine, site):
    """Nobody at the first, nothing at the second, everything at the third: metadata and releases."""
    repository = lab.publish()
    empty, good = site("empty"), site("good", repository)
    device = lab.clone(pristine, "three-addresses")
    try:
        device.look_at(f"http://127.0.0.1:{free_port()}", empty.address, good.address)
        device.poll()
        committed(device)
        assert {status for _, status, _ in empty.answers()} == {404}
        asked, given = [path for path, *_ in empty.answers()], [path for path, status, _ in good.answers() if status == 200]
        assert given and set(given) <= set(asked)
        for part in ("/metadata/timestamp.json", ".policy.json", ".tar.zst"):
            assert any(path.endswith(part) for path in given), given
    finally:
        device.remove()


def test_a_server_with_the_wrong_bytes_is_passed_over(device, site):
    """Once, not with each poll anew."""
    wrong, good = site("wrong", device.repository), site("good", device.repository)
    archive = device.repository.target("tar.zst")
    (wrong.site / "targets" / archive.consistent_name).write_bytes(bytes(archive.length))
    device.look_at(wrong.address, good.address)
    fetched(device)
    assert archives(wrong) == archives(good) == [(200, archive.length)]
    # Alone it gets no further, and says so.
    device.claim()
    device.look_at(wrong.address)
    result = device.slipway("fetch")
    assert result.returncode == 20 and "not the file that is signed" in result.stderr, result.stderr
    assert archives(wrong)[1:] == [(200, archive.length)]


@pytest.mark.parametrize("asked, longest", [(7200, 7200), (9_999_999, 24 * 3600)])
def test_a_repository_that_asks_to_be_left_alone(asked, longest, device, site):
    busy = site("busy", device.repository,
                f"add_header Retry-After {asked} always; location = /metadata/timestamp.json {{ return 503; }}")  # fmt: skip
    device.look_at(busy.address)
    before = int(time.time())
    result = device.slipway("fetch")
    assert result.returncode == 23, result.stderr
    seen = len(busy.answers())
    assert seen
    end = int((device.fetch / "not-before").read_text())
    assert before + longest <= end <= time.time() + longest
    # The timer's next polls leave it alone; a person asks all the same.
    result = device.slipway("fetch")
    assert result.returncode != 0 and "asked to be left alone until" in result.stderr, result.stderr
    assert len(busy.answers()) == seen
    device.start()
    assert device.slipway("update").returncode == 23
    assert len(busy.answers()) > seen
    # Neither a server nor a clock that was wrong keeps a device away for longer than a day.
    (device.fetch / "not-before").write_text(str(int(time.time()) + 25 * 3600))
    seen = len(busy.answers())
    device.slipway("fetch")
    assert len(busy.answers()) > seen


def test_an_address_that_asks_to_be_left_alone_leaves_the_next_one(device, site):
    busy = site("busy", settings="add_header Retry-After 7200 always; location / { return 503; }")
    good = site("good", device.repository)
    device.look_at(busy.address, good.address)
    fetched(device)
    assert archives(good) == [(200, device.repository.target("tar.zst").length)]
    assert not (device.fetch / "not-before").exists()


# Going on


def interrupted(device, server: Nginx, kept: int) -> int:
    """A fetch that loses its server, and then its own power; how many bytes are there."""
    partial = device.fetch / "partial" / device.repository.target("tar.zst").digest
    record = partial.with_name(partial.name + ".resume")
    program = device.versions / "current/slipway/bin/slipway"
    running = subprocess.Popen(
        [program, "fetch", "--root", device.root, "--product", device.product], env=device.environment(),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        wait_until(lambda: partial.exists() and partial.stat().st_size > kept, what="some of the archive is there")
        server.stop()
        wait_until(lambda: record.exists() and json.loads(record.read_text())["length"] > kept, what="it is noted")
    finally:
        running.send_signal(signal.SIGKILL)
        running.wait()
    return json.loads(record.read_text())["length"]


def test_a_download_goes_on_after_a_power_cut(device, site):
    size = device.repository.target("tar.zst").length
    slow = site("slow", device.repository, f"limit_rate {size // 3};")
    device.look_at(slow.address)
    kept = interrupted(device, slow, size // 4)
    again = site("slow", port=slow.port)
    fetched(device)
    assert archives(again) == [(206, size - kept)]
    # What comes of it is the release.
    device.start()
    device.ask("start", "apply")
    device.settle()
    committed(device)


def test_a_file_that_has_changed_meanwhile_is_brought_again_once(device, site):
    size = device.repository.target("tar.zst").length
    slow = site("slow", device.repository, f"limit_rate {size // 3};")
    device.look_at(slow.address)
    interrupted(device, slow, size // 4)
    os.utime(slow.site / "targets" / device.repository.target("tar.zst").consistent_name, (1, 1))
    again = site("slow", port=slow.port)
    fetched(device)
    assert archives(again) == [(200, size)]


def test_beginnings_of_another_file_are_dropped_once(device, site):
    """The server's file is still the same for all that HTTP tells, and the bytes here are not its own."""
    size = device.repository.target("tar.zst").length
    slow = site("slow", device.repository, f"limit_rate {size // 3};")
    device.look_at(slow.address)
    kept = interrupted(device, slow, size // 4)
    partial = device.fetch / "partial" / device.repository.target("tar.zst").digest
    with partial.open("r+b") as file:
        file.write(bytes(1000))
    again = site("slow", port=slow.port)
    fetched(device)
    assert archives(again) == [(206, size - kept), (200, size)]


def test_a_look_at_what_waits_lets_a_download_be(device, site):
    """Apply comes every minute while an older version waits; it wants what fetch is bringing already."""
    size = device.repository.target("tar.zst").length
    slow = site("slow", device.repository, f"limit_rate {size // 4};")
    device.look_at(slow.address)
    device.start()
    partial = device.fetch / "partial" / device.repository.target("tar.zst").digest
    device.mark()
    fetch = threading.Thread(target=device.ask, args=("start", "fetch"))
    fetch.start()
    wait_until(lambda: partial.exists() and partial.stat().st_size > size // 8, what="some of the archive is there")
    for _ in range(3):
        device.ask("start", "apply")
        assert device.unit_status("fetch")["activeState"] == "activating"
    fetch.join()
    device.settle()
    committed(device)
    assert archives(slow) == [(200, size)]


def test_what_a_server_does_not_have_is_asked_for_once_a_poll(device, site):
    """While an older version waits, each poll is followed by apply, which wants what could not be brought just now."""
    server = site("empty", device.repository)
    (server.site / "targets" / device.repository.target("tar.zst").consistent_name).unlink()
    device.look_at(server.address)
    device.start()
    (device.state / "switch-pending").touch()
    for _ in range(2):
        device.poll()
    assert [status for status, _ in archives(server)] == [404, 404]


# A repository that moves


@pytest.fixture
def follower(lab, site):
    """A running device whose product says itself where its repository is; no admin has. `follower.old` is the server."""
    publisher = Publisher()
    device = lab.device(f"follower-{len(lab.devices)}")
    device.product = publisher.product
    device.publisher = publisher
    device.old = site("old")
    device.pack = lambda version: pack(lab, device, version)
    device.pack(OLD)
    repository = publisher.publish()
    repository.write(device.old.site)
    file = repository.setup(lab.folder / f"{device.root.name}.run", lab.setup_program, OLD)
    result = device.setup(file)
    file.unlink()
    assert result.returncode == 0, result.stderr
    device.start()
    yield device
    device.remove()


def pack(lab, device, version: str) -> None:
    manifest = product.manifest(device.product, version)
    manifest["repository"] = {key: [f"{device.old.address}/{key}/"] for key in ("metadata", "targets")}
    device.publisher.pack(version, product.tree(version, lab.updater), manifest)


def published(publisher, server: Nginx) -> None:
    """A new state of the repository, in place of the one before."""
    publisher.bump()
    publisher.publish().write(server.site)


def polled(device) -> None:
    device.poll()
    assert device.status()["lastFetch"]["ok"], device.status()


def test_a_device_that_was_off_follows_a_move(lab, follower, site):
    new, publisher = site("new"), follower.publisher
    polled(follower)
    follower.stop()
    # While it is off the repository moves, and all that is left at the old address is the word of it.
    publisher.policy["moveTo"] = {key: [f"{new.address}/{key}/"] for key in ("metadata", "targets")}
    published(publisher, follower.old)
    follower.pack(NEW)
    published(publisher, new)
    follower.start()
    polled(follower)
    assert not new.answers()
    polled(follower)
    committed(follower)
    # Nobody needs the old address any more, after a reboot either.
    follower.old.stop()
    follower.stop()
    follower.start()
    published(publisher, new)
    before = len(new.answers())
    polled(follower)
    assert len(new.answers()) > before
    # And back: the address that the product's manifest names.
    old = site("old", port=follower.old.port)
    del publisher.policy["moveTo"]
    published(publisher, new)
    polled(follower)
    published(publisher, old)
    before = len(new.answers())
    follower.poll()
    assert follower.status()["lastFetch"]["ok"] and len(new.answers()) == before
    assert any(path == "/metadata/timestamp.json" and status == 200 for path, status, _ in old.answers())


def stolen(publisher: Publisher, address: str) -> None:
    """Whoever has the rollout key signs a policy of its own, and says it in a channel too."""
    away = {key: [f"{address}/{key}/"] for key in ("metadata", "targets")}
    forged = Target.of(f"products/{publisher.product}/policy.json", document(publisher.policy | {"moveTo": away}))
    publisher.extra[f"{publisher.product}-rollout"] = [forged]
    publisher.channel["moveTo"] = away


def unsigned(publisher: Publisher, address: str) -> None:
    """Whoever has the web server puts another policy in place of the signed one."""

    def tamper(repository) -> None:
        target = repository.target("policy.json")
        target.data = document(publisher.policy | {"moveTo": {key: [f"{address}/{key}/"] for key in ("metadata", "targets")}})

    publisher.tamper = tamper


@pytest.mark.parametrize("attack", [stolen, unsigned], ids=lambda attack: attack.__name__)
def test_nobody_but_the_offline_role_moves_a_repository(attack, follower, site):
    thief, publisher = site("thief"), follower.publisher
    polled(follower)
    attack(publisher, thief.address)
    published(publisher, follower.old)
    for _ in range(2):
        follower.poll()
    assert not thief.answers()
    assert "movedTo" not in json.loads((follower.state / "wanted.json").read_text())


def test_an_admins_address_is_not_left_for_the_products(follower, site):
    thief, publisher = site("elsewhere"), follower.publisher
    follower.look_at(follower.old.address)
    publisher.policy["moveTo"] = {key: [f"{thief.address}/{key}/"] for key in ("metadata", "targets")}
    published(publisher, follower.old)
    for _ in range(2):
        polled(follower)
    assert not thief.answers()
