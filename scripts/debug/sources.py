"""Whether a source file of the plugin has changed since it was started."""

from pathlib import Path

NAMES = ("main.py", "manifest.yaml")
PATTERNS = ("*.py", "*.yaml")


class Sources:
    """Times are compared, not contents; that is what editors change."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen = self._times()

    def changed(self) -> str:
        """The first file that is new, gone or written; empty when there is none."""
        now = self._times()
        names = sorted(name for name in now.keys() | self._seen.keys() if now.get(name) != self._seen.get(name))
        self._seen = now
        return names[0] if names else ""

    def _times(self) -> dict[str, int]:
        folder = self._root / "provider"
        paths = [self._root / name for name in NAMES] + [path for each in PATTERNS for path in folder.rglob(each)]
        return {str(path.relative_to(self._root)): _time(path) for path in paths}


def _time(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
