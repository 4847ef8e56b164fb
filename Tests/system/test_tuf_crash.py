"""`tuf-client` killed at each system call that changes what it stores, and several at work on one folder."""

import json
import shutil

import pytest

from tuf_lab import Client, client, current, fresh, repository, shelf, tuf_server  # noqa: F401
from tuf_repository import key

#: Each with the least number of times that the run makes it: six files are written, two are removed.
CALLS = {"openat": 6, "write": 6, "fsync": 12, "renameat": 6, "unlinkat": 2, "flock": 2, "close": 12}


@pytest.fixture
def recovering(current, repository):
    """A client before a run that does all there is to do: two new roots, removals, four other files."""
    repository.publish("root")
    for role in ("timestamp", "snapshot", "targets"):
        repository.appoint(role, [key(f"new {role}")])
    repository.publish("root")
    repository.delegate("targets", "team")
    repository.add("team", "file", b"bytes")
    repository.publish("team", "targets", "snapshot", "timestamp")
    return current


@pytest.mark.timeout(600)
@pytest.mark.parametrize("call", CALLS)
def test_killed_at_any_call_the_next_run_recovers(recovering, repository, call, tmp_path):
    client = recovering
    old = client.files()
    roots = {repository.history["root", version] for version in (1, 2, 3)}
    new = {f"{role}.json": repository.file(role).read_bytes() for role in ("timestamp", "snapshot", "targets", "team")}
    watched = [str(client.metadata)] + [
        str(client.metadata / f"{role}.json{end}") for role in ("root", "timestamp", "snapshot", "targets", "team")
        for end in ("", ".tmp")]
    paths = [word for path in watched for word in ("-P", path)]
    kills = 0
    while True:
        kills += 1
        shutil.rmtree(client.metadata)
        client.metadata.mkdir()
        for name, text in old.items():
            (client.metadata / name).write_bytes(text)
        process = client.start(
            "--metadata-url", f"{client.shelf.address}/metadata", "--target-base-url",
            f"{client.shelf.address}/targets", "--target-dir", str(client.downloads), "--target-name", "file",
            "download",
            before=(
                "strace", "-f", "-qq", "-o", str(tmp_path / "trace"), *paths, "-e", f"trace={call}", "-e",
                f"inject={call}:signal=KILL:when={kills}"))
        output, _ = process.communicate(timeout=60)
        if process.returncode == 0:
            break
        assert "killed by SIGKILL" in (tmp_path / "trace").read_text(), output
        # What has a name is whole: the old file or a new one.
        for name, text in client.files().items():
            if name == "root.json":
                assert text in roots
            elif not name.endswith(".json.tmp"):
                assert text in (old.get(name), new[name])
        assert json.loads((client.metadata / "root.json").read_bytes())["signed"]["version"] in (1, 2, 3)
        assert client.download("file"), f"{call} number {kills}: {client.output}"
        assert client.files() == {"root.json": repository.history["root", 3], **new}
        shutil.rmtree(client.downloads)
        client.downloads.mkdir()
        for left in client.scratch.iterdir():
            shutil.rmtree(left)
        assert kills < 200
    assert kills > CALLS[call]


def test_clients_on_one_folder_take_turns(recovering, repository):
    client = recovering
    for round in range(5):
        repository.publish("team", "targets", "snapshot", "timestamp")
        arguments = (
            "--metadata-url", f"{client.shelf.address}/metadata", "--target-base-url",
            f"{client.shelf.address}/targets", "--target-dir", str(client.downloads), "--target-name", "file",
            "download")
        together = [client.start(*arguments) for _ in range(6)]
        for process in together:
            output, _ = process.communicate(timeout=60)
            assert process.returncode == 0, output
        roles = ("root", "timestamp", "snapshot", "targets", "team")
        assert client.files() == {f"{role}.json": repository.file(role).read_bytes() for role in roles}
        assert client.downloaded() == {"file": b"bytes"}


def test_a_client_that_comes_later_never_puts_older_files_back(current, repository):
    """One client stops in the middle of its run; another one meanwhile sees newer metadata."""
    started, release = [], []

    def slow(handler) -> None:
        started.append(True)
        import time

        deadline = time.monotonic() + 30
        while not release and time.monotonic() < deadline:
            time.sleep(0.01)
        body = repository.history["timestamp", 2]
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    repository.publish("timestamp")
    current.shelf.answers["/metadata/timestamp.json"] = slow
    first = current.start(*current.refreshing)
    import time

    deadline = time.monotonic() + 30
    while not started and time.monotonic() < deadline:
        time.sleep(0.01)
    repository.publish("timestamp")
    del current.shelf.answers["/metadata/timestamp.json"]
    second = current.start(*current.refreshing)
    time.sleep(0.3)
    release.append(True)
    for process in (first, second):
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0, output
    assert current.versions()["timestamp"] == 3
