"""`tuf-client` and keys: each kind, thresholds, rotations of every role."""

import json
from dataclasses import dataclass

import pytest
from tuf.api.metadata import Metadata

from tuf_lab import client, current, fresh, repository, shelf, tuf_server  # noqa: F401
from tuf_repository import KINDS, TOP_LEVEL, key


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("role", TOP_LEVEL)
def test_each_kind_of_key_signs_each_role(current, repository, role, kind):
    signer = key(f"of kind {kind}", kind)
    repository.appoint(role, [key(role), signer], threshold=2)
    repository.publish_all()
    assert current.refresh(), current.output
    # A signature over something else, of the right form and length.
    repository.publish_all()
    other = Metadata.from_bytes(repository.history[role, 2]).signatures[signer.public_key.keyid].signature

    def spoil(value):
        for entry in value["signatures"]:
            if entry["keyid"] == signer.public_key.keyid:
                entry["sig"] = other

    repository.rewrite(role, spoil)
    assert not current.refresh()
    assert current.versions()[role] == 2


@dataclass
class Step:
    """A root: which keys it lists, how many must sign, and who has signed."""

    keys: str
    threshold: int
    signed: str
    accepted: bool = True


CHAINS = {
    "another key, signed by both": [Step("a", 1, "a"), Step("b", 1, "ab"), Step("b", 1, "b")],
    "signatures of strangers are nothing": [Step("a", 1, "axy"), Step("b", 1, "xbya"), Step("b", 1, "xby")],
    "any three of five": [Step("abcde", 3, "ace"), Step("abcde", 3, "aeb"), Step("abcde", 3, "abd")],
    "one of five replaced": [Step("abcde", 3, "ace"), Step("abdef", 3, "aeb")],
    "one of five replaced, the new one signs": [Step("abcde", 3, "ace"), Step("abdef", 3, "acef")],
    "all five replaced": [Step("abcde", 3, "ace"), Step("fghij", 3, "acefgh"), Step("fghij", 3, "fgh")],
    "threshold raised": [Step("abc", 1, "a"), Step("abc", 2, "ab")],
    "threshold raised with a new key": [Step("a", 1, "a"), Step("ab", 2, "ab")],
    "threshold lowered": [Step("abc", 2, "ab"), Step("abc", 1, "ab"), Step("abc", 1, "a")],
    "not signed by the old key": [Step("a", 1, "a"), Step("b", 1, "bxy", False)],
    "not signed by the new key": [Step("a", 1, "a"), Step("b", 1, "axy", False)],
    "too few of the new keys": [Step("abcde", 3, "ace"), Step("abdef", 3, "ace", False)],
    "too few of the old keys": [Step("abcde", 3, "ace"), Step("abdef", 3, "aef", False)],
    "raised threshold not met": [Step("abc", 1, "a"), Step("abc", 2, "b", False)],
    "old threshold not met": [Step("abc", 2, "ab"), Step("abc", 1, "a", False)],
}


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
def test_root_goes_on_only_by_old_and_new_keys(fresh, repository, chain):
    for file in (repository.folder / "metadata").glob("*.root.json"):
        file.unlink()
    repository.published.discard("root")
    for step in chain:
        repository.appoint("root", [key(name) for name in step.keys], step.threshold)
        repository.keys["root"] = [key(name) for name in step.signed]
        repository.publish("root")
    assert fresh.init(repository.history["root", 1])
    assert fresh.refresh() == chain[-1].accepted
    version = len(chain) if chain[-1].accepted else len(chain) - 1
    assert fresh.files()["root.json"] == repository.history["root", version]


ROTATIONS = {
    "another key": Step("b", 1, "b"),
    "signatures of strangers are nothing": Step("a", 1, "xay"),
    "any three of five": Step("abcde", 3, "bcd"),
    "the old key only": Step("b", 1, "axy", False),
    "two of three, and a stranger": Step("abcde", 3, "abx", False),
    "one short": Step("abcde", 3, "ae", False),
    "more needed than there are": Step("abc", 4, "abc", False),
}


@pytest.mark.parametrize("step", ROTATIONS.values(), ids=ROTATIONS)
@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_other_roles_go_by_the_newest_root(current, repository, role, step):
    repository.appoint(role, [key(name) for name in step.keys], step.threshold)
    repository.keys[role] = [key(name) for name in step.signed]
    repository.publish_all()
    assert current.refresh() == step.accepted
    assert current.versions()["root"] == 2
    assert (current.files().get(f"{role}.json") == repository.history[role, 2]) == step.accepted


def test_what_is_stored_must_be_signed_by_the_newest_keys(current, repository):
    """A rotated targets key makes the stored file worthless, though nothing else says so."""
    repository.appoint("targets", [key("another")])
    repository.publish("root")
    assert not current.refresh()
    repository.publish("targets", "snapshot", "timestamp")
    assert current.refresh()
    assert current.versions() == {"root": 2, "timestamp": 2, "snapshot": 2, "targets": 2}


def test_one_signature_twice_is_refused(client, repository):
    repository.rewrite("snapshot", lambda value: value["signatures"].append(value["signatures"][0]))
    assert not client.refresh()
    assert "snapshot" not in client.versions()


def test_one_key_many_times_is_one_key(client, repository):
    signer = key("many times")
    repository.appoint("snapshot", [signer])
    repository.root.roles["snapshot"].keyids = [signer.public_key.keyid] * 9
    repository.root.roles["snapshot"].threshold = 6
    repository.publish("root", "snapshot", "timestamp")
    repository.rewrite("snapshot", lambda value: value.update(signatures=value["signatures"] * 9))
    assert not client.refresh()
    assert "snapshot" not in client.versions()


@pytest.mark.parametrize("signature", ["", "00", "not hexadecimal", "é", "ab" * 64])
def test_a_worthless_signature_beside_good_ones_is_harmless(client, repository, signature):
    repository.appoint("timestamp", [key("timestamp"), key("second")])
    repository.publish("root", "timestamp")

    def spoil(value):
        value["signatures"][1]["sig"] = signature

    repository.rewrite("timestamp", spoil)
    assert client.refresh()
    # And is not more than that.
    repository.root.roles["timestamp"].threshold = 2
    repository.publish("root", "timestamp")
    assert client.refresh()
    repository.publish("timestamp")
    repository.rewrite("timestamp", spoil)
    assert not client.refresh()


def test_a_key_of_a_kind_that_nobody_knows_is_harmless_and_counts_for_nothing(current, repository):
    repository.publish("root")
    value = json.loads(repository.file("root").read_bytes())
    unknown = {"keytype": "sphincs", "scheme": "sphincs-shake-128s", "keyval": {"public": "00"}}
    from securesystemslib.formats import encode_canonical
    from securesystemslib.signer import SSlibKey
    import hashlib

    keyid = hashlib.sha256(encode_canonical(unknown).encode()).hexdigest()
    repository.root.version -= 1
    repository.root.add_key(SSlibKey(keyid, **unknown), "timestamp")
    repository.publish("root")
    assert value["signed"]["version"] == repository.root.version
    assert current.refresh()
    repository.root.roles["timestamp"].threshold = 2
    repository.publish("root", "timestamp")
    assert not current.refresh()


def test_a_key_under_an_id_that_is_not_its_own_counts_for_nothing(current, repository):
    signer = key("under a false id")
    signer.public_key.keyid = "ab" * 32
    repository.appoint("timestamp", [signer])
    repository.publish("root", "timestamp")
    assert not current.refresh()
    assert current.versions()["root"] == 2
