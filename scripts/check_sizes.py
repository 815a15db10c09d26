"""Says which files and functions have grown too long to be read in five minutes."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from scripts.house import project_files, report

LONGEST_FILE = 300  # lines
LONGEST_FUNCTION = 30  # lines below the signature and the docstring; around 5 is usual, 25 is rare
JOINED = {"scripts/doctor.py"}  # written from parts that are checked, see docs/adr/0010; a test holds it against them

Function = ast.FunctionDef | ast.AsyncFunctionDef


def findings(root: Path) -> Iterator[str]:
    """One line for each file or function over its limit."""
    for path in project_files(root, ".py", ".sh"):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(root)
        if (length := len(text.splitlines())) > LONGEST_FILE and name.as_posix() not in JOINED:
            yield f"{name}: {length} lines, {LONGEST_FILE} are allowed"
        if path.suffix == ".py":
            yield from (f"{name}:{finding}" for finding in _long_functions(text))


def _long_functions(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, Function) and (length := _length(node)) > LONGEST_FUNCTION:
            yield f"{node.lineno}: {node.name} has {length} lines, {LONGEST_FUNCTION} are allowed"


def _length(function: Function) -> int:
    documented = ast.get_docstring(function) is not None
    body = function.body[1:] if documented else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


if __name__ == "__main__":
    sys.exit(report(findings(Path.cwd())))
