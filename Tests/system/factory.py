"""A publisher with the real tools: packs releases of the worked example, good ones and bad ones, into one repository."""

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PRODUCT = "room-agent"
PLATFORM = "linux-x86_64"
#: Where the devices find the repository: served inside the container, on its loopback.
PORT = 8099
#: The unit that stands in the product's way.
TAKEN_OVER = "meeting-display.service"

#: What the tests change in the worked example's manifest.
EDITS = {
    'platforms = ["linux-x86_64", "linux-aarch64"]': f'platforms = ["{PLATFORM}"]',
    'takesOver = ["unattended-upgrades.service"]': f'takesOver = ["{TAKEN_OVER}", "not-on-this-device.service"]',
    "https://updates.example.com/room-agent/": f"http://127.0.0.1:{PORT}/",
    'probation = "10min"': 'probation = "{probation}"',
    'interval = "1h"': 'interval = "{interval}"',
    'deadline = "60s"': 'deadline = "20s"',
}

#: What can be wrong with an agent: it ends at once, or it runs and never answers.
CRASHING = "#!/bin/sh\nexit 1\n"
SILENT = "#!/bin/sh\nexec sleep 1000000\n"


@dataclass
class Release:
    version: str
    #: The build id of its updater: the first 16 hexadecimal digits of the SHA-256 of slipway/bin/slipway.
    build: str


class Factory:
    """One publisher. Every release has an updater with a build id of its own."""

    def __init__(self, folder: Path, executables: Path) -> None:
        self.folder = folder
        self.executables = executables
        self.repository = folder / "repository"
        self.releases: dict[str, Release] = {}
        self.minor = -1
        self.tool("init", "--keys", str(folder / "keys"))

    def tool(self, *arguments: str) -> None:
        """Runs slipway-release on the repository."""
        command = [str(self.executables / "slipway-release"), *arguments, "--repository", str(self.repository)]
        environment = os.environ | {"SLIPWAY_PASSPHRASE": "only for tests"}
        result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
        assert result.returncode == 0, f"{command}: {result.stdout}{result.stderr}"

    def manifest(self, **settings: str) -> Path:
        text = (REPOSITORY / "manifests/room-agent.toml").read_text()
        for before, after in EDITS.items():
            assert before in text, f"manifests/room-agent.toml has no {before}"
            text = text.replace(before, after.format(**settings))
        path = self.folder / "room-agent.toml"
        path.write_text(text)
        shutil.copy(REPOSITORY / "manifests/room-agent-licence.txt", self.folder)
        return path

    def release(
        self,
        agent: str | None = None,
        updater: str | None = None,
        defect: tuple[bytes, bytes] | None = None,
        probation: str = "9s",
        interval: str = "1h",
    ) -> Release:
        """Packs the next version; `agent` and `updater` are scripts that stand in for the real ones. A script that
        stands in for the updater finds the real one beside it, as `real`; `defect` is a text in the real one and what
        stands there instead."""
        self.minor += 1
        version = f"1.{self.minor}.0"
        tree = self.folder / f"tree-{version}"
        binaries = tree / "slipway/bin"
        binaries.mkdir(parents=True)
        (tree / "agent/bin").mkdir(parents=True)
        (tree / "agent/version").write_text(version + "\n")
        if agent is None:
            shutil.copy(self.executables / "slipway-agent", tree / "agent/bin/slipway-agent")
        else:
            script(tree / "agent/bin/slipway-agent", agent)
        real = binaries / ("slipway" if updater is None else "real")
        shutil.copy(self.executables / "slipway", real)
        if defect is not None:
            replace(real, *defect)
        # An ELF file runs as before with something behind it, and is another build.
        with real.open("ab") as file:
            file.write(f"\nthe updater of {version}\n".encode())
        if updater is not None:
            script(binaries / "slipway", updater + f"# {version}\n")
        build = hashlib.sha256((binaries / "slipway").read_bytes()).hexdigest()[:16]
        manifest = self.manifest(probation=probation, interval=interval)
        self.tool(
            "pack", "--keys", str(self.folder / "keys"), "--manifest", str(manifest),
            "--tree", str(tree), "--version", version, "--platform", PLATFORM, "--level", "1",
        )  # fmt: skip
        shutil.rmtree(tree)
        self.releases[version] = Release(version, build)
        return self.releases[version]

    def promote(self, release: Release) -> Release:
        """Offers a release to all devices."""
        self.tool("promote", "--keys", str(self.folder / "keys"), PRODUCT, release.version, "--channel", "stable")
        return release

    def publish(self, **what) -> Release:
        return self.promote(self.release(**what))

    def resign(self) -> None:
        """News for all devices, and nothing in them."""
        self.tool("resign", "--keys", str(self.folder / "keys"))

    def setup(self, release: Release) -> str:
        """The name of a release's Setup file, which stands beside the repository."""
        name = f"{PRODUCT}-{release.version}.run"
        if not (self.folder / name).exists():
            self.tool(
                "setup", PRODUCT, release.version, "--platform", PLATFORM, "--output", str(self.folder / name),
                "--setup-binary", str(self.executables / "slipway-setup"),
            )  # fmt: skip
        return name


def replace(path: Path, before: bytes, after: bytes) -> None:
    data = path.read_bytes()
    assert before in data and len(before) == len(after)
    path.write_bytes(data.replace(before, after))


def script(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)
