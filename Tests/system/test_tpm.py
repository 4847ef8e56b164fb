"""`slipway check` and `slipway identity` with TPMs that work and TPMs that do not: swtpm, one for each test."""

import hashlib
import json
import os
import stat
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

from rooms import MANIFEST

KNOWN = ["ERROR: TPM data cannot be found", "BIOS: Advanced > Security > Intel Platform Trust Technology, F10"]
PRODUCT = "room-agent"


class Bench:
    """A folder with a TPM, a manifest that wants one, and a device's root."""

    def __init__(self, folder: Path, program: Path) -> None:
        self.folder, self.program = folder, program
        self.root, self.socket, self.running = folder / "root", folder / "socket", None
        self.root.mkdir()
        self.manifest = folder / "product.toml"
        self.manifest.write_text(MANIFEST.read_text())
        self.config = self.point(f"swtpm:path={self.socket}")

    def point(self, tcti: str) -> Path:
        path = self.folder / "config.toml"
        path.write_text(f'[tpm]\ntcti = "{tcti}"\n')
        return path

    def start(self) -> None:
        state = self.folder / "state"
        state.mkdir(exist_ok=True)
        self.running = subprocess.Popen(
            [
                "swtpm", "socket", "--tpm2", "--tpmstate", f"dir={state}",
                "--server", f"type=unixio,path={self.socket}", "--ctrl", f"type=unixio,path={self.socket}.ctrl",
                "--flags", "not-need-init,startup-clear",
            ]
        )  # fmt: skip
        while not Path(f"{self.socket}.ctrl").exists():
            assert self.running.poll() is None

    def stop(self) -> None:
        if self.running:
            self.running.kill()
            self.running.wait()
            self.running = None

    def certified(self) -> Path:
        """Starts anew with a TPM that a maker has certified; gives the folder of the maker's own certificates."""
        self.stop()
        authority, state = self.folder / "ca", self.folder / "state"
        shutil.rmtree(state)
        for folder in (authority, state):
            folder.mkdir()
        (self.folder / "localca.conf").write_text(
            f"statedir = {authority}\nsigningkey = {authority}/signkey.pem\n"
            f"issuercert = {authority}/issuercert.pem\ncertserial = {authority}/certserial\n"
        )
        (self.folder / "localca.options").write_text(
            "--platform-manufacturer Example\n--platform-version 1.0\n--platform-model Bench\n"
        )
        (self.folder / "setup.conf").write_text(
            f"create_certs_tool=/usr/bin/swtpm_localca\ncreate_certs_tool_config={self.folder}/localca.conf\n"
            f"create_certs_tool_options={self.folder}/localca.options\nactive_pcr_banks=sha256\n"
        )
        subprocess.run(
            ["swtpm_setup", "--tpm2", "--tpmstate", state, "--config", self.folder / "setup.conf", "--create-ek-cert"],
            check=True, capture_output=True,
        )  # fmt: skip
        for path in (self.socket, Path(f"{self.socket}.ctrl")):
            path.unlink(missing_ok=True)
        self.start()
        return authority

    def tool(self, *words: str, code: int | None = 0) -> str:
        settings = {**os.environ, "TPM2TOOLS_TCTI": f"swtpm:path={self.socket}", "TSS2_LOG": "all+NONE"}
        result = subprocess.run(
            [f"tpm2_{words[0]}", *words[1:]], cwd=self.folder, env=settings, capture_output=True, text=True
        )
        assert code is None or result.returncode == code, result.stderr
        return result.stdout

    def run(self, *words, before=(), **settings) -> subprocess.CompletedProcess:
        return subprocess.run(
            [*before, self.program, *words],
            cwd=self.folder, env={**os.environ, **settings}, capture_output=True, text=True, timeout=60,
        )  # fmt: skip

    def check(self, *words, manifest: Path | None = None, config: bool = True, **settings):
        """The outcome of the check, and the complaint when it is the first that failed."""
        result = self.run(
            "check", "--json", "--manifest", manifest or self.manifest, "--root", self.root, "--skip", "network",
            "--skip", "proxy", *(["--config", self.config] if config else []), *words, **settings,
        )  # fmt: skip
        outcomes = json.loads(result.stdout)["checks"]
        [outcome] = [each for each in outcomes if each["id"] == "tpm"]
        assert (result.returncode == 12) == (outcome["verdict"] == "fail"), result
        complaint = [line for line in result.stderr.splitlines() if line]
        return outcome, complaint if outcome["verdict"] == "fail" else []

    def identity(self, verb: str, code: int = 0) -> dict:
        result = self.run("identity", verb, "--json", "--root", self.root, "--product", PRODUCT)
        assert result.returncode == code, result.stderr
        return json.loads(result.stdout)

    def install(self) -> None:
        """The folders that an installed product has, and the admin's configuration."""
        for folder in (f"opt/slipway/{PRODUCT}", f"var/lib/slipway/{PRODUCT}/trees", f"etc/slipway/{PRODUCT}"):
            (self.root / folder).mkdir(parents=True)
        shutil.copy(self.config, self.root / f"etc/slipway/{PRODUCT}/config.toml")
        (self.root / "etc/passwd").write_text("root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n")


@pytest.fixture
def bench(executables):
    folder = Path(tempfile.mkdtemp(prefix="slipway-tpm-"))
    folder.chmod(0o755)
    bench = Bench(folder, executables / "slipway")
    try:
        bench.start()
        yield bench
    finally:
        bench.stop()
        shutil.rmtree(folder)


def test_a_sound_tpm_passes_and_nothing_is_left_in_it(bench):
    outcome, _ = bench.check()
    assert outcome["verdict"] == "pass" and outcome["required"], outcome
    assert "TPM 2.0 of IBM" in outcome["reason"]
    assert bench.tool("getcap", "handles-transient") == bench.tool("getcap", "handles-loaded-session") == ""


def test_without_a_tpm_the_known_words(bench):
    bench.stop()
    outcome, complaint = bench.check()
    assert complaint == KNOWN
    assert outcome["remedy"] == KNOWN[1]


def test_the_environment_does_not_say_where_it_is(bench):
    if Path("/dev/tpmrm0").exists():
        pytest.fail("this test is for a machine without a TPM")
    there = f"swtpm:path={bench.socket}"
    outcome, complaint = bench.check(config=False, TSS2_TCTI=there, TPM2TOOLS_TCTI=there, TCTI=there)
    assert "/dev/tpmrm0" in outcome["reason"] and complaint == KNOWN


def test_locked_by_wrong_passwords(bench):
    bench.tool("dictionarylockout", "-s", "-n", "1", "-t", "777", "-l", "60")
    bench.tool("createprimary", "-G", "ecc", "-p", "right", "-c", "key.ctx")
    bench.tool("flushcontext", "-t")
    bench.tool("create", "-C", "key.ctx", "-P", "wrong", "-u", "a", "-r", "b", code=None)
    bench.tool("flushcontext", "-t")
    outcome, complaint = bench.check()
    assert complaint[0].startswith("ERROR: TPM: the TPM is locked after 1 wrong passwords, for up to 777 s more")
    assert "777 s" in complaint[1]
    bench.tool("dictionarylockout", "-c")
    assert bench.check()[0]["verdict"] == "pass"


def test_broken(bench):
    (bench.folder / "state").rename(bench.folder / "elsewhere")
    bench.tool("dictionarylockout", "-s", "-n", "1", code=None)
    assert "failure mode" in bench.check()[1][0]


def test_a_tpm_that_hangs_is_not_waited_for(bench):
    bench.stop()
    listeners = []
    for path in (bench.socket, Path(f"{bench.socket}.ctrl")):
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen()
        listeners.append(listener)
    outcome, _ = bench.check()
    assert outcome["reason"].startswith("not answered within"), outcome


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: hides a library, becomes another user")
def test_without_tpm2_tss_it_runs_and_says_so(bench):
    library = subprocess.run(
        "ldconfig -p | awk '$1 == \"libtss2-esys.so.0\" { print $NF; exit }'", shell=True, capture_output=True, text=True
    ).stdout.strip()
    hide = ["unshare", "--mount", "sh", "-c", f'mount --bind /dev/null "$(realpath {library})" && exec "$@"', "sh"]
    result = bench.run("check", "--manifest", bench.manifest, "--root", bench.root, "--skip", "network", before=hide)
    assert result.returncode == 12
    assert "tpm2-tss" in result.stderr.splitlines()[0] and "libtss2-esys" in result.stderr.splitlines()[1]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: hides a library, becomes another user")
def test_who_may_not_open_it_is_warned(bench):
    place = bench.folder / "tpm"
    os.mknod(place, stat.S_IFCHR | 0o600, os.makedev(1, 3))
    config = bench.point(f"device:{place}")
    result = bench.run(
        "check", "--json", "--manifest", bench.manifest, "--config", config, "--root", bench.root, "--skip", "network",
        before=["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"],
    )  # fmt: skip
    [outcome] = [each for each in json.loads(result.stdout)["checks"] if each["id"] == "tpm"]
    assert outcome["verdict"] == "warning" and "sudo" in outcome["remedy"]
    assert result.returncode != 12


def test_a_product_that_can_do_without_is_warned(bench):
    bench.stop()
    bench.manifest.write_text(
        MANIFEST.read_text().replace('tpm = "required"', 'tpm = "optional"').replace('"tpm", ', "")
    )
    assert bench.check()[0]["verdict"] == "warning"


@pytest.mark.parametrize("tcti", ["", "device", ":/dev/tpmrm0", "cmd:touch pwned", "pcap:x"])
def test_a_place_without_a_kind_is_malformed_configuration(bench, tcti):
    result = bench.run("check", "--manifest", bench.manifest, "--config", bench.point(tcti), "--root", bench.root)
    assert result.returncode == 78 and "tpm.tcti" in result.stderr
    assert not (bench.folder / "pwned").exists()


def test_a_file_in_the_place_of_the_device_is_never_written_to(bench):
    victim = bench.folder / "victim"
    victim.write_text("root:x:0:0\n")
    bench.point(f"device:{victim}")
    bench.install()
    refused = bench.identity("show", code=78)
    assert refused["error"] == "configuration" and "tpm.tcti" in refused["message"] and str(victim) in refused["message"]
    outcome, complaint = bench.check()
    assert outcome["verdict"] == "fail" and "no device" in outcome["reason"] and "tcti" in complaint[1]
    assert victim.read_text() == "root:x:0:0\n"


def test_looking_for_certificates_never_nears_the_lockout(bench):
    bench.install()
    (bench.folder / "eight").write_text("12345678")
    for index in ("0x01C00002", "0x01C07FF0"):
        bench.tool("nvdefine", index, "-s", "8", "-p", "secret", "-a", "authread|authwrite")
        bench.tool("nvwrite", index, "-P", "secret", "-i", "eight")
    counter = [line for line in bench.tool("getcap", "properties-variable").splitlines() if "LOCKOUT_COUNTER" in line]
    assert counter and counter[0].split()[-1] == "0x0"
    for verb in ("show", "make", "show", "show", "show"):
        assert bench.identity(verb)["endorsementKey"]["unread"] == ["0x01c00002"]
    assert counter[0] in bench.tool("getcap", "properties-variable").splitlines()
    text = bench.run("identity", "show", "--root", bench.root, "--product", PRODUCT).stdout
    assert "not read:      0x01c00002" in text


def test_a_damaged_key_is_an_error_with_a_remedy(bench):
    bench.install()
    made = bench.identity("make")
    file = bench.root / f"var/lib/slipway/{PRODUCT}/identity/key.json"
    kept = json.loads(file.read_text())
    wrapped = bytearray.fromhex(kept["wrapped"])
    wrapped[-1] ^= 1
    file.write_text(json.dumps({**kept, "wrapped": wrapped.hex()}))
    damaged = file.read_bytes()
    shown = bench.identity("show", code=12)
    assert shown["key"]["state"] == "damaged" and str(file) in shown["remedy"]
    refused = bench.identity("make", code=12)
    assert refused["error"] == "keyUnusable" and refused["remedy"] == shown["remedy"]
    assert file.read_bytes() == damaged
    # What the remedy says helps.
    file.rename(bench.folder / "away")
    assert bench.identity("make")["key"]["state"] == "same" and bench.identity("show")["key"] != made["key"]


def test_identity(bench):
    bench.install()
    shown = bench.identity("show")
    assert shown["schema"] == "slipway.identity/1" and "key" not in shown
    bench.tool("createek", "-G", "rsa", "-c", "ek.ctx", "-u", "ek.pem", "-f", "pem")
    bench.tool("flushcontext", "-t")
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-in", bench.folder / "ek.pem", "-outform", "DER"], capture_output=True, check=True
    ).stdout
    assert shown["endorsementKey"]["fingerprint"] == hashlib.sha256(der).hexdigest()

    made = bench.identity("make")
    assert made["key"]["state"] == "same" and made["key"]["name"].startswith("000b")
    assert bench.identity("make") == bench.identity("show") == made
    file = bench.root / f"var/lib/slipway/{PRODUCT}/identity/key.json"
    assert file.stat().st_mode & 0o777 == 0o600 and file.parent.stat().st_mode & 0o777 == 0o700

    bench.tool("clear", "-c", "p")
    assert bench.identity("show")["key"]["state"] == "cleared"
    bench.tool("changeeps")
    assert bench.identity("show")["key"]["state"] == "moved"
    again = bench.identity("make")
    assert again["key"]["state"] == "same" and again["key"]["name"] != made["key"]["name"]
    assert bench.tool("getcap", "handles-transient") == bench.tool("getcap", "handles-persistent") == ""

    kept = file.read_bytes()
    bench.stop()
    refused = bench.identity("make", code=12)
    assert refused["error"] == "tpmNotFound" and refused["remedy"] == KNOWN[1]
    assert file.read_bytes() == kept
    file.write_text('{"schema": 1}')
    bench.socket.unlink(missing_ok=True)
    Path(f"{bench.socket}.ctrl").unlink(missing_ok=True)
    bench.start()
    assert bench.identity("show", code=31)["error"] == "malformedState"


def test_nothing_is_linked_to_tpm2_tss(executables):
    for program in ("slipway", "slipway-setup"):
        needed = subprocess.run(["objdump", "-p", executables / program], capture_output=True, text=True, check=True)
        assert "NEEDED" in needed.stdout and "tss2" not in needed.stdout


class Signer:
    """A connection to `slipway tpm-signer`, as its unit's socket would give it."""

    def __init__(self, bench: Bench, user: str = "root") -> None:
        self.mine, its = socket.socketpair()
        self.mine.settimeout(20)
        self.process = subprocess.Popen(
            [bench.program, "tpm-signer", "--root", bench.root, "--product", PRODUCT, "--user", user], stdin=its
        )
        its.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.mine.close()
        assert self.process.wait(20) is not None

    def ask(self, body: bytes) -> tuple[int, bytes]:
        self.mine.sendall(len(body).to_bytes(2, "big") + body)
        return self.hear()

    def hear(self) -> tuple[int, bytes]:
        length = int.from_bytes(self.take(2), "big")
        reply = self.take(length)
        return reply[0], reply[1:]

    def take(self, count: int) -> bytes:
        parts = b""
        while len(parts) < count and (part := self.mine.recv(count - len(parts))):
            parts += part
        return parts


@pytest.fixture
def signing(bench):
    bench.install()
    bench.identity("make")
    return bench


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: the peer's user is looked at")
def test_the_signer_signs_digests_that_openssl_verifies(signing):
    kept = json.loads((signing.root / f"var/lib/slipway/{PRODUCT}/identity/key.json").read_text())
    # Its public point is the end of the public area: two sized strings of 32 bytes.
    area = bytes.fromhex(kept["publicArea"])
    point = b"\x04" + area[-66:-34] + area[-32:]
    head = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
    (signing.folder / "key.der").write_bytes(head + point)
    message = b"signed through the signer"
    (signing.folder / "message").write_bytes(message)
    with Signer(signing) as signer:
        for _ in range(5):
            state, signature = signer.ask(b"\x01" + hashlib.sha256(message).digest())
            assert state == 0, signature
            (signing.folder / "signature").write_bytes(signature)
            subprocess.run(
                [
                    "openssl", "dgst", "-sha256", "-keyform", "DER", "-verify", "key.der", "-signature", "signature",
                    "message",
                ],
                cwd=signing.folder, check=True, capture_output=True,
            )  # fmt: skip
    assert signing.tool("getcap", "handles-transient") == signing.tool("getcap", "handles-loaded-session") == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: the peer's user is looked at")
def test_the_signer_answers_challenges(signing):
    signing.tool("createek", "-G", "rsa", "-c", "ek.ctx", "-u", "ek.pem", "-f", "pem")
    signing.tool("flushcontext", "-t")
    (signing.folder / "secret").write_bytes(b"only for this device")
    name = signing.identity("show")["key"]["name"]
    subprocess.run(
        ["tpm2_makecredential", "-T", "none", "-G", "rsa", "-u", "ek.pem", "-s", "secret", "-n", name, "-o", "made"],
        cwd=signing.folder, check=True, capture_output=True,
    )  # fmt: skip
    challenge = (signing.folder / "made").read_bytes()[8:]
    with Signer(signing) as signer:
        assert signer.ask(b"\x02" + challenge) == (0, b"only for this device")
        state, reason = signer.ask(b"\x02" + challenge[:5] + bytes([challenge[5] ^ 1]) + challenge[6:])
        assert state == 1 and b"not for this TPM" in reason


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: the peer's user is looked at")
def test_the_signer_serves_its_user_alone_and_nothing_else(signing):
    with Signer(signing, user="nobody") as signer:
        assert signer.hear() == (3, b"user 0 may not ask")
        assert signer.take(1) == b""
    for wrong in (b"\x04" + bytes(32), b"\x03" + bytes(32), b"\x01" + bytes(31), b"\x01" + bytes(33), b"\x02"):
        with Signer(signing) as signer:
            assert signer.ask(wrong)[0] == 1
            assert signer.take(1) == b""
    with Signer(signing) as signer:
        signer.mine.sendall(b"\xff\xff")
        assert signer.take(1) == b""


def test_whom_the_admin_believes(bench):
    """A maker's certificate in the admin's folder, or the key's hash on the list; else no key is made."""
    authority = bench.certified()
    bench.install()
    config = bench.root / f"etc/slipway/{PRODUCT}/config.toml"
    text = config.read_text()
    shown = bench.identity("show")["endorsementKey"]
    assert shown["trust"] == "notChecked" and shown["subject"]

    folder = bench.root / "makers"
    folder.mkdir()
    config.write_text(text + 'authorities = "/makers"\n')
    assert bench.identity("show", code=78)["error"] == "configuration"
    stranger = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    stranger += ["-keyout", folder.parent / "stranger.key", "-out", folder / "stranger.pem", "-subj", "/CN=stranger"]
    subprocess.run(stranger, check=True, capture_output=True)
    refused = bench.identity("show")["endorsementKey"]
    assert refused["trust"] == "refused" and "issuer" in refused["refusal"]
    assert bench.identity("make", code=12)["error"] == "endorsementRefused"
    assert not (bench.root / f"var/lib/slipway/{PRODUCT}/identity").exists()

    config.write_text(text + f'authorities = "/makers"\nendorsementKeys = ["{shown["fingerprint"]}"]\n')
    assert bench.identity("show")["endorsementKey"]["trust"] == "list"
    config.write_text(text + f'endorsementKeys = ["{"0" * 64}"]\n')
    assert "list" in bench.identity("show")["endorsementKey"]["refusal"]

    config.write_text(text + 'authorities = "/makers"\n')
    for name in ("issuercert.pem", "swtpm-localca-rootca-cert.pem"):
        shutil.copy(authority / name, folder)
    assert bench.identity("make")["endorsementKey"]["trust"] == "authority"
    (folder / "notes.txt").write_text("not a certificate")
    assert "notes.txt" in bench.run("identity", "show", "--root", bench.root, "--product", PRODUCT).stderr


def test_a_chain_that_is_not_the_keys_is_not_kept(signing):
    key = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x"]
    subprocess.run([*key, "-keyout", "other.key", "-out", "other.pem"], cwd=signing.folder, check=True, capture_output=True)
    words = ["identity", "certify", signing.folder / "other.pem", "--root", signing.root, "--product", PRODUCT]
    result = signing.run(*words)
    assert result.returncode != 0 and "not for the device's key" in result.stderr, result
    assert not (signing.root / f"var/lib/slipway/{PRODUCT}/identity/chain.pem").exists()
