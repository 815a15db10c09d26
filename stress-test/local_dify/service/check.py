"""Says whether Dify's engine takes these files: python -m local_dify.service.check FILE.yml …

Exit code 0 when it takes all of them, 1 with the reasons when not, 2 without a file.
"""

import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from local_dify.service.dsl import App, NotServable, read_file
from local_dify.service.graphs import refusals
from local_dify.service.knowledge import Knowledge
from local_dify.service.model import Plugin
from local_dify.service.nodes import Means
from scripts.plugin_host import HostError


def reasons(path: Path) -> Iterator[str]:
    try:
        app = read_file(path)
    except NotServable as error:
        yield " ".join(str(error).split())
        return
    yield from unservable(app)


def unservable(app: App) -> Iterator[str]:
    if app.graph:
        nobody = Plugin(_Nobody(), "", {})
        yield from refusals(app, Means(nobody, Knowledge("", ""), threading.Event()))


class _Nobody:
    def invoke(self, action: str, data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        raise HostError("no model is asked in a check")


def main(names: list[str]) -> int:
    if not names:
        print("Name the files to look at: python -m local_dify.service.check FILE.yml …", file=sys.stderr)
        return 2
    refused = [(name, reason) for name in names for reason in reasons(Path(name))]
    for name, reason in refused:
        print(f"{name}: {reason}", file=sys.stderr)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
