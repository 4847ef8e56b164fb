"""`tuf-client` killed at each system call that changes what it stores, and several at work on one folder."""

import shutil
import time

import pytest

from tuf_lab import client, current, fresh, repository, shelf, tuf_server  # noqa: F401
from tuf_repository import key

ROLES = ("root", "timestamp", "snapshot", "targets", "team")
#: System calls, each with the file or folder that it is about.
CALLS = [
    *((call, f"{role}.json.tmp") for role in ROLES for call in ("openat", "write", "close", "renameat")),
    # A delegated role's file does not wait for the disk: one that a power cut spoilt is brought again.
    *(("fsync", f"{role}.json.tmp") for role in ROLES if role != "team"),
    *(("unlinkat", f"{role}.json") for role in ("timestamp", "snapshot")),
    *((call, "") for call in ("openat", "flock", "fsync", "close")),
]


@pytest.fixture
def recovering(current, repository):
    """A client before a run that does all there is to do: two new roots, two removals, four other files."""
    repository.publish("root")
    for role in ("timestamp", "snapshot", "targets"):
        repository.appoint(role, [key(f"new {role}")])
    repository.publish("root")
    repository.delegate("targets", "team")
    repository.add("team", "file", b"bytes")
    repository.publish("team", "targets", "snapshot", "timestamp")
    return current


def downloading(client) -> list[str]:
    return [
        "--metadata-url", f"{client.shelf.address}/metadata", "--target-base-url", f"{client.shelf.address}/targets",
        "--target-dir", str(client.downloads), "--target-name", "file", "download"]


@pytest.mark.parametrize("call, name", CALLS, ids=[f"{call} {name or 'folder'}" for call, name in CALLS])
def test_killed_at_any_call_the_next_run_recovers(recovering, repository, call, name, tmp_path):
    client = recovering
    old = client.files()
    roots = {repository.history["root", version] for version in (1, 2, 3)}
    new = {f"{role}.json": repository.file(role).read_bytes() for role in ROLES[1:]}
    trace = tmp_path / "trace"
    # A file is opened by its bare name, and known by its whole path from then on.
    paths = ["-P", str(client.metadata / name)] + (["-P", name] if name else [])
    killed = 0
    while True:
        shutil.rmtree(client.metadata)
        client.metadata.mkdir()
        for file, text in old.items():
            (client.metadata / file).write_bytes(text)
        process = client.start(
            *downloading(client),
            before=("strace", "-f", "-qq", "-o", str(trace), *paths, "-e", f"trace={call}", "-e",
                    f"inject={call}:signal=KILL:when={killed + 1}"))
        output, _ = process.communicate(timeout=60)
        if process.returncode == 0:
            break
        killed += 1
        assert "killed by SIGKILL" in trace.read_text(), output
        # What has a name is whole: the old file or a new one.
        for file, text in client.files().items():
            if not file.endswith(".json.tmp"):
                assert text in (roots if file == "root.json" else (old.get(file), new[file])), file
        assert client.download("file"), f"{call} number {killed}: {client.output}"
        assert client.files() == {"root.json": repository.history["root", 3], **new}
        for folder in (client.downloads, client.scratch):
            shutil.rmtree(folder)
            folder.mkdir()
        assert killed < 100
    assert killed > 0


def test_clients_on_one_folder_take_turns(recovering, repository):
    client = recovering
    for _ in range(5):
        repository.publish("team", "targets", "snapshot", "timestamp")
        together = [client.start(*downloading(client)) for _ in range(6)]
        for process in together:
            output, _ = process.communicate(timeout=60)
            assert process.returncode == 0, output
        assert client.files() == {f"{role}.json": repository.file(role).read_bytes() for role in ROLES}
        assert client.downloaded() == {"file": b"bytes"}


def test_a_client_that_is_slower_never_puts_older_files_back(current, repository):
    """One client waits for an answer in the middle of its run; another one wants newer metadata meanwhile."""
    begun, answered = [], []

    def slow(handler) -> None:
        begun.append(True)
        until(lambda: answered)
        body = repository.history["timestamp", 2]
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def until(condition) -> None:
        deadline = time.monotonic() + 30
        while not condition() and time.monotonic() < deadline:
            time.sleep(0.01)

    repository.publish("timestamp")
    current.shelf.answers["/metadata/timestamp.json"] = slow
    first = current.start(*current.refreshing)
    until(lambda: begun)
    repository.publish("timestamp")
    del current.shelf.answers["/metadata/timestamp.json"]
    second = current.start(*current.refreshing)
    # The second has nothing to show while it waits: no request reaches the server.
    time.sleep(0.5)
    asked = current.shelf.requests.count("/metadata/timestamp.json")
    answered.append(True)
    for process in (first, second):
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0, output
    assert asked == 1 and current.versions()["timestamp"] == 3
