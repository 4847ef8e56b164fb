"""A TUF repository that python-tuf makes, open to defects at every step."""

import hashlib
import json
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from urllib.parse import quote

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    SuccinctRoles,
    TargetFile,
    Targets,
    Timestamp,
)

KINDS = {
    "ed25519": CryptoSigner.generate_ed25519,
    "ecdsa-p256": CryptoSigner.generate_ecdsa,
    "ecdsa-p384": lambda: p384(),
    "rsa": CryptoSigner.generate_rsa,
}
TOP_LEVEL = ("root", "timestamp", "snapshot", "targets")


def p384() -> CryptoSigner:
    from cryptography.hazmat.primitives.asymmetric import ec
    from securesystemslib.signer import SSlibKey

    private = ec.generate_private_key(ec.SECP384R1())
    return CryptoSigner(private, SSlibKey.from_crypto(private.public_key()))


@cache
def key(name: str, kind: str = "ed25519") -> CryptoSigner:
    """A key that is the same for the same name."""
    return KINDS[kind]()


def days(number: float) -> datetime:
    return datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=number)


class Repository:
    """`roles` is what will be published next, `keys` who will sign it; both may be changed at will."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "metadata").mkdir(parents=True)
        (folder / "targets").mkdir()
        self.root = Root(expires=days(30), consistent_snapshot=True)
        self.targets = Targets(expires=days(30))
        self.snapshot = Snapshot(expires=days(30))
        self.timestamp = Timestamp(expires=days(30))
        self.roles = {
            "root": self.root, "targets": self.targets, "snapshot": self.snapshot, "timestamp": self.timestamp}
        self.keys: dict[str, list[CryptoSigner]] = {}
        #: Whether snapshot and timestamp list lengths and hashes.
        self.hashes = False
        self.published: set[str] = set()
        #: Every file as published, by role and version.
        self.history: dict[tuple[str, int], bytes] = {}
        for role in TOP_LEVEL:
            self.appoint(role, [key(role)])
        self.publish(*TOP_LEVEL)
        self.first_root = self.history["root", 1]

    def appoint(self, role: str, keys: list[CryptoSigner], threshold: int = 1) -> None:
        """Gives a top-level role these keys and no others."""
        for keyid in list(self.root.roles[role].keyids):
            self.root.revoke_key(keyid, role)
        for signer in keys:
            self.root.add_key(signer.public_key, role)
        self.root.roles[role].threshold = threshold
        self.keys[role] = list(keys)

    def delegate(
        self, parent: str, name: str, paths=("*",), prefixes=None, terminating=False, signer=None, threshold=1
    ) -> Targets:
        """Adds a delegation, and the role unless it is there."""
        delegator = self.roles[parent]
        signer = signer or key(name)
        if delegator.delegations is None:
            delegator.delegations = Delegations({}, {})
        delegator.delegations.roles[name] = DelegatedRole(
            name, [], threshold, terminating, None if prefixes else list(paths), prefixes)
        delegator.add_key(signer.public_key, name)
        self.keys.setdefault(name, [])
        if signer not in self.keys[name]:
            self.keys[name].append(signer)
        return self.roles.setdefault(name, Targets(expires=days(30)))

    def delegate_bins(self, parent: str, bit_length: int, prefix: str = "bin") -> None:
        """Hash bins in the form of TAP 15, all of them signed by one key."""
        bins = SuccinctRoles([], 1, bit_length, prefix)
        self.roles[parent].delegations = Delegations({}, None, bins)
        self.roles[parent].add_key(key(prefix).public_key)
        for name in bins.get_roles():
            self.roles[name] = Targets(expires=days(30))
            self.keys[name] = [key(prefix)]

    def add(self, role: str, path: str, content: bytes, hashes=("sha256",)) -> TargetFile:
        """A target, in the metadata and as files."""
        target = TargetFile.from_data(path, content, list(hashes))
        self.roles[role].targets[path] = target
        self.put(path, content, target)
        return target

    def put(self, path: str, content: bytes, target: TargetFile) -> None:
        """The files of a target, whatever the metadata says."""
        for file in target.get_prefixed_paths() if self.root.consistent_snapshot else [path]:
            place = self.folder / "targets" / quote(file)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)

    def publish(self, *names: str) -> None:
        """Signs and writes the next version of each role, in the order that they refer to each other."""
        order = {"root": 0, "targets": 2, "snapshot": 3, "timestamp": 4}
        for name in sorted(names, key=lambda name: order.get(name, 1)):
            role = self.roles[name]
            if name in self.published:
                role.version += 1
            self.published.add(name)
            metadata = Metadata(role)
            for signer in self.keys[name]:
                metadata.sign(signer, append=True)
            self.write(name, metadata.to_bytes())

    def publish_all(self) -> None:
        self.publish(*self.roles)

    def write(self, name: str, text: bytes, version: int | None = None) -> None:
        """The file of a role as it stands, and who lists it."""
        role = self.roles[name]
        version = version or role.version
        self.history[name, role.version] = text
        self.file(name, version).write_bytes(text)
        hashes = {"sha256": hashlib.sha256(text).hexdigest(), "sha512": hashlib.sha512(text).hexdigest()}
        meta = MetaFile(version, len(text), hashes) if self.hashes else MetaFile(version)
        if name == "snapshot":
            self.timestamp.snapshot_meta = meta
        elif name not in TOP_LEVEL or name == "targets":
            self.snapshot.meta[f"{name}.json"] = meta

    def file(self, name: str, version: int | None = None) -> Path:
        encoded = quote(name, "")
        plain = name == "timestamp" or (name != "root" and not self.root.consistent_snapshot)
        version = version or self.roles[name].version
        return self.folder / "metadata" / (f"{encoded}.json" if plain else f"{version}.{encoded}.json")

    def rewrite(self, name: str, change) -> None:
        """Changes the published file of a role as JSON, signatures and all."""
        value = json.loads(self.file(name).read_bytes())
        change(value)
        self.file(name).write_bytes(json.dumps(value).encode())
