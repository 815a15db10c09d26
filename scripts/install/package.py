"""The package to install: the file that was given, or one made from this repository and checked."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts.dify.ours import Plugin, read_package
from scripts.kit import exits
from scripts.kit.command import Stop
from scripts.kit.output import Output
from scripts.pack import ROOT, UNREADABLE, build
from scripts.packaging.documents import Unreadable


@contextmanager
def package_to_install(output: Output, file: Path | None) -> Generator[Plugin]:
    """One that is made here is gone afterwards.

    Raises:
        Stop: there is no such file, it is no package, or it would not be sound.
    """
    with TemporaryDirectory(prefix="local-models-") as folder:
        yield _read(file or _made(output, Path(folder)))


def _made(output: Output, folder: Path) -> Path:
    try:
        with output.doing("Packing and checking the plugin"):
            report = build(ROOT, folder, install_check=False)
    except (Unreadable, OSError) as error:
        raise Stop(f"the plugin could not be packed: {error}", code=exits.COULD_NOT_RUN) from error
    if not report.package:
        problems = list(report.problems)
        raise Stop(f"the plugin is not sound: {'; '.join(problems)}", "make package", problems=problems)
    output.good(f"packed {report.package.path.name}, {report.package.size:,} bytes")
    return report.package.path


def _read(path: Path) -> Plugin:
    try:
        return read_package(path)
    except FileNotFoundError:
        raise Stop(f"there is no file {path}", "make package writes one into dist/", exits.USAGE) from None
    except (*UNREADABLE, Unreadable, ValueError) as error:
        raise Stop(f"{path} is no Dify plugin package: {error}", "make package", exits.USAGE) from error
