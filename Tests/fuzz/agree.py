"""What our parsers accept, python-tuf must accept too: agree.py TARGET < LINES

TARGET is json or a role. Each line is the path of an accepted file and our canonical JSON of it (of its signed part) in
hexadecimal, which must be what securesystemslib makes of it. Prints each disagreement; exit code 1 if there is one.
"""

import json
import sys

from securesystemslib.formats import encode_canonical
from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp

ROLES = {"root": Root, "timestamp": Timestamp, "snapshot": Snapshot, "targets": Targets}

# Where this library is meant to read on: one unusable key spoils the whole file for python-tuf, here its signatures never
# count; and the specification (4.3) knows a fifth role in root, "mirrors".
MEANT = ("Unsupported public key", "public key string required", "Role names must be the top-level metadata roles")


def check(target, data, canonical):
    value = json.loads(data)
    if target != "json":
        try:
            metadata = Metadata[ROLES[target]].from_bytes(data)
        except Exception as error:
            if not str(error.__cause__ or error).startswith(MEANT):
                raise
        else:
            if not isinstance(metadata.signed, ROLES[target]):
                raise ValueError(f"python-tuf reads it as {metadata.signed.type}")
        value = value["signed"]
    if encode_canonical(value).encode() != canonical:
        raise ValueError("its canonical JSON is another")


def main():
    target = sys.argv[1]
    failed = False
    for line in sys.stdin:
        path, canonical = line.rstrip("\n").rsplit(" ", 1)
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
