"""Each check of `slipway check`, failing and passing for real: the worked example of a meeting-room agent on a machine
whose network, accounts, clock and disk a test can spoil."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

import product
from device import wait_until
from publisher import Publisher
from rooms import ACCOUNTS, ADDRESSES, HOSTS, MANIFEST, PASSWD, REPOSITORY, VICTIM, everyone, furnish, manual
from stand import DAY, Authority, Server, standing

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(scope="module")
def folder():
    folder = Path(tempfile.mkdtemp(prefix="slipway-checks-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def authority(folder):
    return Authority("Test Root CA")


@pytest.fixture(scope="module")
def certificate(folder, authority) -> str:
    return authority.server(folder / "server.pem", *ADDRESSES)


@pytest.fixture
def machine(folder, authority, executables, request):
    """A machine on which everything is right, but for servers: those a test starts."""
    own = folder / re.sub(r"\W+", "-", request.node.name)
    own.mkdir()
    with standing(own) as stand:
        furnish(stand, authority)
        stand.program = executables / "slipway"
        yield stand


def checked(machine, *arguments: str, before=(), edits=(), code: int) -> dict[str, dict]:
    """The outcomes by id. The manifest is the worked example, but for the TPM, which has tests of its own."""
    text = MANIFEST.read_text()
    without = [('tpm = "required"', 'tpm = "ignored"'), ('required = ["tpm", "accounts"]', 'required = ["accounts"]')]
    for old, new in [*without, *edits]:
        assert old in text
        text = text.replace(old, new)
    manifest = machine.folder / "product.toml"
    manifest.write_text(text)
    result = machine.run(*before, machine.program, "check", "--manifest", manifest, "--json", *arguments)
    assert result.returncode == code, f"{result.stdout}\n{result.stderr}"
    document = json.loads(result.stdout)
    assert document["schema"] == "slipway.check/1"
    failed = [each for each in document["checks"] if each["verdict"] == "fail"]
    assert document["ok"] == (not failed) == (code == 0)
    for each in failed:
        assert each["reason"] and each["remedy"], each
    if failed:
        complaint = result.stderr.splitlines()
        assert complaint[0].startswith("ERROR: ") and complaint[1] == failed[0]["remedy"]
        machine.complaint = complaint[0]
    return {each["id"]: each for each in document["checks"]}


def only(outcomes: dict[str, dict], *failing: str) -> dict:
    """The first of the checks that failed, which are these and no others."""
    assert [id for id, each in outcomes.items() if each["verdict"] == "fail"] == list(failing), outcomes
    return outcomes[failing[0]]


def with_config(machine, text: str) -> list[str]:
    path = machine.folder / "config.toml"
    path.write_text(text)
    return ["--config", str(path)]


def test_everything_passes(machine, certificate):
    machine.serve(*everyone(certificate))
    start = time.monotonic()
    outcomes = checked(machine, code=0)
    assert time.monotonic() - start < 3
    assert list(outcomes) == [
        "elevation", "tpm", "accounts", "proxy", "network", "disk", "os", "clock", "libraries", "services",
    ]  # fmt: skip
    assert {each["verdict"] for id, each in outcomes.items() if id != "tpm"} == {"pass"}, outcomes
    reached = outcomes["network"]["endpoints"]
    assert [each["host"] for each in reached] == [*HOSTS, REPOSITORY]
    assert {(each["port"], each["way"], each["signer"]) for each in reached} == {(443, "DIRECT", "Test Root CA")}


@pytest.mark.parametrize(
    "arguments, named",
    [
        (["--repository", "not a url"], "--repository"),
        (["--repository", 'http://x/"]\nevil=1'], "--repository"),
        (["--skip", "banana"], "--skip"),
        (["--archive-bytes=-5"], "--archive-bytes"),
        (["--inodes=-9223372036854775808"], "--inodes"),
        (["--bogus"], "--bogus"),
    ],
)
def test_what_is_typed_wrongly_is_a_usage_error(machine, arguments, named):
    result = machine.run(machine.program, "check", "--manifest", MANIFEST, "--json", *arguments)
    document = json.loads(result.stdout)
    assert result.returncode == 64 and result.stderr.startswith("ERROR: ")
    assert (document["schema"], document["code"], document["error"]) == ("slipway.error/1", 64, "usage")
    assert named in document["message"] and "--help" in document["remedy"]


@pytest.mark.parametrize("address", ["not a url", 'http://x/"]\nevil=1', "https://u:hunter2@example.com/"])
def test_setup_takes_no_repository_that_is_no_address(machine, executables, address):
    result = machine.run(executables / "slipway-setup", "--json", "--repository", address)
    assert result.returncode == 64 and json.loads(result.stdout)["error"] == "usage"
    assert "--repository" in result.stderr and "hunter2" not in result.stdout + result.stderr


def test_absurd_figures_are_a_verdict_and_no_crash(machine, certificate):
    largest, smallest = (1 << 63) - 1, -(1 << 63)
    sizes = [f"--{name}={largest}" for name in ("archive-bytes", "tree-bytes", "inodes")]
    options = ["--skip", "network", "--skip", "proxy"]
    only(checked(machine, *sizes, f"--issued={smallest}", *options, code=30), "disk")
    only(checked(machine, f"--issued={largest}", *options, code=15), "clock")


def test_people_get_a_line_a_check_and_then_the_remedies(machine, certificate):
    machine.serve(*everyone(certificate))
    machine.replace("/etc/passwd", PASSWD)
    result = machine.run(machine.program, "check", "--manifest", MANIFEST)
    lines, _, remedies = result.stdout.partition("\n\n")
    assert [line[12:].split()[0] for line in lines.splitlines()][2:5] == ["accounts", "proxy", "network"]
    assert "\x1b" not in result.stdout
    assert "accounts:" in remedies and "useradd" in remedies


def test_it_needs_no_root(machine, certificate):
    machine.serve(*everyone(certificate))
    user = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    assert checked(machine, before=user, code=0)["network"]["verdict"] == "pass"


# Accounts


def test_a_missing_account_is_told_in_the_words_that_admins_know(machine, certificate):
    machine.serve(*everyone(certificate))
    machine.replace("/etc/passwd", PASSWD + ACCOUNTS.splitlines()[0] + "\n")
    failed = only(checked(machine, code=13), "accounts")
    assert machine.complaint == "ERROR: Local user account named 'Admin' or 'Skype' not found"
    assert failed["reason"] == "missing: Skype"
    assert failed["required"]


def test_an_account_written_with_a_dot_is_this_machines_own(machine, certificate):
    machine.serve(*everyone(certificate))
    edits = [('accounts = ["Admin", "Skype"]', "accounts = ['.\\Admin', '.\\Skype']")]
    passed = checked(machine, edits=edits, code=0)["accounts"]
    assert passed["reason"].startswith("found: Admin (.\\Admin is this device's own 'Admin')")
    machine.replace("/etc/passwd", PASSWD + ACCOUNTS.lower())
    failed = only(checked(machine, edits=edits, code=13), "accounts")
    assert machine.complaint == "ERROR: Local user account named 'Admin' or 'Skype' not found"
    assert "there is 'admin': capitals count" in failed["reason"]


def test_an_account_that_is_only_known_from_elsewhere_does_not_count(machine, certificate):
    """The machine's name service knows both; the account file of the device's own root has one."""
    machine.serve(*everyone(certificate))
    root = machine.folder / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/passwd").write_text(PASSWD + ACCOUNTS.splitlines()[0] + "\n")
    failed = only(checked(machine, "--root", str(root), code=13), "accounts")
    assert failed["reason"].startswith("missing: Skype (a directory service knows it")


# Network


def blocked(machine, obstacle: str, *arguments: str, host: str = VICTIM, failing=("network",)) -> dict:
    """The report on the one host that is blocked; the others answer."""
    failed = checked(machine, *arguments, code=14)
    only(failed, *failing)
    network = failed["network"]
    found = [each for each in network["endpoints"] if "obstacle" in each]
    assert [(each["host"], each["obstacle"]) for each in found] == [(host, obstacle)]
    assert f"{host}:443" in network["reason"] and f"{host}:443" in network["remedy"]
    assert "1 of 12 blocked" in network["reason"]
    return network | found[0]


def test_a_host_that_a_firewall_drops(machine, certificate):
    machine.serve(*everyone(certificate))
    machine.forbid(ADDRESSES[VICTIM])
    start = time.monotonic()
    report = blocked(machine, "timedOut")
    assert time.monotonic() - start < 9
    assert "(timed out)" in report["reason"] and "Ask the network team to allow outgoing TCP" in report["remedy"]


def test_a_host_that_a_firewall_rejects(machine, certificate):
    machine.serve(*everyone(certificate))
    machine.forbid(ADDRESSES[VICTIM], "reject with tcp reset")
    assert "(refused)" in blocked(machine, "refused")["reason"]


def test_a_host_without_a_route(machine, certificate):
    machine.serve(*everyone(certificate))
    machine.do("ip", "route", "add", "prohibit", ADDRESSES[VICTIM], "table", "7")
    machine.do("ip", "rule", "add", "to", ADDRESSES[VICTIM], "lookup", "7", "pref", "0")
    machine.do("sh", "-c", "ip rule del pref 0 lookup local; ip rule add pref 1 lookup local")
    blocked(machine, "unreachable")


def test_a_name_that_does_not_resolve(machine, certificate):
    machine.serve(*everyone(certificate))
    machine.know({host: address for host, address in ADDRESSES.items() if host != VICTIM})
    report = blocked(machine, "dns")
    assert "the name does not resolve" in report["reason"] and "DNS" in report["remedy"]


def test_an_inspecting_proxy_is_named(machine, certificate, folder):
    other = Authority("Example Corp TLS Inspection")
    machine.serve(*everyone(certificate, VICTIM))
    machine.serve(Server(ADDRESSES[VICTIM], certificate=other.server(machine.folder / "other.pem", VICTIM)))
    report = blocked(machine, "inspected")
    assert report["signer"] == "Example Corp TLS Inspection"
    assert "inspected by 'Example Corp TLS Inspection'" in report["reason"]
    assert "exempt" in report["remedy"] and "update-ca-certificates" in report["remedy"]


def test_whoever_inspects_is_named_by_the_root_of_what_came(machine, certificate):
    """His intermediate says nothing to an admin."""
    root = Authority("Example Corp Root")
    middle = Authority("Intercept 7", above=root)
    machine.serve(*everyone(certificate, VICTIM))
    machine.serve(Server(ADDRESSES[VICTIM], certificate=middle.server(machine.folder / "other.pem", VICTIM)))
    report = blocked(machine, "inspected")
    assert report["signer"] == "Example Corp Root" and "inspected by 'Example Corp Root'" in report["reason"]
    # Once its file is named, that host is reached like the others, which the system's own authorities vouch for.
    trusted = machine.folder / "corp.pem"
    trusted.write_bytes(root.pem)
    trusted.chmod(0o644)
    options = with_config(machine, f'[transport]\ncaFile = "{trusted}"\n')
    reached = checked(machine, *options, code=0)["network"]
    assert reached["verdict"] == "pass" and len(reached["endpoints"]) == 12


@pytest.mark.parametrize(
    "content, mode, words",
    [
        (None, 0o644, "cannot be read (No such file or directory)"),
        (b"corp", 0o644, "no certificate in PEM"),
        (b"\x30\x82", 0o644, "in DER"),
        (Authority("Corp").pem, 0o666, "others may write it"),
        (Authority("Corp").pem, 0o600, "cannot be read (Permission denied)"),
    ],
)
def test_a_file_of_authorities_that_is_none(machine, certificate, content, mode, words):
    machine.serve(*everyone(certificate))
    path = machine.folder / "corp.pem"
    if content is not None:
        path.write_bytes(content)
        path.chmod(mode)
    options = with_config(machine, f'[transport]\ncaFile = "{path}"\n')
    failed = only(checked(machine, *options, code=14), "proxy")
    assert failed["reason"].startswith(f"transport.caFile: {path}: ") and words in failed["reason"]


@pytest.mark.parametrize(
    "words, names, life",
    [
        ("the certificate is for 'other.example.com'", ("other.example.com",), {}),
        ("the certificate has expired", (VICTIM,), {"end": -timedelta(hours=1)}),
        ("the certificate is not valid yet", (VICTIM,), {"start": DAY}),
    ],
)
def test_a_wrong_certificate(machine, authority, certificate, words, names, life):
    machine.serve(*everyone(certificate, VICTIM))
    own = authority.server(machine.folder / "own.pem", *names, **life)
    machine.serve(Server(ADDRESSES[VICTIM], certificate=own))
    assert words in blocked(machine, "certificate")["reason"]


def test_a_server_that_speaks_no_tls(machine, certificate):
    machine.serve(*everyone(certificate, VICTIM), Server(ADDRESSES[VICTIM]))
    assert "no TLS" in blocked(machine, "tls")["reason"]


def users_of(machine, verb: str) -> set[str]:
    """Whose the processes of that verb are: real, effective, saved and file system user of each."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            here = (process / "ns/net").readlink() == Path(f"/proc/{machine.holder.pid}/ns/net").readlink()
            if here and verb.encode() in (process / "cmdline").read_bytes().split(b"\0"):
                found |= set(re.findall(r"^Uid:\t(.*)$", (process / "status").read_text(), re.MULTILINE))
        except OSError:
            continue
    return found


def test_a_silent_server_keeps_nobody_waiting(machine, certificate):
    """And what meets the network meanwhile is not root's."""
    machine.serve(*everyone(certificate, VICTIM), Server(ADDRESSES[VICTIM], silent=True))
    start = time.monotonic()
    with ThreadPoolExecutor() as pool:
        run = pool.submit(blocked, machine, "timedOut")
        nobody = "65534\t65534\t65534\t65534"
        wait_until(lambda: nobody in users_of(machine, "check-network"), 4, "nobody meets the network")
        run.result()
    assert time.monotonic() - start < 10


def test_a_repository_that_is_blocked_is_a_warning(machine, certificate):
    """A device may well be installed from a file and never see the network."""
    machine.serve(*everyone(certificate, REPOSITORY))
    outcomes = checked(machine, code=0)
    assert outcomes["network"]["verdict"] == "warning"
    assert "no updates" in outcomes["network"]["remedy"]
    assert "not asked" in outcomes["clock"]["reason"]


# Proxy


def test_a_proxy_that_answers(machine, certificate):
    machine.serve(*everyone(certificate))
    machine.tinyproxy(3128)
    outcomes = checked(machine, *with_config(machine, manual("." + VICTIM)), code=0)
    assert "127.0.0.1:3128" in outcomes["proxy"]["reason"]
    ways = {each["host"]: each["way"] for each in outcomes["network"]["endpoints"]}
    assert ways.pop(VICTIM) == "DIRECT" and set(ways.values()) == {"PROXY 127.0.0.1:3128"}
    assert outcomes["clock"]["reason"].startswith("within")


def test_a_proxy_that_is_down(machine, certificate):
    machine.serve(*everyone(certificate))
    outcomes = checked(machine, *with_config(machine, manual()), code=14)
    failed = only(outcomes, "proxy", "network")
    assert "PROXY 127.0.0.1:3128 does not answer (connection refused)" in failed["reason"]
    assert "slipway proxy show" in failed["remedy"]


def test_a_dead_proxy_is_passed_over_for_the_next(machine, certificate):
    machine.serve(*everyone(certificate))
    machine.tinyproxy(3129)
    both = manual().replace('["127.0.0.1:3128"]', '["127.0.0.1:3128", "127.0.0.1:3129"]')
    outcomes = checked(machine, *with_config(machine, both), code=0)
    assert {each["way"] for each in outcomes["network"]["endpoints"]} == {"PROXY 127.0.0.1:3129"}


def test_a_proxy_that_refuses_a_host(machine, certificate):
    machine.serve(*everyone(certificate))
    rules = machine.folder / "filter"
    rules.write_text(VICTIM.replace(".", r"\.") + "\n")
    rules.chmod(0o644)
    machine.tinyproxy(3128, f'Filter "{rules}"')
    report = blocked(machine, "proxyRefused", *with_config(machine, manual()))
    assert "refused by the proxy: status 403" in report["reason"]
    assert "PROXY 127.0.0.1:3128" in report["remedy"] and "allow CONNECT" in report["remedy"]


def test_a_proxy_that_wants_credentials(machine, certificate):
    machine.serve(*everyone(certificate))
    machine.tinyproxy(3128, "BasicAuth someone secret")
    outcomes = checked(machine, *with_config(machine, manual()), code=14)
    failed = only(outcomes, "proxy", "network")
    assert "407" in failed["reason"]
    assert {each["obstacle"] for each in outcomes["network"]["endpoints"]} == {"proxyAuthentication"}


def test_a_script_that_does_not_come_is_named(machine, certificate):
    """The server of the script takes connections and says nothing: that is the reason, and no 'not answered'."""
    machine.serve(*everyone(certificate), Server("127.0.0.1", port=8000, silent=True))
    url = "http://127.0.0.1:8000/proxy.pac"
    outcomes = checked(machine, *with_config(machine, f'[proxy]\nmode = "autoscript"\nscript = "{url}"\n'), code=14)
    failed = only(outcomes, "proxy")
    assert "the proxy script cannot be had" in failed["reason"] and url in failed["reason"]
    assert "check that address" in failed["remedy"]


def test_a_manifest_that_is_no_file_is_not_waited_for(machine):
    pipe = machine.folder / "pipe"
    os.mkfifo(pipe)
    result = machine.run(machine.program, "check", "--manifest", pipe, timeout=10)
    assert result.returncode not in (0, 1) and str(pipe) in result.stderr, result.stderr


def shell(**variables: str) -> list[str]:
    return ["env", *(f"{name}={value}" for name, value in variables.items())]


def test_the_variables_of_a_shell_count_where_nothing_is_set(machine, certificate):
    """For the person who typed the command. That updates do not see them is said."""
    machine.serve(*everyone(certificate))
    machine.tinyproxy(3128, "BasicAuth someone secret")
    typed = shell(HTTPS_PROXY="http://someone:secret@127.0.0.1:3128", NO_PROXY=VICTIM)
    outcomes = checked(machine, before=typed, code=0)
    ways = {each["host"]: each["way"] for each in outcomes["network"]["endpoints"]}
    assert ways.pop(VICTIM) == "DIRECT" and set(ways.values()) == {"PROXY 127.0.0.1:3128"}
    assert outcomes["proxy"]["verdict"] == "warning"
    assert "Updates run in the background" in outcomes["proxy"]["remedy"]
    assert "secret" not in json.dumps(outcomes)
    # What is set for the device goes before it, also that there is no proxy.
    outcomes = checked(machine, *with_config(machine, '[proxy]\nmode = "none"\n'), before=typed, code=0)
    assert {each["way"] for each in outcomes["network"]["endpoints"]} == {"DIRECT"}
    assert outcomes["proxy"]["verdict"] == "pass"


def test_variables_of_a_shell_that_lead_nowhere(machine, certificate):
    machine.serve(*everyone(certificate))
    dead = checked(machine, before=shell(https_proxy="http://127.0.0.1:3128"), code=14)
    only(dead, "proxy", "network")
    wrong = only(checked(machine, before=shell(https_proxy="gopher://u:secret@127.0.0.1:1"), code=14), "proxy")
    assert "https_proxy" in wrong["reason"] and "secret" not in json.dumps(wrong)


# The machine


@pytest.fixture
def small(machine):
    """Mounts a file system of its own for a device's whole root."""

    def mount(options: str) -> str:
        root = machine.folder / "small"
        root.mkdir()
        machine.do("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(root))
        return str(root)

    return mount


def test_a_small_disk(machine, certificate, small):
    machine.serve(*everyone(certificate))
    root = small("size=8m")
    failed = only(checked(machine, "--root", root, code=30), "disk")
    assert failed["reason"] == f"8 MB free at {root}, 568 MB needed"
    assert failed["remedy"].startswith(f"Free 559 MB on the file system of {root}")


def test_a_disk_without_inodes(machine, certificate, small):
    machine.serve(*everyone(certificate))
    root = small("nr_inodes=20")
    assert "inodes" in only(checked(machine, "--root", root, code=30), "disk")["reason"]


@pytest.mark.parametrize("text", ['ID=debian\nVERSION_ID="11"\n', "ID=fedora\nVERSION_ID=41\n"])
def test_another_system(machine, certificate, text):
    machine.serve(*everyone(certificate))
    machine.replace("/etc/os-release", text)
    failed = only(checked(machine, code=15), "os")
    assert "debian 12/13, ubuntu 24.04" in failed["remedy"]


@pytest.mark.parametrize(
    "shift, verdict, words",
    [
        ("-2000 days", "fail", "behind the day this version was built"),
        ("+10 minutes", "warning", "10 min ahead of the repository's clock"),
        ("-20 minutes", "warning", "20 min behind the repository's clock"),
        ("+3 days", "fail", "3 days ahead of the repository's clock"),
    ],
)
def test_a_wrong_clock(machine, certificate, shift, verdict, words):
    machine.serve(*everyone(certificate))
    code = 15 if verdict == "fail" else 0
    shift = shift.replace(" days", "d").replace(" minutes", "m")
    outcomes = checked(machine, before=("faketime", "-f", shift), code=code)
    assert outcomes["clock"]["verdict"] == verdict
    assert words in outcomes["clock"]["reason"]
    assert "timedatectl" in outcomes["clock"]["remedy"]


def test_a_clock_behind_what_is_trusted(machine, certificate):
    machine.serve(*everyone(certificate))
    issued = int(time.time()) + 7200
    failed = only(checked(machine, "--issued", str(issued), code=15), "clock")
    assert "behind the newest metadata that this device trusts" in failed["reason"]


def test_a_clock_behind_the_repositorys_certificate(machine, authority, certificate):
    """No connection is trusted then, and the certificate itself says why."""
    machine.serve(*everyone(certificate, REPOSITORY))
    own = authority.server(machine.folder / "own.pem", REPOSITORY, start=3 * DAY)
    machine.serve(Server(ADDRESSES[REPOSITORY], certificate=own))
    outcomes = checked(machine, code=15)
    assert "behind the repository's clock" in only(outcomes, "clock")["reason"]
    assert "not valid yet" in outcomes["network"]["reason"]


def test_a_missing_package_and_one_that_is_there(machine, certificate):
    machine.serve(*everyone(certificate))
    packages = lambda name: [("[prerequisites]\n", f'[prerequisites]\npackages = {{ debian = ["{name}"] }}\n')]
    failed = only(checked(machine, edits=packages("libnosuchthing9"), code=15), "libraries")
    assert "apt-get install libnosuchthing9" in failed["remedy"]
    assert "base-files" in checked(machine, edits=packages("base-files"), code=0)["libraries"]["reason"]


def test_no_systemd_and_one_that_is_too_old(machine, certificate):
    machine.serve(*everyone(certificate))
    libraries = "/usr/lib/x86_64-linux-gnu/systemd"
    machine.do("sh", "-c", f"mount -t tmpfs tmpfs {libraries} && touch {libraries}/libsystemd-shared-249.so")
    assert "systemd 249, at least 250" in only(checked(machine, code=15), "services")["reason"]
    machine.do("rmdir", "/run/systemd/system")
    assert "systemd does not run here" in only(checked(machine, code=15), "services")["reason"]


# The Setup file has them made by the verified release


@pytest.fixture(scope="module")
def setup(folder, executables) -> Path:
    """A Setup file whose product needs what the worked example needs, but for the TPM."""
    for name in ("slipway", "slipway-setup"):
        subprocess.run(["strip", "-o", folder / name, executables / name], check=True)
    publisher = Publisher()
    manifest = product.manifest(publisher.product, "1.0.0") | {
        "repository": {"metadata": [f"https://{REPOSITORY}/metadata/"], "targets": [f"https://{REPOSITORY}/targets/"]},
        "prerequisites": {"accounts": ["Admin", "Skype"], "network": [{"host": host, "port": 443} for host in HOSTS]},
    }
    publisher.pack("1.0.0", product.tree("1.0.0", (folder / "slipway").read_bytes()), manifest)
    return publisher.publish().setup(folder / "room.run", folder / "slipway-setup", "1.0.0")


def leftovers(machine) -> list[Path]:
    return [*(machine.folder / "tmp").iterdir()]


def setup_run(machine, setup: Path, *arguments: str, before=()) -> subprocess.CompletedProcess:
    temporary = machine.folder / "tmp"
    temporary.mkdir(exist_ok=True)
    temporary.chmod(0o777)
    environment = ["env", f"TMPDIR={temporary}"]
    result = machine.run(*before, *environment, setup, "--quiet", "--accept-license", "--json", *arguments)
    assert leftovers(machine) == []
    return result


def test_setup_says_what_is_blocked_and_installs_nothing(machine, certificate, setup):
    machine.serve(*everyone(certificate, VICTIM))
    root = machine.folder / "device"
    root.mkdir()
    (root / "etc").mkdir()
    (root / "etc/passwd").write_text(PASSWD + ACCOUNTS)
    result = setup_run(machine, setup, "--root", str(root))
    assert result.returncode == 14, f"{result.stdout}{result.stderr}"
    document = json.loads(result.stdout)
    assert document["schema"] == "slipway.check/1"
    network = [each for each in document["checks"] if each["id"] == "network"][0]
    assert network["verdict"] == "fail" and f"{VICTIM}:443 (refused)" in network["reason"]
    assert result.stderr.startswith("ERROR: Network: 1 of 12 blocked")
    assert [*root.iterdir()] == [root / "etc"]


def test_setup_installs_where_everything_is_right(machine, certificate, setup):
    machine.serve(*everyone(certificate))
    root = machine.folder / "device"
    (root / "etc").mkdir(parents=True)
    (root / "etc/passwd").write_text(PASSWD + ACCOUNTS)
    result = setup_run(machine, setup, "--root", str(root))
    assert result.returncode == 0, f"{result.stdout}{result.stderr}"
    assert json.loads(result.stdout.splitlines()[-1])["result"] == "installedNotStarted"


def test_setup_goes_by_the_variables_of_the_shell_it_is_typed_in(machine, certificate, setup):
    machine.serve(*everyone(certificate))
    machine.tinyproxy(3128)
    root = machine.folder / "device"
    (root / "etc").mkdir(parents=True)
    (root / "etc/passwd").write_text(PASSWD + ACCOUNTS)
    options = ["--root", str(root), "--check-only"]
    result = setup_run(machine, setup, *options, before=shell(https_proxy="http://127.0.0.1:3128"))
    assert result.returncode == 0, f"{result.stdout}{result.stderr}"
    checks = {each["id"]: each for each in json.loads(result.stdout)["checks"]}
    assert checks["proxy"]["verdict"] == "warning" and "PROXY 127.0.0.1:3128" in checks["proxy"]["reason"]
    assert setup_run(machine, setup, *options, before=shell(https_proxy="http://127.0.0.1:1")).returncode == 14


def test_setup_leaves_out_what_it_is_told_to(machine, certificate, setup):
    root = machine.folder / "device"
    (root / "etc").mkdir(parents=True)
    (root / "etc/passwd").write_text(PASSWD)
    options = ["--root", str(root), "--check-only"]
    result = setup_run(machine, setup, *options, "--skip", "network", "--skip", "proxy", "--skip", "accounts")
    assert result.returncode == 0, f"{result.stdout}{result.stderr}"
    verdicts = {each["id"]: each["verdict"] for each in json.loads(result.stdout)["checks"]}
    assert [id for id, verdict in verdicts.items() if verdict == "skipped"] == ["accounts", "proxy", "network"]


def test_setup_without_rights_says_so_in_the_words_that_admins_know(machine, certificate, setup):
    machine.serve(*everyone(certificate))
    user = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    for options in ([], ["--check-only"]):
        result = setup_run(machine, setup, *options, before=user)
        assert result.returncode == 11, f"{result.stdout}{result.stderr}"
        assert result.stderr.splitlines()[0] == "ERROR: Please run this application with elevated privileges"
        assert "sudo" in result.stderr.splitlines()[1]


def test_setup_takes_the_proxy_from_the_configuration_it_is_given(machine, certificate, setup):
    machine.serve(*everyone(certificate))
    root = machine.folder / "device"
    (root / "etc").mkdir(parents=True)
    (root / "etc/passwd").write_text(PASSWD + ACCOUNTS)
    options = ["--root", str(root), "--check-only", *with_config(machine, manual())]
    assert setup_run(machine, setup, *options).returncode == 14
    machine.tinyproxy(3128)
    result = setup_run(machine, setup, *options)
    assert result.returncode == 0, f"{result.stdout}{result.stderr}"
    broken = setup_run(machine, setup, *options[:-1], str(machine.folder / "nosuch.toml"))
    assert (broken.returncode, json.loads(broken.stdout)["code"]) == (78, 78)
