"""Makes the seed corpus with real tools: seeds.py EXECUTABLES CORPUS

EXECUTABLES is a folder with slipway, slipway-setup and slipway-release; python-tuf, GNU tar, zstd and openssl(1) do the
rest. Keys, and so signatures, are new each time: run it only to add a seed, and commit what is new.
"""

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
    for name, target in (names | {"wanted.json": "wanted"}).items():
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
    corpus.add("pac-question", "https", "https://user:password@[2001:db8::1]:8443/path?query#fragment")
    corpus.add("pac-question", "http", "HTTP://Example.com/path?query#fragment")
    corpus.add("pac-frame", "script", frame(1, "x.pac", "function FindProxyForURL() {}", "1024", "1000") + frame(17))
    corpus.add("pac-frame", "question", frame(2, "https://a/", "a", "-5", "3600") + frame(18, "name", "a") + frame(3))
    corpus.add("pac-frame", "failure", frame(21, "script", "3", "TypeError") + frame(20, "DIRECT") + frame(19, "")[:-2])
    corpus.add("resume", "tag", '{"entityTag":"\\"abc\\"","length":1024,"schema":"slipway.resume/1"}')
    corpus.add("journal", "proving.json", JOURNAL)
    corpus.add("undo", "all.list", "unit\ta.service\nuser\tu\ngroup\tg\npath\t/opt/a\ndata\t/var/lib/a\ntakenOver\tb\tenabled\tactive\n")
    corpus.add("wanted", "targets.json", WANTED)
    corpus.add("config", "all.toml", CONFIG)
    corpus.add("config", "direct.toml", 'pin = "1.4.2"\n[proxy]\nmode = "none"\n')


JOURNAL = """{"condemn":true,"from":"1.0.0","probation":{"boot":"b","bootStart":1,"deadBoots":0,"latestLook":5,
"passed":4,"qualification":"pending","restarts":0,"seen":{"a.service":{"invocation":"i","pid":7}}},"reason":"x",
"schema":"slipway.journal/1","state":"proving","to":"1.1.0","tree":"00"}
"""
WANTED = """{"follow":["products/a/policy.json"],"kept":["00"],"metadata":{"timestamp":{"sha256":"00","version":3}},
"rootVersion":1,"schema":"slipway.wanted/1","targets":[]}
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
[proxy]
mode = "manual"
servers = ["proxy.example.com:3128"]
bypass = [".example.com"]
"""


def main():
    executables, corpus = Path(sys.argv[1]).resolve(), Corpus(Path(sys.argv[2]).resolve())
    for make in (python_tuf, tar, lambda c, w: slipway(c, w, executables), keys):
        with tempfile.TemporaryDirectory() as work:
            make(corpus, Path(work))
    texts(corpus)


main()
