"""Says which links between the project's documents lead nowhere."""

import re
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from urllib.parse import unquote

from scripts.house import project_files, report

CODE_BLOCK = re.compile(r"^( *(?:```+|~~~+)).*?^\1", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`[^`\n]+`")
LINK = re.compile(
    r"""\]\(\s*<?([^)\s>]+)                            # [text](link)
    |^\ *\[[^\]^]+\]:\s*<?([^\s>]+)                    # [name]: link
    |<(?:a|img)\b[^>]*?\b(?:href|src)="([^"]+)         # <img src="link">
    """,
    re.MULTILINE | re.VERBOSE,
)
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
NOT_IN_ANCHORS = re.compile(r"[^\w\- ]")


def findings(root: Path) -> Iterator[str]:
    """One line for each relative link whose file or heading does not exist."""
    for document in project_files(root, ".md"):
        for line, link in _links(document.read_text(encoding="utf-8")):
            if problem := _problem(document, link):
                yield f"{document.relative_to(root)}:{line}: {link}: {problem}"


def _links(text: str) -> Iterator[tuple[int, str]]:
    """Each link with the number of its line; code holds none."""
    text = CODE.sub("", CODE_BLOCK.sub(_empty_lines, text))
    for match in LINK.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match[match.lastindex or 0]


def _problem(document: Path, link: str) -> str:
    if ELSEWHERE.match(link):
        return ""
    name, _, anchor = unquote(link).partition("#")
    target = document.parent / name if name else document
    if not target.exists():
        return "no such file"
    if anchor and target.suffix == ".md" and anchor not in _anchors(target):
        return "no such heading"
    return ""


def _anchors(document: Path) -> set[str]:
    """The names that GitHub gives to headings; the second of two equal ones gets `-1`."""
    names: set[str] = set()
    for heading in HEADING.findall(CODE_BLOCK.sub("", document.read_text(encoding="utf-8"))):
        name = NOT_IN_ANCHORS.sub("", heading.lower()).replace(" ", "-")
        names.add(next(free for number in count() if (free := f"{name}-{number}" if number else name) not in names))
    return names


def _empty_lines(code: re.Match[str]) -> str:
    return "\n" * code[0].count("\n")


if __name__ == "__main__":
    sys.exit(report(findings(Path.cwd())))
