"""What the executables say of themselves: examples, man pages, completions, tried with the programs that read them."""

import json
import subprocess
from pathlib import Path

import pytest

PROGRAMS = ["slipway", "slipway-setup", "slipway-release", "slipway-agent", "tuf-client"]
MANUALS = Path(__file__).resolve().parents[2] / "scripts/manuals"


def verbs(command: dict, path: tuple = ()):
    """Each verb that is shown, by its path, the program itself first."""
    path += (command["commandName"],)
    yield path, command
    for verb in command.get("subcommands", []):
        if verb["commandName"] != "help" and verb.get("shouldDisplay", True):
            yield from verbs(verb, path)


def examples_of(command: dict) -> list[str]:
    """Lines that begin with `Example: `, or are indented."""
    lines = (command.get("discussion") or "").replace("\\\n", " ").splitlines()
    marked = [line for line in lines if line.startswith(("Example: ", "  "))]
    return [" ".join(line.removeprefix("Example: ").split()) for line in marked]


@pytest.fixture(scope="module")
def said(executables) -> dict[str, dict]:
    """What each program's parser knows."""
    def dump(program):
        return json.loads(subprocess.run(
            [executables / program, "--experimental-dump-help"], capture_output=True, check=True).stdout)["command"]
    return {program: dump(program) for program in PROGRAMS}  # fmt: skip


@pytest.fixture(scope="module")
def share(executables, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("manuals")
    subprocess.run([MANUALS, executables, out], check=True, capture_output=True)
    return out / "share"


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_verb_has_an_example_that_names_it_and_knows_its_options(said, program):
    found = dict(verbs(said[program]))
    assert len(found) > 20 or program not in ("slipway", "slipway-release")
    for path, command in found.items():
        examples = examples_of(command)
        assert examples, f"'{' '.join(path)} --help' has no example"
        # The program's own example is one of its verbs.
        if len(path) == 1:
            continue
        assert any(" ".join(path) in example for example in examples), (path, examples)
        known = {"--" + name["name"] for argument in command["arguments"] for name in argument.get("names", [])}
        for example in examples:
            if command.get("subcommands") or " ".join(path) not in example:
                continue
            used = {word.split("=")[0] for word in example.split() if word.startswith("--")}
            assert used <= known, (path, used - known)


@pytest.mark.parametrize("program", PROGRAMS)
def test_there_is_a_man_page_that_reads_and_names_every_verb_and_option(said, share, program):
    page = share / f"man/man1/{program}.1"
    linted = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], capture_output=True, text=True)
    assert linted.returncode == 0, linted.stdout + linted.stderr
    text = subprocess.run(["mandoc", "-T", "ascii", page], capture_output=True, text=True, check=True).stdout
    while "\b" in text:
        text = "".join(part[:-1] for part in text.split("\b")[:-1]) + text.split("\b")[-1]
    words = text.split()
    for path, command in verbs(said[program]):
        assert path[-1] in words
        for argument in command["arguments"]:
            if argument["shouldDisplay"] and (name := argument.get("preferredName")) and name["kind"] == "long":
                assert f"--{name['name']}" in text, (path, name)
        for example in examples_of(command):
            assert example in " ".join(text.replace("\\\n", " ").split()), example


def test_slipway_prints_its_own(executables, share):
    printed = subprocess.run([executables / "slipway", "manual"], capture_output=True, check=True).stdout
    assert printed == (share / "man/man1/slipway.1").read_bytes()
    for shell, file in (("bash", "bash-completion/completions/slipway"), ("zsh", "zsh/site-functions/_slipway"),
                        ("fish", "fish/vendor_completions.d/slipway.fish")):  # fmt: skip
        printed = subprocess.run([executables / "slipway", "completions", shell], capture_output=True, check=True).stdout
        assert printed.strip() == (share / file).read_bytes().strip()


def bash(share: Path, program: str, line: str) -> list[str]:
    """What a real bash offers at the end of a line."""
    script = f"""
        source {share}/bash-completion/completions/{program}
        COMP_LINE=$1 COMP_POINT=${{#1}}
        read -ra COMP_WORDS <<<"$1"; [[ $1 == *' ' ]] && COMP_WORDS+=('')
        COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        $(complete -p {program} | sed 's/.*-F \\([^ ]*\\).*/\\1/') {program} "${{COMP_WORDS[COMP_CWORD]}}"
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    result = subprocess.run(["bash", "-c", script, "bash", line], capture_output=True, text=True, timeout=20)
    return result.stdout.split()


def zsh(share: Path, program: str, line: str) -> list[str]:
    script = f"""
        zmodload zsh/zpty
        zpty asked zsh -f -i
        zpty -w asked 'PS1=; fpath=({share}/zsh/site-functions $fpath); autoload -U compinit; compinit -u -D; LISTMAX=1000; bindkey "^I" complete-word; zstyle ":completion:*" list-prompt ""; stty cols 200 rows 200; print REA"DY"'
        zpty -r asked out '*READY*'
        zpty -w -n asked {line!r}$'\\t'
        for i in {{1..50}}; do
          sleep 0.1
          if zpty -r -t asked out; then print -rn -- $out; idle=0; elif (( ++idle > 4 && i > 8 )); then break; fi
        done
        zpty -d asked
    """
    result = subprocess.run(["zsh", "-f", "-c", script], capture_output=True, text=True, timeout=30)
    return result.stdout.replace("\x07", " ").split()


def fish(share: Path, program: str, line: str) -> list[str]:
    script = f"source {share}/fish/vendor_completions.d/{program}.fish; complete -C {line!r}"
    result = subprocess.run(["fish", "-N", "-c", script], capture_output=True, text=True, timeout=20)
    return [offered.split("\t")[0] for offered in result.stdout.splitlines()]


@pytest.mark.parametrize("shell", [bash, zsh, fish])
@pytest.mark.parametrize(
    "line, offered",
    [
        ("slipway hi", "history"), ("slipway config s", "show"), ("slipway history --si", "--since"),
        ("slipway-release prom", "promote"), ("slipway-setup --acc", "--accept-license"),
        ("slipway-agent --vers", "--version"), ("tuf-client --metadata-d", "--metadata-dir"),
    ],
)  # fmt: skip
def test_a_real_shell_completes(share, shell, line, offered):
    found = shell(share, line.split()[0], line)
    assert any(offered in word for word in found), found


def test_bash_completes_keys(share):
    assert "updates.interval" in bash(share, "slipway", "slipway config set updates.int")


def test_with_several_products_any_of_them_prints_it(lab, pristine):
    device = pristine.clone(lab.folder / "several")
    other = device.root / "opt/slipway/other"
    other.mkdir()
    (other / "current").symlink_to(device.versions / "current")
    program = device.root / "usr/bin/slipway"
    try:
        for verb in (["manual"], ["completions", "bash"]):
            # The dispatcher takes the root from anywhere in the line; these verbs have none.
            result = device.run("sh", "-c", f'sed "s|^root= |root={device.root} |" {program} | sh -s -- "$@"', "sh", *verb)
            assert result.returncode == 0 and "slipway" in result.stdout, result.stderr
        result = device.run(program, "status", "--root", str(device.root))
        assert result.returncode == 64 and "several products are installed: other" in result.stderr
    finally:
        device.remove()
