"""Prints its port on a line of its own and serves until it is ended, or its parent is."""

import argparse
import os
from dataclasses import fields

from load_truth.plan import FAULTS, Plan
from load_truth.server import TruthServer


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("load_truth", description="A server whose every answer is known; times in ms.")
    parser.add_argument("--port", type=int, default=0)
    for each in fields(Plan):
        choices = FAULTS if each.name == "fault" else None
        parser.add_argument(
            f"--{each.name.replace('_', '-')}", type=type(each.default), default=each.default, choices=choices
        )
    return parser.parse_args()


def main() -> None:
    options = vars(arguments())
    server = TruthServer(port=options.pop("port"), plan=Plan(**options))
    print(server.port, flush=True)
    parent = os.getppid()
    try:
        server.run(lambda: os.getppid() != parent)
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
