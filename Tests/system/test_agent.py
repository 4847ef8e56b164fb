"""The sample agent, asked by a stranger: Python's HTTP client on the unix socket and on both loopbacks."""

import contextlib
import http.client
import json
import os
import signal
import socket
import stat
import subprocess
import time

import pytest


@contextlib.contextmanager
def running(executables, *options, environment=None):
    process = subprocess.Popen(
        [executables / "slipway-agent", *map(str, options)], stderr=subprocess.PIPE, text=True,
        env={**os.environ, **(environment or {})})
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for(path, process):
    for _ in range(200):
        if path.exists() or process.poll() is not None:
            break
        time.sleep(0.05)
    assert path.exists(), "the agent made no socket"


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=5)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(5)
        self.sock.connect(str(self.path))


def ask(connection, path, method="GET"):
    connection.request(method, path)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, json.loads(body) if body else None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def version_file(tmp_path):
    path = tmp_path / "version"
    path.write_text("4.5.6\n")
    return path


def test_health_and_version_on_every_way_in(executables, tmp_path, version_file):
    path, port = tmp_path / "agent.sock", free_port()
    with running(executables, "--socket", path, "--port", port, "--version-file", version_file) as agent:
        wait_for(path, agent)
        ways = [lambda: UnixConnection(path), lambda: http.client.HTTPConnection("127.0.0.1", port, timeout=5)]
        for way in ways:
            status, health = ask(way(), "/health")
            assert status == 200 and health["status"] == "passing"
            status, version = ask(way(), "/version")
            assert status == 200 and version["version"] == "4.5.6"
            assert ask(way(), "/secrets")[0] == 404
            assert ask(way(), "/health", "POST")[0] == 405


def test_nothing_but_the_loopback_is_listened_on(executables, version_file):
    port = free_port()
    with running(executables, "--port", port, "--version-file", version_file):
        for _ in range(100):
            with open("/proc/net/tcp") as one:
                mine = [line.split()[1] for line in one if f":{port:04X} " in line.split()[1] + " "]
            if mine:
                break
            time.sleep(0.05)
        assert mine == [f"0100007F:{port:04X}"]


def test_a_stop_is_clean_and_the_service_manager_is_told(executables, tmp_path, version_file):
    path = tmp_path / "agent.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(10)
        environment = {"NOTIFY_SOCKET": str(tmp_path / "notify")}
        with running(executables, "--socket", path, "--version-file", version_file, environment=environment) as agent:
            assert manager.recv(100) == b"READY=1"
            agent.send_signal(signal.SIGTERM)
            assert manager.recv(100) == b"STOPPING=1"
            assert agent.wait(10) == 0
            assert not path.exists()


def test_a_socket_left_by_a_killed_agent_is_replaced_and_nothing_else(executables, tmp_path, version_file):
    path = tmp_path / "agent.sock"
    with running(executables, "--socket", path, "--version-file", version_file) as agent:
        wait_for(path, agent)
        agent.kill()
        agent.wait()
    assert stat.S_ISSOCK(path.stat().st_mode)
    with running(executables, "--socket", path, "--version-file", version_file) as agent:
        for _ in range(100):
            with contextlib.suppress(OSError):
                assert ask(UnixConnection(path), "/health")[0] == 200
                break
            time.sleep(0.05)
        else:
            pytest.fail("the second agent never answered")
    path.unlink()
    path.write_text("a file of somebody's")
    with running(executables, "--socket", path, "--version-file", version_file) as agent:
        assert agent.wait(10) == 1
        assert "cannot listen" in agent.stderr.read()
    assert path.read_text() == "a file of somebody's"


def test_a_client_that_says_too_much_is_cut_off_and_others_are_answered(executables, tmp_path, version_file):
    path = tmp_path / "agent.sock"
    with running(executables, "--socket", path, "--version-file", version_file) as agent:
        wait_for(path, agent)
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5)
            client.connect(str(path))
            with contextlib.suppress(OSError):
                client.sendall(b"GET /health HTTP/1.1\r\nX: " + b"a" * 100_000)
            received = b""
            with contextlib.suppress(OSError):
                while part := client.recv(4096):
                    received += part
            assert not received.startswith(b"HTTP/1.1 200")
        assert ask(UnixConnection(path), "/health")[0] == 200


@pytest.mark.parametrize("options, word", [([], "--socket"), (["--port", "70000"], "70000")])
def test_bad_arguments_are_a_usage_error(executables, options, word):
    result = subprocess.run([executables / "slipway-agent", *options], capture_output=True, text=True, timeout=10)
    assert result.returncode == 64 and word in result.stderr


def test_a_missing_version_file_is_named(executables, tmp_path):
    result = subprocess.run(
        [executables / "slipway-agent", "--socket", tmp_path / "s", "--version-file", tmp_path / "none"],
        capture_output=True, text=True, timeout=10)
    assert result.returncode != 0 and str(tmp_path / "none") in result.stderr
