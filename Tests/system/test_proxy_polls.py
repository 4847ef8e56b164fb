"""Polls by proxies that bar the way, and by one that reads along: what fetch exits with, and what `status`, the check and
`slipway proxy test` say of it. The proxies are squid, the repository speaks TLS, so every request is a CONNECT."""

import json
import subprocess

import pytest

from device import wait_until
from stand import Authority
from strangers import BASIC, Secure, Squid, free_port

pytestmark = pytest.mark.timeout(180)

INSPECTOR = "Example Corp Inspection"


@pytest.fixture(scope="module")
def behind():
    return Authority("Repository CA")


@pytest.fixture(scope="module")
def secure(lab, silent, behind):
    """The lab's repository by TLS."""
    if not lab.web.folder:
        lab.serve(lab.history[-1])
    server = Secure(lab.web, behind.server(silent.scratch / "repository.pem", "localhost"))
    yield server
    server.stop()


@pytest.fixture
def device(lab, silent, secure, behind):
    """A device that was never started, and takes its updates from there."""
    trust(silent, behind)
    address = f"https://localhost:{secure.port}"
    mine(silent, "85-repository.toml", f'[repository]\nmetadata = ["{address}/metadata/"]\ntargets = ["{address}/t/"]\n')
    yield silent
    for path in (settings(silent) / "config.d").glob("8[5-9]-*.toml"):
        path.unlink()
    proxy(silent, "reset")
    silent.claim()


@pytest.fixture
def squid(device, request):
    started = []

    def start(*arguments) -> Squid:
        started.append(Squid(device.scratch / f"squid-{len(started)}", *arguments))
        return started[-1]

    device.scratch.chmod(0o755)
    yield start
    for each in started:
        each.stop()
        subprocess.run(["rm", "-rf", each.folder], check=True)


def settings(device):
    return device.root / "etc/slipway" / device.product


def mine(device, name: str, text: str) -> None:
    folder = settings(device) / "config.d"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)


def trust(device, *authorities: Authority) -> None:
    file = settings(device) / "authorities.pem"
    file.write_bytes(b"".join(authority.pem for authority in authorities))
    file.chmod(0o644)
    mine(device, "86-trust.toml", f'[transport]\ncaFile = "{file}"\n')


def proxy(device, verb: str, *arguments: str, **options) -> subprocess.CompletedProcess:
    program = str(device.versions / "current/slipway/bin/slipway")
    command = [program, "proxy", verb, *arguments, "--root", str(device.root), "--product", device.product]
    return subprocess.run(command, env=device.environment(), cwd=device.scratch, capture_output=True, text=True,
                          timeout=60, **options)  # fmt: skip


def through(device, *servers: str) -> None:
    assert proxy(device, "set", "manual", ",".join(servers)).returncode == 0


def polled(device, code: int, *words: str) -> dict:
    """One poll that ends like this; `status` carries the same."""
    device.claim()
    result = device.slipway("fetch")
    assert result.returncode == code, f"{result.returncode}: {result.stderr}"
    latest = device.status()["lastFetch"]
    assert (latest["ok"], latest.get("code")) == (code == 0, code or None)
    for word in words:
        assert word in latest["message"] and word in result.stderr, latest
    return latest


def test_a_poll_goes_through(device, squid, secure):
    server = squid()
    through(device, f"127.0.0.1:{server.port}")
    polled(device, 0)
    wait_until(lambda: f"CONNECT localhost:{secure.port} 200" in server.log, what="squid has seen it")


def test_a_poll_that_policy_forbids(device, squid):
    through(device, f"127.0.0.1:{squid('http_access deny all').port}")
    polled(device, 14, "the proxy forbids it", "status 403")


def test_a_poll_without_the_credentials_that_are_wanted(device, squid):
    server = squid(BASIC)
    through(device, f"127.0.0.1:{server.port}")
    polled(device, 14, "the proxy wants other credentials", "status 407, Basic")
    # With them it goes through.
    word = subprocess.run(["openssl", "passwd", "-apr1", "secret"], capture_output=True, text=True, check=True).stdout
    (server.folder / "users").write_text(f"device:{word}")
    assert proxy(device, "credentials", f"127.0.0.1:{server.port}", "device", input="secret").returncode == 0
    polled(device, 0)


def test_a_script_that_names_another_proxy_does_not_get_the_credentials(device, squid, secure):
    """The first is the one that they are set for, and dead; the second sees the request, and nothing of them."""
    (first, second), script = (free_port(), squid()), device.scratch / "polls.pac"
    device.scratch.chmod(0o755)
    answer = f"PROXY 127.0.0.1:{first}; PROXY 127.0.0.1:{second.port}"
    script.write_text(f"function FindProxyForURL(url, host) {{ return '{answer}'; }}")
    assert proxy(device, "set", "autoscript", f"file://{script}").returncode == 0
    assert proxy(device, "credentials", f"127.0.0.1:{first}", "device", input="secret").returncode == 0
    polled(device, 0)
    seen = f"CONNECT localhost:{secure.port} 200 "
    wait_until(lambda: seen in second.log, what="squid has seen it")
    assert {line.split()[-1] for line in second.log.splitlines()} == {"-"}
    # They do go to their own.
    assert proxy(device, "credentials", f"127.0.0.1:{second.port}", "device", input="secret").returncode == 0
    polled(device, 0)
    wait_until(lambda: seen + "Basic%20ZGV2aWNlOnNlY3JldA==" in second.log, what=second.log)


def test_a_poll_by_a_proxy_that_is_dead(device):
    dead = free_port()
    through(device, f"127.0.0.1:{dead}")
    polled(device, 14, f"PROXY 127.0.0.1:{dead}: connection refused")


def test_a_poll_whose_script_cannot_be_had(device):
    url = f"http://127.0.0.1:{free_port()}/proxy.pac"
    assert proxy(device, "set", "autoscript", url).returncode == 0
    polled(device, 14, "no proxy decision", url)


def test_a_poll_whose_script_fails(device):
    script = device.scratch / "polls.pac"
    device.scratch.chmod(0o755)
    script.write_text("function FindProxyForURL(url, host) {\n  return nonsense;\n}\n")
    assert proxy(device, "set", "autoscript", f"file://{script}").returncode == 0
    polled(device, 14, "no proxy decision", "line 2", "nonsense")


@pytest.mark.parametrize("by_proxy", [True, False])
def test_a_repository_that_is_down_is_not_the_proxys_fault(device, squid, by_proxy):
    address = f"https://localhost:{free_port()}"
    text = f'[repository]\nmetadata = ["{address}/metadata/"]\ntargets = ["{address}/t/"]\n'
    mine(device, "89-down.toml", text)
    if by_proxy:
        through(device, f"127.0.0.1:{squid().port}")
    latest = polled(device, 23)
    assert ("the proxy answered 503" in latest["message"]) == by_proxy


def test_an_update_that_a_person_asks_for_ends_with_the_same_code(lab, device, squid):
    through(device, f"127.0.0.1:{squid('http_access deny all').port}")
    running = lab.clone(device, "asked")
    try:
        for options in ([], ["--check"]):
            result = running.slipway("update", *options)
            assert result.returncode == 14, f"{options}: {result.returncode} {result.stderr}"
            assert "the proxy forbids it" in result.stderr
    finally:
        running.remove()


def test_fetch_sees_no_variables_of_a_shell(device, secure):
    """Typed by root, with variables that lead nowhere: it goes directly, as nothing is set. So does its trial, and says so."""
    dead = f"http://127.0.0.1:{free_port()}"
    program = str(device.versions / "current/slipway/bin/slipway")
    places = ["--root", str(device.root), "--product", device.product]
    environment = device.environment() | {"https_proxy": dead, "ALL_PROXY": dead}
    options = {"env": environment, "capture_output": True, "text": True, "timeout": 60}
    result = subprocess.run([program, "fetch", *places], **options)
    assert result.returncode == 0, result.stderr
    url = f"https://localhost:{secure.port}/"
    result = subprocess.run([program, "proxy", "test", url, *places], **options)
    assert result.returncode == 0 and "DIRECT" in result.stdout, result.stderr
    assert result.stderr.startswith("NOTE: fetch does not see ALL_PROXY, https_proxy of this shell")


# A proxy that reads along


@pytest.fixture
def inspected(device, behind):
    """That proxy is set; with its authority."""
    device.scratch.chmod(0o755)
    authority = Authority(INSPECTOR)
    server = Squid.inspecting(device.scratch / "inspecting", authority, behind)
    through(device, f"127.0.0.1:{server.port}")
    yield server, authority
    server.stop()
    subprocess.run(["rm", "-rf", server.folder], check=True)


def checked(device) -> dict:
    checks = {each["id"]: each for each in json.loads(device.slipway("check", "--json").stdout)["checks"]}
    return checks["network"]


def test_an_inspecting_proxy_is_named_until_its_authority_is_trusted(device, secure, behind, inspected):
    server, authority = inspected
    url = f"https://localhost:{secure.port}/"
    result = proxy(device, "test", url)
    assert result.returncode == 14, result.stdout
    assert f"signed by '{INSPECTOR}', whom this device does not trust" in result.stderr
    assert "transport.caFile" in result.stderr
    assert f"certificate: localhost, signed by {INSPECTOR}" in result.stdout
    network = checked(device)
    assert (network["verdict"], network["endpoints"][0]["obstacle"]) == ("warning", "inspected")
    assert network["endpoints"][0]["signer"] == INSPECTOR and f"inspected by '{INSPECTOR}'" in network["reason"]
    polled(device, 23, INSPECTOR)
    assert "GET" not in server.log
    # The repository's own authority does not come into it any more: what arrives is signed by the inspector.
    trust(device, authority)
    polled(device, 0)
    # It has seen the request itself, so it did read along.
    wait_until(lambda: f"GET https://localhost:{secure.port}/metadata/timestamp.json 200" in server.log, what=server.log)
    report = json.loads(proxy(device, "test", url, "--json").stdout)
    assert report["ok"] and report["attempts"][0]["certificate"]["issuer"] == INSPECTOR
    # Squid sends its own certificate along.
    chain = [(each["subject"], each["issuer"]) for each in report["attempts"][0]["chain"]]
    assert chain[0] == ("localhost", INSPECTOR) and chain[-1] == (INSPECTOR, INSPECTOR)
    network = checked(device)
    assert (network["verdict"], network["endpoints"][0]["signer"]) == ("pass", INSPECTOR)


def test_a_file_of_authorities_that_is_none_is_a_configuration_error(device, secure, behind):
    """One clear error, wherever the file is used; `status` has it too."""
    path = settings(device) / "authorities.pem"
    for content, mode, words in [
        (None, 0o644, "cannot be read (No such file or directory)"),
        (b"corp", 0o644, "no certificate in PEM"),
        (behind.pem[:-60], 0o644, "of its 1 certificates only 0 can be read"),
        (behind.pem, 0o664, "others may write it"),
        (behind.pem, 0o600, "cannot be read (Permission denied)"),
    ]:
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_bytes(content)
            path.chmod(mode)
        polled(device, 78, f"transport.caFile: {path}: ", words)
        result = proxy(device, "test", f"https://localhost:{secure.port}/")
        assert result.returncode == 78 and words in result.stderr
    path.unlink()
