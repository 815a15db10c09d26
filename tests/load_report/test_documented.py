"""docs/load-report.md says what the document, its metrics and its verdicts are."""

import ast
import re
from pathlib import Path

import pytest

from load_metrics.exchange import Outcome
from load_metrics.timing import METRICS
from load_metrics.verdict import BOUNDS
from load_report.advice import words as signs
from load_report.definitions import LATENCIES
from load_report.words import CLASSES, PARTS
from tests.load_report import examples

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "load-report.md").read_text(encoding="utf-8")
DOCUMENT = TEXT.partition("## The document")[2].partition("\n## ")[0]


def section(title):
    return TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def first_cells(title):
    return re.findall(r"^\| `(\w+)`", section(title), re.MULTILINE)


def names(value):
    """Every name in a document that is not data: scenarios, classes and metrics have names of their own."""
    if isinstance(value, list):
        value = {"": value[0]} if value else {}
    for name, inner in value.items() if isinstance(value, dict) else ():
        yield name
        if name not in ("scenarios", "load", "machine", "server", "outcomes", "latency", "rows", "client"):
            yield from names(inner)


@pytest.mark.parametrize("name", ["compared", "worse", "failing", "sweep"])
def test_every_field_of_the_document_is_told(name):
    found = set(names(examples.ALL[name]()["totals"])) | set(names(examples.ALL[name]()))

    assert {each for each in found if each and f"`{each}`" not in DOCUMENT} - {
        "response",
        "turns",
        "lost_workers",
    } == set()


def test_every_metric_is_defined_in_the_document_and_on_the_page():
    assert [each for each in METRICS if f"`{each}`" not in section("Metrics")] == []
    assert {each.key for each in LATENCIES} == set(METRICS)


def test_every_class_of_errors_is_told():
    classes = {str(each) for each in Outcome} - {"ok"}

    assert set(first_cells("Errors")) == classes == set(CLASSES)


def test_every_reason_of_a_verdict_is_told():
    """The codes are where they are given: in two files of the metrics, and where workers are known."""
    given = set()
    for name in ("load_metrics/verdict", "load_metrics/summary", "load_run/result"):
        tree = ast.parse((ROOT / "stress-test" / f"{name}.py").read_text(encoding="utf-8"))
        given |= {
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }

    assert [each for each in first_cells("Verdict") if each not in given] == []
    assert {bound.code for bound in BOUNDS} | {"no_requests", "stand_in"} < set(first_cells("Verdict"))


def test_every_part_and_the_words_that_point_at_it_are_told():
    rules = section("The likely bottleneck")

    assert [part for part in PARTS if f"`{part}`" not in rules] == []
    told = re.findall(
        r"`([^`]+)`",
        "\n".join(
            line.rpartition("|")[0].rpartition("|")[0]
            for line in rules.splitlines()
            if "words such as" in line or re.match(r"\| … `", line)
        ),
    )
    assert len(told) > 8
    assert [each for each in told if not any(sign.is_in(each) for sign in signs.SIGNS)] == []
