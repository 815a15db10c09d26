"""A tab in Locust's web page with TTFT and tokens as they come, and the report among its downloads."""

from collections.abc import Callable

from flask import Blueprint, Response, jsonify, make_response, request
from locust.env import Environment
from locust.runners import STATE_RUNNING, STATE_SPAWNING, MasterRunner

from load_report import csvs, live
from load_report.keeping import LOADED, MASTER, Current, Json, Kept
from load_report.writing import page

KEY = "load"
STATS = "locust.request_stats"  # the route that Locust's page asks again and again


def install(environment: Environment, current: Current) -> None:
    """To be called in Locust's event `init`; `current` gives the document of the run so far. Without a page: nothing."""
    web = environment.web_ui
    if not web or not web.app:
        return
    kept = Kept(current, MASTER if isinstance(environment.runner, MasterRunner) else LOADED)
    tables = [{"key": KEY, "structure": [{"key": key, "title": title} for key, title in live.COLUMNS.items()]}]
    files = [{"href": f"./load/{name}", "title": title} for name, title in FILES.items()]
    web.template_args |= {
        "extended_tabs": [{"title": "TTFT and tokens", "key": KEY}],
        "extended_tables": tables,
        "extended_csv_files": files,
    }
    web.app.after_request(lambda response: _with_rows(response, kept))
    base = getattr(environment.parsed_options, "web_base_path", None)
    web.app.register_blueprint(_routes(environment, kept), url_prefix=f"{base or ''}/load")


FILES = {
    "report.html": "Load report",
    "report.json": "Load report, all numbers (JSON)",
    "report.csv": "Load report, scenarios and steps (CSV)",
    "series.csv": "Load report, second by second (CSV)",
}


def _with_rows(response: Response, kept: Kept) -> Response:
    if request.endpoint == STATS and response.is_json:
        rows = live.rows(kept.document())
        response.set_data(jsonify({**response.get_json(), "extended_stats": [{"key": KEY, "data": rows}]}).get_data())
    return response


def _routes(environment: Environment, kept: Kept) -> Blueprint:
    routes, web = Blueprint("load", __name__), environment.web_ui
    assert web, "install() looked"
    makers: dict[str, Callable[[Json], Response]] = {
        "report.html": lambda document: make_response(page(document)),
        "report.json": jsonify,
        "report.csv": lambda document: _csv(csvs.report(document)),
        "series.csv": lambda document: _csv(csvs.series(document)),
    }

    def file(name: str) -> Response:
        if name not in makers:
            return make_response("there is no such file", 404)
        if name == "report.html" and _running(environment):
            return make_response("Charts are drawn when the run is over: drawing would disturb it.", 409)
        document = kept.document()
        return makers[name](document) if document else make_response("There was no run yet.", 404)

    routes.add_url_rule("/<name>", view_func=web.auth_required_if_enabled(file))
    return routes


def _running(environment: Environment) -> bool:
    return bool(environment.runner) and environment.runner.state in (STATE_RUNNING, STATE_SPAWNING)


def _csv(text: str) -> Response:
    return Response(text, mimetype="text/csv")
