"""The tab in Locust's own web page, opened in a real Chromium."""

import csv
import io
import json
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from load_report import live
from load_report.keeping import Kept
from tests.load_report import examples

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
OPENED = """[...document.querySelectorAll('table')].map(
    table => [...table.rows].map(row => [...row.cells].map(cell => cell.innerText)))"""


@contextmanager
def locust(example):
    """Its web page, in a process of its own."""
    asked = [sys.executable, "-m", "tests.load_report.locust_page", example]
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'stress-test'}", "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(
        asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT
    ) as process:
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
            process.communicate(timeout=20)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def seen(browser):
    """The tab and the downloads while a run goes on, and the page before any run."""
    links = "[...document.links].map(each => new URL(each.href).pathname)"
    with locust("failing") as running, locust("nobody") as idle:
        tab = {"url": f"{running}/?tab=load", "wait_for": ["All of the run"], "script": OPENED}
        downloads = {"url": f"{running}/?tab=reports", "wait_for": ["second by second"], "script": links}
        before = {"url": idle, "wait_for": ["Start new load test"]}
        yield dict(zip(("tab", "downloads", "before"), browser(tab, downloads, before), strict=True))


def get(url, data=None):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=data), timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.parametrize("page", ["tab", "downloads", "before"])
def test_the_browser_has_nothing_to_complain_about(seen, page):
    assert (seen[page]["console"], seen[page]["foreign"]) == ([], [])


def test_the_tab_shows_ttft_and_tokens_while_the_run_goes_on(seen):
    ((head, *rows),) = seen["tab"]["answer"]

    assert "TTFT AND TOKENS" in seen["tab"]["text"].upper()
    assert head == list(live.COLUMNS.values())
    assert [row[0] for row in rows] == ["All of the run", "Last 10 s", "dify chat simple_qa", "dify workflow simple_qa"]
    shown, figures = dict(zip(live.COLUMNS, rows[0], strict=True)), examples.failing()["totals"]
    assert float(shown["ttft_p95"]) == round(figures["latency"]["ttft"]["p95"])
    assert float(shown["tokens"]) == round(figures["output_tokens_per_s"])


def test_the_report_is_among_the_downloads(seen):
    assert {"/load/report.html", "/load/report.csv", "/load/series.csv"} < set(seen["downloads"]["answer"])


def test_numbers_are_there_in_the_run_and_charts_after_it():
    with locust("failing") as url:
        during = [get(f"{url}/load/report.html"), get(f"{url}/load/report.json")]
        assert during[0] == (409, "Charts are drawn when the run is over: drawing would disturb it.")
        assert json.loads(during[1][1])["totals"] == examples.failing()["totals"]
        assert len(list(csv.reader(io.StringIO(get(f"{url}/load/series.csv")[1])))) == 1 + len(
            examples.failing()["series"]
        )
        assert get(f"{url}/load/other")[0] == 404

        assert get(f"{url}/stop", data=b"")[0] == 200
        status, html = get(f"{url}/load/report.html")

    assert status == 200
    assert "too many clients already" in html
    assert "<script" not in html


def test_before_any_run_there_are_no_rows():
    with locust("nobody") as url:
        assert json.loads(get(f"{url}/stats/requests")[1])["extended_stats"] == [{"key": "load", "data": []}]
        assert get(f"{url}/load/report.json") == (404, "There was no run yet.")


class Clock:
    """Making a document takes `cost` seconds."""

    def __init__(self, cost):
        self.now, self.cost, self.made = 0.0, cost, 0

    def __call__(self):
        return self.now

    def make(self):
        self.made += 1
        self.now += self.cost
        return {"number": self.made}


@pytest.mark.parametrize(("cost", "wait"), [(0.001, 2.0), (0.1, 5.0)])
def test_a_document_is_made_anew_only_when_that_costs_little(cost, wait):
    clock = Clock(cost)
    kept = Kept(clock.make, 50, clock)

    assert kept.document() == {"number": 1}
    clock.now = cost + 0.99 * wait
    assert kept.document() == {"number": 1}
    clock.now = cost + wait
    assert kept.document() == {"number": 2}


def test_a_mistake_in_the_document_does_not_break_locust_s_page(caplog):
    def broken():
        raise KeyError("ttft")

    assert Kept(broken).document() is None
    assert "no numbers for the tab" in caplog.text


def test_the_last_seconds_are_the_ten_newest():
    series = [
        {"second": at, "started": 1, "ok": 2, "failed": 1, "in_flight": 4.0, "tokens_per_s": 10.0 * at,
         "ttft_ms": {"p50": 100.0 + at if at % 2 else None, "p95": 200.0 + at if at % 2 else None}, "e2e_ms": {"p50": None, "p95": None}}
        for at in range(20)
    ]  # fmt: skip

    first = live.rows({"series": series})[0]

    assert first == {
        "name": "Last 10 s", "ok": 20, "failed": 10, "in_flight": 4.0, "ttft_p50": 115, "ttft_p95": 219,
        "e2e_p50": None, "e2e_p95": None, "tokens": 145, "user": None,
    }  # fmt: skip


def test_of_a_sweep_each_step_is_a_row():
    names = [row["name"] for row in live.rows(examples.sweep())]

    assert names[:4] == ["Step    1 users", "Step    2 users", "Step    4 users", "Step    8 users"]
    assert sorted(names)[:3] == ["All of the run", "Step    1 users", "Step    2 users"]


@pytest.mark.parametrize("name", examples.ALL)
def test_every_document_has_rows(name):
    assert live.rows(examples.ALL[name]())[-1]["name"] == "All of the run"
