"""Data that survives, on a machine with a real systemd. The tests build on each other, in this order."""

import os
import shutil

import pytest

from device import wait_until
from ledger import CRASHING, FIRST, MIGRATE, NEW_DATA, OLD_DATA, PRODUCT, Books, Publisher
from machine import prepared, shelf_folder

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def publisher(executables):
    with shelf_folder() as folder:
        shutil.copy(executables / "slipway", folder)
        publisher = Publisher(folder, executables, "http://127.0.0.1:8099/")
        publisher.pack("1.0.0", FIRST, OLD_DATA)
        publisher.promote("1.0.0")
        yield publisher


@pytest.fixture(scope="module")
def ledger(publisher):
    machine = prepared(f"data-{os.getpid()}", publisher.folder)
    try:
        machine.run("python3", "-c", "import sqlite3")
        result = machine.setup(publisher.setup("1.0.0").name)
        assert result.returncode == 0, f"{result.stdout}{result.stderr}\n{machine.tail()}"
        yield machine
    finally:
        machine.destroy()


def poll(machine) -> None:
    machine.systemctl("start", "--no-block", f"slipway-fetch@{PRODUCT}.service")


def at_rest(machine, version: str) -> dict:
    def over():
        status = machine.status()
        return status if (status["state"], status["version"]) == ("idle", version) else None

    return machine.wait(over, 90, f"{version} runs, and nothing is pending")


def goes_on(books: Books, version: str) -> None:
    before = len(books.promised(version))
    wait_until(lambda: len(books.promised(version)) > before + 20, 30, f"{version} goes on writing")


def test_a_plug_pulled_in_the_middle_of_a_migration(publisher, ledger):
    books = Books(ledger.root)
    goes_on(books, "1.0.0")
    # What it locks in the end, the way back opens from within its sandbox.
    locks = "left -= 1; left > 0 or (os.chmod(data + '/../.slipway', 0), os.chmod(data, 0), sys.exit(1))"
    publisher.pack("2.0.0", CRASHING | {"then": locks}, NEW_DATA, MIGRATE.format(end="import time; time.sleep(3)"))
    publisher.promote("2.0.0")
    poll(ledger)
    # Copied, and already in the new format.
    ledger.wait(lambda: "of-1.0.0" in books.copies() and "entries" in books.tables(), 60, "2.0.0 migrates")
    ledger.lose_power()
    status = at_rest(ledger, "1.0.0")
    assert status["knownBad"] == [], "nobody's fault"
    assert books.tables() == {"entry"}
    goes_on(books, "1.0.0")
    books.require_all_promises("1.0.0")


def test_it_is_tried_again_and_crashes_and_costs_no_row(ledger):
    books = Books(ledger.root)
    poll(ledger)
    ledger.wait(lambda: ledger.status()["knownBad"], 120, "2.0.0 is known to be bad")
    at_rest(ledger, "1.0.0")
    assert books.promised("2.0.0"), "2.0.0 never wrote a row: nothing was shown"
    goes_on(books, "1.0.0")
    books.require_all_promises("1.0.0")
    assert "2.0.0" not in books.rows().values()
    owner = (ledger.root / "var/lib" / PRODUCT / "state/ledger.db").stat()
    assert owner.st_uid == (ledger.root / "var/lib" / PRODUCT).stat().st_uid


def test_nothing_of_it_is_left(ledger):
    ledger.run("slipway", "offboard", "--yes")
    assert not ledger.exists(f"/var/lib/{PRODUCT}")
