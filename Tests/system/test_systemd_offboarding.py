"""Leaving: the machine afterwards is the machine before, but for what is spelled out here."""

import json
import re

import pytest

from factory import PRODUCT, TAKEN_OVER
from machine import AGENT, VERSIONS, unit

pytestmark = pytest.mark.timeout(180)

#: What may differ, and why. Nothing else may.
ALLOWED = {
    r"/etc/(passwd|group|shadow|gshadow)-": "backups that useradd and userdel keep of the account files",
    r"/etc/\.pwd\.lock": "the account tools' lock file",
    r"/etc/machine-id": "written down by systemd at its own time",
    r"/var/log/journal(/.*)?": "systemd's journal",
    r"/var/lib/systemd/(random-seed|timesync/clock|catalog/database)": "systemd's own state",
    r"/var/log/(wtmp|btmp|lastlog|faillog)": "logins",
    r"/run/(systemd|udev|dbus|log|lock|mount|user|credentials|initctl)(/.*)?": "systemd's runtime files",
    r"/run/(utmp|machine-id|sudo)(/.*)?": "systemd's runtime files",
}

PICTURE = r"""
import hashlib, json, os, stat
found = {}
for top in ("/", "/run"):
    device = os.lstat(top).st_dev
    for folder, names, files in os.walk(top):
        for name in names + files:
            path = os.path.join(folder, name)
            try:
                status = os.lstat(path)
                if status.st_dev != device:
                    continue
                content = ""
                if stat.S_ISLNK(status.st_mode):
                    content = os.readlink(path)
                elif stat.S_ISREG(status.st_mode):
                    content = hashlib.sha256(open(path, "rb").read()).hexdigest()
                attributes = {key: os.getxattr(path, key, follow_symlinks=False).hex()
                              for key in os.listxattr(path, follow_symlinks=False)}
            except FileNotFoundError:
                continue
            found[path] = [oct(status.st_mode), status.st_uid, status.st_gid, content, attributes]
        names[:] = [name for name in names if os.lstat(os.path.join(folder, name)).st_dev == device]
print(json.dumps(found))
"""


def picture(machine) -> dict:
    """Paths, contents, modes, owners and extended attributes of everything on the disk and in /run."""
    found = json.loads(machine.run("python3", "-c", PICTURE, timeout=90).stdout)
    return {path: what for path, what in found.items() if not any(re.fullmatch(rule, path) for rule in ALLOWED)}


def difference(before: dict, after: dict) -> dict:
    return {
        path: (before.get(path), after.get(path))
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    }


def is_given_back(machine) -> None:
    assert machine.systemctl("is-enabled", TAKEN_OVER) == "enabled"
    machine.wait(
        lambda: machine.systemctl("is-active", TAKEN_OVER, check=False) == "active", 10, "the unit runs again"
    )
    assert machine.failed_units() == ""
    # It collects what nothing refers to any more when it finds the time.
    units = ["list-units", "--all", "--plain", "--no-legend", f"slipway-*@{PRODUCT}.*", AGENT]
    machine.wait(lambda: machine.systemctl(*units) == "", 15, "systemd has forgotten all units")


@pytest.fixture(scope="module")
def before(bare):
    return picture(bare)


@pytest.fixture(scope="module")
def release(factory):
    return factory.publish()


@pytest.fixture
def installed(bare, factory, release, before):
    result = bare.setup(factory.setup(release))
    assert result.returncode == 0, f"{result.stdout}{result.stderr}\n{bare.tail()}"
    # What a life leaves behind: logs of all parts, downloads, data, a second version.
    update = factory.publish(probation="2s")
    bare.poll()
    bare.wait(lambda: bare.journal_state() == "proving", 60, "the update is on probation")
    bare.look_until_idle(60)
    assert bare.link("current") == update.version
    return bare


def test_offboarding_gives_the_machine_back(installed, before):
    dry = installed.run("slipway", "offboard", "--dry-run").stdout
    assert unit("apply") in dry and VERSIONS in dry and TAKEN_OVER in dry
    result = installed.run("slipway", "offboard", "--yes", check=False, timeout=120)
    assert result.returncode == 0, f"{result.stdout}{result.stderr}"
    is_given_back(installed)
    assert difference(before, picture(installed)) == {}


def test_the_script_removes_a_broken_installation_and_can_be_run_again(installed, before):
    installed.run("sh", "-c", f"rm -rf {VERSIONS}/app-*/slipway /usr/bin/slipway")
    command = f"sh /srv/scripts/offboard.sh --yes {PRODUCT}"
    # Its output is cut after some lines, and with the next line that it writes it is gone.
    for lines in (1, 5, 12, 20):
        installed.run("sh", "-c", f"{command} | head -n {lines}", check=False, timeout=120)
        if not installed.exists(f"/var/lib/slipway/{PRODUCT}"):
            break
    assert installed.exists(f"/var/lib/slipway/{PRODUCT}/undo.list"), "an interruption loses no list"
    result = installed.run("sh", "-c", command, check=False, timeout=120)
    assert result.returncode == 0, f"{result.stdout}{result.stderr}"
    is_given_back(installed)
    assert difference(before, picture(installed)) == {}
    assert installed.run("sh", "-c", command, check=False).returncode == 60
