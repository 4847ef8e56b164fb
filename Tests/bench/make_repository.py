"""Makes the repository that the TUF clients are measured against, with python-tuf: make_repository.py FOLDER KIND

10,000 targets in 1,024 hash bins, delegated to as KIND says: "succinct" (TAP 15) or "prefixes" (path_hash_prefixes).
FOLDER/names gets one target of each bin, a line each.
"""

import sys
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path

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

BITS = 10
TARGETS = 10_000
CONTENT = b"a small target\n"


def main():
    folder, kind = Path(sys.argv[1]), sys.argv[2]
    metadata = folder / "metadata"
    metadata.mkdir(parents=True)
    (folder / "targets").mkdir()
    expires = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=7)
    signer = CryptoSigner.generate_ed25519()

    def write(name, signed):
        document = Metadata(signed)
        document.sign(signer)
        document.to_file(str(metadata / name))

    succinct = SuccinctRoles([], 1, BITS, "bin")
    names = list(succinct.get_roles())
    bins = {name: Targets(expires=expires) for name in names}
    chosen = {}
    for index in range(TARGETS):
        path = f"packages/{index % 100}/package-{index}.tar.gz"
        name = succinct.get_role_for_target(path)
        bins[name].targets[path] = TargetFile.from_data(path, CONTENT, ["sha256"])
        chosen.setdefault(name, path)
    # A bin without a target gets one: every bin is to be looked into.
    for name in set(names) - set(chosen):
        path = next(p for p in map("packages/extra/{}".format, range(1 << 20)) if succinct.get_role_for_target(p) == name)
        bins[name].targets[path] = TargetFile.from_data(path, CONTENT, ["sha256"])
        chosen[name] = path

    targets = Targets(expires=expires)
    if kind == "succinct":
        targets.delegations = Delegations({}, succinct_roles=succinct)
        targets.add_key(signer.public_key)
    else:
        width = -(-BITS // 4)
        each = 16**width // len(names)
        targets.delegations = Delegations({}, {})
        for index, name in enumerate(names):
            prefixes = [f"{index * each + offset:0{width}x}" for offset in range(each)]
            targets.delegations.roles[name] = DelegatedRole(name, [], 1, False, path_hash_prefixes=prefixes)
            targets.add_key(signer.public_key, name)
            assert sha256(chosen[name].encode()).hexdigest().startswith(tuple(prefixes))

    snapshot = Snapshot(expires=expires)
    for name, role in bins.items():
        write(f"1.{name}.json", role)
        snapshot.meta[f"{name}.json"] = MetaFile(1)
    write("1.targets.json", targets)
    write("1.snapshot.json", snapshot)
    write("timestamp.json", Timestamp(expires=expires))
    root = Root(expires=expires, consistent_snapshot=True)
    for role in ("root", "timestamp", "snapshot", "targets"):
        root.add_key(signer.public_key, role)
    write("1.root.json", root)
    (folder / "names").write_text("".join(f"{chosen[name]}\n" for name in names))


main()
