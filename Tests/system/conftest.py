"""What all system tests share: where the executables are, and a web server."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from device import Device
from factory import Factory
from lab import OLD, Lab, committed
from machine import prepared, shelf_folder
from vendor import PRODUCT, Vendor
from web import Web


@pytest.fixture(scope="session")
def web():
    server = Web()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def executables() -> Path:
    """The folder with `slipway` and `slipway-setup`: SLIPWAY_BIN, or what `swift build` made in this checkout."""
    default = Path(__file__).resolve().parents[2] / ".build/debug"
    folder = Path(os.environ.get("SLIPWAY_BIN", default))
    if not (folder / "slipway").exists():
        pytest.fail(f"{folder}/slipway is missing: run `swift build`, or set SLIPWAY_BIN")
    return folder


@pytest.fixture(scope="session")
def lab(web, executables):
    if os.geteuid() != 0:
        pytest.skip("needs root: parts run under users of their own")
    os.umask(0o022)
    # Not below pytest's own folder: the user who fetches must be able to get there.
    folder = Path(tempfile.mkdtemp(prefix="slipway-system-"))
    folder.chmod(0o755)
    lab = None
    try:
        lab = Lab.build(folder, web, executables)
        yield lab
    finally:
        if lab:
            lab.close()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def pristine(lab):
    """A device with the old version, never started: what others are copies of."""
    return lab.installed("pristine")


@pytest.fixture(scope="module")
def silent(lab, pristine, request):
    """A copy of it, not started either, for one file of tests that set things on it."""
    device = pristine.clone(lab.folder / f"silent-{request.module.__name__}")
    try:
        yield device
    finally:
        device.remove()


@pytest.fixture
def live(lab, pristine):
    """The device that attacks are tried on, as it was at first. Its agent runs through all of them; only after an
    attack that succeeded there is another one."""
    if lab.live and not (lab.live.current() == OLD and lab.live.agent_pid()):
        lab.live.remove()
        lab.live = None
    if not lab.live:
        lab.live = lab.clone(pristine, f"live-{len(lab.devices)}")
    lab.live.reset()
    return lab.live


@pytest.fixture(scope="session")
def twins(lab, pristine):
    """Updates a running copy of the device in the given way, which must work; twins that are alike are made once."""
    done: dict[tuple, BaseException | None] = {}

    def once(way: str, prepare, update) -> None:
        key = (way, prepare)
        if key not in done:
            done[key] = None
            device = lab.clone(pristine, f"twin-{len(done)}")
            try:
                update(device)
                committed(device)
            except BaseException as error:
                done[key] = error
            finally:
                device.remove()
        if done[key]:
            raise done[key]

    return once


@pytest.fixture(scope="session")
def vendor(executables):
    """The publisher of devices below folders, with what all its stories begin with: 1.0.0, offered to all,
    and two newer ones."""
    if os.geteuid() != 0:
        pytest.skip("needs root: parts run under users of their own")
    os.umask(0o022)
    folder = Path(tempfile.mkdtemp(prefix="slipway-vendor-"))
    folder.chmod(0o755)
    try:
        vendor = Vendor(folder, executables)
        # The first gives up soon when it is gone back to and does not pass.
        vendor.pack("1.0.0", deadline="5s")
        for version in ("1.1.0", "1.2.0"):
            vendor.pack(version)
        vendor.promote("1.0.0")
        yield vendor
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def shop():
    """A web server of the vendor's own: `web` is the laboratory's."""
    server = Web()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def first_player(vendor, shop):
    """A device with 1.0.0, never started: what others are copies of."""
    device = Device(vendor.folder / "first", PRODUCT, vendor.folder / "first.tmp")
    try:
        result = device.setup(vendor.setup("1.0.0"), "--repository", shop.address)
        assert result.returncode == 0, result.stderr
        yield device
    finally:
        device.remove()


@pytest.fixture
def player(vendor, first_player, request):
    """A copy of it, not started, for one story."""
    name = request.node.name.removeprefix("test_")[:40]
    device = first_player.clone(vendor.folder / name)
    try:
        yield device
    finally:
        device.remove()


@pytest.fixture
def story(vendor, shop, request):
    """A repository for one story, on the web."""
    fork = vendor.fork("repository-" + request.node.name.removeprefix("test_")[:40])
    shop.folder = fork.repository
    yield fork
    vendor.outage.unlink(missing_ok=True)
    shutil.rmtree(fork.repository)


@pytest.fixture(scope="session")
def factory(executables):
    """The publisher of the tests in a container."""
    with shelf_folder() as folder:
        yield Factory(folder, executables)


@pytest.fixture(scope="module")
def bare(factory, request):
    """A machine with a real systemd, without Slipway; one for each file of tests."""
    name = request.module.__name__.removeprefix("test_").replace("_", "-")
    machine = prepared(f"{name}-{os.getpid()}", factory.folder)
    try:
        yield machine
    finally:
        machine.destroy()


@pytest.fixture(scope="module")
def machine(factory, bare):
    """The same with a product installed, the newest that is offered."""
    result = bare.setup(factory.setup(factory.publish()))
    assert result.returncode == 0, f"{result.stdout}{result.stderr}\n{bare.tail()}"
    return bare
