"""A site with a thin line keeps a copy of its own: what `slipway-release mirror` brings, what devices and a stranger's client
make of it, and what it refuses. The repository is python-tuf's work, the web server in front of the copy is nginx."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from tuf.api.metadata import DelegatedRole, TargetFile, Targets
from tuf.ngclient import Updater

import product
from device import wait_until
from lab import NEW, committed
from publisher import Publisher, Target, new_keys
from strangers import Nginx, Squid
from trees import document
from web import endless

pytestmark = pytest.mark.timeout(180)

OTHER = "linux-aarch64"


class Site:
    """A publisher with small releases on the web, and the copy of them."""

    def __init__(self, folder: Path, web, program: Path) -> None:
        self.folder, self.web, self.program = folder, web, program
        self.copy = folder / "copy"
        self.publisher = Publisher()
        self.publisher.days["timestamp"] = 2
        self.root = folder / "root.json"
        self.root.write_bytes(self.publisher.roots[0])
        self.count = 0
        web.answers.clear()

    def pack(self, version: str, *platforms: str) -> None:
        for platform in platforms or ("linux-x86_64",):
            tree = product.tree(version, os.urandom(200_000))
            self.publisher.pack(version, tree, product.manifest(self.publisher.product, version, platform),
                                platform=platform)  # fmt: skip

    def publish(self):
        self.publisher.bump()
        repository = self.publisher.publish()
        self.count += 1
        self.web.folder = self.folder / f"site-{self.count}"
        repository.write(self.web.folder)
        return repository

    def mirror(self, *arguments, root: bool = True) -> subprocess.CompletedProcess:
        self.web.requests.clear()
        trust = ["--trust-root", self.root] if root else []
        command = [self.program, "mirror", self.web.address, self.copy, "--json", *trust, *arguments]
        return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60)

    def mirrored(self, *arguments, root: bool = True) -> dict:
        result = self.mirror(*arguments, root=root)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    def files(self) -> dict[str, bytes]:
        """What readers can see of the copy."""
        found = {}
        for path in self.copy.rglob("*"):
            name = path.relative_to(self.copy)
            if path.is_file() and not any(part.startswith(".") for part in name.parts):
                found[str(name)] = path.read_bytes()
        return found

    def archives(self) -> list[str]:
        """Version and platform of each archive in the copy."""
        found = self.copy.glob("targets/products/*/releases/*/*.tar.zst")
        return sorted(f"{path.parent.name} {path.name.split('.')[1]}" for path in found)


@pytest.fixture
def site(tmp_path, web, executables):
    tmp_path.chmod(0o755)
    yield Site(tmp_path, web, executables / "slipway-release")
    web.answers.clear()


def as_a_stranger(folder: Path, address: str, root: bytes, *names: str) -> list[bytes]:
    """These targets, brought by python-tuf's client."""
    for name in ("metadata", "targets"):
        (folder / name).mkdir(parents=True)
    updater = Updater(str(folder / "metadata"), f"{address}/metadata/", str(folder / "targets"), f"{address}/targets/",
                      bootstrap=root)  # fmt: skip
    updater.refresh()
    return [Path(updater.download_target(updater.get_targetinfo(name))).read_bytes() for name in names]


def test_a_device_updates_from_the_copy(lab, pristine, tmp_path, executables):
    """First from a copy that has no news, then with what a second run brought: the thin line carries it once."""
    lab.web.answers.clear()
    lab.serve(lab.publish())
    site = Site(tmp_path, lab.web, executables / "slipway-release")
    site.root.write_bytes(lab.last.metadata["1.root.json"])
    result = site.mirrored("--channel", "stable", "--platform", "linux-x86_64")
    assert result["schema"] == "slipway.mirror/1"
    assert result["releases"] == [{"product": "room-agent", "version": NEW, "platform": "linux-x86_64"}]
    nginx = Nginx(tmp_path / "nginx", site.copy)
    device = lab.clone(pristine, "behind-a-mirror")
    try:
        device.look_at(nginx.address)
        lab.web.requests.clear()
        device.poll()
        committed(device)
        assert not lab.web.requests, "nothing but the copy was asked"
        names = [lab.last.target(leaf).path for leaf in ("tar.zst", "tree.json", "policy.json", "stable.json")]
        archive, *_ = as_a_stranger(tmp_path / "stranger", nginx.address, lab.last.metadata["1.root.json"], *names)
        assert archive == lab.last.target("tar.zst").data
        program = executables / "slipway-release"
        status = subprocess.run([program, "status", "--repository", site.copy], capture_output=True, text=True)
        assert status.returncode == 0, status.stderr
    finally:
        nginx.stop()
        device.remove()


def test_only_what_is_new_and_needed_comes(site):
    site.pack("1.0.0", "linux-x86_64", OTHER)
    site.pack("1.1.0", "linux-x86_64", OTHER)
    site.publish()
    first = site.mirrored("--platform", "linux-x86_64")
    assert site.archives() == ["1.1.0 linux-x86_64"]
    assert not any(OTHER in path or "1.0.0" in path for path in site.web.requests)
    # Once more: three questions, and none of them for a target.
    again = site.mirrored("--platform", "linux-x86_64", root=False)
    assert (again["files"], again["bytes"], again["timestamp"]) == (0, 0, first["timestamp"])
    assert [path for path in site.web.requests if "/targets/" in path] == []
    assert len(site.web.requests) <= 2, site.web.requests
    # Other needs are seen to, without any news.
    assert len(site.mirrored()["releases"]) == 2
    assert site.archives() == ["1.1.0 linux-aarch64", "1.1.0 linux-x86_64"]
    # What changed on the disk is brought again.
    archive = next(site.copy.glob("targets/products/*/releases/*/*linux-x86_64.tar.zst"))
    before = archive.read_bytes()
    archive.write_bytes(before[:-1] + b"x")
    assert site.mirrored()["files"] == 1
    assert archive.read_bytes() == before


def channel(site: Site, name: str, version: str, **more) -> Target:
    """A channel besides `stable`, signed by the rollout role."""
    document_ = {"schema": "slipway.channel/1", "id": site.publisher.product, "channel": name,
                 "platforms": {"linux-x86_64": {"version": version, **more}}}  # fmt: skip
    return Target.of(f"products/{site.publisher.product}/channels/{name}.json", document(document_))


def test_what_channels_and_stepping_stones_name_is_needed(site):
    for version in ("1.0.0", "1.1.0", "1.2.0", "1.3.0-beta.1"):
        site.pack(version)
    publisher = site.publisher
    publisher.channel["platforms"]["linux-x86_64"] = {"version": "1.2.0"}
    publisher.policy |= {"minimumUpdater": "0.0.1", "via": "1.1.0"}
    publisher.extra[f"{publisher.product}-rollout"] = [channel(site, "beta", "1.3.0-beta.1")]
    site.publish()
    site.mirrored("--channel", "stable", "--grace", "1s")
    assert site.archives() == ["1.1.0 linux-x86_64", "1.2.0 linux-x86_64"]
    assert not list(site.copy.glob("**/*beta*"))
    site.mirrored("--channel", "beta", "--channel", "stable", "--grace", "1s")
    assert "1.3.0-beta.1 linux-x86_64" in site.archives()
    # An offer that devices must leave: where to is needed too. What nothing names any more goes, but not at once.
    del publisher.policy["via"], publisher.policy["minimumUpdater"]
    halt = {"version": "1.2.0", "reason": "burns", "rollBack": True}
    publisher.channel["platforms"]["linux-x86_64"] = {"version": "1.2.0", "halts": [halt]}
    publisher.policy["blocked"] = ["1.1.0"]
    site.publish()
    result = site.mirrored("--channel", "stable", "--grace", "1s")
    assert [each["version"] for each in result["releases"]] == ["1.0.0", "1.2.0"]
    assert "1.1.0 linux-x86_64" in site.archives() and any("/1.1.0/" in path for path in result["waiting"])
    gone = lambda: "/1.1.0/" in str(site.mirrored("--channel", "stable", "--grace", "1s")["removed"])  # noqa: E731
    wait_until(gone, 10, "what nobody needs goes after the grace period")
    assert site.archives() == ["1.0.0 linux-x86_64", "1.2.0 linux-x86_64"]
    as_a_stranger(site.folder / "stranger", site.web.address, publisher.roots[0], publisher.release_path("1.0.0", "tar.zst"))


def short(publisher: Publisher) -> None:
    publisher.signers["targets"] = publisher.keys["targets"][:1]


def foreign(publisher: Publisher) -> None:
    publisher.signers["timestamp"] = new_keys(1)


def expired(publisher: Publisher) -> None:
    publisher.days["timestamp"] = -1


def old(publisher: Publisher) -> None:
    publisher.versions["timestamp"] = 0


def forged(publisher: Publisher) -> None:
    def tamper(repository):
        target = repository.target("tar.zst")
        target.data = target.data[:-1] + bytes([target.data[-1] ^ 1])

    publisher.tamper = tamper


REFUSED = [(short, 20), (foreign, 20), (expired, 21), (old, 20), (forged, 20)]


@pytest.mark.parametrize(("spoil", "code"), REFUSED, ids=lambda value: getattr(value, "__name__", str(value)))
def test_what_a_device_would_refuse_changes_nothing_that_readers_see(spoil, code, site):
    site.pack("1.0.0")
    site.publish()
    site.mirrored()
    before = site.files()
    good = site.publisher
    site.publisher = good.fork()
    site.pack("1.1.0")
    site.publisher.bump()
    spoil(site.publisher)
    site.publish()
    for _ in range(2):
        result = site.mirror(root=False)
        assert result.returncode == code, result.stderr
        error = json.loads(result.stdout)
        assert error["schema"] == "slipway.error/1" and error["code"] == code and error["remedy"]
        after = site.files()
        assert before.items() <= after.items()
        assert not [name for name in after.keys() - before if name.startswith("metadata/") or name.endswith(".tar.zst")]
    # The honest repository goes on from there.
    site.publisher = good
    site.publisher.bump()
    site.pack("1.1.0")
    site.publish()
    assert site.mirrored(root=False)["releases"][0]["version"] == "1.1.0"


def test_somebody_must_say_whom_to_trust(site):
    site.pack("1.0.0")
    site.publish()
    result = site.mirror(root=False)
    assert result.returncode == 20 and "--trust-root" in result.stderr
    site.mirrored()
    site.root.write_bytes(Publisher().roots[0])
    assert site.mirror().returncode == 20
    shutil.rmtree(site.copy)
    assert site.mirror().returncode == 20
    assert not list(site.copy.glob("metadata/*"))


def test_a_folder_of_somebody_elses_is_not_taken_over(site):
    """What a mirror does not need, it removes: a publisher's own repository would not survive it."""
    site.pack("1.0.0")
    site.publish().write(site.copy)
    before = site.files()
    result = site.mirror("--grace", "1s")
    assert result.returncode == 64 and "no mirror" in result.stderr and "empty folder" in result.stderr
    assert site.files() == before


@pytest.mark.parametrize("word", [("--channel", "stabel"), ("--product", "nope"), ("--platform", "linux-aarch64")])
def test_a_mistyped_name_empties_nothing(site, word):
    site.pack("1.0.0")
    site.publish()
    site.mirrored()
    before = site.files()
    result = site.mirror(*word, "--grace", "1s")
    assert result.returncode == 64 and word[1] in result.stderr and "nothing was removed" in result.stderr
    assert site.files() == before


OUT = "products/room-agent/channels/../beta.json"
EMPTY = "products/room-agent/channels//beta.json"


@pytest.mark.parametrize("name", [OUT, EMPTY])
def test_a_name_that_leads_elsewhere_is_refused(site, name):
    site.pack("1.0.0")
    publisher = site.publisher
    publisher.extra[f"{publisher.product}-rollout"] = [Target.of(name, b"{}")]
    site.publish()
    result = site.mirror()
    assert result.returncode == 20 and name in result.stderr
    assert not list(site.copy.glob("metadata/*"))


def second_product(publisher: Publisher, channel: Target) -> Target:
    """`aged-agent` beside the publisher's own, with that channel. The policy of it."""
    document_ = {"schema": "slipway.policy/1", "id": "aged-agent", "releases": []}
    policy = Target.of("products/aged-agent/policy.json", document(document_))
    signer = new_keys(1)[0]
    key = signer.public_key
    listed = {"aged-agent": policy, "aged-agent-rollout": channel}
    files = {}
    for role, target in listed.items():
        found = {target.path: TargetFile(target.length, {"sha256": target.digest}, target.path)}
        signed = Targets(version=1, expires=publisher.expiry("targets"), targets=found).to_dict()
        files[f"1.{role}.json"] = publisher.envelope(role, signed, [signer])

    def delegate(signed: dict) -> None:
        signed["delegations"]["keys"][key.keyid] = key.to_dict()
        for role, target in listed.items():
            signed["delegations"]["roles"].append(DelegatedRole(role, [key.keyid], 1, True, [target.path]).to_dict())

    def publish(repository) -> None:
        repository.metadata |= files
        repository.targets |= {target.consistent_name: target for target in listed.values()}

    publisher.edits["targets"] = delegate
    publisher.edits["snapshot"] = lambda signed: signed["meta"].update({f"{role}.json": {"version": 1} for role in listed})
    publisher.tamper = publish
    return policy


BAD = [("stable.json", b"{}"), ("stable.json", b'{"schema": "slipway.channel/1", "id": "room-agent"'), ("../x.json", b"{}")]


@pytest.mark.parametrize(("name", "data"), BAD)
def test_one_products_malformed_channel_keeps_no_other_product_waiting(site, name, data):
    site.pack("1.0.0")
    policy = second_product(site.publisher, Target.of(f"products/aged-agent/channels/{name}", data))
    site.publish()
    for _ in range(2):
        result = site.mirrored("--grace", "1s")
        assert [each["product"] for each in result["releases"]] == ["room-agent"]
        assert list(result["faults"]) == ["aged-agent"]
        assert result["removed"] == result["waiting"] == []
    assert site.archives() == ["1.0.0 linux-x86_64"]
    assert (site.copy / "targets" / policy.consistent_name).read_bytes() == policy.data
    result = site.mirror("--product", "aged-agent")
    assert result.returncode == (20 if ".." in name else 65), result.stderr


def test_a_web_server_can_read_the_copy_whatever_the_umask(site):
    site.pack("1.0.0")
    site.publish()
    before = os.umask(0o077)
    try:
        site.mirrored()
    finally:
        os.umask(before)
    assert site.archives()
    for name in ("metadata", "targets"):
        for path in (site.copy, site.copy / name, *(site.copy / name).rglob("*")):
            assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path


def verify(site: Site) -> tuple[int, dict]:
    command = [site.program, "verify", "--repository", site.copy, "--json"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return result.returncode, json.loads(result.stdout)


def test_a_channel_that_nobody_has_is_refused_beside_one_that_is_there(site):
    site.pack("1.0.0")
    site.publish()
    result = site.mirror("--channel", "stable", "--channel", "stabel")
    assert result.returncode == 64 and "channel stabel" in result.stderr
    assert site.files() == {}


def test_verify_knows_a_copy_that_need_not_have_everything(site):
    site.pack("1.0.0", "linux-x86_64", OTHER)
    site.pack("1.1.0", "linux-x86_64", OTHER)
    site.publisher.extra["room-agent-rollout"] = [channel(site, "beta", "1.1.0")]
    site.publish()
    site.mirrored("--platform", "linux-x86_64", "--channel", "stable")
    code, report = verify(site)
    assert (code, report["ok"], report["partial"], report["problems"]) == (0, True, True, [])
    # What is there is looked at as ever.
    archive = next(site.copy.glob("targets/products/*/releases/*/*.tar.zst"))
    archive.write_bytes(archive.read_bytes()[:-1])
    code, report = verify(site)
    assert code == 20 and [each["kind"] for each in report["problems"]] == ["damaged"]
    # The same without the mark is a repository that lacks much.
    (site.copy / ".mirror").unlink()
    code, report = verify(site)
    assert code == 20 and not report["partial"] and len(report["problems"]) > 1


def test_a_root_that_is_trusted_from_the_middle_brings_those_before_it(site):
    """Devices that know the first root go by all of them."""
    site.pack("1.0.0")
    site.publisher.sign_root()
    site.publisher.sign_root()
    site.publish()
    site.root.write_bytes(site.publisher.roots[1])
    site.mirrored()
    assert [path.name for path in sorted(site.copy.glob("metadata/*.root.json"))] == [f"{n}.root.json" for n in (1, 2, 3)]
    site.web.folder = site.copy
    as_a_stranger(site.folder / "stranger", site.web.address, site.publisher.roots[0])


def test_wrong_addresses_and_words_are_told(site):
    site.pack("1.0.0")
    site.publish()
    site.web.folder = site.folder / "nothing"
    result = site.mirror()
    assert result.returncode == 23 and "timestamp.json" in result.stderr
    usage = [["ftp://x/"], ["http://x/?y"], ["http://127.0.0.1/", "--grace", "soon"], ["http://127.0.0.1/", "--platform", "x"]]
    for arguments in usage:
        command = [site.program, "mirror", arguments[0], site.copy, *arguments[1:]]
        result = subprocess.run(command, capture_output=True, text=True)
        assert result.returncode == 64, result.stderr
    command = [site.program, "mirror", "http://127.0.0.1:9/", site.copy, "--trust-root", site.folder / "none", "--json"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 31 and json.loads(result.stdout)["code"] == 31, result.stderr


def test_no_password_is_repeated_and_a_usage_error_is_a_document_too(site):
    for url in ("http://u:secret@127.0.0.1:9/", "http://u:secret@[/"):
        command = [site.program, "mirror", url, site.copy, "--json"]
        result = subprocess.run(command, capture_output=True, text=True)
        assert result.returncode == 64 and "secret" not in result.stdout + result.stderr
        error = json.loads(result.stdout)
        assert (error["schema"], error["code"]) == ("slipway.error/1", 64) and error["message"] and error["remedy"]
    trusted = site.folder / "trusted"
    trusted.mkdir()
    program = site.program.with_name("tuf-client")
    subprocess.run([program, "--metadata-dir", trusted, "init", site.root], check=True)
    for arguments in (["--metadata-url", "http://u:secret@127.0.0.1:9/", "refresh"], ["http://u:secret@h/"]):
        result = subprocess.run([program, "--metadata-dir", trusted, *arguments], capture_output=True, text=True)
        assert result.returncode == 1 and result.stderr and "secret" not in result.stdout + result.stderr
        assert "***@" in result.stderr


def test_an_archive_of_another_length_than_signed_is_no_trouble_of_the_network(site):
    site.pack("1.0.0")
    site.publish()
    for answer in (endless, short_answer):
        site.web.answers = {".tar.zst": answer}
        result = site.mirror()
        assert result.returncode == 20 and json.loads(result.stdout)["error"] == "lengthOrHash", result.stderr
    site.web.answers.clear()
    assert site.mirrored()["releases"]


def short_answer(handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "3")
    handler.end_headers()
    handler.wfile.write(b"xyz")


def test_a_line_that_breaks_is_gone_on_with(site):
    """Until the last byte is there and verified, readers see what they saw before."""
    site.pack("1.0.0")
    site.publish()
    site.mirrored()
    before = site.files()
    site.pack("1.1.0")
    repository = site.publish()
    archive = repository.target("tar.zst")
    nginx = Nginx(site.folder / "nginx", site.web.folder, "limit_rate 100k;")
    command = [site.program, "mirror", nginx.address, site.copy, "--json"]
    part = site.copy / ".incoming" / archive.digest
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        wait_until(lambda: part.exists() and part.stat().st_size > 50_000, what="some of the archive is there")
        nginx.stop()
        output, error = running.communicate(timeout=60)
    finally:
        running.kill()
    assert running.returncode == 23, error
    after = site.files()
    assert before.items() <= after.items()
    assert not [name for name in after.keys() - before if name.startswith("metadata/")]
    kept = part.stat().st_size
    assert 50_000 < kept < archive.length
    nginx = Nginx(site.folder / "nginx-again", site.web.folder, port=nginx.port)
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert result.returncode == 0, result.stderr
        sent = [(status, count) for path, status, count in nginx.answers() if archive.digest in path]
    finally:
        nginx.stop()
    assert sent == [(206, archive.length - kept)]
    assert not part.parent.exists()
    site.web.folder = site.copy
    assert as_a_stranger(site.folder / "stranger", site.web.address, site.publisher.roots[0], archive.path) == [archive.data]


def test_the_environments_proxy_is_the_way_out(site):
    site.pack("1.0.0")
    site.publish()
    # Squid becomes another user, who must be able to get there.
    folder = Path(tempfile.mkdtemp(prefix="slipway-squid-"))
    folder.chmod(0o755)
    squid = Squid(folder / "squid")
    command = [site.program, "mirror", site.web.address, site.copy, "--trust-root", site.root]
    try:
        for proxy, code in ((f"http://127.0.0.1:{squid.port}", 0), ("http://127.0.0.1:9", 14), ("no such thing", 64)):
            result = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"http_proxy": proxy})
            assert result.returncode == code, result.stderr
        wait_until(lambda: f"GET {site.web.address}/metadata/timestamp.json 200" in squid.log, what="squid has seen it")
    finally:
        squid.stop()
        shutil.rmtree(folder)
