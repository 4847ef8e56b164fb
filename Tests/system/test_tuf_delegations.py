"""`tuf-client` searching through delegations that python-tuf made."""

from urllib.parse import quote

import pytest
from tuf.api.metadata import SuccinctRoles

from tuf_lab import client, current, fresh, repository, shelf, tuf_server  # noqa: F401
from tuf_repository import key

#: "A>B" delegates everything, "A>B!" does so terminating, "A>B:*.py" only what matches.
GRAPHS = {
    "one": ("T>A", "A"),
    "two in order": ("T>A T>B", "A B"),
    "depth first": ("T>A T>B A>C A>D", "A C D B"),
    "three levels": ("T>A T>B A>C C>D", "A C D B"),
    "below the second": ("T>A T>B B>C", "A B C"),
    "terminating ends what follows": ("T>A T>B A>C! A>D", "A C"),
    "terminating, with what it delegates": ("T>A T>B A>C! C>D", "A C D"),
    "terminating at the top": ("T>A! T>B A>C", "A C"),
    "terminating, but not for this path": ("T>A:*.py! T>B", "B"),
    "paths that do not match": ("T>A:*.py T>B A>C", "B"),
    "paths that do not match further down": ("T>A T>B A>C:*.py C>D", "A B"),
    "a cycle": ("T>A T>B B>C C>D D>B", "A B C D"),
    "a role that delegates to itself": ("T>A A>A A>B", "A B"),
    "one role by two ways": ("T>A T>B A>C B>C", "A C B"),
    "one role by two ways, of which one matches": ("T>A T>B A>C:*.py B>C", "A B C"),
}


@pytest.mark.parametrize("graph, order", GRAPHS.values(), ids=GRAPHS)
def test_the_search_is_pre_order_depth_first(client, repository, graph, order):
    for edge in graph.split():
        parent, child = edge.rstrip("!").split(">")
        child, _, pattern = child.partition(":")
        repository.delegate(
            "targets" if parent == "T" else parent, child, [pattern or "*"], terminating=edge.endswith("!"))
    repository.publish_all()
    assert not client.download("missing")
    assert client.shelf.delegated_requests() == [f"1.{role}" for role in order.split()]


@pytest.mark.parametrize("path, roles, found", [
    ("top", "", True), ("README.md", "A", True), ("releases/x/one", "B C", True), ("releases/y/one.zip", "B D", True),
    ("releases/z/one.zip", "B", False), ("releases/README.md", "", False), ("foo-1.tgz", "A", True),
    ("foo-10.tgz", "", False), ("README.MD", "", False), ("foo-\u00e9.tgz", "A", True), ("[x]", "", False),
])
def test_every_role_on_the_way_must_be_trusted_for_the_path(client, repository, path, roles, found):
    for parent, role, patterns in (
        ("targets", "A", ["*.doc", "*.md", "foo-?.tgz", "[y]"]), ("targets", "B", ["releases/*/*"]),
        ("B", "C", ["releases/x/*"]), ("B", "D", ["releases/y/*.zip"]),
    ):
        repository.delegate(parent, role, patterns)
    content = f"the bytes of {path}".encode()
    for role in ("targets", "A") if path == "top" else ("A", "C", "D"):
        repository.add(role, path, content)
    repository.publish_all()
    assert client.download(path) == found
    assert client.shelf.delegated_requests() == [f"1.{role}" for role in roles.split()]
    assert client.downloaded() == ({quote(path, ""): content} if found else {})


def test_hash_prefixes_choose_the_role(client, repository):
    repository.delegate("targets", "low", prefixes=[f"{digit:x}" for digit in range(8)])
    repository.delegate("targets", "high", prefixes=[f"{digit:x}" for digit in range(8, 16)])
    for index in range(8):
        for role in ("low", "high"):
            repository.add(role, f"deep/er/file-{index}", f"{index}".encode())
    repository.publish_all()
    import hashlib

    for index in range(8):
        path = f"deep/er/file-{index}"
        client.shelf.requests.clear()
        assert client.download(path)
        role = "low" if hashlib.sha256(path.encode()).hexdigest()[0] < "8" else "high"
        assert set(client.shelf.delegated_requests()) <= {f"1.{role}"}
    assert len(client.downloaded()) == 8


@pytest.mark.parametrize("bits", [1, 3, 4, 5, 8])
def test_succinct_bins_are_found_by_arithmetic(client, repository, bits):
    repository.delegate_bins("targets", bits, "the bin")
    names = SuccinctRoles([], 1, bits, "the bin")
    paths = [f"dir/file-{index}" for index in range(6)]
    for path in paths:
        repository.add(names.get_role_for_target(path), path, path.encode())
    repository.publish_all()
    assert client.download(*paths), client.output
    asked = {f"1.{quote(names.get_role_for_target(path), '')}" for path in paths}
    assert set(client.shelf.delegated_requests()) == asked
    assert not client.download("dir/missing")


def test_a_bin_counts_only_for_its_own_paths(client, repository):
    repository.delegate_bins("targets", 4)
    own = SuccinctRoles([], 1, 4, "bin").get_role_for_target("file")
    for number in range(16):
        if (name := f"bin-{number:x}") != own:
            repository.add(name, "file", b"not for this bin")
    repository.publish_all()
    assert not client.download("file")
    repository.add(own, "file", b"right")
    repository.publish_all()
    assert client.download("file")
    assert client.downloaded() == {"file": b"right"}


def test_a_bin_signed_by_a_stranger_is_refused(client, repository):
    repository.delegate_bins("targets", 2)
    for number in range(4):
        repository.keys[f"bin-{number}"] = [key("stranger")]
    repository.publish_all()
    assert not client.download("file")
    assert len(client.files()) == 4


@pytest.mark.parametrize("role", [
    "?", "#", "/absolute", "../above", "..", ".", "a b", "%2e%2e", "r\u00f4le", "a/../../b", "x.json"])
def test_any_name_of_a_role_is_one_file(client, repository, role):
    repository.delegate("targets", role)
    repository.add(role, "file", b"bytes")
    repository.publish_all()
    outside = sorted(client.metadata.parent.iterdir())
    assert client.download("file"), client.output
    assert client.shelf.delegated_requests() == [f"1.{quote(role, '')}"]
    assert client.files()[f"{quote(role, '')}.json"] == repository.history[role, 1]
    assert len(client.files()) == 5 and sorted(client.metadata.parent.iterdir()) == outside


def test_a_cached_role_is_judged_by_who_delegates_to_it_now(client, repository):
    for team in "ab":
        repository.delegate("targets", f"team-{team}", [f"{team}/*"])
        repository.delegate(f"team-{team}", "release", [f"{team}/*"], signer=key(f"release of {team}"))
    repository.keys["release"] = [key("release of a")]
    for team in "ab":
        repository.add("release", f"{team}/file", f"for {team}".encode())
    repository.publish_all()
    assert not client.download("a/file", "b/file")
    assert client.downloaded() == {"a%2Ffile": b"for a"}
    # The other way round, and from what is stored.
    assert not client.download("b/file")
    assert client.downloaded() == {"a%2Ffile": b"for a"}


def test_a_rotated_key_of_a_delegated_role_makes_what_is_stored_worthless(client, repository):
    repository.delegate("targets", "team")
    repository.add("team", "file", b"one")
    repository.publish_all()
    assert client.download("file")
    del repository.targets.delegations.roles["team"]
    repository.keys["team"] = []
    repository.delegate("targets", "team", signer=key("another"))
    repository.publish("targets", "snapshot", "timestamp")
    assert not client.download("file")
    repository.publish("team", "snapshot", "timestamp")
    assert client.download("file")
    assert client.versions()["team"] == 2


def test_thresholds_of_delegations_count_keys(client, repository):
    repository.delegate("targets", "team", signer=key("one"), threshold=2)
    repository.targets.add_key(key("two", "rsa").public_key, "team")
    repository.add("team", "file", b"bytes")
    repository.publish_all()
    assert not client.download("file")
    repository.keys["team"].append(key("two", "rsa"))
    repository.publish_all()
    assert client.download("file")


def test_a_role_that_the_snapshot_does_not_list_is_not_even_asked_for(client, repository):
    repository.delegate("targets", "team")
    repository.publish("team", "targets")
    del repository.snapshot.meta["team.json"]
    repository.publish("snapshot", "timestamp")
    assert client.refresh()
    client.shelf.requests.clear()
    assert not client.download("file")
    assert client.shelf.metadata_requests() == ["2.root", "timestamp"]


def test_no_more_than_thirty_two_roles_are_visited(client, repository):
    for index in range(40):
        repository.delegate("targets", f"role-{index:02}", signer=key("many"))
    repository.add("role-35", "file", b"too far")
    repository.publish_all()
    assert not client.download("file")
    assert len(client.shelf.delegated_requests()) == 32
