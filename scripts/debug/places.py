"""What is wrong with where `.env` lies: who may read it, and whether git and Dify's packager leave it out."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

from scripts.debug.checking import Finding

OTHERS_MAY = 0o077
IGNORED, NOT_IGNORED = 0, 1  # exit codes of git check-ignore; 128 outside of a repository


def check_place(path: Path) -> Iterator[Finding]:
    """Nothing of this keeps the plugin from connecting; all of it may give the key away."""
    if path.exists() and (mode := path.stat().st_mode & 0o777) & OTHERS_MAY:
        wrong = f"others on this machine may read the key (mode {mode:o})"
        yield Finding("MODE", path.name, wrong, f"chmod 600 {path}", stops=False)
    if _git(path) == NOT_IGNORED:
        wrong = "git does not ignore it, so the key may get into a commit"
        fix = f"echo {path.name} >> .gitignore; and if git has it already: git rm --cached {path.name}"
        yield Finding("NOT_IGNORED", path.name, wrong, fix, stops=False)
    rules = path.parent / ".difyignore"
    if (path.parent / "manifest.yaml").exists() and path.name not in _lines(rules):
        wrong = "Dify's packager does not leave it out, so the key may get into a package"
        yield Finding("NOT_DIFYIGNORED", path.name, wrong, f"echo {path.name} >> .difyignore", stops=False)


def _git(path: Path) -> int:
    """A file that git has is not ignored, whatever `.gitignore` says."""
    command = ["git", "-C", str(path.parent), "check-ignore", "--quiet", path.name]
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=10).returncode
    except (OSError, subprocess.TimeoutExpired):
        return IGNORED


def _lines(path: Path) -> set[str]:
    try:
        return {line.strip().lstrip("/") for line in path.read_text(encoding="utf-8").splitlines()}
    except (OSError, UnicodeDecodeError):
        return set()
