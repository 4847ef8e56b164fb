"""The signer that has the TPM, under a real systemd: who may ask it, what it is kept from, and that it goes with the product."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from factory import PRODUCT, Factory
from machine import SHELF, STATE, prepared, shelf_folder
from test_tpm import KNOWN

pytestmark = pytest.mark.timeout(180)

SOCKET = f"slipway-signer-{PRODUCT}.socket"
SERVICES = f"slipway-signer-{PRODUCT}@*.service"
PATH = f"/run/slipway/{PRODUCT}/tpm.sock"
FETCH = f"slipway-{PRODUCT}"
TPM = f"{SHELF}/tpm/socket"

#: One question, or none: prints the answer as kind and hexadecimal digits, and what is known of who gave it.
CLIENT = r"""
import json, os, socket, sys
connection = socket.socket(socket.AF_UNIX)
connection.settimeout(30)
connection.connect(sys.argv[1])
question = bytes.fromhex(sys.argv[2])

def take(count):
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data

connection.sendall(len(question).to_bytes(2, "big") + question)
answer = take(int.from_bytes(take(2), "big"))
print(json.dumps([answer[0], answer[1:].hex()]))
"""


class TPMFactory(Factory):
    """The publisher of a product that cannot do without a TPM."""

    def manifest(self, **settings: str) -> Path:
        path = super().manifest(**settings)
        text = path.read_text()
        assert 'tpm = "ignored"' in text
        path.write_text(text.replace('tpm = "ignored"', 'tpm = "required"'))
        return path


def ask(machine, user: str, question: bytes, path: str = PATH) -> subprocess.CompletedProcess:
    return machine.run(
        "setpriv", "--reuid", user, "--regid", user, "--clear-groups", "python3", "-c", CLIENT, path, question.hex(),
        check=False,
    )  # fmt: skip


def answer(machine, question: bytes, user: str = FETCH) -> tuple[int, bytes]:
    result = ask(machine, user, question)
    assert result.returncode == 0, f"{result.stderr}\n{machine.tail()}"
    kind, text = json.loads(result.stdout)
    return kind, bytes.fromhex(text)


@pytest.fixture(scope="module")
def shelf(executables):
    with shelf_folder() as folder:
        yield TPMFactory(folder, executables)


@pytest.fixture(scope="module")
def setup(shelf) -> str:
    return shelf.setup(shelf.publish())


@pytest.fixture(scope="module")
def bare(shelf):
    """A machine with what speaks to TPMs, and no TPM."""
    machine = prepared(f"signer-{os.getpid()}", shelf.folder)
    try:
        libraries = subprocess.run(["ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
        found = [Path(line.split(" => ")[1]) for line in libraries.splitlines() if "libtss2-" in line]
        assert found
        for library in found:
            shutil.copy(library, machine.root / "usr/lib" / library.name)
        machine.run("ldconfig")
        machine.run("groupadd", "--system", "tss")
        yield machine
    finally:
        machine.destroy()


@pytest.fixture(scope="module")
def machine(bare, shelf, setup):
    """The same with a TPM, the product, and a key."""
    folder = shelf.folder / "tpm"
    (folder / "state").mkdir(parents=True)
    socket = folder / "socket"
    process = subprocess.Popen(
        [
            "swtpm", "socket", "--tpm2", "--tpmstate", f"dir={folder}/state", "--server", f"type=unixio,path={socket}",
            "--ctrl", f"type=unixio,path={socket}.ctrl", "--flags", "not-need-init,startup-clear",
        ]
    )  # fmt: skip
    try:
        bare.wait(Path(f"{socket}.ctrl").exists, 10, "the TPM is there")
        # As udev has it for the kernel's: root and the group of who may use TPMs, and nobody else.
        group = int(bare.run("sh", "-c", "getent group tss | cut -d: -f3").stdout)
        for path in (socket, Path(f"{socket}.ctrl")):
            os.chown(path, 0, group)
            path.chmod(0o660)
        (shelf.folder / "config.toml").write_text(f'[tpm]\ntcti = "swtpm:path={TPM}"\n')
        result = bare.setup(setup, "--config", f"{SHELF}/config.toml")
        assert result.returncode == 0, f"{result.stdout}{result.stderr}\n{bare.tail()}"
        bare.run("slipway", "identity", "make")
        yield bare
    finally:
        process.kill()
        process.wait()


def test_without_a_tpm_setup_says_the_known_words_and_changes_nothing(bare, setup):
    result = bare.setup(setup)
    assert result.returncode == 12, result
    assert [line for line in result.stderr.splitlines() if line][:2] == KNOWN
    for path in (f"/opt/slipway/{PRODUCT}", STATE, f"/etc/slipway/{PRODUCT}"):
        assert not bare.exists(path)


def test_the_socket_waits(machine):
    assert machine.systemctl("is-enabled", SOCKET) == "enabled"
    machine.wait(lambda: machine.systemctl("is-active", SOCKET, check=False) == "active", 30, "the socket listens")
    assert machine.run("stat", "-c", "%U %G %a", PATH).stdout.strip() == f"root {FETCH} 660"


def test_fetch_has_signatures_by_the_devices_key(machine, tmp_path):
    kind, identity = answer(machine, b"\x03")
    assert kind == 0, identity
    area = identity[2:]
    head = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
    (tmp_path / "key.der").write_bytes(head + b"\x04" + area[-66:-34] + area[-32:])
    (tmp_path / "message").write_bytes(b"signed in a container")
    kind, signature = answer(machine, b"\x01" + hashlib.sha256(b"signed in a container").digest())
    assert kind == 0, signature
    (tmp_path / "signature").write_bytes(signature)
    verify = ["openssl", "dgst", "-sha256", "-keyform", "DER", "-verify", "key.der", "-signature", "signature", "message"]
    subprocess.run(verify, cwd=tmp_path, check=True, capture_output=True)


@pytest.mark.parametrize("user", ["daemon", "room-agent"])
def test_others_may_not_connect(machine, user):
    result = ask(machine, user, b"\x03")
    assert result.returncode != 0 and "PermissionError" in result.stderr, result


def test_even_root_is_not_served(machine):
    assert answer(machine, b"\x01" + bytes(32), "root") == (3, b"user 0 may not ask")


def test_fetch_cannot_reach_the_tpm_itself(machine):
    assert machine.run("id", "-Gn", FETCH).stdout.split() == [FETCH]
    assert machine.run("sh", "-c", "getent group tss | cut -d: -f4").stdout.strip() == ""
    result = ask(machine, FETCH, b"\x03", TPM)
    assert result.returncode != 0 and "PermissionError" in result.stderr, result


def test_the_signer_has_the_tpm_and_nothing_else(machine):
    hold = machine.begin(
        "setpriv", "--reuid", FETCH, "--regid", FETCH, "--clear-groups", "python3", "-c",
        f"import socket, time; s = socket.socket(socket.AF_UNIX); s.connect('{PATH}'); time.sleep(60)",
    )  # fmt: skip
    try:
        listing = ["list-units", "--plain", "--no-legend", "--state=running", SERVICES]
        line = machine.wait(lambda: machine.systemctl(*listing), 20, "a signer runs")
        unit = line.split()[0]
        shown = machine.show(unit, "MainPID", "DevicePolicy", "DeviceAllow", "RuntimeMaxUSec", "PrivateNetwork")
        pid = shown.pop("MainPID")
        assert shown == {
            "DevicePolicy": "closed", "DeviceAllow": "/dev/tpmrm0 rw", "RuntimeMaxUSec": "1min 10s", "PrivateNetwork": "yes",
        }  # fmt: skip
        lines = machine.run("cat", f"/proc/{pid}/status").stdout.splitlines()
        status = {key: value.split() for key, _, value in (line.partition(":") for line in lines)}
        # CAP_DAC_OVERRIDE: the TPM's file is not root's.
        assert status["CapEff"] == status["CapBnd"] == ["0000000000000002"]
        assert (status["Uid"], status["Seccomp"], status["NoNewPrivs"]) == (["0"] * 4, ["2"], ["1"])
        names = machine.run("nsenter", "-t", pid, "-n", "ip", "-o", "link").stdout.splitlines()
        assert len(names) == 1 and " lo: " in names[0]
        touch = ["nsenter", "-t", pid, "-m", "touch", f"{STATE}/touched"]
        assert "Read-only file system" in machine.run(*touch, check=False).stderr
    finally:
        # Inside: it would outlive the one who started it from outside, and keep its user from being removed.
        machine.run("pkill", "-KILL", "-u", FETCH, "-x", "python3")
        hold.wait(20)


def test_more_than_eight_at_once_are_turned_away(machine):
    crowd = (
        "import socket\n"
        "def one():\n s = socket.socket(socket.AF_UNIX); s.settimeout(20); s.connect(%r); return s\n"
        "held = [one() for _ in range(8)]\n"
        "print(one().recv(1))\n" % PATH
    )
    result = machine.run(
        "setpriv", "--reuid", FETCH, "--regid", FETCH, "--clear-groups", "python3", "-c", crowd, check=False
    )
    assert result.stdout.strip() == "b''" or "ConnectionResetError" in result.stderr, result
    machine.wait(lambda: ask(machine, FETCH, b"\x03").returncode == 0, 20, "it is quiet again")


def test_nothing_stays_in_the_tpm(machine, shelf):
    left = ["list-units", "--plain", "--no-legend", SERVICES]
    machine.wait(lambda: machine.systemctl(*left) == "", 20, "the signers have ended")
    settings = {**os.environ, "TPM2TOOLS_TCTI": f"swtpm:path={shelf.folder}/tpm/socket", "TSS2_LOG": "all+NONE"}
    for what in ("handles-transient", "handles-loaded-session", "handles-persistent"):
        shown = subprocess.run(["tpm2_getcap", what], env=settings, capture_output=True, text=True, check=True)
        assert shown.stdout == ""


def test_nothing_stays_behind(machine):
    assert machine.failed_units() == ""
    assert f"unit\t{SOCKET}\n" in machine.read(f"{STATE}/undo.list")
    machine.run("slipway", "offboard", "--yes")
    assert machine.systemctl("list-units", "--all", "--plain", "--no-legend", "slipway-signer-*") == ""
    assert machine.run("sh", "-c", "ls /etc/systemd/system /etc/systemd/system/*.wants | grep signer || true").stdout == ""
    for path in (f"/run/slipway/{PRODUCT}", STATE, f"/etc/slipway/{PRODUCT}"):
        assert not machine.exists(path)
