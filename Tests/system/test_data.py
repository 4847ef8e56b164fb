"""Data that survives: copied before a switch, migrated, and brought back whole by every way back."""

import os
import shutil
import subprocess
import tempfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from device import Device, wait_until
from ledger import CRASHING, FIRST, MIGRATE, NEW_DATA, OLD_DATA, PRODUCT, SECOND, Books, Publisher

pytestmark = pytest.mark.timeout(180)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def publisher(executables):
    if os.geteuid() != 0:
        pytest.skip("needs root: the agent runs under a user of its own")
    os.umask(0o022)
    folder = Path(tempfile.mkdtemp(prefix="slipway-ledger-"))
    folder.chmod(0o755)
    (folder / "repository").mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder / "repository"))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        subprocess.run(["strip", "-o", folder / "slipway", executables / "slipway"], check=True)
        (folder / "repository").rmdir()
        publisher = Publisher(folder, executables, f"http://127.0.0.1:{server.server_port}/")
        publisher.pack("1.0.0", FIRST, OLD_DATA)
        publisher.promote("1.0.0")
        yield publisher
    finally:
        server.shutdown()
        shutil.rmtree(folder)


@pytest.fixture
def device(publisher, tmp_path):
    folder = Path(tempfile.mkdtemp(prefix="slipway-ledger-device-"))
    folder.chmod(0o755)
    device = Device(folder / "root", PRODUCT, folder / "tmp")
    try:
        result = device.setup(publisher.setup("1.0.0"))
        assert result.returncode == 0, result.stderr
        device.start()
        books = Books(device.root)
        wait_until(lambda: len(books.promised("1.0.0")) > 20, what="rows are written")
        yield device
    finally:
        device.remove()
        shutil.rmtree(folder)


def ended(device, version: str, kind: str) -> dict:
    def over():
        status = device.status()
        result = status.get("lastResult") or {}
        return status if status["state"] == "idle" and (result.get("kind"), result.get("version")) == (kind, version) else None

    try:
        return wait_until(over, 60)
    except AssertionError:
        raise AssertionError(f"{version} is not {kind}: {device.status()}\n{device.log()}") from None


def test_a_version_that_migrates_and_crashes_costs_no_row(publisher, device):
    books = Books(device.root)
    publisher.pack("2.0.0", CRASHING, NEW_DATA, MIGRATE.format(end=""))
    publisher.promote("2.0.0")
    device.poll()
    status = ended(device, "2.0.0", "rolledBack")
    assert status["version"] == "1.0.0"
    assert [bad["version"] for bad in status["knownBad"]] == ["2.0.0"]
    assert books.promised("2.0.0"), "2.0.0 never wrote a row: nothing was shown"
    before = len(books.promised("1.0.0"))
    wait_until(lambda: len(books.promised("1.0.0")) > before + 20, what="1.0.0 goes on writing")
    books.require_all_promises("1.0.0")
    assert "2.0.0" not in books.rows().values()
    # What 2.0.0 wrote lies aside, for whoever wants to look.
    assert books.copies() == {"of-2.0.0"}
