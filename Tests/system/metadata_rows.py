"""Attacks on metadata: keys, thresholds, rollback, mixtures, lengths, expiry."""

import hashlib

from securesystemslib.formats import encode_canonical

from attacks import ALL, ORDER, PRODUCT, ROLLOUT, Attack, Setup, before, refused
from lab import Scene, leave
from publisher import Publisher, Repository, new_keys
from web import endless

SIGNERS = {"root": 2, "targets": 2, PRODUCT: 2, ROLLOUT: 1, "snapshot": 1, "timestamp": 1}


def rotated(scene: Scene) -> None:
    """The twin publishes a second root."""
    scene.rotates = True


def honest(role: str):
    """What the twin of an attack on a role has."""
    return rotated if role == "root" else leave


def file_of(repository: Repository, role: str) -> str:
    """The newest metadata file of a role."""
    if role == "timestamp":
        return "timestamp.json"
    return max((n for n in repository.metadata if n.endswith(f".{role}.json")), key=lambda n: int(n.split(".")[0]))


def signed_by(role: str, keys):
    return lambda publisher: publisher.signers.update({role: keys(publisher)})


def replaced(role: str, change):
    """Changes the published bytes of a role."""

    def spoil(repository: Repository, history: list[Repository]) -> None:
        name = file_of(repository, role)
        repository.metadata[name] = change(repository.metadata[name])

    return spoil


def older(role: str):
    """The role's file is that of the publication before, under the new file's name."""

    def spoil(repository: Repository, history: list[Repository]) -> None:
        repository.metadata[file_of(repository, role)] = history[-1].newest[role]

    return spoil


def version(role: str, number: int):
    return lambda publisher: publisher.versions.update({role: number})


def expired(role: str, days: float):
    kind = {PRODUCT: "product", ROLLOUT: "rollout"}.get(role, role)
    return lambda publisher: publisher.days.update({kind: -days})


def flipped(data: bytes) -> bytes:
    """One bit of the expiry date changed, which keeps the file well-formed: 2026 becomes 2027."""
    place = data.index(b'"expires": "20') + len('"expires": "202')
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def signatures() -> list[Attack]:
    rows = []
    for role, count in SIGNERS.items():
        rows.append(
            refused(f"wrong key: {role}", moved=before(role), prepare=honest(role),
                    publisher=signed_by(role, lambda publisher, count=count: new_keys(count)))
        )  # fmt: skip
    for role in ("root", "targets", PRODUCT):
        kind = "product" if role == PRODUCT else role
        first = lambda publisher, kind=kind: publisher.keys[kind][:1]
        rows.append(
            refused(f"one signature short: {role}", moved=before(role), prepare=honest(role),
                    publisher=signed_by(role, first))
        )  # fmt: skip
        rows.append(
            refused(f"one signature twice: {role}", moved=before(role), prepare=honest(role),
                    publisher=signed_by(role, lambda publisher, first=first: first(publisher) * 2))
        )  # fmt: skip
    for role in SIGNERS:
        unsigned = lambda publisher, role=role: publisher.envelopes.update({role: lambda e: e["signatures"].clear()})
        rows.append(refused(f"no signature: {role}", moved=before(role), prepare=honest(role), publisher=unsigned))
    return rows + [
        refused("snapshot signed by the timestamp's key", moved=before("snapshot"),
                publisher=signed_by("snapshot", lambda publisher: publisher.keys["timestamp"])),
        refused("releases signed by the rollout key", moved=before(PRODUCT),
                publisher=signed_by(PRODUCT, lambda publisher: publisher.keys["rollout"] * 2)),
        refused("targets signed by the product's keys", moved=before("targets"),
                publisher=signed_by("targets", lambda publisher: publisher.keys["product"])),
        refused("one key under two ids", moved=before(PRODUCT), publisher=two_ids),
        refused("threshold 0", moved=before("targets"), publisher=threshold(0)),
        refused("everything by strangers", publisher=strangers),
    ]  # fmt: skip


def two_ids(publisher: Publisher) -> None:
    """The delegation lists one key a second time, with a field more and so with another id; both ids sign."""
    signer = publisher.keys["product"][0]
    again = {**signer.public_key.to_dict(), "note": "again"}
    keyid = hashlib.sha256(encode_canonical(again).encode()).hexdigest()

    def edit(signed: dict) -> None:
        signed["delegations"]["keys"][keyid] = again
        signed["delegations"]["roles"][0]["keyids"].append(keyid)

    def sign_again(envelope: dict) -> None:
        envelope["signatures"].append({**envelope["signatures"][0], "keyid": keyid})

    publisher.edits["targets"] = edit
    publisher.signers[PRODUCT] = [signer]
    publisher.envelopes[PRODUCT] = sign_again


def threshold(number: int):
    def edit(signed: dict) -> None:
        signed["delegations"]["roles"][0]["threshold"] = number

    return lambda publisher: publisher.edits.update({"targets": edit})


def strangers(publisher: Publisher) -> None:
    """Another publisher of a product of the same name, its root in its own Setup file."""
    publisher.keys = Publisher().keys
    publisher.roots.clear()
    publisher.sign_root()


def rollbacks() -> list[Attack]:
    def back(role: str, moved=frozenset()) -> Attack:
        return refused(f"older {role}", moved=moved, setup=Setup(20, moved), publisher=version(role, 2))

    timestamp = frozenset({"timestamp"})

    def vanished(publisher: Publisher) -> None:
        publisher.edits["snapshot"] = lambda signed: signed["meta"].pop(f"{ROLLOUT}.json")

    return [
        back("timestamp"), back("snapshot"), back("targets", timestamp), back(PRODUCT, timestamp),
        back(ROLLOUT, timestamp),
        refused("a root after the first that is the first again", prepare=rotated, repository=older("root")),
        refused("a root that skips a version", prepare=rotated,
                publisher=lambda p: p.edits.update({"root": lambda signed: signed.update(version=3)})),
        refused("a role gone from the snapshot", moved=timestamp, publisher=vanished),
    ]  # fmt: skip


def mixtures() -> list[Attack]:
    rows = [
        refused(f"{role} of an earlier publication", moved=before(role), repository=older(role))
        for role in ("snapshot", "targets", PRODUCT, ROLLOUT)
    ]

    def unhashed(publisher: Publisher) -> None:
        def edit(signed: dict) -> None:
            for meta in signed["meta"].values():
                meta.pop("hashes"), meta.pop("length")

        publisher.edits["snapshot"] = edit

    for role in ("targets", PRODUCT, ROLLOUT):
        rows.append(
            refused(f"{role} of an earlier publication, the snapshot listing no hashes", moved=before(role),
                    publisher=unhashed, repository=older(role))
        )  # fmt: skip
    for role in ORDER:
        rows.append(
            refused(f"changed byte: {role}", moved=before(role), prepare=honest(role),
                    repository=replaced(role, flipped))
        )  # fmt: skip
    return rows


def lengths() -> list[Attack]:
    limits = {"timestamp": 16_384, "snapshot": 2 << 20, "targets": 5 << 20}
    rows = []
    for role in ("timestamp", "snapshot", "targets", PRODUCT):
        rows.append(refused(f"cut short: {role}", moved=before(role), repository=replaced(role, lambda d: d[:-9])))
    for role in ("snapshot", "targets", PRODUCT):
        rows.append(refused(f"too long: {role}", moved=before(role), repository=replaced(role, lambda d: d + b" " * 9)))
    for role, limit in limits.items():
        rows.append(
            refused(f"larger than any {role}", 23, by="fetch", setup=Setup(20),
                    repository=replaced(role, lambda data, limit=limit: data + b" " * limit))
        )  # fmt: skip
        name = "timestamp.json" if role == "timestamp" else f".{role}.json"
        rows.append(
            refused(f"endless {role}", 23, by="fetch", setup=Setup(20),
                    web=lambda web, name=name: web.answers.update({name: endless}),
                    repository=replaced(role, lambda data, limit=limit: data + b" " * limit))
        )  # fmt: skip
    return rows


def expiries() -> list[Attack]:
    installs = Setup(0)
    return [
        refused("expired: root", 21, frozenset({"root"}), prepare=rotated, publisher=expired("root", 1)),
        refused("expired: targets", 21, before("targets"), publisher=expired("targets", 1)),
        refused(f"expired: {PRODUCT}", 21, before(PRODUCT), publisher=expired(PRODUCT, 1)),
        # A bundle may be older than its online roles, but not for ever.
        refused(f"expired: {ROLLOUT}", 21, ALL - {ROLLOUT}, installs, publisher=expired(ROLLOUT, 1)),
        refused("expired: snapshot", 21, before("snapshot"), installs, publisher=expired("snapshot", 1)),
        refused("expired: timestamp", 21, before("timestamp"), installs, publisher=expired("timestamp", 1)),
        refused("expired 401 days ago: timestamp", 21, before("timestamp"), publisher=expired("timestamp", 401)),
    ]


ROWS = signatures() + rollbacks() + mixtures() + lengths() + expiries()
