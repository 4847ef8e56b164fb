"""Makes a repository with python-tuf: make_repository.py METADATA_DIR

Root 2 of 3 with an ed25519, an ECDSA and an RSA key, its second version without the first key; targets delegating to
"docs" (by path, ECDSA), which delegates on to "team/a", and to "bins" (by hash prefix).
"""

import os
import sys
from datetime import datetime, timedelta, timezone

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)


def write(directory, name, metadata, signers):
    for signer in signers:
        metadata.sign(signer, append=True)
    metadata.to_file(os.path.join(directory, name))


def target(path, data):
    return TargetFile.from_data(path, data, ["sha256", "sha512"])


def main():
    directory = sys.argv[1]
    expires = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=7)
    roots = [CryptoSigner.generate_ed25519(), CryptoSigner.generate_ecdsa(), CryptoSigner.generate_rsa()]
    new, online, docs_key, team_key = (CryptoSigner.generate_ed25519() for _ in range(4))
    docs_key = CryptoSigner.generate_ecdsa()

    root = Root(expires=expires, consistent_snapshot=True)
    for signer in roots:
        root.add_key(signer.public_key, Root.type)
    root.roles[Root.type].threshold = 2
    for role in (Timestamp.type, Snapshot.type, Targets.type):
        root.add_key(online.public_key, role)
    write(directory, "1.root.json", Metadata(root), roots[:2])
    root.version = 2
    root.unrecognized_fields["x-note"] = "été \"quoted\" \\ \u0001"
    root.revoke_key(roots[0].public_key.keyid, Root.type)
    root.add_key(new.public_key, Root.type)
    write(directory, "2.root.json", Metadata(root), [*roots, new])

    team = Targets(expires=expires)
    team.targets["docs/a/ünï.txt"] = target("docs/a/ünï.txt", b"team")
    team.targets["elsewhere.txt"] = target("elsewhere.txt", b"not trusted for it")
    docs = Targets(expires=expires)
    docs.targets["docs/readme.txt"] = target("docs/readme.txt", b"docs")
    docs.delegations = Delegations({}, {})
    docs.delegations.roles["team/a"] = DelegatedRole("team/a", [], 1, True, ["docs/a/*"])
    docs.add_key(team_key.public_key, "team/a")
    bins = Targets(expires=expires)
    bins.targets["bin/file"] = target("bin/file", b"bin")
    targets = Targets(expires=expires, version=3)
    targets.targets["top.txt"] = target("top.txt", b"top")
    targets.targets["top.txt"].unrecognized_fields["custom"] = {"note": "kept"}
    targets.delegations = Delegations({}, {})
    targets.delegations.roles["docs"] = DelegatedRole("docs", [], 1, False, ["docs/*", "docs/*/*"])
    targets.delegations.roles["bins"] = DelegatedRole(
        "bins", [], 1, False, None, [f"{prefix:x}" for prefix in range(16)]
    )
    targets.add_key(docs_key.public_key, "docs")
    targets.add_key(online.public_key, "bins")

    snapshot = Snapshot(expires=expires)
    for name, path, role, signer in (
        ("team/a", "1.team%2Fa.json", team, team_key),
        ("docs", "1.docs.json", docs, docs_key),
        ("bins", "1.bins.json", bins, online),
        ("targets", "3.targets.json", targets, online),
    ):
        write(directory, path, Metadata(role), [signer])
        with open(os.path.join(directory, path), "rb") as file:
            snapshot.meta[f"{name}.json"] = MetaFile.from_data(role.version, file.read(), ["sha256"])
    write(directory, "1.snapshot.json", Metadata(snapshot), [online])
    write(directory, "timestamp.json", Metadata(Timestamp(expires=expires)), [online])


main()
