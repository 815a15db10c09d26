"""Which plugin and which provider this project is in Dify."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scripts.packaging.archive import checksum, read_archive
from scripts.packaging.documents import listed, read_yaml

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = "manifest.yaml"


@dataclass(frozen=True, slots=True)
class Plugin:
    """A package as Dify will know it."""

    path: Path
    id: str  # author/name
    version: str
    identifier: str  # with version and checksum
    provider: str


def read_package(path: Path) -> Plugin:
    """Raises what a file raises that is no package: `OSError`, `zipfile.BadZipFile`, `Unreadable`, …"""
    files = dict(read_archive(path))
    manifest = read_yaml(files, MANIFEST)
    plugin, version = _plugin_id(manifest), str(manifest.get("version"))
    [provider, *_] = listed(manifest, "plugins.models")
    name = read_yaml(files, str(provider)).get("provider")
    return Plugin(path, plugin, version, f"{plugin}:{version}@{checksum(files)}", f"{plugin}/{name}")


@cache
def our_provider() -> str:
    """As Dify names it, from the files of this repository."""
    manifest = read_yaml({MANIFEST: (ROOT / MANIFEST).read_bytes()}, MANIFEST)
    [provider, *_] = (str(each) for each in listed(manifest, "plugins.models"))
    return f"{_plugin_id(manifest)}/{read_yaml({provider: (ROOT / provider).read_bytes()}, provider).get('provider')}"


def _plugin_id(manifest: Mapping[str, object]) -> str:
    return f"{manifest.get('author')}/{manifest.get('name')}"
