"""Release trees as a publisher packs them: entries, tree manifest, and an archive that can be wrong in any byte.

Nothing here is shared with the Swift sources: tar headers, pax records and the manifest's JSON are written out byte by
byte, so that a mistake made there is not repeated here.
"""

import dataclasses
import functools
import hashlib
import json
from dataclasses import dataclass, field
from typing import Callable

import zstandard

BLOCK = 512
#: Members of at least so many bytes get a zstd frame of their own, which is compressed once and used again.
BIG = 1 << 20


def octal(value: int, digits: int) -> bytes:
    return b"%0*o" % (digits, value)


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % BLOCK)


@dataclass
class Member:
    """One tar member. What is None follows from the rest; everything else stands as it is given."""

    name: bytes
    type: bytes = b"0"
    mode: int = 0o444
    data: bytes = b""
    target: bytes = b""
    #: The twelve bytes of the size field.
    size: bytes | None = None
    #: Whole blocks in front of the member's own header.
    before: bytes = b""
    magic: bytes = b"ustar  \0"
    #: Bytes put elsewhere into the header, by offset.
    patches: dict[int, bytes] = field(default_factory=dict)
    checksum: bytes | None = None

    def header(self) -> bytes:
        size = self.size if self.size is not None else octal(len(self.data), 11)
        fields = {
            0: self.name[:100], 100: octal(self.mode, 7), 108: octal(0, 7), 116: octal(0, 7), 124: size,
            136: octal(0, 11), 148: b" " * 8, 156: self.type, 157: self.target[:100], 257: self.magic,
        }  # fmt: skip
        block = bytearray(BLOCK)
        for offset, value in (fields | self.patches).items():
            block[offset : offset + len(value)] = value
        block[148:156] = self.checksum or octal(sum(block), 6) + b"\0 "
        return bytes(block)

    def head(self) -> bytes:
        """All headers: the GNU long name and long target where they are needed, then the member's own."""
        long = b""
        for kind, text in ((b"L", self.name), (b"K", self.target)):
            if len(text) > 100:
                long += Member(b"././@LongLink", kind, data=text + b"\0").bytes()
        return self.before + long + self.header()

    def bytes(self) -> bytes:
        return self.head() + padded(self.data)


def pax(*records: tuple[str, bytes], kind: bytes = b"x") -> bytes:
    """A pax extended header (pax(1)); each record says its own length."""
    data = b""
    for key, value in records:
        rest = b" " + key.encode() + b"=" + value + b"\n"
        length = len(rest)
        while len(b"%d" % length) + len(rest) != length:
            length += 1
        data += b"%d" % length + rest
    return Member(b"PaxHeaders/x", kind, data=data, magic=b"ustar\x0000").bytes()


def compressed(data: bytes, window_log: int = 20) -> bytes:
    """One zstd frame with a checksum and without its size, so that the window stays the one asked for."""
    parameters = zstandard.ZstdCompressionParameters.from_level(
        1, window_log=window_log, write_checksum=1, write_content_size=0
    )
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    return compressor.compress(data) + compressor.flush()


@functools.lru_cache(maxsize=8)
def frame_of(data: bytes) -> bytes:
    """The frame of a big member's data."""
    return compressed(padded(data))


@functools.lru_cache(maxsize=256)
def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass
class Archive:
    """A tar of members in zstd frames: a big member has one of its own, what stands between shares one."""

    members: list[Member]
    end: bytes = bytes(2 * BLOCK)
    #: Changes the tar; then everything is one frame.
    tar: Callable[[bytes], bytes] | None = None
    #: Compresses the tar.
    compress: Callable[[bytes], bytes] | None = None
    #: Changes the compressed bytes.
    stream: Callable[[bytes], bytes] = staticmethod(lambda data: data)

    def bytes(self) -> bytes:
        if self.tar or self.compress:
            tar = b"".join(member.bytes() for member in self.members) + self.end
            tar = self.tar(tar) if self.tar else tar
            return self.stream((self.compress or compressed)(tar))
        frames, small = [], bytearray()
        for member in self.members:
            if len(member.data) < BIG:
                small += member.bytes()
                continue
            frames.append(compressed(bytes(small + member.head())))
            frames.append(frame_of(member.data))
            small.clear()
        small += self.end
        if small:
            frames.append(compressed(bytes(small)))
        return self.stream(b"".join(frames))

    def member(self, name: str) -> Member:
        return next(member for member in self.members if member.name == name.encode())

    def change(self, name: str, /, **fields) -> None:
        """Replaces fields of the member `name`."""
        place = self.members.index(self.member(name))
        self.members[place] = dataclasses.replace(self.members[place], **fields)


@dataclass
class Entry:
    """A path of a tree: a file with data, a directory, or a link with a target."""

    path: str
    kind: str = "file"
    data: bytes = b""
    mode: int = 0o444
    target: str = ""

    def listed(self) -> dict:
        """As the tree manifest has it."""
        if self.kind == "directory":
            return {"path": self.path, "type": "directory", "mode": "0555"}
        if self.kind == "link":
            return {"path": self.path, "type": "link", "target": self.target}
        return {
            "path": self.path, "type": "file", "mode": "%04o" % self.mode, "size": len(self.data),
            "sha256": sha256(self.data),
        }  # fmt: skip

    def member(self) -> Member:
        name = self.path.encode()
        if self.kind == "directory":
            return Member(name + b"/", b"5", 0o555)
        if self.kind == "link":
            return Member(name, b"2", 0o777, target=self.target.encode())
        return Member(name, mode=self.mode, data=self.data)


@dataclass
class Tree:
    """What a release installs."""

    entries: list[Entry]
    special: list[str] = field(default_factory=list)

    def add(self, *entries: Entry) -> None:
        """Adds entries and the directories above them."""
        for entry in entries:
            parts = entry.path.split("/")[:-1]
            for depth in range(1, len(parts) + 1):
                above = "/".join(parts[:depth])
                if all(known.path != above for known in self.entries):
                    self.entries.append(Entry(above, "directory"))
            self.entries.append(entry)
        self.entries.sort(key=lambda entry: entry.path.encode())

    def manifest(self, product: str, version: str, platform: str) -> dict:
        files = [entry for entry in self.entries if entry.kind == "file"]
        return {
            "schema": "slipway.tree/1", "id": product, "version": version, "platform": platform,
            "entries": [entry.listed() for entry in self.entries], "specialModes": sorted(self.special),
            "totals": {"bytes": sum(len(entry.data) for entry in files), "inodes": len(self.entries)},
        }  # fmt: skip

    def archive(self) -> Archive:
        return Archive([entry.member() for entry in self.entries])


def document(value: dict) -> bytes:
    """JSON as a publisher stores it: compact, keys sorted."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
