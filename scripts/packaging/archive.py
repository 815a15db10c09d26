"""The .difypkg file: a zip whose bytes depend on nothing but its files' names and contents, and on zlib's version."""

import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MIDNIGHT_1980 = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold
REGULAR_FILE = 0o100644 << 16  # readable by all, executable by nobody
UNIX = 3


@dataclass(frozen=True, slots=True)
class Package:
    """A finished file and what it is called in Dify."""

    path: Path
    author: str
    name: str
    version: str
    size: int  # of the file, in bytes
    checksum: str
    files: tuple[str, ...]

    @property
    def unique_identifier(self) -> str:
        return f"{self.author}/{self.name}:{self.version}@{self.checksum}"


def write_archive(path: Path, files: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted(files, key=str.encode):
            archive.writestr(_entry(name), files[name], zipfile.ZIP_DEFLATED, compresslevel=9)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, MIDNIGHT_1980)
    entry.create_system = UNIX
    entry.external_attr = REGULAR_FILE
    return entry


def read_archive(path: Path) -> list[tuple[str, bytes]]:
    """Names and contents in the file's own order; a name may be there twice."""
    with zipfile.ZipFile(path) as archive:
        return [(entry.filename, archive.read(entry)) for entry in archive.infolist()]


def checksum(files: Mapping[str, bytes]) -> str:
    """As the daemon counts: over the hashes of every path and content, sorted by the path's bytes."""
    hashes = [_sha256(name.encode()) + _sha256(files[name]) for name in sorted(files, key=str.encode)]
    return _sha256(b"".join(hashes)).hex()


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
