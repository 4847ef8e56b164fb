"""docs/publisher.md, as a publisher would follow it: every command, in the guide's order, in one shell."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import guide

GUIDES = [
    "../README.md", "admin.md", "publisher.md", "contributor.md", "key-ceremony.md", "proxies.md", "troubleshooting.md",
]  # fmt: skip


def elf(path: Path, machine: int) -> None:
    """A program of the platform, for trees and updaters that are packed and never run."""
    data = bytearray(Path("/usr/bin/true").read_bytes())
    data[18:20] = machine.to_bytes(2, "little")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(0o755)


@pytest.fixture
def desk(tmp_path, executables):
    """A publisher's folder."""
    manifests = guide.DOCUMENTS.parent / "manifests"
    for name in ("room-agent.toml", "room-agent-licence.txt"):
        shutil.copy(manifests / name, tmp_path)
    for name, machine in (("x86_64", 62), ("aarch64", 183)):
        elf(tmp_path / "build" / name / "agent/bin/slipway-agent", machine)
        (tmp_path / "build" / name / "agent/version").write_text("1.0.0\n")
        elf(tmp_path / "updater" / name / "slipway", machine)
    return tmp_path


def shell(folder: Path, executables: Path, script: str) -> subprocess.CompletedProcess:
    environment = {
        "PATH": f"{executables}:{os.environ['PATH']}", "HOME": str(folder), "SLIPWAY_PASSPHRASE": "only for tests",
    }  # fmt: skip
    return subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=300,
    )  # fmt: skip


@pytest.mark.timeout(400)
def test_a_publisher_who_follows_the_guide(desk, executables):
    steps = guide.steps("publisher.md")
    assert len(steps) > 10
    for step in steps:
        result = shell(desk, executables, step.script)
        assert result.returncode == 0, f"publisher.md:{step.line}: {result.stdout}{result.stderr}"
    result = shell(desk, executables, "slipway-release verify --repository www --json; slipway-release status --repository repo --json")
    assert result.returncode == 0, result.stderr
    status = json.loads(result.stdout.splitlines()[-1])
    assert "1.1.2" in json.dumps(status)


@pytest.mark.timeout(400)
def test_whoever_takes_the_first_walk_of_the_readme(desk, executables):
    text = (desk / "room-agent.toml").read_text()
    (desk / "room-agent.toml").write_text(text.replace(', "linux-aarch64"', ""))
    programs = desk / "programs"
    for name in ("slipway", "slipway-agent"):
        elf(programs / name, 62)
    publish, device = guide.steps("../README.md")
    result = shell(desk, executables, f'PATH="{programs}:$PATH"\n{publish.script}')
    assert result.returncode == 0, f"{result.stdout}{result.stderr}"
    assert json.loads(shell(desk, executables, "./room-agent-1.0.0.run --info --json").stdout)["version"] == "1.0.0"
    # The other half is what docs/admin.md does, on a machine that can be installed on.
    verbs = [" ".join(words[: 2 if words[0].endswith(".run") else 3]) for line in device.text.splitlines() if (words := line.split())]
    admin = "".join(step.text for step in guide.steps("admin.md"))
    for verb in verbs:
        assert verb.rstrip("# ") in admin, f"{verb} is not in docs/admin.md"


# The README's own two, scripts/demo and scripts/test, are what runs this.
@pytest.mark.parametrize("name", GUIDES[1:])
def test_a_guide_has_no_command_that_nobody_runs(name):
    assert guide.strays(name) == []


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_leads_nowhere_but_to_what_is_there(name):
    path = guide.DOCUMENTS / name
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text()):
        assert link.startswith("https://") or (path.parent / link).exists(), f"{name}: {link}"
