"""`tuf-client` and versions: nothing goes back, but for a recovery that root has signed."""

import pytest

from tuf_lab import client, current, fresh, repository, shelf, tuf_server  # noqa: F401
from tuf_repository import key


@pytest.mark.parametrize("hashes", [False, True])
@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets", "team"])
def test_a_role_never_goes_back(client, repository, role, hashes):
    repository.hashes = hashes
    repository.delegate("targets", "team")
    repository.publish_all()
    repository.publish_all()
    assert client.refresh()
    before = client.versions()
    repository.roles[role].version = 0
    repository.publish({"team": "team"}.get(role, "targets"), "snapshot", "timestamp") if role in ("team", "targets") \
        else repository.publish("snapshot", "timestamp") if role == "snapshot" else repository.publish("timestamp")
    assert not client.refresh()
    after = client.versions()
    assert after["snapshot"] == before["snapshot"] and after["targets"] == before["targets"]
    assert after["timestamp"] >= before["timestamp"]


def test_a_role_never_leaves_the_snapshot(current, repository):
    repository.delegate("targets", "team")
    repository.publish_all()
    assert current.refresh()
    del repository.snapshot.meta["team.json"]
    repository.publish("snapshot", "timestamp")
    assert not current.refresh()
    assert current.versions()["snapshot"] == 2


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_new_keys_recover_from_a_version_far_ahead(current, repository, role):
    """An attacker who had the online keys has raised a version; root appoints others, and versions begin anew."""
    repository.delegate("targets", "team")
    repository.publish("team", "targets")
    repository.roles[role].version = 1_000_000
    repository.publish("targets", "snapshot", "timestamp")
    assert current.refresh()
    assert current.versions()[role] > 1_000_000
    # Not without new keys.
    repository.roles[role].version = 1
    repository.publish("targets", "snapshot", "timestamp")
    assert not current.refresh()
    repository.appoint("snapshot", [key("new snapshot")])
    repository.appoint("timestamp", [key("new timestamp")])
    repository.snapshot.meta.pop("team.json")
    repository.publish("root", "targets", "snapshot", "timestamp")
    assert current.refresh(), current.output
    assert current.versions()[role] < 100


def test_keys_that_only_join_forget_nothing(current, repository):
    repository.publish("timestamp")
    assert current.refresh()
    repository.appoint("timestamp", [key("timestamp"), key("a second")])
    repository.timestamp.version = 0
    repository.publish("root", "timestamp")
    assert not current.refresh()
    assert current.versions()["timestamp"] == 2


def test_a_chain_of_roots_is_followed_in_one_run_but_not_for_ever(current, repository):
    for _ in range(258):
        repository.publish("root")
    assert current.refresh()
    assert current.versions()["root"] == 257
    assert current.refresh()
    assert current.versions()["root"] == 259
