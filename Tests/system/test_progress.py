"""How far a download and an unpacking are: a bar on a terminal, plain lines elsewhere, events for machines."""

import json
import os
import pty
import re
import subprocess
import time

import pytest

from lab import NEW, committed

BAR = re.compile(r"\rDownloading \[#*\.*\] (\d+) %, [\d.]+ [kM]B of [\d.]+ MB, \d+ s\x1b\[K")


def slowly(content: bytes):
    """The file in twelve parts over two seconds."""
    def answer(handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.send_header("Connection", "close")
        handler.end_headers()
        step = len(content) // 12 + 1
        for start in range(0, len(content), step):
            handler.wfile.write(content[start : start + step])
            time.sleep(0.17)
    return answer  # fmt: skip


@pytest.fixture
def waiting(lab, pristine):
    """A device that is offered a release, whose archive comes slowly."""
    device = lab.clone(pristine, f"slow-{len(lab.devices)}")
    lab.serve(lab.publish())
    archives = sorted(lab.web.folder.rglob(f"*{NEW}*/*.tar.zst"), key=lambda path: path.stat().st_size)
    lab.web.answers[archives[-1].name] = slowly(archives[-1].read_bytes())
    yield device
    lab.web.answers.clear()
    device.remove()


def command(device, *options) -> list[str]:
    program = device.versions / "current/slipway/bin/slipway"
    return [str(program), "update", "--now", "--root", str(device.root), "--product", device.product, *options]


def on_a_terminal(device, **more: str) -> str:
    """What a person sees who runs the command."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command(device), env=device.environment() | more, stdin=theirs, stdout=theirs, stderr=theirs, cwd="/")
    os.close(theirs)
    seen = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        seen += part
    os.close(ours)
    assert process.wait(60) == 0, seen
    return seen.decode()


def test_a_person_sees_percent_bytes_and_seconds(waiting):
    seen = on_a_terminal(waiting)
    percents = [int(number) for number in BAR.findall(seen)]
    assert len(set(percents)) >= 4 and percents == sorted(percents) and percents[-1] == 100, seen
    assert "\rUnpacking [#########################] 100 %" in seen
    committed(waiting)


def test_without_colours_there_are_plain_lines(waiting):
    seen = on_a_terminal(waiting, NO_COLOR="1")
    assert "\x1b" not in seen and "#" not in seen
    assert re.search(r"^Downloading: 100 %, [\d.]+ MB of [\d.]+ MB, \d+ s\r$", seen, re.MULTILINE), seen
    committed(waiting)


def test_a_machine_gets_events_and_the_result_as_its_last_line(waiting):
    result = subprocess.run(command(waiting, "--json"), env=waiting.environment(), capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    *events, last = [json.loads(line) for line in result.stdout.splitlines()]
    assert last["schema"] == "slipway.update/1" and (last["result"], last["version"]) == ("switched", NEW)
    assert {event["schema"] for event in events} == {"slipway.event/1"}
    assert [event["step"] for event in events] == sorted(event["step"] for event in events)
    for step in ("Downloading", "Unpacking"):
        done = [event for event in events if event["step"] == step][-1]
        assert done["bytes"] == done["total"] > 0 and done["seconds"] >= 0
    assert "\r" not in result.stderr and "\x1b" not in result.stderr
    committed(waiting)
