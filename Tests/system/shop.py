"""A publisher of small products with the real tools: several of them, and platforms, in one repository."""

import json
import os
import subprocess
from pathlib import Path

MANIFEST = """
id = "{product}"
name = "{product}"
publisher = "Example"
platforms = {platforms}
channel = "stable"
[repository]
metadata = ["{address}/metadata/"]
targets = ["{address}/targets/"]
[[services]]
name = "agent"
command = ["agent/bin/agent"]
user = "{product}"
probation = "1s"
[services.probe]
command = ["agent/bin/check"]
deadline = "30s"
interval = "1s"
[services.restart]
delay = "0s"
stop = "5s"
"""

AGENT = "#!/bin/sh\nexec sleep 1000000\n"
CHECK = "#!/bin/sh\nexit 0\n"


class Shop:
    """`updater` is the executable that releases for this machine carry."""

    def __init__(self, folder: Path, executables: Path, updater: Path, address: str) -> None:
        self.folder, self.executables, self.updater, self.address = folder, executables, updater, address
        self.repository = folder / "repository"
        folder.mkdir()
        folder.chmod(0o755)
        self.do("init", "--keys", folder / "keys")

    def tool(self, *arguments) -> subprocess.CompletedProcess:
        command = [self.executables / "slipway-release", *arguments, "--repository", self.repository]
        environment = os.environ | {"SLIPWAY_PASSPHRASE": "only for tests"}
        return subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True, timeout=120)

    def do(self, *arguments) -> str:
        result = self.tool(*arguments)
        assert result.returncode == 0, f"{arguments}: {result.stdout}{result.stderr}"
        return result.stdout

    def sign(self, verb: str, *arguments) -> str:
        return self.do(verb, *arguments, "--keys", self.folder / "keys")

    def pack(self, product: str, version: str, platform: str = "linux-x86_64", updater: Path | None = None,
             platforms: tuple[str, ...] = ("linux-x86_64",)) -> subprocess.CompletedProcess:  # fmt: skip
        tree = self.folder / f"tree-{product}-{version}"
        (tree / "agent/bin").mkdir(parents=True, exist_ok=True)
        for name, text in (("agent", AGENT), ("check", CHECK)):
            (tree / "agent/bin" / name).write_text(text)
            (tree / "agent/bin" / name).chmod(0o755)
        (tree / "agent/version").write_text(f"{product} {version}\n")
        manifest = self.folder / f"{product}.toml"
        manifest.write_text(MANIFEST.format(product=product, platforms=json.dumps(platforms), address=self.address))
        return self.tool(
            "pack", "--keys", self.folder / "keys", "--manifest", manifest, "--tree", tree, "--version", version,
            "--platform", platform, "--updater", updater or self.updater, "--level", "1",
        )  # fmt: skip

    def packed(self, *arguments, **options) -> None:
        result = self.pack(*arguments, **options)
        assert result.returncode == 0, result.stderr

    def promote(self, product: str, version: str, channel: str = "stable", *arguments) -> None:
        self.sign("promote", product, version, "--channel", channel, *arguments)

    def setup(self, product: str, version: str) -> Path:
        path = self.folder / f"{product}-{version}.run"
        self.do("setup", product, version, "--platform", "linux-x86_64", "--output", path,
                "--setup-binary", self.executables / "slipway-setup")  # fmt: skip
        return path

    def bundle(self, product: str, version: str, platform: str = "linux-x86_64") -> Path:
        path = self.folder / f"{product}-{version}-{platform}.bundle"
        self.do("bundle", product, version, "--platform", platform, "--output", path)
        return path
