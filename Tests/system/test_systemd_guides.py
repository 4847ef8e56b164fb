"""docs/admin.md, and what else is for admins, as an admin would follow it: every command, in the guide's order, on one machine with a real systemd."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

import guide
from factory import PLATFORM, PRODUCT, Factory, script
from machine import SHELF, STATE, shelf_folder

pytestmark = pytest.mark.timeout(600)

#: Who is root already needs no sudo, and the machine has none.
SUDO = "#!/bin/sh\nexec \"$@\"\n"


@pytest.fixture(scope="module")
def factory(executables):
    """A publisher of its own: the guide begins with 1.0.0."""
    with shelf_folder() as folder:
        yield Factory(folder, executables)


def bring_publishers_tool(program: Path, shelf: Path) -> None:
    """A device has not the libraries that a publisher's machine has: they come along."""
    shutil.copy(program, shelf / "tool")
    (shelf / "lib").mkdir()
    needed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    for library in re.findall(r"=> (/\S+/lib(?:xml2|icu\w+|lzma|z|stdc\+\+)\.so\S*)", needed):
        shutil.copy(library, shelf / "lib")
    script(shelf / "slipway-release", f'#!/bin/sh\nLD_LIBRARY_PATH={SHELF}/lib exec {SHELF}/tool "$@"\n')


@pytest.fixture(scope="module")
def desk(bare, factory, executables):
    """The machine of an admin who has got a Setup file, the root of trust and a stick, and works in /root."""
    first = factory.publish()
    assert first.version == "1.0.0"
    shelf = factory.folder
    name = factory.setup(first)
    shutil.copy(shelf / "repository/metadata/1.root.json", shelf / "root.json")
    bring_publishers_tool(executables / "slipway-release", shelf)
    (bare.root / "usr/local/bin/sudo").write_text(SUDO)
    (bare.root / "usr/local/bin/sudo").chmod(0o755)
    links = {f"/root/{name}": name, "/root/root.json": "root.json", "/usr/local/bin/slipway-release": "slipway-release"}
    for link, target in links.items():
        bare.run("ln", "-s", f"{SHELF}/{target}", link)
    return bare


class Reader:
    """Sees to it that what the guide takes for given is so."""

    def __init__(self, machine, factory) -> None:
        self.machine, self.factory = machine, factory

    def given(self, what: str) -> None:
        version, _, state = what.partition(" ")
        match state:
            case "is offered":
                assert self.factory.publish().version == version
            case "has been kept":
                self.machine.settled(version, "committed", 90)
            case "file proxy-password":
                self.machine.run("bash", "-c", "echo secret >/root/proxy-password")
            case "is on the stick":
                release = self.factory.publish()
                assert release.version == version
                bundle = f"{PRODUCT}-{version}.bundle"
                self.factory.tool(
                    "bundle", PRODUCT, version, "--platform", PLATFORM, "--output", str(self.factory.folder / bundle)
                )
                self.machine.run("mkdir", "-p", "/media/stick")
                self.machine.run("cp", f"{SHELF}/{bundle}", "/media/stick/")
            case _:
                raise AssertionError(f"a guide takes for given what this test does not know: {what}")

    def follows(self, name: str) -> None:
        for step in guide.steps(name):
            if step.given:
                self.given(step.text)
            else:
                self.does(name, step)

    def does(self, name: str, step: guide.Step) -> None:
        result = self.machine.run("bash", "-c", f"cd /root\n{step.script}", check=False, timeout=180)
        assert result.returncode == 0, f"{name}:{step.line}: {result.stdout}{result.stderr}\n{self.machine.tail()}"


def test_an_admin_who_follows_the_guide(desk, factory):
    Reader(desk, factory).follows("admin.md")
    assert not desk.exists(STATE)


def test_the_settings_of_the_guide_are_settings(desk, factory):
    """After the guide's removal, so that they are those of a first installation."""
    [text] = guide.settings("admin.md")
    desk.run("bash", "-c", f"cat >/root/config.toml <<'END'\n{text}\nEND")
    result = desk.run(
        f"{SHELF}/{factory.setup(factory.releases['1.2.0'])}", "--quiet", "--accept-license", "--config", "/root/config.toml",
        check=False, timeout=120,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    shown = desk.run("slipway", "config", "show").stdout
    for key, value in tomllib.loads(text).items():
        for name in value if isinstance(value, dict) else [None]:
            assert re.search(rf"^{re.escape(f'{key}.{name}' if name else key)} = ", shown, re.MULTILINE), f"{key} {name}: {shown}"


@pytest.mark.parametrize("name", ["proxies.md", "troubleshooting.md"])
def test_an_admin_who_looks_something_up(desk, factory, name):
    Reader(desk, factory).follows(name)
