"""What the house checks share: the project's own files, and how findings are told."""

from collections.abc import Iterable, Iterator
from pathlib import Path

NOT_OURS = {"__pycache__", "dist", "bench-results"}
OURS_THOUGH_HIDDEN = {".ci", ".github"}


def project_files(root: Path, *suffixes: str) -> Iterator[Path]:
    """Files below `root` with one of `suffixes`, in the order of their names."""
    for path in sorted(root.iterdir()):
        if path.is_dir() and not path.is_symlink() and _ours(path.name):
            yield from project_files(path, *suffixes)
        elif path.is_file() and path.suffix in suffixes:
            yield path


def report(findings: Iterable[str]) -> int:
    """Print the findings; the result is the exit code: 1 when there are any."""
    found = list(findings)
    for finding in found:
        print(finding)
    return 1 if found else 0


def _ours(folder: str) -> bool:
    return folder in OURS_THOUGH_HIDDEN or (folder not in NOT_OURS and not folder.startswith("."))
