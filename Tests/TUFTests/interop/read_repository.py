"""Reads a repository with python-tuf's client: read_repository.py METADATA_DIR WORK_DIR TARGET_PATH...

Prints one JSON object: for each target its length, or null when no role signs it, and the versions trusted.
"""

import json
import os
import sys

from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient import FetcherInterface, Updater


class DirectoryFetcher(FetcherInterface):
    """Serves the files of a directory under the base URL "dir:/"."""

    def __init__(self, directory):
        self.directory = directory

    def _fetch(self, url):
        path = os.path.join(self.directory, url.removeprefix("dir:/"))
        if not os.path.exists(path):
            raise DownloadHTTPError("not found", 404)
        with open(path, "rb") as file:
            yield file.read()


def main():
    metadata, work, *targets = sys.argv[1:]
    with open(os.path.join(metadata, "1.root.json"), "rb") as file:
        root = file.read()
    updater = Updater(work, "dir:/", work, "dir:/", DirectoryFetcher(metadata), bootstrap=root)
    updater.refresh()
    lengths = {}
    for target in targets:
        info = updater.get_targetinfo(target)
        lengths[target] = None if info is None else info.length
    trusted = updater._trusted_set
    versions = {role: trusted[role].version for role in ("root", "timestamp", "snapshot", "targets")}
    print(json.dumps({"targets": lengths, "versions": versions}))


main()
