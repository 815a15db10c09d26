"""Builds the .difypkg file and checks it: `python -m scripts pack`."""

import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console

from scripts.kit.command import AsJson, Quiet
from scripts.kit.exits import INTERRUPTED
from scripts.packaging import content_rules, trial
from scripts.packaging.archive import Package, checksum, read_archive, write_archive
from scripts.packaging.documents import Unreadable, listed, read_yaml
from scripts.packaging.manifest_rules import manifest_problems
from scripts.packaging.provider_rules import provider_problems
from scripts.packaging.report import Report, show
from scripts.packaging.shipped import shipped_files

ROOT = Path(__file__).resolve().parents[1]
MANIFEST = "manifest.yaml"
# cut off, damaged, encrypted
UNREADABLE = (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)


def pack(root: Path, out_dir: Path) -> Package:
    """Write the package, sound or not; `check` tells.

    Raises:
        Unreadable: there is no manifest to take its name from.
    """
    files = shipped_files(root)
    manifest = read_yaml(files, MANIFEST)
    author, name, version = (str(manifest.get(key)) for key in ("author", "name", "version"))
    path = out_dir / f"{_safe(name)}-{_safe(version)}.difypkg"
    out_dir.mkdir(parents=True, exist_ok=True)
    write_archive(path, files)
    return Package(path, author, name, version, path.stat().st_size, checksum(files), tuple(files))


def _safe(text: str) -> str:
    """Part of a file name, whatever the manifest says."""
    return re.sub(r"[^\w.-]", "_", text)[:64]


def check(package: Package) -> list[str]:
    """Every problem in the finished file, without installing it; none means that Dify takes it."""
    try:
        entries = read_archive(package.path)
    except UNREADABLE as error:
        return [f"{package.path.name} cannot be read: {error}"]
    names, files = [name for name, _ in entries], dict(entries)
    problems = [
        *content_rules.name_problems(names, package.files),
        *content_rules.size_problems(files),
        *content_rules.secret_problems(files),
        *content_rules.requirement_problems(files),
        *_document_problems(files),
        *(["the checksum is not that of the contents"] if checksum(files) != package.checksum else []),
    ]
    return problems or list(trial.sdk_problems(package.path))  # it stops at the first thing it dislikes


def _document_problems(files: Mapping[str, bytes]) -> Iterator[str]:
    try:
        manifest = read_yaml(files, MANIFEST)
        yield from manifest_problems(manifest)
        yield from content_rules.reference_problems(files, manifest)
        for provider in listed(manifest, "plugins.models"):
            yield from provider_problems(files, str(provider))
            yield from content_rules.icon_problems(files, manifest, read_yaml(files, str(provider)))
    except Unreadable as error:
        yield str(error)


def build(root: Path, out_dir: Path, *, install_check: bool) -> Report:
    """Pack and check aside: only a sound package comes to where one is looked for."""
    with TemporaryDirectory() as aside:
        package = pack(root, Path(aside))
        problems = check(package)
        if install_check and not problems:
            problems = list(trial.install_problems(package.path))
        if problems:
            return Report(problems=tuple(problems))
        return Report(replace(package, path=_moved(package.path, out_dir)), installed=install_check)


def _moved(path: Path, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copyfile(path, folder / path.name))


def pack_command(
    out: Annotated[Path, typer.Option(help="The folder for the package.")] = Path("dist"),
    root: Annotated[Path, typer.Option(help="The folder of the plugin.", hidden=True)] = ROOT,
    as_json: AsJson = False,
    quiet: Quiet = False,
    install_check: Annotated[
        bool,
        typer.Option(
            "--install-check/--no-install-check",
            " /--offline-check",
            help="Install it into an empty environment and start it, which needs a package index.",
        ),
    ] = True,
) -> None:
    """Build the .difypkg file, check it, and print its name, size and checksum.

    Exit code: 0 it is sound, 1 it is not (every problem is listed), 3 it could not be built.

    Example: python -m scripts pack --out dist
    """
    try:
        with Console(stderr=True, quiet=quiet or as_json).status("Packing and checking …"):
            report = build(root, out, install_check=install_check)
    except (Unreadable, OSError) as error:
        report = Report(error=str(error))
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    if as_json or not quiet or report.exit_code:
        show(report, as_json=as_json)
    raise typer.Exit(report.exit_code)


if __name__ == "__main__":
    typer.run(pack_command)
