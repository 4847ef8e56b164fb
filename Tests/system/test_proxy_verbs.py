"""`slipway proxy`, from outside: what its verbs say and write, who may read it, and where a password never is."""

import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from device import wait_until

PASSWORD = "correct-horse-battery-staple"
NOBODY = 65534


@pytest.fixture
def device(lab, silent):
    """A device that was never started, with no proxy set."""
    reset = proxy(silent, "reset")
    assert reset.returncode == 0, reset.stderr
    if not lab.web.folder:
        lab.serve(lab.history[-1])
    yield silent
    proxy(silent, "reset")


def proxy(device, *arguments: str, **options) -> subprocess.CompletedProcess:
    """As `slipway proxy` is typed, on that device."""
    return subprocess.run(command(device, *arguments), env=device.environment(), cwd=device.scratch,
                          capture_output=True, text=True, timeout=60, **options)  # fmt: skip


def command(device, *arguments: str) -> list[str]:
    program = device.versions / "current/slipway/bin/slipway"
    return [str(program), "proxy", *arguments, "--root", str(device.root), "--product", device.product]


def shown(device) -> dict:
    result = proxy(device, "show", "--json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def settings(device) -> Path:
    return device.root / "etc/slipway" / device.product


def local(device) -> Path:
    return settings(device) / "config.d/90-local.toml"


def secrets(device) -> Path:
    return settings(device) / "proxy-credentials"


def test_each_mode_keeps_what_the_others_were_told(device):
    assert shown(device)["mode"] == "none" and "origin" not in shown(device)
    for arguments, mode in [
        (["manual", "proxy.example.com:3128,https=socks5://[::1]:1080", "--bypass", "<local>,10.0.0.0/8"], "manual"),
        (["autoscript", "http://wpad.example.com/p.pac"], "autoscript"),
        (["autodetect"], "autodetect"),
        (["none"], "none"),
    ]:
        result = proxy(device, "set", *arguments, "--json")
        assert result.returncode == 0, result.stderr
        assert json.loads(result.stdout)["mode"] == mode
    assert shown(device) == {
        "schema": "slipway.proxy/1",
        "mode": "none",
        "servers": ["proxy.example.com:3128", "https=socks5://[::1]:1080"],
        "bypass": ["<local>", "10.0.0.0/8"],
        "script": "http://wpad.example.com/p.pac",
        "origin": str(local(device)),
        "credentials": [],
    }
    # Another server; what goes past it stays, until it is named.
    assert proxy(device, "set", "manual", "a:1").returncode == 0
    assert shown(device)["bypass"] == ["<local>", "10.0.0.0/8"] and shown(device)["servers"] == ["a:1"]
    assert proxy(device, "set", "manual", "a:1", "--bypass", "").returncode == 0
    assert shown(device)["bypass"] == []
    assert local(device).stat().st_mode & 0o7777 == 0o644
    assert proxy(device, "reset").returncode == 0
    assert not local(device).exists() and shown(device)["servers"] == []


@pytest.mark.parametrize(
    "arguments, named",
    [
        (["set", "manual", "proxy"], "'proxy'"),
        (["set", "manual", f"a:1,http://u:{PASSWORD}@b:2"], "slipway proxy credentials"),
        (["set", "manual", "http://u:p@b:2"], "'http://***@b:2'"),
        (["set", "manual", "a:1", f"http://u:{PASSWORD}@b:2"], "Usage: slipway proxy set manual"),
        (["set", "autoscript", f"http://u:{PASSWORD}@b/p.pac"], "@b/p.pac'"),
        (["credentials", f"http://u:{PASSWORD}@b:2", "user"], "@b:2'"),
        (["test", f"https://u:{PASSWORD}@example.com/"], "@example.com/'"),
        (["bogus"], "there is no verb 'bogus' in 'slipway proxy'"),
        (["set", "manual", "a:1", "--bypass", "10.0.0.1/8"], "10.0.0.0/8"),
        (["set", "manual"], "servers"),
        (["set", "autoscript", "wpad.dat"], "'wpad.dat'"),
        (["set", "pac"], "manual, autoscript, autodetect, none"),
        (["credentials", "proxy", "user"], "'proxy'"),
        (["credentials", "a:1", "us:er"], "user"),
        (["credentials", "a:1"], "user"),
        (["credentials", "a:1", "user", "--remove"], "user"),
        (["credentials", "a:1", "--remove"], "a:1"),
        (["test", "ftp://example.com/"], "ftp://example.com/"),
    ],
)
def test_a_slip_is_a_usage_error_and_changes_nothing(device, arguments, named):
    assert proxy(device, "set", "manual", "before:1").returncode == 0
    before = local(device).read_bytes()
    result = proxy(device, *arguments, input=PASSWORD)
    assert local(device).read_bytes() == before and not secrets(device).exists()
    assert result.returncode == 64, result.stderr
    assert named in result.stderr and PASSWORD not in result.stderr + result.stdout
    again = proxy(device, *arguments, "--json", input=PASSWORD)
    document = json.loads(again.stdout)
    assert (again.returncode, document["schema"], document["code"]) == (64, "slipway.error/1", 64)
    assert document["error"] == "usage" and document["message"] and document["remedy"]
    assert PASSWORD not in again.stderr + again.stdout


def test_a_file_of_the_admins_counts_until_a_verb_says_otherwise(device):
    folder = settings(device) / "config.d"
    mine = folder / "50-mine.toml"
    try:
        mine.write_text('[proxy]\nmode = "manual"\nservers = ["mine:1"]\nbypass = ["<local>"]\n')
        assert shown(device)["origin"] == str(mine)
        assert proxy(device, "set", "autodetect").returncode == 0
        assert shown(device)["mode"] == "autodetect" and shown(device)["servers"] == ["mine:1"]
        assert proxy(device, "reset").returncode == 0
        assert shown(device)["origin"] == str(mine)
        # One that is read later wins, and a verb that changes nothing says so.
        later = mine.rename(folder / "95-mine.toml")
        result = proxy(device, "set", "none")
        later.unlink()
        assert result.returncode == 0 and "95-mine.toml" in result.stderr
    finally:
        for path in folder.glob("*-mine.toml"):
            path.unlink()


def test_what_cannot_be_read_is_a_configuration_error_with_its_line(device):
    path = settings(device) / "config.d/50-mine.toml"
    path.write_text('[proxy]\nmode = "manual"\nservers = ["mine"]\n')
    try:
        for arguments in (["show"], ["set", "none"], ["test", "http://example.com/"]):
            result = proxy(device, *arguments)
            assert result.returncode == 78, arguments
            assert "50-mine.toml:3: proxy.servers[0]: 'mine'" in result.stderr
        assert not local(device).exists()
    finally:
        path.unlink()


def test_other_wishes_in_the_local_file_stay(device):
    local(device).parent.mkdir(exist_ok=True)
    local(device).write_text('channel = "beta"\n[updates]\ninterval = "2h"\n')
    assert proxy(device, "set", "manual", "a:1").returncode == 0
    text = local(device).read_text()
    assert 'channel = "beta"' in text and 'interval = "7200s"' in text and '"a:1"' in text
    assert proxy(device, "reset").returncode == 0
    assert 'channel = "beta"' in local(device).read_text() and "proxy" not in local(device).read_text()
    local(device).unlink()


def test_credentials_are_fetchs_alone(device):
    assert proxy(device, "credentials", "Proxy.example.com:3128", "dev", input=PASSWORD + "\nmore\n").returncode == 0
    status = secrets(device).stat()
    assert status.st_mode & 0o7777 == 0o600 and (status.st_uid, status.st_gid) == device.fetch_user
    assert secrets(device).read_text() == f"proxy.example.com:3128\tdev\t{PASSWORD}\n"
    assert shown(device)["credentials"] == [{"proxy": "proxy.example.com:3128", "user": "dev"}]
    # A person without rights sees the settings, and not whose credentials there are.
    other = proxy(device, "show", "--json", user=NOBODY, group=NOBODY, extra_groups=[])
    assert other.returncode == 0 and "credentials" not in json.loads(other.stdout)
    said = "".join(
        result.stdout + result.stderr
        for result in (other, proxy(device, "show"), device.slipway("status", "--json"), device.slipway("check"))
    )
    logs = "".join(path.read_text() for path in (device.root / "var/log").rglob("*") if path.is_file())
    assert PASSWORD not in said + logs
    assert proxy(device, "credentials", "proxy.example.com:3128", "--remove").returncode == 0
    assert not secrets(device).exists()


def test_a_password_comes_from_a_file_or_standard_input(device):
    source = device.scratch / "password"
    source.write_text("from a file\nnot this\n")
    assert proxy(device, "credentials", "a:1", "one", "--password-file", str(source)).returncode == 0
    assert proxy(device, "credentials", "[::1]:2", "two", input="from input").returncode == 0
    assert secrets(device).read_text() == "a:1\tone\tfrom a file\n[::1]:2\ttwo\tfrom input\n"
    for wrong in ("", "\n", "a\tb", "x" * 1025, "\x7f"):
        result = proxy(device, "credentials", "a:1", "one", input=wrong)
        assert result.returncode == 64 and (not wrong.strip() or wrong not in result.stderr)
    assert "from a file" in secrets(device).read_text()
    assert proxy(device, "reset").returncode == 0 and not secrets(device).exists()


def test_a_password_is_read_from_a_file_alone(device):
    """Nobody writes to it, and nobody waits for that."""
    pipe = device.scratch / "pipe"
    os.mkfifo(pipe)
    try:
        for path in (pipe, Path("/dev/zero"), device.scratch):
            result = proxy(device, "credentials", "a:1", "one", "--password-file", str(path))
            assert result.returncode == 64 and f"{path} is no regular file" in result.stderr
            assert "standard input" in result.stderr and not secrets(device).exists()
        assert proxy(device, "credentials", "a:1", "one", input=PASSWORD).returncode == 0
        kept = secrets(device).rename(device.scratch / "kept")
        os.mkfifo(secrets(device), 0o600)
        os.chown(secrets(device), *device.fetch_user)
        assert proxy(device, "test", "http://127.0.0.1:1/").returncode not in (0, 14)
        kept.rename(secrets(device))
    finally:
        pipe.unlink()


def test_what_is_for_an_https_proxy_is_never_sent_in_clear(device):
    """A script, or whoever changes it on the way, names the same place without TLS."""
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def listen() -> None:
            for _ in range(2):
                connection, _ = listener.accept()
                with connection:
                    heard.append(connection.recv(65536))
                    connection.sendall(b"HTTP/1.1 403 No\r\n\r\n")

        listening = threading.Thread(target=listen, daemon=True)
        listening.start()
        # fetch's user must be able to read it: not below pytest's own folder.
        script = device.scratch / "proxy.pac"
        script.write_text(f"function FindProxyForURL() {{ return 'PROXY 127.0.0.1:{port}'; }}")
        assert proxy(device, "set", "autoscript", f"file://{script}").returncode == 0
        for place, told in [(f"https://127.0.0.1:{port}", False), (f"127.0.0.1:{port}", True)]:
            assert proxy(device, "credentials", place, "dev", input=PASSWORD).returncode == 0
            assert {"proxy": place, "user": "dev"} in shown(device)["credentials"]
            assert proxy(device, "test", "https://example.invalid/").returncode == 14
            assert heard[-1].startswith(b"CONNECT example.invalid:443")
            assert (b"Proxy-Authorization: Basic" in heard[-1]) == told
        listening.join(5)


@pytest.mark.parametrize(
    "head, words, unsaid",
    [
        ("407 No\r\nProxy-Authenticate: NTLM\r\nProxy-Authenticate: Negotiate", "NTLM, Negotiate", "slipway proxy credentials"),
        ("407 No\r\nProxy-Authenticate: NTLM, Basic realm=x", "slipway proxy credentials 127.0.0.1", "Basic alone"),
        ("403 No\r\nServer: nginx", "the proxy, or the server behind it, answered 403", "forbids"),
        ("403 No\r\nX-Squid-Error: ERR_ACCESS_DENIED 0", "the proxy forbids it", "or the server"),
    ],
)  # fmt: skip
def test_what_a_proxy_says_is_told_as_it_is(device, head, words, unsaid):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        asked = []

        def listen() -> None:
            connection, _ = listener.accept()
            with connection:
                asked.append(connection.recv(65536))
                connection.sendall(f"HTTP/1.1 {head}\r\n\r\n".encode())

        listening = threading.Thread(target=listen, daemon=True)
        listening.start()
        assert proxy(device, "set", "manual", f"127.0.0.1:{listener.getsockname()[1]}").returncode == 0
        result = proxy(device, "test", "http://example.invalid/a/file?b#c")
        listening.join(5)
    assert asked[0].startswith(b"HEAD http://example.invalid:80/a/file?b HTTP/1.1\r\n")
    said = result.stdout + result.stderr
    assert result.returncode == 14 and words in said and unsaid not in said, said


def test_a_file_of_passwords_that_others_may_read_is_refused(device):
    assert proxy(device, "credentials", "a:1", "one", input=PASSWORD).returncode == 0
    secrets(device).chmod(0o644)
    result = proxy(device, "test", "http://example.com/")
    assert result.returncode == 78 and "chmod 600" in result.stderr and PASSWORD not in result.stderr


def cmdlines() -> str:
    text = ""
    for path in Path("/proc").glob("[0-9]*"):
        for name in ("cmdline", "environ"):
            try:
                text += (path / name).read_bytes().decode(errors="replace")
            except OSError:
                continue
    return text


def test_the_password_is_in_no_process_list(device):
    """Looked at all the time from the start of the verb to its end, and while the password is used on the way."""
    secret = "s3cret-" + os.urandom(8).hex()
    seen, done = [], threading.Event()

    def watch():
        while not done.is_set():
            seen.append(secret in cmdlines())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        child = subprocess.Popen(command(device, "credentials", "127.0.0.1:1", "u"), env=device.environment(),
                                 stdin=subprocess.PIPE, text=True)  # fmt: skip
        wait_until(lambda: "credentials\x00127.0.0.1:1" in cmdlines(), what="the verb is in the list itself")
        child.communicate(secret + "\n", timeout=30)
        assert child.returncode == 0
        assert proxy(device, "set", "manual", "127.0.0.1:1").returncode == 0
        assert proxy(device, "test", "http://example.invalid/").returncode == 14
    finally:
        done.set()
        watcher.join()
    assert len(seen) > 5 and not any(seen)
    assert secret in secrets(device).read_text()


def test_without_rights_nothing_is_set(device):
    program = str(device.versions / "current/slipway/bin/slipway")
    for arguments in (["set", "none"], ["reset"], ["credentials", "a:1", "u"], ["test", "http://a/"]):
        result = subprocess.run([program, "proxy", *arguments, "--product", device.product], env=device.environment(),
                                capture_output=True, text=True, input=PASSWORD, user=NOBODY, group=NOBODY,
                                extra_groups=[])  # fmt: skip
        assert result.returncode == 11, arguments
        assert result.stderr.startswith("ERROR: Please run this application with elevated privileges\n")


def test_help_has_examples(device):
    for arguments in ([], ["show"], ["set"], ["set", "manual"], ["set", "autoscript"], ["set", "autodetect"],
                      ["set", "none"], ["reset"], ["credentials"], ["test"]):  # fmt: skip
        program = str(device.versions / "current/slipway/bin/slipway")
        result = subprocess.run([program, "proxy", *arguments, "--help"], capture_output=True, text=True)
        assert result.returncode == 0 and "Example: " in result.stdout, arguments


class Tinyproxy:
    """A real proxy on loopback, which wants a user and a password."""

    def __init__(self, folder: Path, port: int) -> None:
        folder.mkdir()
        config = folder / "tinyproxy.conf"
        config.write_text(
            f'Port {port}\nListen 127.0.0.1\nTimeout 20\nMaxClients 10\nBasicAuth dev {PASSWORD.replace(" ", "")}\n'
            f'LogFile "{folder}/log"\nLogLevel Connect\n'
        )
        self.process = subprocess.Popen(["tinyproxy", "-d", "-c", str(config)], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)  # fmt: skip
        wait_until(lambda: is_open(port), what="tinyproxy listens")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


def is_open(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def tinyproxy(device):
    if not shutil.which("tinyproxy"):
        pytest.fail("tinyproxy is missing: apt-get install tinyproxy-bin")
    folder, port = device.scratch / "tinyproxy", free_port()
    server = Tinyproxy(folder, port)
    yield port
    server.stop()
    shutil.rmtree(folder)


def tried(device, url: str) -> tuple[int, dict, str]:
    result = proxy(device, "test", url, "--json")
    return result.returncode, json.loads(result.stdout), result.stderr


def test_a_trial_goes_through_a_real_proxy(device, lab, tinyproxy):
    port = tinyproxy
    assert proxy(device, "set", "manual", f"127.0.0.1:{port}").returncode == 0
    code, report, error = tried(device, lab.web.address + "/")
    assert code == 14 and not report["ok"]
    assert f"slipway proxy credentials 127.0.0.1:{port} USER" in error and report["remedy"] in error
    credentials = proxy(device, "credentials", f"127.0.0.1:{port}", "dev", input=PASSWORD.replace(" ", ""))
    assert credentials.returncode == 0
    code, report, error = tried(device, lab.web.address + "/")
    assert code == 0 and report["ok"], error
    assert report["mode"] == "manual" and report["rule"] == f"servers 127.0.0.1:{port}"
    assert report["routes"] == [f"PROXY 127.0.0.1:{port}"]
    steps = {step["step"]: step["milliseconds"] for step in report["attempts"][0]["steps"]}
    assert list(steps) == ["connect", "proxy"] and all(0 <= time < 5000 for time in steps.values())


def test_a_poll_goes_through_the_proxy_with_its_password(lab, pristine):
    """fetch under its supervisor, as its own user: refused without the password, served with it, and nowhere else."""
    lab.serve(lab.history[-1])
    device = lab.clone(pristine, "polled")
    port = free_port()
    server = Tinyproxy(device.scratch / "tinyproxy", port)
    try:
        assert proxy(device, "set", "manual", f"127.0.0.1:{port}").returncode == 0
        device.poll()
        refused = json.loads((device.fetch / "result.json").read_text())
        assert not refused["ok"] and lab.web.address in refused["message"]
        word = PASSWORD.replace(" ", "")
        assert proxy(device, "credentials", f"127.0.0.1:{port}", "dev", input=word).returncode == 0
        before = len(lab.web.requests)
        device.poll()
        assert json.loads((device.fetch / "result.json").read_text())["ok"], device.log()
        assert len(lab.web.requests) > before
        log = (device.scratch / "tinyproxy/log").read_text()
        assert log.count("timestamp.json") >= 2, log
        written = "".join(path.read_text() for path in (device.root / "var").rglob("*.log"))
        assert f"PROXY 127.0.0.1:{port} (manual: servers 127.0.0.1:{port})" in written and word not in written
    finally:
        server.stop()
        device.remove()


def test_a_dead_proxy_is_passed_over_and_named_when_it_is_the_last(device, lab):
    dead = free_port()
    assert proxy(device, "set", "manual", f"127.0.0.1:{dead}").returncode == 0
    result = proxy(device, "test", lab.web.address + "/")
    assert result.returncode == 14
    assert re.fullmatch(
        rf"ERROR: 127\.0\.0\.1:\d+ is not reached by PROXY 127\.0\.0\.1:{dead}: connection refused.*\n"
        rf"check the proxy's address 127\.0\.0\.1:{dead} .*\n",
        result.stderr,
    )
    assert "mode:        manual" in result.stdout and "FAILED" in result.stdout


def test_the_environment_of_a_shell_is_tried_without_rights(device, lab, tinyproxy):
    """A user and password in a variable's URL reach that proxy, and nobody else sees them."""
    program = str(device.versions / "current/slipway/bin/slipway")
    word = PASSWORD.replace(" ", "")

    def attempt(**variables: str) -> subprocess.CompletedProcess:
        return subprocess.run([program, "proxy", "test", "--environment", lab.web.address + "/", "--json"],
                              env=device.environment() | variables, capture_output=True, text=True, timeout=60,
                              user=NOBODY, group=NOBODY, extra_groups=[])  # fmt: skip

    result = attempt(http_proxy=f"http://dev:{word}@127.0.0.1:{tinyproxy}")
    report = json.loads(result.stdout)
    assert result.returncode == 0, result.stderr
    assert report["mode"] == "environment" and report["rule"] == "http_proxy"
    assert report["routes"] == [f"PROXY 127.0.0.1:{tinyproxy}"] and word not in result.stdout + result.stderr
    assert json.loads(attempt(HTTP_PROXY="http://127.0.0.1:1").stdout)["routes"] == ["DIRECT"]
    assert json.loads(attempt(http_proxy="http://127.0.0.1:1", NO_PROXY="127.0.0.0/8").stdout)["ok"]
    wrong = attempt(http_proxy=f"gopher://dev:{word}@127.0.0.1:1")
    assert wrong.returncode == 64 and "http_proxy" in wrong.stderr and word not in wrong.stderr


def test_a_script_is_evaluated_as_fetchs_user(device, lab):
    """By the real evaluator; the file is one that only fetch's user may read, so root is not who reads it."""
    dead = free_port()
    script = device.scratch / "proxy.pac"
    device.scratch.chmod(0o755)
    script.write_text(
        "function FindProxyForURL(url, host) { return host == '127.0.0.1' ? "
        f"'PROXY 127.0.0.1:{dead}; DIRECT' : nonsense; }}"
    )
    assert proxy(device, "set", "autoscript", f"file://{script}").returncode == 0
    code, report, error = tried(device, lab.web.address + "/")
    assert code == 0, error
    assert report["mode"] == "autoscript" and report["rule"] == f"script file://{script}"
    assert report["routes"] == [f"PROXY 127.0.0.1:{dead}", "DIRECT"]
    assert [attempt["ok"] for attempt in report["attempts"]] == [False, True]
    # An error of the script is an error with its line, not a way past the proxy.
    result = proxy(device, "test", "https://example.invalid/", "--json")
    failure = json.loads(result.stdout)
    assert result.returncode == 14 and failure["code"] == 14
    assert "line 1" in failure["message"] and "nonsense" in failure["message"]
    # Root may read it and fetch may not: then there is no decision.
    script.chmod(0o600)
    result = proxy(device, "test", lab.web.address + "/")
    assert result.returncode == 14 and str(script) in result.stderr


def test_a_script_from_the_web_is_kept_for_the_time_when_it_is_gone(device, lab):
    site = device.scratch / "site"
    site.mkdir(exist_ok=True)
    folder, lab.web.folder = lab.web.folder, site
    kept = device.fetch / "proxy-script"
    try:
        (site / "p.pac").write_text("function FindProxyForURL() { return 'DIRECT'; }")
        url = lab.web.address + "/p.pac"
        assert proxy(device, "set", "autoscript", url).returncode == 0
        assert tried(device, lab.web.address + "/")[0] == 0
        assert kept.stat().st_uid == device.fetch_user[0] and kept.read_text().split("\n")[0].endswith(" " + url)
        # As if it had been brought long ago, and the server had lost it since.
        kept.write_text(f"{int(time.time()) - 90000} {url}\nfunction FindProxyForURL() {{ return 'DIRECT'; }}")
        (site / "p.pac").unlink()
        code, report, error = tried(device, lab.web.address + "/")
        assert code == 0 and "goes on being used" in error, error
        kept.unlink()
        result = proxy(device, "test", lab.web.address + "/")
        assert result.returncode == 14 and url in result.stderr
    finally:
        lab.web.folder = folder


def test_offboarding_leaves_no_credentials(lab):
    device = lab.installed("proxied")
    assert proxy(device, "set", "manual", "a:1").returncode == 0
    assert proxy(device, "credentials", "a:1", "dev", input=PASSWORD).returncode == 0
    result = device.slipway("offboard", "--yes")
    assert result.returncode == 0, result.stderr
    found = subprocess.run(["grep", "-rlF", PASSWORD, str(device.root)], capture_output=True, text=True)
    assert found.returncode == 1 and found.stdout == ""
    assert not settings(device).exists()
