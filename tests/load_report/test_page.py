"""The HTML page, opened in a real Chromium."""

import re

import pytest

from load_report import page
from tests.load_report import examples

pytestmark = pytest.mark.slow

TEXTS = {
    "good": [
        "VALID",
        "exit code 0",
        "8 users: the first token after",
        "Likely bottleneck: nothing, at this load",
        "Time to first token over time",
    ],
    "compared": ["exit code 3", "Dify's API workers", "SERVER_WORKER_AMOUNT", "Dify’s own cost", "Model alone"],
    "worse": ["exit code 5", "worse than the baseline", "load-results/before/report.json", "E2E p50"],
    "failing": [
        "exit code 1",
        "Dify's database",
        "POSTGRES_MAX_CONNECTIONS",
        "too many clients already",
        examples.SCRIPT,
    ],
    "sweep": [
        "This box carries 8 users at TTFT p95 ≤ 2 s",
        "knee 12",
        "carries 8",
        "limit p95",
        "OLLAMA_NUM_PARALLEL",
        "Measure next",
    ],
    "invalid": ["INVALID", "exit code 4", "Read this first", "the load generator used 99 % of a core", "--processes N"],
    "rate": [
        "SUSPECT",
        "2.5 requests a second, poisson gaps",
        "E2E from schedule p95 ≤ 4 s",
        "Sent late by",
        "Offered",
    ],
    "blocking": ["exit code 3", "the whole answer after", "blocking", "Whole answer over time"],
    "rates": ["exit code 1", "Steps of growing rate", "requests a second", "NGINX_PROXY_READ_TIMEOUT", "166 of 253"],
    "nothing": ["INVALID", "no request was finished", "a longer run"],
    "unreachable": ["266 of 266 requests failed", "connect_refused", "nothing listens at the address"],
    "bare": ["INVALID", "no verdict"],
}
HEADINGS = "[...document.querySelectorAll('h1,h2')].map(each => each.tagName + ' ' + each.innerText)"
UNLABELLED = """[...document.querySelectorAll('svg')].filter(each => each.getAttribute('role') != 'img' || !each.ariaLabel).length
    + [...document.querySelectorAll('table')].filter(each => !each.querySelector('th[scope=col]') || !each.querySelector('th[scope=row]')).length
    + document.querySelectorAll('[id]').length - new Set([...document.querySelectorAll('[id]')].map(each => each.id)).size"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name, make in examples.ALL.items():
        (folder / f"{name}.html").write_text(page.render(make()), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def seen(browser, pages):
    """Each page on a wide light screen, then on a narrow dark one."""
    script = f"[{HEADINGS}, {UNLABELLED}]"
    found = browser(*({"url": (pages / f"{name}.html").as_uri(), "narrow": True, "script": script} for name in TEXTS))
    return dict(zip(TEXTS, found, strict=True))


@pytest.mark.parametrize("name", TEXTS)
def test_the_page_says_what_the_run_was(seen, name):
    assert [each for each in TEXTS[name] if each not in seen[name]["text"]] == []


@pytest.mark.parametrize("name", TEXTS)
def test_a_browser_has_nothing_to_complain_about(seen, name):
    assert (seen[name]["console"], seen[name]["foreign"]) == ([], [])


@pytest.mark.parametrize("name", TEXTS)
def test_no_screen_is_too_narrow_for_the_page(seen, name):
    assert max(seen[name]["wide"]) <= 0


@pytest.mark.parametrize("name", TEXTS)
def test_pictures_and_tables_have_labels_and_no_id_comes_twice(seen, name):
    assert seen[name]["answer"][1] == 0


def test_there_is_one_main_heading_the_verdict(seen):
    headings = seen["compared"]["answer"][0]

    assert [each for each in headings if each.startswith("H1")] == headings[:1]
    assert headings[0].startswith("H1 8 users: the first token after")
    assert {"H2 Thresholds", "H2 Charts", "H2 Dify’s own cost", "H2 Latency", "H2 Conditions"} < set(headings)


def test_a_server_s_words_stay_words(seen, pages):
    assert seen["failing"]["title"].startswith("Load report")
    assert "<script" not in (pages / "failing.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", examples.ALL)
def test_the_page_needs_no_network(pages, name):
    """Addresses may be told, but nothing is fetched from one."""
    html = (pages / f"{name}.html").read_text(encoding="utf-8")

    assert (
        re.findall(
            r"(?:src|href|action|xlink:href)=\"(?!#)[^\"]*|url\((?!#)|@import|<(?:script|iframe|link|img)\b", html
        )
        == []
    )
    assert len(html) < 400_000


def test_a_long_run_is_drawn_with_few_points(tmp_path):
    document = examples.good() | {
        "series": [{**second, "second": at} for at, second in enumerate(examples.good()["series"] * 60)]
    }

    html = page.render(document)

    assert "each point is 30 s" in html or "each point is 31 s" in html
    assert len(html) < 400_000


@pytest.mark.parametrize(
    ("name", "charts"),
    [
        ("sweep", "load_ttft load_e2e load_throughput load_errors spread"),
        ("good", "ttft_ms e2e_ms requests tokens in_flight spread"),
        ("unreachable", "requests tokens in_flight"),
        ("nothing", ""),
    ],
)
def test_only_what_was_measured_is_drawn(pages, name, charts):
    html = (pages / f"{name}.html").read_text(encoding="utf-8")

    assert " ".join(re.findall(r'id="chart-(\w+)"', html)) == charts


def test_the_same_document_makes_the_same_page(pages):
    assert page.render(examples.sweep()) == (pages / "sweep.html").read_text(encoding="utf-8")
