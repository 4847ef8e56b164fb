"""docs/contributor.md: its commands are run, and its map is of this country."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "Tests/system"))

import guide  # noqa: E402

COMMANDS = [line for step in guide.steps("contributor.md") for line in step.text.splitlines()]
#: Rows of the map: modules, and the symbols to look at first.
MAP = [
    (modules.split(","), re.findall(r"`(\w+)`", symbols))
    for modules, symbols in re.findall(
        r"^\| ((?:[A-Z]|slipway)[\w, -]+) \| [^|`]+ \| ([^|]*)\|$", (PROJECT / "docs/contributor.md").read_text(), re.MULTILINE
    )
]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_does_what_it_says(command):
    result = subprocess.run(
        ["bash", "-c", command], cwd=PROJECT, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120
    )
    assert result.returncode == 0, f"{command}: {result.stdout}{result.stderr}"


def test_the_map_leads_to_modules_and_symbols_that_are_there():
    assert len(MAP) == 10
    for modules, symbols in MAP:
        folders = [PROJECT / "Sources" / module.strip() for module in modules]
        assert all(folder.is_dir() for folder in folders), modules
        text = "".join(path.read_text() for folder in folders for path in folder.rglob("*.swift"))
        for symbol in symbols:
            assert re.search(rf"(struct|enum|class|protocol) {symbol}\b", text), f"{modules}: no {symbol}"
