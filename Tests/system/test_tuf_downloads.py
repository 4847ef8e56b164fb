"""`tuf-client download`: whole, verified, where it belongs, and not twice."""

import time
from urllib.parse import quote

import pytest

from tuf_lab import client, current, fresh, repository, shelf, tuf_server  # noqa: F401


def target_requests(client) -> list[str]:
    return [path for path in client.shelf.requests if "/targets/" in path]


@pytest.mark.parametrize("path", [
    "file", "path/to/a/file", "a b", "100%", "r\u00e9sum\u00e9", "a?b#c", "..file", "a/b..c/d"])
@pytest.mark.parametrize("consistent", [True, False])
def test_a_target_is_one_file_named_by_its_path(client, repository, path, consistent):
    repository.root.consistent_snapshot = consistent
    content = b"the bytes" * 50_000
    target = repository.add("targets", path, content)
    repository.publish_all()
    assert client.refresh() and client.downloaded() == {}
    assert client.download(path), client.output
    assert client.downloaded() == {quote(path, ""): content}
    folder, _, name = path.rpartition("/")
    name = f"{target.hashes['sha256']}.{name}" if consistent else name
    assert target_requests(client) == ["/targets/" + quote(f"{folder}/{name}" if folder else name)]


@pytest.mark.parametrize("path", ["../outside", "a/../../outside", "/etc/passwd", "a//b", "a/./b", "a/", ""])
def test_a_path_that_leads_elsewhere_is_refused(client, repository, path):
    from tuf.api.metadata import TargetFile

    repository.targets.targets[path] = TargetFile.from_data(path, b"bytes", ["sha256"])
    repository.publish_all()
    assert not client.download(path)
    assert client.downloaded() == {} and target_requests(client) == []


@pytest.mark.parametrize("hashes", [["sha256"], ["sha512"], ["sha256", "sha512"]], ids="+".join)
def test_known_hashes_are_all_checked(client, repository, hashes):
    repository.add("targets", "good", b"bytes", hashes)
    for wrong in hashes:
        target = repository.add("targets", f"bad-{wrong}", b"bytes", hashes)
        target.hashes[wrong] = "0" * len(target.hashes[wrong])
        repository.put(f"bad-{wrong}", b"bytes", target)
    repository.publish_all()
    assert client.download("good")
    for wrong in hashes:
        assert not client.download(f"bad-{wrong}")
    assert client.downloaded() == {"good": b"bytes"}


def test_a_target_with_unknown_hashes_only_is_refused_and_harms_no_other(client, repository):
    target = repository.add("targets", "unknown", b"bytes")
    target.hashes = {"blake9": target.hashes["sha256"]}
    repository.add("targets", "known", b"bytes").hashes["blake9"] = "00"
    repository.publish_all()
    assert not client.download("unknown")
    assert client.download("known")
    assert client.downloaded() == {"known": b"bytes"}


def test_what_is_here_is_not_downloaded_again(client, repository):
    repository.add("targets", "file", b"bytes")
    repository.publish_all()
    assert client.download("file") and client.download("file", "file")
    assert len(target_requests(client)) == 1
    # What has been changed here is.
    (client.downloads / "file").write_bytes(b"BYTES")
    assert client.download("file")
    assert client.downloaded() == {"file": b"bytes"} and len(target_requests(client)) == 2


@pytest.mark.parametrize("served", [b"", b"byte", b"BYTES", b"bytes and more"])
def test_other_bytes_are_refused_and_leave_nothing(client, repository, served):
    target = repository.add("targets", "file", b"bytes")
    repository.put("file", served, target)
    repository.publish_all()
    assert not client.download("file")
    assert client.downloaded() == {}
    repository.put("file", b"bytes", target)
    assert client.download("file")


def test_a_new_version_takes_the_place_of_the_old_one(client, repository):
    for round in range(3):
        content = f"round {round}".encode()
        repository.add("targets", "file", content)
        repository.publish("targets", "snapshot", "timestamp")
        assert client.download("file")
        assert client.downloaded() == {"file": content}
        # A change that nobody signed is none.
        target = repository.add("targets", "file", b"unsigned")
        repository.put("file", b"evil", target)
        client.download("file")
        assert client.downloaded() == {"file": content}


def test_the_first_target_that_fails_ends_it(client, repository):
    for name in ("one", "three"):
        repository.add("targets", name, name.encode())
    repository.publish_all()
    assert not client.download("one", "two", "three")
    assert client.downloaded() == {"one": b"one"}


def endless(handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b" " * 65536)
    except OSError:
        pass


@pytest.mark.parametrize("file", ["metadata/2.root.json", "metadata/timestamp.json", "metadata/1.snapshot.json"])
def test_an_endless_answer_is_cut_off(client, file):
    client.shelf.answers[f"/{file}"] = endless
    start = time.monotonic()
    assert not client.refresh()
    assert time.monotonic() - start < 20
    client.shelf.answers.clear()
    assert client.refresh()


def dripping(handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.5)
    except OSError:
        pass


@pytest.mark.slow
@pytest.mark.parametrize("file", ["2.root", "timestamp"])
def test_a_drip_is_cut_off(client, file):
    client.shelf.answers[f"/metadata/{file}.json"] = dripping
    start = time.monotonic()
    assert not client.refresh()
    assert 20 < time.monotonic() - start < 119
    client.shelf.answers.clear()
    assert client.refresh()


@pytest.mark.parametrize("status", [400, 401, 500, 503])
@pytest.mark.parametrize("file", ["2.root", "timestamp"])
def test_a_server_that_does_not_say_that_there_is_no_file_says_nothing(client, file, status):
    def answer(handler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    client.shelf.answers[f"/metadata/{file}.json"] = answer
    before = client.files()
    assert not client.refresh()
    assert client.files() == before


def test_a_killed_download_leaves_nothing_among_the_downloads(client, repository):
    target = repository.add("targets", "file", b"bytes" * 1000)
    repository.publish_all()
    begun = []

    def stalling(handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(target.length))
        handler.end_headers()
        handler.wfile.write(b"bytes" * 100)
        handler.wfile.flush()
        begun.append(True)
        time.sleep(5)

    path = f"/targets/{target.hashes['sha256']}.file"
    client.shelf.answers[path] = stalling
    process = client.start(
        "--metadata-url", f"{client.shelf.address}/metadata", "--target-base-url", f"{client.shelf.address}/targets",
        "--target-dir", str(client.downloads), "--target-name", "file", "download")
    deadline = time.monotonic() + 60
    while not begun and time.monotonic() < deadline:
        time.sleep(0.01)
    process.kill()
    process.communicate()
    assert begun and list(client.downloads.iterdir()) == []
    for left in client.scratch.glob("*/*"):
        left.unlink()
    for left in client.scratch.iterdir():
        left.rmdir()
    client.shelf.answers.clear()
    assert client.download("file")
    assert client.downloaded() == {"file": b"bytes" * 1000}
