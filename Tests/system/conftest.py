"""What all system tests share: where the executables are, and a web server."""

import os
from pathlib import Path

import pytest

from web import Web


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: only run with scripts/test --all")


@pytest.fixture(scope="session")
def web():
    server = Web()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def executables() -> Path:
    """The folder with `slipway` and `slipway-setup`: SLIPWAY_BIN, or what `swift build` made in this checkout."""
    default = Path(__file__).resolve().parents[2] / ".build/debug"
    folder = Path(os.environ.get("SLIPWAY_BIN", default))
    if not (folder / "slipway").exists():
        pytest.fail(f"{folder}/slipway is missing: run `swift build`, or set SLIPWAY_BIN")
    return folder
