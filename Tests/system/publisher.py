"""A Slipway publisher in plain Python: keys, roles, releases, policy, channels, and repositories of them.

Metadata is made with python-tuf's Metadata API and then signed as plain JSON, so that a test can also sign what that
library refuses to write. Every step can be told to spoil one thing: `edits` changes what a role says before it is
signed, `signers` says who signs, `envelopes` changes the signed file, and a `Repository` is open to any change after.
"""

import copy
import datetime
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from securesystemslib.formats import encode_canonical
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import DelegatedRole, Delegations, MetaFile, Role, Root, Snapshot, TargetFile, Targets, Timestamp

from containers import one_file_bundle, setup_file
from trees import Archive, Tree, document

PLATFORM = "linux-x86_64"
DAYS = {"root": 395, "targets": 395, "snapshot": 7, "timestamp": 1, "rollout": 90, "product": 395}
KEYS = {"root": 3, "targets": 3, "snapshot": 1, "timestamp": 1, "rollout": 1, "product": 3}
THRESHOLDS = {"root": 2, "targets": 2, "snapshot": 1, "timestamp": 1, "rollout": 1, "product": 2}


@dataclass
class Target:
    """A target's signed name, the length and hash that are signed for it, and its bytes, which may come to differ."""

    path: str
    length: int
    digest: str
    data: bytes

    @classmethod
    def of(cls, path: str, data: bytes) -> "Target":
        return cls(path, len(data), hashlib.sha256(data).hexdigest(), data)

    @property
    def consistent_name(self) -> str:
        folder, _, name = self.path.rpartition("/")
        return f"{folder}/{self.digest}.{name}"


@dataclass
class Repository:
    """Everything a publisher publishes: signed metadata by file name, and targets by their consistent names."""

    product: str
    metadata: dict[str, bytes]
    targets: dict[str, Target]
    #: The root that a Setup file carries.
    root: bytes
    #: The newest file of each role, byte for byte.
    newest: dict[str, bytes]

    def target(self, leaf: str) -> Target:
        """The newest target of that last name, such as `tree.json` or `policy.json`."""
        return [target for target in self.targets.values() if target.path.endswith(leaf)][-1]

    def write(self, folder: Path) -> None:
        """A repository as any web server can serve it."""
        files = {f"metadata/{name}": data for name, data in self.metadata.items()}
        files |= {f"targets/{target.consistent_name}": target.data for target in self.targets.values()}
        for name, data in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def by_digest(self, version: str | None = None) -> dict[str, bytes]:
        """Targets by the hash that is signed; with `version` only that release's of all releases."""
        return {
            target.digest: target.data
            for target in self.targets.values()
            if version is None or f"/releases/{version}/" in target.path or "/releases/" not in target.path
        }

    def flat(self, version: str) -> dict[str, bytes]:
        """As fetch leaves a whole poll: metadata and targets side by side."""
        return self.metadata | self.by_digest(version)

    def bundle(self, version: str) -> bytes:
        return one_file_bundle(self.metadata, self.by_digest(version))

    def setup(self, path: Path, executable: Path, version: str, **spoil) -> Path:
        return setup_file(path, executable, self.root, self.bundle(version), **spoil)


@dataclass
class Publisher:
    """The state of one publisher with one product. `fork` gives a copy that has the same keys."""

    product: str = "room-agent"
    keys: dict[str, list[CryptoSigner]] = field(default_factory=dict)
    #: Of the files that are published next.
    versions: dict[str, int] = field(default_factory=dict)
    days: dict[str, float] = field(default_factory=lambda: dict(DAYS))
    #: Signed root files, oldest first.
    roots: list[bytes] = field(default_factory=list)
    #: Targets of the offline role by path.
    releases: dict[str, Target] = field(default_factory=dict)
    policy: dict = field(default_factory=dict)
    channel: dict = field(default_factory=dict)
    #: Targets that a role signs besides those that are its own.
    extra: dict[str, list[Target]] = field(default_factory=dict)

    edits: dict[str, Callable[[dict], object]] = field(default_factory=dict)
    signers: dict[str, list[CryptoSigner]] = field(default_factory=dict)
    envelopes: dict[str, Callable[[dict], object]] = field(default_factory=dict)
    #: Changes the published repository; what is signed stays.
    tamper: Callable[[Repository], object] = lambda repository: None
    #: The root that Setup files carry instead of the newest.
    carried_root: bytes | None = None

    def __post_init__(self) -> None:
        if not self.keys:
            self.keys = {role: new_keys(count) for role, count in KEYS.items()}
            self.versions = dict.fromkeys(self.roles, 1)
            self.policy = {"schema": "slipway.policy/1", "id": self.product, "releases": []}
            self.channel = {
                "schema": "slipway.channel/1", "id": self.product, "channel": "stable", "platforms": {},
            }  # fmt: skip
            self.sign_root()

    @property
    def roles(self) -> tuple[str, ...]:
        return ("targets", self.product, f"{self.product}-rollout", "snapshot", "timestamp")

    def fork(self) -> "Publisher":
        """A copy to go on with; signing keys are shared, everything else is its own."""
        other = copy.copy(self)
        for name in ("versions", "days", "releases", "edits", "signers", "envelopes"):
            setattr(other, name, dict(getattr(self, name)))
        other.keys = {role: list(keys) for role, keys in self.keys.items()}
        other.roots = list(self.roots)
        other.extra = {role: list(targets) for role, targets in self.extra.items()}
        other.policy, other.channel = copy.deepcopy(self.policy), copy.deepcopy(self.channel)
        return other

    def kind(self, role: str) -> str:
        """What keys, thresholds and lifetimes go by: the product's two roles have names of their own."""
        return {self.product: "product", f"{self.product}-rollout": "rollout"}.get(role, role)

    def bump(self, *roles: str) -> None:
        for role in roles or self.roles:
            self.versions[role] += 1

    # Signing

    def sign(self, role: str, signed: dict) -> bytes:
        """The file of a role: `edits`, then signatures by `signers` or as many keys as the threshold asks for."""
        self.edits.get(role, lambda signed: None)(signed)
        kind = self.kind(role)
        signers = self.signers.get(role, self.keys[kind][: THRESHOLDS[kind]])
        return self.envelope(role, signed, signers)

    def envelope(self, role: str, signed: dict, signers: list[CryptoSigner]) -> bytes:
        message = encode_canonical(signed).encode()
        envelope = {"signatures": [signer.sign(message).to_dict() for signer in signers], "signed": signed}
        self.envelopes.get(role, lambda envelope: None)(envelope)
        return json.dumps(envelope, sort_keys=True, indent=1).encode()

    def expiry(self, role: str) -> datetime.datetime:
        now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        return now + datetime.timedelta(days=self.days[self.kind(role)])

    def sign_root(self) -> None:
        """The next root: signed by its own keys and, from the second on, those of the one before."""
        root = Root(version=len(self.roots) + 1, expires=self.expiry("root"), consistent_snapshot=True)
        for role in ("root", "targets", "snapshot", "timestamp"):
            root.roles[role] = Role([], THRESHOLDS[role])
            for signer in self.keys[role]:
                root.add_key(signer.public_key, role)
        self.roots.append(self.sign("root", root.to_dict()))

    # Releases

    def release_path(self, version: str, leaf: str, platform: str = PLATFORM) -> str:
        return f"products/{self.product}/releases/{version}/{platform}.{leaf}"

    def pack(
        self,
        version: str,
        tree: Tree,
        product: dict,
        archive: Archive | None = None,
        manifest: Callable[[dict], object] = lambda manifest: None,
        platform: str = PLATFORM,
    ) -> None:
        """Signs a release in and offers it; `archive` and `manifest` may differ from what the tree would give."""
        listed = tree.manifest(self.product, version, platform)
        manifest(listed)
        parts = {
            "tar.zst": (archive or tree.archive()).bytes(), "tree.json": document(listed),
            "product.json": document(product),
        }  # fmt: skip
        for leaf, data in parts.items():
            path = self.release_path(version, leaf, platform)
            self.releases[path] = Target.of(path, data)
        if version not in self.policy["releases"]:
            self.policy["releases"].append(version)
        self.channel["platforms"][platform] = {"version": version}

    # Publishing

    def publish(self) -> Repository:
        """Signs everything as it stands; the roles' versions are those of `versions`."""
        rollout = f"{self.product}-rollout"
        policy = Target.of(f"products/{self.product}/policy.json", document(self.policy))
        channel = Target.of(f"products/{self.product}/channels/stable.json", document(self.channel))
        offered = {
            "targets": [], self.product: [*self.releases.values(), policy], rollout: [channel],
        }  # fmt: skip
        newest, meta = {"root": self.roots[-1]}, {}
        for role, targets in offered.items():
            targets = targets + self.extra.get(role, [])
            newest[role] = self.sign(role, self.targets_role(role, targets).to_dict())
            meta[f"{role}.json"] = self.meta(role, newest[role])
        snapshot = Snapshot(version=self.versions["snapshot"], expires=self.expiry("snapshot"), meta=meta)
        newest["snapshot"] = self.sign("snapshot", snapshot.to_dict())
        timestamp = Timestamp(version=self.versions["timestamp"], expires=self.expiry("timestamp"))
        timestamp.snapshot_meta = self.meta("snapshot", newest["snapshot"])
        newest["timestamp"] = self.sign("timestamp", timestamp.to_dict())
        metadata = {f"{number}.root.json": data for number, data in enumerate(self.roots, 1)}
        metadata |= {
            f"{self.versions[role]}.{role}.json": newest[role] for role in self.roles if role != "timestamp"
        } | {"timestamp.json": newest["timestamp"]}
        every = [target for targets in offered.values() for target in targets]
        every += [target for targets in self.extra.values() for target in targets]
        targets = {target.consistent_name: copy.copy(target) for target in every}
        repository = Repository(self.product, metadata, targets, self.carried_root or self.roots[-1], newest)
        self.tamper(repository)
        return repository

    def meta(self, role: str, data: bytes) -> MetaFile:
        return MetaFile(self.versions[role], len(data), {"sha256": hashlib.sha256(data).hexdigest()})

    def targets_role(self, role: str, targets: list[Target]) -> Targets:
        files = {t.path: TargetFile(t.length, {"sha256": t.digest}, t.path) for t in targets}
        delegations = self.delegations() if role == "targets" else None
        return Targets(
            version=self.versions[role], expires=self.expiry(role), targets=files, delegations=delegations
        )

    def delegations(self) -> Delegations:
        """The product's two disjoint, terminating roles."""
        base = f"products/{self.product}"
        paths = {
            self.product: [f"{base}/policy.json", f"{base}/releases/*/*", f"{base}/patches/*/*"],
            f"{self.product}-rollout": [f"{base}/channels/*"],
        }
        roles, keys = {}, {}
        for role, patterns in paths.items():
            public = [signer.public_key for signer in self.keys[self.kind(role)]]
            keys |= {key.keyid: key for key in public}
            threshold = THRESHOLDS[self.kind(role)]
            roles[role] = DelegatedRole(role, [key.keyid for key in public], threshold, True, patterns)
        return Delegations(keys, roles)


def new_keys(count: int) -> list[CryptoSigner]:
    return [CryptoSigner.generate_ed25519() for _ in range(count)]
