"""A product with a database: an agent that writes rows as long as it lives, and a new version of it with another format."""

import os
import sqlite3
import subprocess
from pathlib import Path

PRODUCT = "ledger"
PLATFORM = "linux-x86_64"

#: Writes a row every 10 ms, and only then notes its number outside the data that is copied: what it has promised to keep.
AGENT = """#!/usr/bin/python3
import os, pathlib, sqlite3, sys, time

own, data = os.environ["STATE_DIRECTORY"].split(":")
alive = pathlib.Path(os.environ["RUNTIME_DIRECTORY"]) / "alive"
base = sqlite3.connect(data + "/ledger.db", isolation_level=None)
base.execute("PRAGMA journal_mode=WAL")
{begin}
promised = open(own + "/promised-{version}", "a", buffering=1)
while True:
    number = base.execute("INSERT INTO {table} (text) VALUES (?)", ("{version}",)).lastrowid
    promised.write(f"{{number}}\\n")
    {then}
    time.sleep(0.01)
"""
FIRST = {
    "begin": 'base.execute("CREATE TABLE IF NOT EXISTS entry (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")',
    "table": "entry", "then": "alive.touch()",
}  # fmt: skip
#: Works with the new format only, writes into it for a while, and ends.
CRASHING = {"begin": "left = 30", "table": "entries", "then": "left -= 1; left > 0 or sys.exit(1)"}
SECOND = {"begin": "", "table": "entries", "then": "alive.touch()"}

MIGRATE = """#!/usr/bin/python3
import os, sqlite3
assert (os.environ["SLIPWAY_SCHEMA_FROM"], os.environ["SLIPWAY_SCHEMA_TO"]) == ("1", "2"), os.environ
base = sqlite3.connect(os.environ["SLIPWAY_DATA"] + "/ledger.db", isolation_level=None)
base.execute("ALTER TABLE entry RENAME TO entries")
base.execute("ALTER TABLE entries ADD COLUMN place TEXT")
base.execute("UPDATE entries SET place = 'migrated'")
{end}
"""

MANIFEST = """
id = "ledger"
name = "Ledger"
publisher = "Example"
platforms = ["linux-x86_64"]
[repository]
metadata = ["{address}metadata/"]
targets = ["{address}targets/"]
[[services]]
name = "agent"
command = ["agent/bin/agent"]
user = "ledger"
probation = "3s"
[services.probe]
file = "/run/ledger/alive"
maxAge = "3s"
deadline = "20s"
[services.restart]
delay = "1s"
[[data]]
name = "state"
{data}
"""
OLD_DATA = "schema = 1\nsnapshot = true"
NEW_DATA = 'schema = 2\nsnapshot = true\nmigrate = ["agent/bin/migrate"]\nmigrateTimeout = "5s"'


class Publisher:
    """Packs versions of the ledger with the real tool."""

    def __init__(self, folder: Path, executables: Path, address: str) -> None:
        self.folder, self.executables, self.address = folder, executables, address
        self.tool("init", "--keys", str(folder / "keys"))

    def tool(self, *arguments: str, code: int = 0) -> str:
        command = [str(self.executables / "slipway-release"), *arguments, "--repository", str(self.folder / "repository")]
        environment = os.environ | {"SLIPWAY_PASSPHRASE": "only for tests"}
        result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
        assert result.returncode == code, f"{command}: {result.stdout}{result.stderr}"
        return result.stdout + result.stderr

    def pack(self, version: str, agent: dict, data: str, migrate: str | None = None, code: int = 0) -> str:
        tree = self.folder / f"tree-{version}"
        (tree / "agent/bin").mkdir(parents=True, exist_ok=True)
        programs = {"agent": AGENT.format(version=version, **agent)} | ({"migrate": migrate} if migrate else {})
        for name, text in programs.items():
            (tree / "agent/bin" / name).write_text(text)
            (tree / "agent/bin" / name).chmod(0o755)
        manifest = self.folder / "ledger.toml"
        manifest.write_text(MANIFEST.format(address=self.address, data=data))
        return self.tool(
            "pack", "--keys", str(self.folder / "keys"), "--manifest", str(manifest), "--tree", str(tree),
            "--version", version, "--platform", PLATFORM, "--level", "1", "--updater", str(self.folder / "slipway"), code=code,
        )  # fmt: skip

    def promote(self, version: str) -> None:
        self.tool("promote", PRODUCT, version, "--channel", "stable", "--keys", str(self.folder / "keys"))

    def setup(self, version: str) -> Path:
        file = self.folder / f"{PRODUCT}-{version}.run"
        self.tool(
            "setup", PRODUCT, version, "--platform", PLATFORM, "--output", str(file),
            "--setup-binary", str(self.executables / "slipway-setup"),
        )  # fmt: skip
        return file


class Books:
    """What lies on a device's disk."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "var/lib" / PRODUCT

    def promised(self, version: str) -> set[int]:
        path = self.folder / f"promised-{version}"
        # A line that was cut off was not promised to anybody.
        return {int(line) for line in path.read_text().split("\n")[:-1]} if path.exists() else set()

    def rows(self, table: str = "entry") -> dict[int, str]:
        with sqlite3.connect(f"file:{self.folder}/state/ledger.db?mode=ro", uri=True) as base:
            return dict(base.execute(f"SELECT id, text FROM {table}").fetchall())

    def tables(self) -> set[str]:
        with sqlite3.connect(f"file:{self.folder}/state/ledger.db?mode=ro", uri=True) as base:
            return {name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}

    def copies(self) -> set[str]:
        area = self.folder / ".slipway"
        return {path.name for path in area.iterdir()} if area.exists() else set()

    def require_all_promises(self, version: str) -> None:
        """Not a row lost that `version` had written."""
        promised = self.promised(version)
        rows = self.rows()
        missing = {number for number in promised if rows.get(number) != version}
        assert not missing, f"{len(missing)} rows of {version} are lost: {sorted(missing)[:5]}"
