"""The two containers that carry a bundle: the strict ustar and the Setup file, written byte by byte."""

import hashlib
import shutil
import struct
from pathlib import Path

from trees import Member

MAGIC = b"SLIPWAY-SETUP/1\n"


def bundle_member(name: str, data: bytes) -> bytes:
    """One file of a one-file bundle: POSIX ustar, owned by root."""
    patches = {257: b"ustar\x0000root", 297: b"root"}
    return Member(name.encode(), data=data, magic=b"", patches=patches).bytes()


def one_file_bundle(metadata: dict[str, bytes], targets: dict[str, bytes]) -> bytes:
    """Metadata by file name, targets by the SHA-256 that is signed for them."""
    members = [bundle_member(f"metadata/{name}", data) for name, data in sorted(metadata.items())]
    members += [bundle_member(f"targets/{digest}", data) for digest, data in sorted(targets.items())]
    return b"".join(members) + bytes(1024)


def setup_file(path: Path, executable: Path, root: bytes, bundle: bytes, footer=lambda footer: footer) -> Path:
    """The bootstrapper, the root of trust, the bundle, and the footer that says where they lie."""
    shutil.copyfile(executable, path)
    start = path.stat().st_size
    body = root + bundle
    numbers = struct.pack("<4Q", start, len(root), start + len(root), len(bundle))
    with open(path, "ab") as file:
        file.write(body + footer(MAGIC + numbers + hashlib.sha256(body).digest()))
    path.chmod(0o755)
    return path
