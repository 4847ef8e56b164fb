"""docs/troubleshooting.md has a row for every exit code, and names every error that the executables can end with."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
SOURCES = {path: path.read_text() for path in sorted((PROJECT / "Sources").rglob("*.swift"))}
TABLE = (PROJECT / "docs/troubleshooting.md").read_text()
#: Rows of the exit codes: code, error names, what is seen, why, what to do.
ROWS = {
    int(cells[1]): cells
    for line in TABLE.splitlines()
    if len(cells := [cell.strip() for cell in line.split("|")]) == 7 and cells[1].isdigit()
}
NAME = re.compile(r'"(\w+)"')


def source(name: str) -> str:
    [text] = [text for path, text in SOURCES.items() if path.name == name]
    return text


def codes() -> dict[str, int]:
    found = re.findall(r"^  case (\w+) = (\d+)$", source("ExitCode.swift"), re.MULTILINE)
    return {name: int(number) for name, number in found}


def cases(file: str) -> set[str]:
    """The words of `enum Code: String` in an error's file."""
    body = source(file).partition("enum Code: String")[2].partition("\n  }\n")[0]
    listed = re.findall(r"^    case (.*)$", body, re.MULTILINE)
    return {name.strip() for line in listed for name in line.split(",")}


#: Errors whose code is the name: where the code is declared.
BY_CODE = [
    "TUFError.swift", "ArchiveError.swift", "ProductError.swift", "ServicesError.swift", "ProductTOMLError.swift",
    "PublishingError.swift",
]  # fmt: skip
#: Arguments called `name:` that are no literal: taken from the tables beside them, from BY_CODE, or handed on from the
#: program that has said them.
KNOWN_EXPRESSIONS = re.compile(r"^(name|error\.code\.rawValue|refusal\.error)$")


def names() -> set[str]:
    found = {name for file in BY_CODE for name in cases(file)}
    for text in SOURCES.values():
        # Failure(.code, name: ...) and, where it is made from other errors, self.init(.code, name: ...)
        for call in re.finditer(r"(?:Failure|self\.init)\(\s*(?:\.|code|exit|Self|error\.)[^\"]*?name:\s*", text, re.DOTALL):
            argument = re.match(r"(?:[^,()]|\([^()]*\))+", text[call.end() :]).group().strip()
            literals = NAME.findall(argument)
            rest = re.sub(r'[^?:]*\?|"\w+"|[\s:]', "", argument)
            assert literals or KNOWN_EXPRESSIONS.match(rest), f"an error's name that this test cannot tell: {argument}"
            found |= set(literals)
        if re.search(r"\bname\) = *$|let \(code, name\)", text):
            found |= set(re.findall(r'\(\.\w+, "(\w+)"\)', text))
    return found


def test_the_sources_are_read_as_they_are_written():
    """Fails when the code is written in another way than this test reads."""
    assert len(codes()) == 31
    assert all(len(cases(file)) >= 4 for file in BY_CODE)
    assert {"licence", "notElevated", "rolledBack", "wrongDigest", "expired", "diskSpace", "keyExposed"} <= names()


@pytest.mark.parametrize("name, code", codes().items())
def test_every_exit_code_has_a_row(name, code):
    assert code in ROWS, f"{code} ({name}) has no row in docs/troubleshooting.md"
    seen, why = ROWS[code][3:5]
    assert seen and why, f"the row of {code} ({name}) says nothing"


def test_no_row_is_about_a_code_that_does_not_exist():
    assert set(ROWS) == set(codes().values())


@pytest.mark.parametrize("name", sorted(names()))
def test_every_error_has_a_row(name):
    rows = [code for code, cells in ROWS.items() if f"`{name}`" in cells[2].split(", ")]
    assert rows, f'"error": "{name}" has no row in docs/troubleshooting.md'


def test_no_row_names_an_error_that_nobody_says():
    listed = {name for cells in ROWS.values() for name in re.findall(r"`(\w+)`", cells[2])}
    assert listed - names() == set()


def test_every_check_has_a_row():
    listed = re.search(r"enum CheckID.*?case ([\w, ]+)$", source("PrerequisiteRules.swift"), re.DOTALL | re.MULTILINE)
    for check in listed.group(1).split(", "):
        assert re.search(rf"^\| `{check}` \| \d+ \| .+ \| .+ \|$", TABLE, re.MULTILINE), check
