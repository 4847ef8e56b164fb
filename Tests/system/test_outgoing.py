"""A fetch in the wrong hands: what stands in `outgoing` is not what it seems, or does not stay what it was.

Everything is written by the user that fetch runs as. The metadata is honest, so apply has reason to read each file.
"""

import ctypes
import os
import select
import shutil
import socket
import struct
import threading
from pathlib import Path

import pytest

from attacks import ALL
from lab import NEW, Before, Lab, committed


class Outgoing:
    """`outgoing` as fetch leaves it for a whole release."""

    def __init__(self, lab: Lab, device) -> None:
        self.device, self.repository = device, lab.publish()
        self.folder = device.fetch / "outgoing"
        self.user = device.fetch_user
        self.folder.mkdir()
        for name, data in self.repository.flat(NEW).items():
            (self.folder / name).write_bytes(data)
        self.archive = self.folder / self.repository.target("tar.zst").digest
        self.timestamp = self.folder / "timestamp.json"
        self.own()

    def own(self) -> None:
        for path in [self.folder, *self.folder.iterdir()]:
            os.chown(path, *self.user, follow_symlinks=False)

    def deliver(self) -> None:
        """Raises the flag and waits for what apply makes of it."""
        self.device.mark()
        flag = self.device.fetch / "ready"
        if not os.path.lexists(flag):
            flag.touch()
        os.chown(flag, *self.user)
        self.device.settle()


def aside(path: Path) -> Path:
    """Moves a file out of `outgoing`, within the folder that its owner may write."""
    return path.rename(path.parents[1] / "aside")


def link_to_the_same(path: Path) -> None:
    path.symlink_to(aside(path))


def link_to_a_secret(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/shadow")


def hard_link(path: Path) -> None:
    os.link(path, path.parents[1] / "second-name")


def fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def bound_socket(path: Path) -> None:
    path.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"/proc/self/fd/{folder}/{path.name}")
    os.close(folder)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def sparse(path: Path) -> None:
    size = path.stat().st_size
    os.truncate(path, 0)
    os.truncate(path, size)


def enormous(path: Path) -> None:
    os.truncate(path, 1 << 40)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def longer(path: Path) -> None:
    with open(path, "ab") as file:
        file.write(b"x")


FILES = [
    link_to_the_same, link_to_a_secret, hard_link, fifo, bound_socket, folder, sparse, enormous, empty, longer,
]  # fmt: skip


@pytest.mark.parametrize("change", FILES, ids=lambda change: change.__name__.replace("_", " "))
@pytest.mark.parametrize("which", ["archive", "timestamp"])
def test_apply_refuses_what_is_no_plain_file(which, change, lab: Lab, live, delivered):
    outgoing = Outgoing(lab, live)
    change(getattr(outgoing, which))
    outgoing.own()
    before = Before.of(live)
    outgoing.deliver()
    result = live.status()["lastResult"]
    assert result.get("code") == 20, f"{result}\n{live.log()}"
    before.assert_same(ALL if which == "archive" else frozenset(), outgoing.repository.newest)


def folder_is_a_link(outgoing: Outgoing) -> None:
    outgoing.folder.symlink_to(outgoing.folder.rename(outgoing.device.fetch / "elsewhere"))


def folder_is_a_file(outgoing: Outgoing) -> None:
    shutil.rmtree(outgoing.folder)
    outgoing.folder.write_bytes(b"")


def folder_is_a_fifo(outgoing: Outgoing) -> None:
    shutil.rmtree(outgoing.folder)
    os.mkfifo(outgoing.folder)


@pytest.mark.parametrize("change", [folder_is_a_link, folder_is_a_file, folder_is_a_fifo], ids=lambda c: c.__name__)
def test_apply_claims_nothing_but_a_folder(change, lab: Lab, live):
    outgoing = Outgoing(lab, live)
    change(outgoing)
    before = Before.of(live)
    outgoing.deliver()
    before.assert_same(frozenset(), outgoing.repository.newest)


@pytest.mark.parametrize("levels", [50, 3000])
def test_deep_folders_do_not_stop_the_next_update(levels, lab: Lab, pristine):
    """Folders in folders, more than there are descriptors to hold them, go away with the next claim at the latest."""
    device = lab.clone(pristine, f"deep-{levels}")
    try:
        outgoing = Outgoing(lab, device)
        outgoing.timestamp.write_bytes(b"{}")
        here = os.open(outgoing.folder, os.O_RDONLY)
        for _ in range(levels):
            os.mkdir("d", dir_fd=here)
            below = os.open("d", os.O_RDONLY, dir_fd=here)
            os.fchown(below, *outgoing.user)
            os.close(here)
            here = below
        os.close(here)
        outgoing.deliver()
        assert device.status()["lastResult"].get("code") == 20
        device.forget_results()
        lab.serve(outgoing.repository)
        device.poll()
        committed(device)
        assert not (device.state / "incoming/claimed/d").exists()
    finally:
        device.remove()


# A file that is rewritten through a descriptor which its writer still holds.

IN_ACCESS, IN_CLOSE_NOWRITE = 0x1, 0x10


class Writer(threading.Thread):
    """Waits for a reader of `path` to do `events`, one after the other, then writes `data` over the file."""

    def __init__(self, path: Path, events: list[int], data: bytes) -> None:
        super().__init__(daemon=True)
        self.file = os.open(path, os.O_RDWR)
        self.events, self.data, self.done = list(events), data, False
        libc = ctypes.CDLL(None)
        self.inotify = libc.inotify_init()
        libc.inotify_add_watch(self.inotify, os.fsencode(path), IN_ACCESS | IN_CLOSE_NOWRITE)

    def run(self) -> None:
        while self.events and select.select([self.inotify], [], [], 60)[0]:
            seen = os.read(self.inotify, 4096)
            for offset in range(0, len(seen), 16):
                if self.events and struct.unpack_from("iIII", seen, offset)[1] == self.events[0]:
                    self.events.pop(0)
        if not self.events:
            os.pwrite(self.file, self.data, 0)
            self.done = True
        os.close(self.inotify)
        os.close(self.file)


READ, WHOLE = [IN_ACCESS], [IN_ACCESS, IN_CLOSE_NOWRITE]


@pytest.mark.parametrize("events", [WHOLE, READ], ids=["once it was read", "while it is read"])
def test_a_file_rewritten_through_an_open_descriptor_changes_nothing(events, lab: Lab, pristine, delivered):
    """Either the copy is what was signed, and is installed, or it is refused; never anything in between."""
    device = lab.clone(pristine, f"rewritten-{len(events)}")
    try:
        outgoing = Outgoing(lab, device)
        writer = Writer(outgoing.archive, events, bytes(outgoing.archive.stat().st_size))
        writer.start()
        before = Before.of(device)
        outgoing.deliver()
        writer.join(60)
        assert writer.done, "nobody read the archive"
        if device.current() == NEW:
            committed(device)
        else:
            assert events == READ, "it was read to its end, and only then refused"
            assert device.status()["lastResult"]["code"] == 20
            before.assert_same(ALL, outgoing.repository.newest)
    finally:
        device.remove()


@pytest.fixture(scope="session")
def delivered(lab, pristine):
    """The twin: the same folder with nothing changed is installed."""
    device = lab.clone(pristine, "delivered")
    try:
        Outgoing(lab, device).deliver()
        committed(device)
    finally:
        device.remove()
