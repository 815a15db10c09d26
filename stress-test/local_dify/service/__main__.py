"""Starts the plugin's process and the service, says on stdout where it is, and serves until it is ended."""

import argparse
import json
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from local_dify.service.check import unservable
from local_dify.service.dsl import App, NotServable, read_file
from local_dify.service.model import Plugin
from local_dify.service.routes import Routes
from local_dify.service.server import Server
from scripts.plugin_host import HostError, PluginError, PluginHost
from scripts.plugin_host.model_calls import PROVIDER

ROOT = Path(__file__).parents[3]
ON_THIS_MACHINE = {"LOCAL_MODELS_LOOK_AROUND": "no"}  # the plugin is in no container that it had to look out of
PROBLEM, COULD_NOT_RUN = 1, 3


def main() -> int:
    logging.getLogger("graphon").setLevel(logging.CRITICAL)  # it logs a traceback for each failed node
    asked = _arguments()
    try:
        apps = _apps(asked)
        with PluginHost(ROOT, asked.plugin_python, ON_THIS_MACHINE) as host:
            plugin = Plugin(host, PROVIDER, _saved(host, _credentials(asked.server), apps))
            _serve(asked, apps, plugin)
    except (NotServable, PluginError) as error:
        return _say(error.message if isinstance(error, PluginError) else str(error), PROBLEM)
    except (HostError, OSError) as error:
        return _say(str(error), COULD_NOT_RUN)
    return 0


def _serve(asked: argparse.Namespace, apps: list[App], plugin: Plugin) -> None:
    routes = Routes({app.key: app for app in apps}, plugin, most=asked.most)
    with Server((asked.host, asked.port), routes) as server:
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
        address, port = server.server_address[:2]
        keys = {app.name: app.key for app in apps}
        print(json.dumps({"url": f"http://{address}:{port}", "keys": keys}), flush=True)
        server.serve_forever()


def _apps(asked: argparse.Namespace) -> list[App]:
    apps = [read_file(path, asked.model) for path in asked.workflows]
    refused = [f"{app.name}: {reason}" for app in apps for reason in unservable(app)]
    if refused:
        raise NotServable("\n".join(refused))
    return apps


def _saved(host: PluginHost, form: dict[str, str], apps: list[App]) -> dict[str, dict[str, Any]]:
    """As when each model is added in Dify: the plugin looks at it, and adds what it has found."""
    return {model: host.validate_model(model, form) for model in sorted({name for app in apps for name in app.models})}


def _credentials(server: str) -> dict[str, str]:
    """The plugin's form, filled in as a person would."""
    return {"base_url": server, "server": "auto", "api_key": os.environ.get("LOCAL_MODELS_API_KEY", "")}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="local_dify.service")
    parser.add_argument("workflows", type=Path, nargs="+")
    parser.add_argument("--server", required=True)
    parser.add_argument("--model", default="auto")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--most", type=int, default=0)
    parser.add_argument("--plugin-python", type=Path, default=ROOT / ".venv/bin/python")
    return parser.parse_args()


def _say(message: str, code: int) -> int:
    print(message, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
