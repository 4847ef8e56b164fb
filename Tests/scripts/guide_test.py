"""The guides of the library: their programs are written out, built, and run, as a reader would."""

import http.server
import os
import re
import shutil
import subprocess
import threading
from functools import partial
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
GUIDES = PROJECT / "Sources" / "TUF" / "TUF.docc"
BLOCK = re.compile(r"^`first-download/(?P<name>[^`]+)`:\n\n```swift\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def swift_blocks(guide):
    return BLOCK.findall((GUIDES / guide).read_text())


@pytest.fixture(scope="module")
def package():
    """The reader's folder, beside a checkout; always at the same place, so that what was built serves again."""
    folder = PROJECT / ".build-guide"
    package, checkout = folder / "first-download", folder / "slipway"
    if package.exists():
        shutil.rmtree(package)
    package.mkdir(parents=True)
    if not checkout.is_symlink():
        checkout.symlink_to(PROJECT)
    for guide in sorted(GUIDES.glob("*.md")):
        blocks = swift_blocks(guide.name)
        assert guide.read_text().count("```swift") == len(blocks), f"{guide.name}: a block that is no file"
        for name, text in blocks:
            path = package / name
            path.parent.mkdir(parents=True, exist_ok=True)
            assert not path.exists(), f"{name} is written twice"
            path.write_text(text)
    scratch = folder / "build"
    built = subprocess.run(
        ["swift", "build", "--package-path", package, "--scratch-path", scratch],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stdout[-4000:] + built.stderr[-4000:]
    assert "warning:" not in built.stdout
    return package, scratch / "debug"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def server(package):
    folder, programs = package
    subprocess.run([programs / "publish"], cwd=folder, check=True)
    handler = partial(Quiet, directory=folder / "www")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def fetch(package, server):
    folder, programs = package
    (folder / "hello.txt").unlink(missing_ok=True)
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return subprocess.run(
        [programs / "fetch", server], cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def last_line_of_guide():
    return re.search(r"The last line says\n\n```\n(.*?)\n```", (GUIDES / "FirstDownload.md").read_text()).group(1)


# One test: a second one might build the same package at the same time.
@pytest.mark.timeout(900)
def test_the_guide_ends_in_a_verified_download_and_in_nothing_else(package, server):
    folder, _ = package
    for _ in range(2):
        answer = fetch(package, server)
        assert answer.returncode == 0, answer.stderr
        assert answer.stdout.strip() == last_line_of_guide()
        assert (folder / "hello.txt").read_text() == "Hello, verified world!\n"
    # "Now change one letter": each change is refused as the guide says.
    target = next((folder / "www" / "targets").rglob("*.hello.txt"))
    timestamp = folder / "www" / "metadata" / "timestamp.json"
    for path, position, codes in ((target, 1, ["lengthOrHash"]), (timestamp, -40, ["signature", "malformed"])):
        before = path.read_bytes()
        path.write_bytes(before[:position] + b"~" + before[position + 1 :])
        answer = fetch(package, server)
        path.write_bytes(before)
        assert answer.returncode != 0
        assert any(code in answer.stderr for code in codes), answer.stderr
        assert not (folder / "hello.txt").exists()
    assert fetch(package, server).returncode == 0
