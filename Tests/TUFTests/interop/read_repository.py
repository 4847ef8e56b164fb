"""Reads a repository with python-tuf's client, over HTTP: read_repository.py METADATA_DIR TARGETS_DIR WORK_DIR TARGET_PATH...

Prints one JSON object: for each target the text that was downloaded, or null when no role signs it, and the versions
trusted. Every file is served by a server on loopback.
"""

import functools
import http.server
import json
import os
import sys
import threading

from tuf.ngclient import Updater


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


def serve(directory):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=directory))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}/"


def main():
    metadata, targets, work, *paths = sys.argv[1:]
    with open(os.path.join(metadata, "1.root.json"), "rb") as file:
        root = file.read()
    updater = Updater(work, serve(metadata), work, serve(targets), bootstrap=root)
    updater.refresh()
    texts = {}
    for path in paths:
        info = updater.get_targetinfo(path)
        texts[path] = None
        if info is not None:
            with open(updater.download_target(info), encoding="utf-8") as file:
                texts[path] = file.read()
    trusted = updater._trusted_set
    versions = {role: trusted[role].version for role in ("root", "timestamp", "snapshot", "targets")}
    print(json.dumps({"targets": texts, "versions": versions}))


main()
