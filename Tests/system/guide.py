"""A guide's commands: the blocks of shell in a Markdown file, in their order, as a reader would type them."""

import re
from pathlib import Path

DOCUMENTS = Path(__file__).resolve().parents[2] / "docs"
FENCE = re.compile(r"^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
#: What a reader would take for something to type, outside a block that is run.
TYPED = re.compile(r"^\s*(\$ |# )?(sudo |\./)?(slipway(-release|-setup)?|room-agent\S*\.run|scripts/\w+)( |$)", re.MULTILINE)
#: `COMMAND  # exit 2`: a command that ends with another code than 0, and is meant to.
ENDS = re.compile(r"^(?P<command>.*\S)\s+# exit (?P<code>\d+)(?P<why>.*)$", re.MULTILINE)
GIVEN = re.compile(r"^<!-- given: (?P<what>.*) -->$", re.MULTILINE)


class Step:
    """A block to run, or (`given`) what the reader has been told is so."""

    def __init__(self, text: str, given: bool, line: int) -> None:
        self.text, self.given, self.line = text, given, line

    @property
    def script(self) -> str:
        """Ends at the first command that does not do what the guide says."""
        text = ENDS.sub(lambda found: f"code=0; {found['command']} || code=$?; test $code = {found['code']}", self.text)
        return f"set -euo pipefail\n{text}"


def steps(name: str) -> list[Step]:
    text = (DOCUMENTS / name).read_text()
    found = [(match.start(), Step(match["text"], False, line(text, match))) for match in FENCE.finditer(text) if match["kind"] == "sh"]
    found += [(match.start(), Step(match["what"], True, line(text, match))) for match in GIVEN.finditer(text)]
    return [step for _, step in sorted(found, key=lambda item: item[0])]


def settings(name: str) -> list[str]:
    """Pieces of config.toml."""
    return [match["text"] for match in FENCE.finditer((DOCUMENTS / name).read_text()) if match["kind"] == "toml"]


def strays(name: str) -> list[str]:
    """Commands that stand where nobody runs them."""
    text = (DOCUMENTS / name).read_text()
    text = FENCE.sub(lambda match: "" if match["kind"] in ("sh", "toml") else match["text"], text)
    return [found.group().strip() for found in TYPED.finditer(text)]


def line(text: str, match: re.Match) -> int:
    return text.count("\n", 0, match.start()) + 1
