"""The product of these tests: a small agent, its manifest, and a tree with one of everything that may be packed."""

from publisher import PLATFORM
from trees import Entry, Tree

AGENT = b"#!/bin/sh\nexec sleep 1000000\n"
CHECK = b"#!/bin/sh\nexit 0\n"


def tree(version: str, updater: bytes) -> Tree:
    """The updater, an agent, and files for attacks to spoil; every kind of entry has an honest specimen here."""
    result = Tree([], special=["agent/lib/privileged"])
    result.add(
        Entry("agent/bin/agent", data=AGENT, mode=0o555),
        Entry("agent/bin/check", data=CHECK, mode=0o555),
        Entry("agent/lib/caf\u00e9", data=b"composed"),
        Entry("agent/lib/current", "link", target="data"),
        Entry("agent/lib/data", data=b"some data"),
        Entry("agent/lib/empty"),
        Entry("agent/lib/" + "n" * 255, data=b"a long name"),
        Entry("agent/lib/privileged", data=b"may be setuid", mode=0o4555),
        Entry("agent/version", data=version.encode()),
        Entry("slipway/bin/slipway", data=updater, mode=0o555),
    )
    return result


def manifest(product: str, version: str, platform: str = PLATFORM) -> dict:
    """The compiled product manifest."""
    return {
        "schema": "slipway.product/1", "id": product, "name": {"text": "Room Agent"}, "publisher": "Example",
        "version": version, "platform": platform, "platforms": [platform],
        "specialModes": ["agent/lib/privileged"],
        "services": [
            {
                "name": "agent", "command": ["agent/bin/agent"], "user": product, "probationSeconds": 1,
                "probe": {"command": ["agent/bin/check"], "deadlineSeconds": 30, "intervalSeconds": 1},
                "restart": {"delaySeconds": 0, "stopSeconds": 5},
            }
        ],
    }  # fmt: skip
