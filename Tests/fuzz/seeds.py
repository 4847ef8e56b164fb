"""Makes the seed corpus with real tools: seeds.py EXECUTABLES CORPUS

EXECUTABLES is a folder with slipway, slipway-setup and slipway-release; python-tuf, GNU tar, zstd and openssl(1) do the
rest. Keys, and so signatures, are new each time: run it only to add a seed, and commit what is new.
"""

import hashlib
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
PASSPHRASE = "pass"


def run(*command, **options):
    environment = os.environ | {"SLIPWAY_PASSPHRASE": PASSPHRASE}
    return subprocess.run(command, check=True, env=environment, capture_output=True, **options).stdout


class Corpus:
    def __init__(self, folder):
        self.folder = folder

    def add(self, target, name, data):
        folder = self.folder / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())


def python_tuf(corpus, work):
    script = PROJECT / "Tests" / "TUFTests" / "interop" / "make_repository.py"
    run(sys.executable, script, work)
    for path in work.glob("*.json"):
        role = path.stem.split(".")[-1]
        target = role if role in ("root", "timestamp", "snapshot") else "targets"
        corpus.add(target, f"python-{path.stem}.json", path.read_bytes())
    corpus.add("json", "python-timestamp.json", (work / "timestamp.json").read_bytes())
    corpus.add("json", "escapes.json", r'{"a": "\u00e9\ud83d\ude00\n\"\\\/", "b": [0, -1, 9223372036854775807], "é": null}')
    corpus.add("json", "nested.json", '[[[{"a":[true,false,null]}]],""]')

    from securesystemslib.signer import CryptoSigner
    from tuf.api.metadata import Delegations, Metadata, SuccinctRoles, Targets

    signer = CryptoSigner.generate_ed25519()
    targets = Targets()
    targets.delegations = Delegations({}, succinct_roles=SuccinctRoles([], 1, 10, "bin"))
    targets.add_key(signer.public_key)
    metadata = Metadata(targets)
    metadata.sign(signer)
    corpus.add("targets", "python-succinct.json", metadata.to_bytes())


def tar(corpus, work):
    tree = work / "tree"
    (tree / "bin").mkdir(parents=True)
    (tree / "bin" / "agent").write_text("#!/bin/sh\necho agent\n")
    (tree / "readme").write_text("read me\n")
    (tree / "start").symlink_to("bin/agent")
    (tree / "bin" / "agent").chmod(0o555)
    (tree / "readme").chmod(0o444)
    (tree / "bin").chmod(0o555)
    for form in ("gnu", "ustar", "pax", "v7", "oldgnu"):
        data = run(
            "tar", f"--format={form}", "--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--blocking-factor=2",
            "-cf", "-", "bin", "readme", "start", cwd=tree,
        )  # fmt: skip
        corpus.add("tar", form, data)
        if form in ("gnu", "pax"):
            corpus.add("archive", f"{form}.zst", run("zstd", "-19", "-c", input=data))
    (tree / "bin").chmod(0o755)


def slipway(corpus, work, executables):
    release = executables / "slipway-release"
    repository = ["--repository", work / "repository"]
    keys = ["--keys", work / "keys"]
    run(release, "init", *repository, *keys)
    manifests = PROJECT / "manifests"
    for path in manifests.glob("*.toml"):
        corpus.add("manifest", path.name, path.read_bytes())
    tree = work / "tree"
    for name in ("agent/bin/slipway-agent", "updater/slipway"):
        path = tree / name if name.startswith("agent") else work / name
        path.parent.mkdir(parents=True)
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
    product, version = "room-agent", "1.0.0"
    source = (manifests / "room-agent.toml").read_text()
    folder = work / "manifest"
    folder.mkdir()
    shutil.copy(manifests / "room-agent-licence.txt", folder)
    lines = ['platforms = ["linux-x86_64"]' if line.startswith("platforms =") else line for line in source.splitlines()]
    (folder / "room-agent.toml").write_text("\n".join(lines) + "\n")
    run(
        release, "pack", *repository, *keys, "--manifest", folder / "room-agent.toml", "--tree", tree,
        "--version", version, "--platform", "linux-x86_64", "--updater", work / "updater" / "slipway",
    )  # fmt: skip
    run(release, "promote", *repository, *keys, product, version, "--channel", "stable", "--percent", "25")
    chosen = [product, version, "--platform", "linux-x86_64"]
    run(release, "bundle", *repository, *chosen, "--output", work / "bundle")
    corpus.add("bundle", "room-agent", (work / "bundle").read_bytes())
    run(
        release, "setup", *repository, *chosen, "--setup-binary", work / "updater" / "slipway",
        "--output", work / "room.run",
    )  # fmt: skip
    corpus.add("setup", "room-agent.run", (work / "room.run").read_bytes())
    for path in (work / "repository" / "targets").rglob("*.json"):
        kind = {"tree": "tree", "product": "product", "policy": "policy", "stable": "channel"}
        for part, target in kind.items():
            if path.stem.endswith(part):
                corpus.add(target, f"room-agent-{path.stem.split('.')[-1]}.json", path.read_bytes())
    for path in (work / "repository" / "metadata").glob("*.json"):
        role = path.stem.split(".")[-1]
        target = role if role in ("root", "timestamp", "snapshot") else "targets"
        corpus.add(target, f"slipway-{path.stem}.json", path.read_bytes())
    device(corpus, work, executables, repository, keys, folder, chosen)


def device(corpus, work, executables, repository, keys, folder, chosen):
    """An installation below a folder leaves the files of a real device's state."""
    release = executables / "slipway-release"
    tree = work / "tree"
    run(
        release, "pack", *repository, *keys, "--manifest", folder / "room-agent.toml", "--tree", tree,
        "--version", "1.1.0", "--platform", "linux-x86_64", "--updater", executables / "slipway", "--level", "1",
    )  # fmt: skip
    run(release, "promote", *repository, *keys, "room-agent", "1.1.0", "--channel", "stable")
    setup = work / "big.run"
    run(
        release, "setup", *repository, "room-agent", "1.1.0", "--platform", "linux-x86_64",
        "--setup-binary", executables / "slipway-setup", "--output", setup,
    )  # fmt: skip
    root = work / "device"
    for name in ("etc/systemd/system", "opt", "run", "tmp", "usr/bin", "var/lib", "var/log"):
        (root / name).mkdir(parents=True)
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\n")
    shutil.copy("/etc/os-release", root / "etc/os-release")
    subprocess.run([setup, "--root", root, "--quiet", "--accept-license", "--no-start"], check=True, capture_output=True)
    state = root / "var/lib/slipway/room-agent"
    names = {"state.json": "state", "state.other.json": "state", "undo.list": "undo", "journal.json": "journal"}
    for name, target in (names | {"wanted.json": "wanted", "history.jsonl": "history"}).items():
        if (state / name).exists():
            corpus.add(target, f"installed-{name}", (state / name).read_bytes())
    corpus.add("host", "passwd", (root / "etc/passwd").read_bytes())
    corpus.add("host", "os-release", (root / "etc/os-release").read_bytes())


def keys(corpus, work):
    corpus.add("key", "ed25519", run("openssl", "genpkey", "-algorithm", "ed25519"))
    private = run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
    corpus.add("key", "p256-public", run("openssl", "pkey", "-pubout", input=private))
    corpus.add("key", "p256", private)
    sealed = run("openssl", "pkcs8", "-topk8", "-iter", "2", "-passout", f"pass:{PASSPHRASE}", input=private)
    corpus.add("key", "p256-sealed", sealed)
    corpus.add("key", "rsa-public", run("openssl", "pkey", "-pubout", input=run("openssl", "genrsa", "2048")))


def certificates(corpus, work):
    def request(name, *options):
        run(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650",
            "-subj", f"/O=Example/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem", *options, cwd=work,
        )  # fmt: skip

    request("root")
    request(
        "leaf", "-CA", "root.pem", "-CAkey", "root.key", "-addext", "basicConstraints=critical,CA:FALSE",
        "-addext", "subjectAltName=DNS:a.example,IP:192.0.2.7,dirName:maker", "-config", configured(work, MAKER),
    )  # fmt: skip
    leaf, root = ((work / f"{name}.pem").read_bytes() for name in ("leaf", "root"))
    corpus.add("certificate", "chain.pem", leaf + root)
    corpus.add("certificate", "leaf.der", run("openssl", "x509", "-outform", "DER", input=leaf))
    corpus.add("certificate", "root.der", run("openssl", "x509", "-outform", "DER", input=root))


def configured(work, text):
    (work / "openssl.cnf").write_text(text)
    return "openssl.cnf"


def sized(data):
    return struct.pack(">H", len(data)) + data


def tpm(corpus, work):
    """TPMT_PUBLIC of the kinds that there are (TPM 2.0 Part 2, 12.2.4), with keys of openssl's."""
    run("openssl", "genrsa", "-out", "rsa.key", "2048", cwd=work)
    modulus = run("openssl", "rsa", "-in", "rsa.key", "-noout", "-modulus", cwd=work).decode().strip().split("=")[1]
    run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "ec.key", cwd=work)
    point = run("openssl", "ec", "-in", "ec.key", "-pubout", "-outform", "DER", cwd=work)[-64:]
    curve = struct.pack(">HH", 3, 0x10) + sized(point[:32]) + sized(point[32:])
    storage, signing = struct.pack(">4H", 6, 128, 0x43, 0x10), struct.pack(">3H", 0x10, 0x18, 0x0B)
    policy = bytes.fromhex("837197674484b3f81a90cc8d46a5d724fd52d76e06520b64f2a1da1b331469aa")
    rsa = struct.pack(">HI", 2048, 0) + sized(bytes.fromhex(modulus))
    corpus.add("tpm-public", "rsa-ek", struct.pack(">HHI", 1, 0x0B, 0x300B2) + sized(policy) + storage + rsa)
    corpus.add("tpm-public", "ecc-ek", struct.pack(">HHI", 0x23, 0x0B, 0x300B2) + sized(policy) + storage + curve)
    corpus.add("tpm-public", "signing", struct.pack(">HHI", 0x23, 0x0B, 0x40472) + sized(b"") + signing + curve)
    corpus.add("tpm-signer", "sign", b"\x01" + bytes(range(32)))
    corpus.add("tpm-signer", "activate", b"\x02" + sized(sized(bytes(32)) + bytes(range(34))) + sized(bytes(256)))
    corpus.add("tpm-signer", "done", b"\x00" + bytes(70))
    corpus.add("tpm-signer", "refused", b"\x01the TPM is in lockout")


def frame(kind, *fields):
    """A message between the one who asks and the evaluator of a proxy script."""
    body = bytes([kind]) + b"".join(struct.pack("<I", len(field)) + field.encode() for field in fields)
    return struct.pack("<I", len(body)) + body


def texts(corpus):
    corpus.add("headers", "range", "bytes 100-199/200\nbytes 0-0/*\n120\nSun, 06 Nov 1994 08:49:37 GMT\n\"abc\"\n")
    corpus.add("headers", "addresses", "http://proxy.example.com:3128/\n[::1]:8080\n*.example.com\n../x/1.json?a=b\n")
    corpus.add("values", "versions", "1.2.3\n1.0.0-alpha.1\n1.0.0-acme.10\n2026-11-22T10:00:00Z\nroom-agent\n")
    corpus.add("values", "windows", "Mon..Fri 22:00..05:00\nSat,Sun\n*-*-01..07 02..04:*\n2026-02-29 00:00..00:30\n")
    corpus.add("values", "names", "products/room-agent/releases/1.0.0/linux-x86_64.tar.zst\nhttps://example.com:8443/a\n")
    corpus.add("host", "show", "LoadState=loaded\nActiveState=active\nSubState=running\nMainPID=7\nNRestarts=0\n")
    corpus.add("host", "dpkg", "Package: libc6\nArchitecture: amd64\nStatus: install ok installed\n\n")
    corpus.add("pac-answer", "list", "PROXY a.example.com:3128; SOCKS b;HTTPS [2001:db8::1]:8443;\tsocks5 10.0.0.1 ; DIRECT")
    corpus.add("pac-answer", "direct", "DIRECT")
    corpus.add("proxy-list", "kinds", "proxy.example.com:3128,http=https://10.0.0.1:443,https=socks5://[2001:db8::1]:1080")
    corpus.add("proxy-list", "script", "http://wpad.example.com:8080/proxy.pac?a=b")
    corpus.add("proxy-bypass", "all", "<local>,*.a.example,.b.example:8443,10.0.0.1:80,[fd00::1]:80,fd00::1,10.0.0.0/8,fd00::/8,*")
    corpus.add("proxy-lease", "networkd", NETWORKD)
    corpus.add("proxy-lease", "dhclient", DHCLIENT)
    corpus.add("proxy-lease", "resolver", "nameserver 10.0.0.1\nsearch lab.example.com example.org\n")
    corpus.add("proxy-lease", "kept", "1795413600 http://wpad.example.com/wpad.dat\nfunction FindProxyForURL() {}\n")
    corpus.add("proxy-credentials", "two", "proxy.example.com:3128\tdevice\tpass word\n[::1]:1080\tb\t\n")
    corpus.add("pac-question", "https", "https://user:password@[2001:db8::1]:8443/path?query#fragment")
    corpus.add("pac-question", "http", "HTTP://Example.com/path?query#fragment")
    corpus.add("pac-frame", "script", frame(1, "x.pac", "function FindProxyForURL() {}", "1024", "1000") + frame(17))
    corpus.add("pac-frame", "question", frame(2, "https://a/", "a", "-5", "3600") + frame(18, "name", "a") + frame(3))
    corpus.add("pac-frame", "failure", frame(21, "script", "3", "TypeError") + frame(20, "DIRECT") + frame(19, "")[:-2])
    established = "HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy\r\n\r\n"
    refused = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n"
    corpus.add("proxy-answer", "established", established)
    corpus.add("proxy-answer", "refused", refused)
    corpus.add("proxy-answer", "forbidden", "HTTP/1.0 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")
    corpus.add("proxy-answer", "socks4", bytes([0, 90]) + bytes(6) + b"origin")
    corpus.add("proxy-answer", "socks4-refused", bytes([0, 93]) + bytes(6))
    corpus.add("proxy-answer", "socks5", bytes([5, 0, 5, 0, 0, 1]) + bytes(6) + b"origin")
    corpus.add("proxy-answer", "socks5-login", bytes([5, 2, 1, 0, 5, 0, 0, 3, 3]) + b"abc" + bytes(2))
    corpus.add("proxy-answer", "socks5-refused", bytes([5, 0, 5, 2, 0, 4]) + bytes(18))
    corpus.add("resume", "tag", '{"entityTag":"\\"abc\\"","length":1024,"schema":"slipway.resume/1"}')
    corpus.add("journal", "proving.json", JOURNAL)
    corpus.add("undo", "all.list", "unit\ta.service\nuser\tu\ngroup\tg\npath\t/opt/a\ndata\t/var/lib/a\ntakenOver\tb\tenabled\tactive\n")
    corpus.add("wanted", "targets.json", WANTED)
    corpus.add("history", "chain.jsonl", chain())
    corpus.add("history", "torn.jsonl", chain()[:-30])
    corpus.add("config", "all.toml", CONFIG)
    corpus.add("config", "direct.toml", 'pin = "1.4.2"\n[proxy]\nmode = "none"\n')


def chain():
    events = [
        {"kind": "installed", "version": "1.0.0", "by": "anna", "uid": 1000},
        {"kind": "wishChanged", "key": "channel", "value": '"beta"', "by": "root", "uid": 0},
        {"kind": "rolledBack", "version": "1.0.0", "from": "1.1.0", "code": 40, "reason": "x", "by": "slipway"},
    ]
    text, previous = "", "0" * 64
    for number, event in enumerate(events, 1):
        event |= {"number": number, "previous": previous, "at": "2026-11-22T10:00:00Z"}
        line = json.dumps(event, separators=(",", ":"), sort_keys=True)
        text, previous = text + line + "\n", hashlib.sha256(line.encode()).hexdigest()
    return text


JOURNAL = """{"condemn":true,"from":"1.0.0","probation":{"boot":"b","bootStart":1,"deadBoots":0,"latestLook":5,
"passed":4,"qualification":"pending","restarts":0,"seen":{"a.service":{"invocation":"i","pid":7}}},"reason":"x",
"schema":"slipway.journal/1","state":"proving","to":"1.1.0","tree":"00"}
"""
WANTED = """{"follow":["products/a/policy.json"],"kept":["00"],"metadata":{"timestamp":{"sha256":"00","version":3}},
"rootVersion":1,"schema":"slipway.wanted/1","targets":[]}
"""
MAKER = """[req]
distinguished_name = name
[name]
[maker]
1.2.23.133.2.1 = id:54535400
2.2.23.133.2.2 = Model
"""
NETWORKD = """# This is private data. Do not parse.
ADDRESS=192.168.1.10
DOMAINNAME=site.example.com
DOMAIN_SEARCH_LIST=lab.example.com example.org
OPTION_252=687474703a2f2f777061642e736974652f702e7061630a00
"""
DHCLIENT = """lease {
  interface "eth0";
  fixed-address 10.0.2.15;
  option unknown-252 "http://w/p.pac\\012\\000";
  option domain-search "b.example.com", "c.example.com";
  expire 4 2026/11/26 10:00:00;
}
"""
CONFIG = """channel = "beta"
channelAllowsDowngrade = false
rings = ["early"]
[pin]
version = "1.2.0"
allowDowngrade = true
[repository]
metadata = ["https://mirror.example.com/metadata"]
targets = ["http://mirror.example.com/targets"]
[updates]
enabled = true
interval = "30min"
window = ["Mon..Fri 22:00..05:00"]
deferMax = "7d"
keepVersions = 3
bandwidth = "2MiB/s"
[transport]
caFile = "/etc/slipway/ca.pem"
[proxy]
mode = "manual"
servers = ["proxy.example.com:3128", "https=socks5://[::1]:1080"]
bypass = [".example.com", "<local>", "10.0.0.0/8"]
script = "http://wpad.example.com/proxy.pac"
"""


def main():
    executables, corpus = Path(sys.argv[1]).resolve(), Corpus(Path(sys.argv[2]).resolve())
    for make in (python_tuf, tar, lambda c, w: slipway(c, w, executables), keys, certificates, tpm):
        with tempfile.TemporaryDirectory() as work:
            make(corpus, Path(work))
    texts(corpus)


if __name__ == "__main__":
    main()
