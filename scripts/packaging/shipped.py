"""Which files the package consists of."""

import re
from collections.abc import Iterator
from pathlib import Path

NEEDED = ("LICENSE", "PRIVACY.md", "README.md", "main.py", "manifest.yaml", "requirements.txt")
# Hidden files stay out, and so does everything in provider/ that is neither code nor YAML, such as compiled modules.
SHIPPED = re.compile(
    "|".join(map(re.escape, NEEDED)) + r"|_assets/[^./][^/]*|provider/(?:[^./][^/]*/)*[^./][^/]*\.(?:py|yaml)"
)


def shipped_files(root: Path) -> dict[str, bytes]:
    """Name → content, sorted. A file that is missing is missing here too: saying so is the checks' work."""
    names = {path.relative_to(root).as_posix(): path for path in _candidates(root) if path.is_file()}
    return {name: names[name].read_bytes() for name in sorted(names) if SHIPPED.fullmatch(name)}


def _candidates(root: Path) -> Iterator[Path]:
    yield from (root / name for name in NEEDED)
    yield from (root / "_assets").glob("*")
    yield from (root / "provider").rglob("*")
