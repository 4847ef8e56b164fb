"""What the tests of `tuf-client` share: a repository, its server, and a client."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tuf_repository import Repository
from tuf_shelf import Shelf


class Client:
    """`tuf-client` with folders of its own."""

    def __init__(self, program: Path, shelf: Shelf, folder: Path) -> None:
        self.program = program
        self.shelf = shelf
        self.metadata = folder / "metadata"
        self.downloads = folder / "downloads"
        self.scratch = folder / "scratch"
        for each in (self.metadata, self.downloads, self.scratch):
            each.mkdir(parents=True)

    def command(self, *arguments: str) -> list[str]:
        return [str(self.program), "--metadata-dir", str(self.metadata), *arguments]

    def start(self, *arguments: str, before: tuple[str, ...] = ()) -> subprocess.Popen:
        return subprocess.Popen(
            [*before, *self.command(*arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, "TMPDIR": str(self.scratch)})

    def run(self, *arguments: str, before: tuple[str, ...] = ()) -> bool:
        """Whether it worked; any exit code but 0 and 1 fails the test."""
        process = self.start(*arguments, before=before)
        self.output, _ = process.communicate(timeout=120)
        assert process.returncode in (0, 1), f"exit code {process.returncode}: {self.output}"
        assert (process.returncode == 0) == (self.output == ""), self.output
        return process.returncode == 0

    def init(self, root: bytes) -> bool:
        file = self.metadata.parent / "initial-root.json"
        file.write_bytes(root)
        return self.run("init", str(file))

    @property
    def refreshing(self) -> list[str]:
        return ["--metadata-url", f"{self.shelf.address}/metadata", "refresh"]

    def refresh(self, days: float = 0) -> bool:
        """`days`: how far ahead the client's clock is."""
        return self.run(*self.refreshing, before=("faketime", "-f", f"+{days}d") if days else ())

    def download(self, *paths: str) -> bool:
        names = [word for path in paths for word in ("--target-name", path)]
        return self.run(
            "--metadata-url", f"{self.shelf.address}/metadata", "--target-base-url", f"{self.shelf.address}/targets/",
            "--target-dir", str(self.downloads), *names, "download")

    def files(self) -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in self.metadata.iterdir()}

    def versions(self) -> dict[str, int]:
        return {
            name.removesuffix(".json"): json.loads(text)["signed"]["version"] for name, text in self.files().items()
        }

    def downloaded(self) -> dict[str, bytes]:
        assert not list(self.scratch.iterdir())
        return {file.name: file.read_bytes() for file in self.downloads.iterdir()}


@pytest.fixture(scope="session")
def tuf_server():
    shelf = Shelf()
    yield shelf
    shelf.stop()


@pytest.fixture
def shelf(tuf_server):
    tuf_server.requests.clear()
    tuf_server.answers.clear()
    return tuf_server


@pytest.fixture
def repository(shelf, tmp_path) -> Repository:
    repository = Repository(tmp_path / "repository")
    shelf.folder = repository.folder
    return repository


@pytest.fixture
def fresh(shelf, repository, executables, tmp_path) -> Client:
    """A client that has nothing yet."""
    return Client(executables / "tuf-client", shelf, tmp_path / "client")


@pytest.fixture
def client(fresh, repository) -> Client:
    """A client that has the first root, and nothing else."""
    assert fresh.init(repository.first_root), fresh.output
    return fresh


@pytest.fixture
def current(client) -> Client:
    """A client that has the first version of everything."""
    assert client.refresh(), client.output
    client.shelf.requests.clear()
    return client
