"""Which charts a document has."""

from collections.abc import Mapping
from typing import Any

from load_report.charts.over_load import over_load
from load_report.charts.over_time import over_time
from load_report.charts.spread import spread
from load_report.charts.svg import Chart


def charts(document: Mapping[str, Any]) -> list[Chart]:
    return [*over_load(document), *over_time(document), *spread(document)]
