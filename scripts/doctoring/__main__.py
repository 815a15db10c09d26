"""Joins the parts in this folder into the one file that is piped into containers: `scripts/doctor.py`."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

HERE = Path(__file__).parent
TARGET = HERE.parent / "doctor.py"
PARTS = "words pages machine doors causes patient network models dify report mending main".split()
HEAD = '''\
"""Why a model server cannot be reached from here, and the one thing to do about it: docs/doctor.md.

On the host, or in a dev container:  python3 scripts/doctor.py [--url http://HOST:PORT]
Where Dify calls models from:        docker exec -i docker-plugin_daemon-1 python3 - < scripts/doctor.py
Exit codes: 0 ready, 1 problem found, 2 usage, 3 could not run, 4 --wait is over and it is still not ready.

Made of the parts in scripts/doctoring by `python -m scripts.doctoring`: change those.
"""

from __future__ import annotations

'''


def joined() -> str:
    """One module: the imports once, then each part under a heading."""
    sources = [(HERE / f"{part}.py").read_text(encoding="utf-8") for part in PARTS]
    trees = [ast.parse(source) for source in sources]
    imports = "\n".join(_imports(node for tree in trees for node in tree.body))
    bodies = [_body(*pair) for pair in zip(sources, trees, strict=True)]
    return f"{HEAD}{imports}\n\n{'\n\n'.join(bodies)}"


def _imports(nodes: Iterable[ast.stmt]) -> Iterator[str]:
    """Those of the standard library, in the order of the house."""
    whole: set[str] = set()
    parts: dict[str, set[str]] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            whole |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and not str(node.module).startswith(("scripts.", "__future__")):
            parts.setdefault(str(node.module), set()).update(each.name for each in node.names)
    yield from (f"import {name}" for name in sorted(whole))
    yield from (f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(parts.items()))


def _body(source: str, tree: ast.Module) -> str:
    """What comes after the imports; the docstring becomes a comment."""
    first = next(node for node in tree.body[1:] if not isinstance(node, ast.Import | ast.ImportFrom))
    text = "".join(source.splitlines(keepends=True)[_start(source, first) :])
    return f"# {ast.get_docstring(tree)}\n\n{text}"


def _start(source: str, node: ast.stmt) -> int:
    """The line of the statement, or of the comment or decorator above it."""
    lines, at = source.splitlines(), node.lineno - 1
    while lines[at - 1].startswith(("#", "@")):
        at -= 1
    return at


if __name__ == "__main__":
    TARGET.write_text(joined(), encoding="utf-8")
