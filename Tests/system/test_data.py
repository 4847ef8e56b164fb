"""Data that survives: copied before a switch, migrated, and brought back whole by every way back."""

import os
import shutil
import signal
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


def publish(publisher, version: str, agent: dict, data: str, migrate: str | None = None) -> None:
    publisher.pack(version, agent, data, migrate)
    publisher.promote(version)


def goes_on(books: Books, version: str) -> None:
    before = len(books.promised(version))
    wait_until(lambda: len(books.promised(version)) > before + 20, what=f"{version} goes on writing")


def test_a_version_that_migrates_and_crashes_costs_no_row(publisher, device):
    books = Books(device.root)
    publish(publisher, "2.0.0", CRASHING, NEW_DATA, MIGRATE.format(end=""))
    device.poll()
    status = ended(device, "2.0.0", "rolledBack")
    assert status["version"] == "1.0.0"
    assert [bad["version"] for bad in status["knownBad"]] == ["2.0.0"]
    assert books.promised("2.0.0"), "2.0.0 never wrote a row: nothing was shown"
    goes_on(books, "1.0.0")
    books.require_all_promises("1.0.0")
    assert "2.0.0" not in books.rows().values()
    # What 2.0.0 wrote lies aside, for whoever wants to look.
    assert books.copies() == {"of-2.0.0"}


@pytest.mark.parametrize("version, end", [("2.1.0", "raise SystemExit(3)"), ("2.1.1", "import time; time.sleep(60)")])
def test_a_migration_that_fails_or_hangs_is_the_versions_fault(publisher, device, version, end):
    books = Books(device.root)
    publish(publisher, version, SECOND, NEW_DATA, MIGRATE.format(end=end))
    device.poll()
    status = ended(device, version, "rolledBack")
    assert (status["version"], [bad["version"] for bad in status["knownBad"]]) == ("1.0.0", [version])
    assert "migration of its data 'state'" in status["knownBad"][0]["reason"]
    goes_on(books, "1.0.0")
    books.require_all_promises("1.0.0")


def test_a_way_back_by_hand_weeks_later_brings_the_copy_that_can_be_read(publisher, device):
    books = Books(device.root)
    publish(publisher, "2.2.0", SECOND, NEW_DATA, MIGRATE.format(end=""))
    device.poll()
    assert ended(device, "2.2.0", "committed")["version"] == "2.2.0"
    goes_on(books, "2.2.0")
    assert books.copies() == {"of-1.0.0"}
    result = device.slipway("rollback")
    assert result.returncode == 0, result.stderr
    goes_on(books, "1.0.0")
    books.require_all_promises("1.0.0")
    assert (books.tables(), books.copies()) == ({"entry"}, {"of-2.2.0"})
    # Taken back again: nobody migrates then, so 2.2.0 goes on with what it had left.
    result = device.slipway("rollback", "--to", "2.2.0")
    assert result.returncode == 0, result.stderr
    goes_on(books, "2.2.0")
    assert (books.tables(), books.copies()) == ({"entries"}, {"of-1.0.0"})
    missing = books.promised("2.2.0") - {number for number, text in books.rows("entries").items() if text == "2.2.0"}
    # The one that is being written may have been promised just now.
    assert len(missing) <= 1, missing


def test_data_that_both_versions_read_is_kept_on_a_way_back_by_hand(publisher, device):
    books = Books(device.root)
    publish(publisher, "1.5.0", FIRST, OLD_DATA)
    device.poll()
    ended(device, "1.5.0", "committed")
    goes_on(books, "1.5.0")
    promised = books.promised("1.5.0")
    assert device.slipway("rollback").returncode == 0
    goes_on(books, "1.0.0")
    assert promised <= {number for number, text in books.rows().items() if text == "1.5.0"}
    assert books.copies() == set(), "what 1.0.0 had left is older than what it goes on with"


def test_no_way_back_to_a_version_that_could_not_read_the_data(publisher, device):
    books = Books(device.root)
    publish(publisher, "2.4.0", SECOND, NEW_DATA, MIGRATE.format(end=""))
    device.poll()
    ended(device, "2.4.0", "committed")
    shutil.rmtree(books.folder / ".slipway/of-1.0.0")
    pid = device.agent_pid()
    result = device.slipway("rollback")
    assert result.returncode == 70
    assert "1.0.0 cannot read the data that 2.4.0 has written (state)" in result.stderr
    assert (device.agent_pid(), device.status()["version"]) == (pid, "2.4.0")


def test_from_probation_there_is_one_way_back(publisher, device):
    """And not to the version before, with what that had left weeks ago."""
    books = Books(device.root)
    publish(publisher, "1.6.0", FIRST, OLD_DATA)
    device.poll()
    ended(device, "1.6.0", "committed")
    goes_on(books, "1.6.0")
    # Never alive: it stays on probation until the deadline.
    publish(publisher, "2.6.0", SECOND | {"then": ""}, NEW_DATA, MIGRATE.format(end=""))
    device.ask("start", "fetch")
    wait_until(lambda: books.promised("2.6.0") and device.status()["state"] == "proving", 30, "2.6.0 is on probation")
    result = device.slipway("rollback", "--to", "1.0.0")
    assert result.returncode == 75 and "its way back is 1.6.0" in result.stderr, result.stderr
    assert device.slipway("rollback").returncode == 0
    goes_on(books, "1.6.0")
    books.require_all_promises("1.6.0")
    assert {os.readlink(device.versions / link) for link in ("current", "proven")} == {"app-1.6.0"}


def test_a_version_cannot_stop_its_own_way_back(publisher, device):
    """All that the agent's user can do to its folders, by a mistake or not."""
    books = Books(device.root)
    spoils = (
        "area = data + '/../.slipway'; os.mkdir(area + '/of-1.0.0/.slipway'); os.mkfifo(area + '/of-2.7.0'); "
        "os.mkdir(data + '/locked', 0); [os.chmod(path, 0) for path in (area + '/of-1.0.0', area, data)]; sys.exit(1)"
    )
    publish(publisher, "2.7.0", CRASHING | {"begin": spoils}, NEW_DATA, MIGRATE.format(end=""))
    device.poll()
    status = ended(device, "2.7.0", "rolledBack")
    assert (status["version"], [bad["version"] for bad in status["knownBad"]]) == ("1.0.0", ["2.7.0"])
    goes_on(books, "1.0.0")
    books.require_all_promises("1.0.0")
    assert books.copies() == {"of-2.7.0"}


@pytest.mark.slow
def test_a_copy_that_fails_leaves_nothing_behind(publisher, device):
    books = Books(device.root)
    (books.folder / "state/ballast").write_bytes(bytes(8 << 20))
    (books.folder / "state/locked").touch(0)
    publish(publisher, "2.8.0", SECOND, NEW_DATA, MIGRATE.format(end=""))
    device.poll()
    ended(device, "2.8.0", "rolledBack")
    goes_on(books, "1.0.0")
    books.require_all_promises("1.0.0")
    assert (books.copies(), device.status()["knownBad"]) == (set(), [])
    assert [wait["reason"] for wait in device.status()["waitingFor"]] == ["inconclusive"]


def pull_the_plug(device) -> None:
    """Ends everything that runs on the device, at once."""
    device.supervisor.kill()
    device.supervisor.wait()
    device.supervisor = None
    for _ in range(3):
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if str(device.root).encode() in (process / "cmdline").read_bytes():
                    os.kill(int(process.name), signal.SIGKILL)
            except (OSError, ProcessLookupError):
                continue


#: When the power goes: while the copy is made, when it is there and the format is being changed, when the new version writes, on
#: the way back.
MOMENTS = {
    "copying": lambda books, device: "new" in books.copies(),
    "migrating": lambda books, device: "of-1.0.0" in books.copies(),
    "writing": lambda books, device: bool(books.promised("2.5.0")),
    "going back": lambda books, device: "rollingBack" in (device.state / "journal.json").read_text(),
}


@pytest.fixture(scope="module")
def doomed(publisher):
    """A version that migrates, writes, and crashes."""
    publisher.pack("2.5.0", CRASHING, NEW_DATA, MIGRATE.format(end="import time; time.sleep(0.5)"))


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_power_cut_leaves_the_old_version_with_its_own_data(publisher, doomed, device, moment):
    books = Books(device.root)
    publisher.promote("2.5.0")
    ballast = books.folder / "state/ballast"
    ballast.write_bytes(os.urandom(1 << 20) * 96)
    device.ask("start", "fetch")
    wait_until(lambda: MOMENTS[moment](books, device), 60, moment)
    pull_the_plug(device)
    device.start()
    status = wait_until(lambda: (status := device.status())["state"] == "idle" and status, 60, "it comes to rest")
    assert status["version"] == "1.0.0"
    goes_on(books, "1.0.0")
    books.require_all_promises("1.0.0")
    assert "2.5.0" not in books.rows().values()
    assert ballast.stat().st_size == 96 << 20


@pytest.fixture
def shelf(tmp_path, executables):
    """A publisher for whom nobody runs what is packed."""
    shutil.copy("/usr/bin/true", tmp_path / "slipway")
    publisher = Publisher(tmp_path, executables, "http://127.0.0.1/")
    publisher.pack("1.0.0", FIRST, OLD_DATA)
    return publisher


@pytest.mark.parametrize("data", ["schema = 2", "schema = 2\nreadableFrom = 2"])
def test_pack_refuses_a_raised_schema_without_a_way_back(shelf, data):
    assert "neither snapshot nor a readableFrom" in shelf.pack("1.1.0", FIRST, data, code=65)


@pytest.mark.parametrize("data", ["schema = 2\nreadableFrom = 1", "schema = 2\nsnapshot = true"])
def test_pack_takes_a_raised_schema_with_a_way_back_and_no_lowered_one(shelf, data):
    shelf.pack("1.1.0", FIRST, data)
    assert "writes schema 2 already" in shelf.pack("1.1.1", FIRST, OLD_DATA, code=65)
    # Between the two: held against the older one.
    shelf.pack("1.0.1", FIRST, OLD_DATA)
