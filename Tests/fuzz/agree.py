"""What our parsers accept, python-tuf must accept too: agree.py TARGET FILE CANONICAL [FILE CANONICAL]...

TARGET is json or a role; CANONICAL is our canonical JSON of the file (of its signed part) in hexadecimal, which must be
what securesystemslib makes of it. Prints each disagreement; exit code 1 if there is one.
"""

import json
import sys

from securesystemslib.formats import encode_canonical
from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp

ROLES = {"root": Root, "timestamp": Timestamp, "snapshot": Snapshot, "targets": Targets}


def check(target, data, canonical):
    value = json.loads(data)
    if target != "json":
        metadata = Metadata[ROLES[target]].from_bytes(data)
        if not isinstance(metadata.signed, ROLES[target]):
            raise ValueError(f"python-tuf reads it as {metadata.signed.type}")
        value = value["signed"]
    if encode_canonical(value).encode() != canonical:
        raise ValueError("its canonical JSON is another")


def main():
    target, *rest = sys.argv[1:]
    failed = False
    for path, canonical in zip(rest[::2], rest[1::2], strict=True):
        with open(path, "rb") as file:
            data = file.read()
        try:
            check(target, data, bytes.fromhex(canonical))
        except Exception as error:
            cause = error.__cause__ or error
            print(f"{target}: accepted here, refused by python-tuf ({type(cause).__name__}: {cause}): {path}")
            failed = True
    sys.exit(1 if failed else 0)


main()
