"""The evaluator of proxy scripts behind its socket, under a real systemd; spoken to as fetch speaks to it."""

import json

import pytest

from factory import PRODUCT
from machine import STATE

pytestmark = pytest.mark.timeout(180)

SOCKET = f"slipway-pac-{PRODUCT}.socket"
PATH = f"/run/slipway/{PRODUCT}/pac.sock"
FETCH = f"slipway-{PRODUCT}"

#: The asking side of the protocol, in a language and a hand of its own. Prints what came, as JSON.
CLIENT = r"""
import json, socket, struct, sys
path, script = sys.argv[1:3]

def frame(kind, *fields):
    body = bytes([kind]) + b"".join(struct.pack("<I", len(field)) + field for field in map(str.encode, fields))
    return struct.pack("<I", len(body)) + body

def receive(count):
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data

def read():
    body = receive(struct.unpack("<I", receive(4))[0])
    fields, place = [], 1
    while place < len(body):
        (length,) = struct.unpack_from("<I", body, place)
        fields.append(body[place + 4 : place + 4 + length].decode())
        place += 4 + length
    return body[0], fields

connection = socket.socket(socket.AF_UNIX)
connection.connect(path)
kind, ready = read()
status = {}
if kind == 16:
    for line in open(f"/proc/{ready[1]}/status"):
        key, _, value = line.partition(":")
        status[key] = value.split()
    connection.sendall(frame(1, "test.pac", script, str(1 << 24), "1000"))
said = [read()]
if said[0][0] == 17:
    connection.sendall(frame(2, "https://example.com/", "example.com", "0", "0"))
    said.append(read())
    while said[-1][0] == 18:
        connection.sendall(frame(3, "10.0.0.1"))
        said.append(read())
print(json.dumps({"ready": ready, "status": status, "said": said}))
"""

SCRIPT = "function FindProxyForURL(url, host) { return 'PROXY ' + host + ':' + dnsResolve(host).length }"


def ask(machine, user, script=SCRIPT):
    return machine.run(
        "setpriv", "--reuid", user, "--regid", user, "--clear-groups", "python3", "-c", CLIENT, PATH, script, check=False
    )


@pytest.fixture(scope="module")
def answer(machine):
    result = ask(machine, FETCH)
    assert result.returncode == 0, f"{result.stderr}\n{machine.tail()}"
    return json.loads(result.stdout)


def test_the_socket_waits(machine):
    assert machine.systemctl("is-enabled", SOCKET) == "enabled"
    machine.wait(lambda: machine.systemctl("is-active", SOCKET, check=False) == "active", 30, "the socket listens")
    assert machine.run("stat", "-c", "%U %G %a", PATH).stdout.strip() == f"root {FETCH} 660"


def test_fetch_is_answered_and_asked_for_names(answer):
    assert [kind for kind, _ in answer["said"]] == [17, 18, 20]
    assert answer["said"][1][1] == ["name", "example.com"]
    assert answer["said"][2][1] == ["PROXY example.com:8"]


def test_it_runs_as_nobody_else_and_has_given_up_everything(answer):
    user, _, *refusals = answer["ready"]
    assert 61184 <= int(user) <= 65519
    assert len(refusals) == 8 and all(line.endswith(": EPERM") for line in refusals), refusals
    status = answer["status"]
    assert status["Uid"] == [user] * 4
    assert (status["Seccomp"], status["NoNewPrivs"], status["Threads"]) == (["2"], ["1"], ["1"])
    assert status["CapEff"] == status["CapPrm"] == status["CapBnd"] == ["0000000000000000"]


@pytest.mark.parametrize("script, at", [("while (true) {}", "1"), (f"/^(a+)+$/.test('{'a' * 40}b')", "0")])
def test_a_script_without_end_is_ended(machine, script, at):
    """The second is one instruction to the engine, so no line is known."""
    result = ask(machine, FETCH, script)
    assert result.returncode == 0, result.stderr
    (kind, (code, line, message)) = json.loads(result.stdout)["said"][-1]
    assert (kind, code, line) == (21, "limit", at)
    assert "computed for more than" in message


def test_others_may_not_ask(machine):
    result = ask(machine, "daemon")
    assert result.returncode != 0
    assert "PermissionError" in result.stderr


def test_nothing_stays_behind(machine):
    left = ["list-units", "--all", "--plain", "--no-legend", f"slipway-pac-{PRODUCT}@*"]
    machine.wait(lambda: machine.systemctl(*left) == "", 15, "the evaluators have ended")
    assert machine.failed_units() == ""
    assert f"unit\t{SOCKET}\n" in machine.read(f"{STATE}/undo.list")
    machine.run("slipway", "offboard", "--yes")
    assert machine.systemctl("list-units", "--all", "--plain", "--no-legend", "slipway-pac-*") == ""
    assert machine.run("sh", "-c", "ls /etc/systemd/system | grep slipway-pac || true").stdout == ""
    assert not machine.exists(f"/run/slipway/{PRODUCT}")
