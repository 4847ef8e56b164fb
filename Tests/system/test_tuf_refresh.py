"""`tuf-client refresh` against repositories of python-tuf: the workflow of the specification, step by step."""

import json

import pytest
from securesystemslib.formats import encode_canonical
from tuf.api.metadata import MetaFile

from tuf_lab import client, current, fresh, repository, shelf, tuf_server  # noqa: F401
from tuf_repository import TOP_LEVEL, days, key


def test_asks_for_what_it_needs_and_stores_it_byte_for_byte(client, repository):
    repository.file("timestamp").write_bytes(repository.history["timestamp", 1] + b" \n")
    assert client.refresh()
    assert client.shelf.metadata_requests() == ["2.root", "timestamp", "1.snapshot", "1.targets"]
    expected = {f"{role}.json": repository.file(role).read_bytes() for role in TOP_LEVEL}
    assert client.files() == expected
    # What did not change is not asked for again.
    assert client.refresh()
    assert client.shelf.metadata_requests() == ["2.root", "timestamp"]
    assert client.files() == expected


@pytest.mark.parametrize("defect", ["no version", "signature", "words", "nothing", "another type"])
def test_a_bad_first_root_is_refused_and_nothing_is_asked_for(fresh, repository, defect):
    value = json.loads(repository.first_root)
    if defect == "no version":
        del value["signed"]["version"]
    value["signatures"][0]["sig"] = value["signatures"][0]["sig"][::-1]
    text = {"words": b"root", "nothing": b"", "another type": repository.history["timestamp", 1]}
    assert not fresh.init(text.get(defect, json.dumps(value).encode()))
    assert not fresh.refresh()
    assert fresh.files() == {} and fresh.shelf.requests == []


def test_a_trusted_root_is_not_replaced_by_init(current, repository):
    before = current.files()
    assert not current.init(repository.first_root)
    assert current.files() == before


@pytest.mark.parametrize("arguments", [(), ("refresh",), ("init",), ("download",), ("other",), ("--what", "refresh")])
def test_wrong_usage_is_exit_code_1(client, arguments):
    assert not client.run(*arguments)


@pytest.mark.parametrize("role", TOP_LEVEL)
def test_an_unsigned_role_is_refused_and_what_came_before_it_is_kept(client, repository, role):
    repository.keys[role] = [key("stranger")]
    repository.publish_all()
    assert not client.refresh()
    expected = {"root": 2, "timestamp": 2, "snapshot": 2, "targets": 2}
    for later in TOP_LEVEL[TOP_LEVEL.index(role):]:
        del expected[later]
    assert client.versions() == (expected or {"root": 1})


@pytest.mark.parametrize("role", ["root", "snapshot", "targets"])
def test_a_version_other_than_the_one_asked_for_is_refused(client, repository, role):
    version = repository.roles[role].version + 1
    repository.roles[role].version += 1
    repository.publish(role)
    text = repository.file(role).read_bytes()
    repository.file(role).unlink()
    repository.file(role, version).write_bytes(text)
    if role == "targets":
        repository.snapshot.meta["targets.json"] = MetaFile(version)
        repository.publish("snapshot")
    if role != "root":
        repository.timestamp.snapshot_meta = MetaFile(2)
        repository.publish("timestamp")
    assert not client.refresh()
    assert role not in client.versions() or client.versions()[role] == 1


def test_a_timestamp_of_the_same_version_changes_nothing(current, repository):
    before = current.files()
    repository.timestamp.snapshot_meta = MetaFile(100)
    repository.timestamp.version = 0
    repository.publish("timestamp")
    assert current.refresh()
    assert current.files() == before
    assert current.shelf.metadata_requests() == ["2.root", "timestamp"]


def test_lengths_and_hashes_of_metadata_are_checked(client, repository):
    repository.hashes = True
    repository.publish("targets", "snapshot", "timestamp")
    assert client.refresh()
    assert client.versions() == {"root": 1, "timestamp": 2, "snapshot": 2, "targets": 2}


@pytest.mark.parametrize("field", ["sha256", "sha512", "length"])
@pytest.mark.parametrize("role", ["snapshot", "targets"])
def test_metadata_of_another_length_or_hash_is_refused(current, repository, role, field):
    repository.hashes = True
    repository.publish("targets", "snapshot")
    meta = repository.timestamp.snapshot_meta if role == "snapshot" else repository.snapshot.meta["targets.json"]
    if field == "length":
        meta.length -= 1
    else:
        meta.hashes[field] = "0" * len(meta.hashes[field])
    repository.publish(*(["snapshot"] if role == "targets" else []), "timestamp")
    assert not current.refresh()
    assert current.versions()["timestamp"] == 2 and current.versions()[role] == 1


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_a_missing_file_is_an_error_and_what_came_before_it_is_kept(current, repository, role):
    repository.publish("targets", "snapshot", "timestamp")
    repository.file(role).unlink()
    assert not current.refresh()
    order = TOP_LEVEL[1:]
    behind = order.index(role)
    assert [current.versions()[each] for each in order] == [2] * behind + [1] * (3 - behind)


def test_a_role_that_is_signed_rightly_but_of_another_type_is_refused(client, repository):
    repository.appoint("snapshot", [key("timestamp"), key("snapshot")])
    repository.snapshot.meta = {"targets.json": MetaFile(1), "snapshot.json": MetaFile(1)}
    repository.publish("root", "snapshot")
    repository.file("timestamp").write_bytes(repository.history["snapshot", 2])
    assert not client.refresh()
    assert client.versions() == {"root": 2}


def test_unknown_fields_are_part_of_what_is_signed(current, repository):
    signer = key("with a field")
    signer.public_key.unrecognized_fields["x-field"] = {"é": [1, None, True], "b": "\"\\\u0001"}
    signer.public_key.keyid = keyid(signer)
    repository.root.unrecognized_fields["x-field"] = "value"
    repository.root.roles["root"].unrecognized_fields["x-field"] = "value"
    repository.appoint("root", [key("root"), signer], threshold=2)
    repository.publish("root")
    assert current.refresh()
    repository.publish("root")
    repository.rewrite("root", lambda value: value["signed"]["keys"][signer.public_key.keyid].pop("x-field"))
    assert not current.refresh()
    assert current.versions()["root"] == 2


def test_a_field_that_once_chose_hash_algorithms_chooses_nothing(current, repository):
    signer = key("with an old field")
    signer.public_key.unrecognized_fields["keyid_hash_algorithms"] = ["md5"]
    signer.public_key.keyid = keyid(signer)
    repository.appoint("snapshot", [signer])
    repository.publish("root", "snapshot", "timestamp")
    assert current.refresh()
    assert current.versions()["snapshot"] == 2


def keyid(signer) -> str:
    import hashlib

    return hashlib.sha256(encode_canonical(signer.public_key.to_dict()).encode()).hexdigest()


def test_without_consistent_snapshots_files_have_no_versions_in_their_names(client, repository):
    repository.root.consistent_snapshot = False
    repository.publish("root")
    repository.publish("targets", "snapshot", "timestamp")
    assert client.refresh()
    assert client.shelf.metadata_requests() == ["2.root", "3.root", "timestamp", "snapshot", "targets"]


@pytest.mark.parametrize("role", TOP_LEVEL)
def test_an_expired_role_is_refused(current, repository, role):
    repository.roles[role].expires = days(-1)
    repository.publish_all()
    assert not current.refresh()
    # A root is trusted before its expiry is looked at (5.3.10); of the others nothing expired is kept.
    expected = {"root": 2, "timestamp": 2, "snapshot": 2, "targets": 2}
    for later in TOP_LEVEL[TOP_LEVEL.index(role) + (role == "root"):]:
        expected[later] = 1
    assert current.versions() == expected


def test_an_intermediate_root_may_have_expired(current, repository):
    repository.root.expires = days(-1)
    repository.publish("root")
    repository.root.expires = days(30)
    repository.publish("root")
    assert current.refresh()
    assert current.versions()["root"] == 3


@pytest.mark.parametrize("role", TOP_LEVEL)
def test_what_is_stored_may_have_expired_when_there_is_something_new(client, repository, role):
    repository.roles[role].expires = days(7)
    repository.publish_all()
    assert client.refresh()
    assert not client.refresh(days=8)
    repository.roles[role].expires = days(20)
    repository.publish_all()
    assert client.refresh(days=8)
    assert set(client.versions().values()) == {3}


def test_rollback_is_judged_by_what_has_expired_too(client, repository):
    repository.timestamp.expires = repository.snapshot.expires = days(7)
    repository.publish("targets", "snapshot", "timestamp")
    assert client.refresh()
    repository.targets.version = 0
    repository.timestamp.expires = repository.snapshot.expires = days(20)
    repository.publish("targets", "snapshot", "timestamp")
    assert not client.refresh(days=8)
    assert client.versions()["targets"] == 2
