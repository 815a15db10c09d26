"""One instance for one key on this machine: when one of two goes, the daemon sends nothing to the one that stays."""

import hashlib
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from scripts.debug.target import Target
from scripts.kit.command import Stop

try:
    import fcntl
except ImportError:  # Windows has none; there nobody is warned
    fcntl = None

OWNER_ONLY = 0o600


@contextmanager
def alone(target: Target) -> Generator[None]:
    """Raises `Stop` when there is another one. The kernel opens the lock when a process ends, however it ends."""
    handle = _opened(target)
    try:
        if handle is not None and not _locked(handle):
            reason = f"another instance runs here for {target.address}"
            raise Stop(reason, "end that one first; when one of two goes, Dify asks neither")
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _opened(target: Target) -> int | None:
    """The name does not tell the key: it is a hash, and the key is as long as one."""
    name = hashlib.sha256(f"{target.address} {target.key}".encode()).hexdigest()[:16]
    path = Path(tempfile.gettempdir(), f"local-models-debug-{name}.lock")
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), OWNER_ONLY) if fcntl else None
    except OSError:
        return None


def _locked(handle: int) -> bool:
    try:
        if fcntl:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
