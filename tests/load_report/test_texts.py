"""The report as JSON, CSV, Markdown and words for a terminal."""

import csv
import io
import json
import re
import subprocess
import sys

import pytest

from load_report import console, csvs, markdown, write_all
from tests.load_report import examples


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_all_files_are_written_and_the_json_is_the_document(tmp_path):
    document = examples.failing()

    files = write_all(document, tmp_path / "new" / "folder")

    assert [each.name for each in files] == ["report.json", "report.csv", "series.csv", "report.md", "report.html"]
    assert json.loads(files[0].read_text(encoding="utf-8")) == document
    assert all(each.stat().st_size > 100 for each in files)


def test_the_csv_has_a_row_for_the_total_each_scenario_and_each_step():
    document = examples.sweep()

    found = rows(csvs.report(document))

    assert [(row["what"], row["name"], row["load"]) for row in found] == [
        ("total", "", ""),
        ("scenario", "dify chat simple_qa", ""),
        ("scenario", "dify workflow simple_qa", ""),
        *(("step", "users", str(step["load"])) for step in document["steps"]),
    ]
    assert float(found[0]["ttft_p95_ms"]) == document["totals"]["latency"]["ttft"]["p95"]
    assert float(found[-1]["output_tokens_per_s"]) == document["steps"][-1]["figures"]["output_tokens_per_s"]
    assert [row["met_slo"] for row in found[3:]] == [str(step["met_slo"]) for step in document["steps"]]


def test_what_is_not_known_is_an_empty_cell():
    total = rows(csvs.report(examples.bare()))[0]

    assert {value for name, value in total.items() if name != "what"} == {""}


def test_the_series_has_a_row_for_each_second():
    document = examples.good()

    found = rows(csvs.series(document))

    assert [int(row["second"]) for row in found] == [second["second"] for second in document["series"]]
    assert float(found[9]["tokens_per_s"]) == document["series"][9]["tokens_per_s"]
    assert rows(csvs.series(examples.bare())) == []


def test_a_name_is_no_formula():
    document = examples.bare() | {"rows": {"=HYPERLINK(1)": {}}}

    assert rows(csvs.report(document))[1]["name"] == "'=HYPERLINK(1)"


def test_the_markdown_says_what_matters():
    text = markdown.render(examples.compared())

    assert text.startswith("## 8 users: the first token after ")
    assert "**VALID**, exit code 3: a threshold was missed." in text
    assert "**Likely bottleneck: Dify's API workers.** The first token comes after" in text
    assert "| TTFT p95 ≤ 2 s | 6.73 s | missed |" in text
    assert re.search(r"^\| TTFT p95 \| 6\.73 s \| 229 ms \| \+6\.51 s, 96\.6 % of it \|$", text, re.MULTILINE)


@pytest.mark.parametrize("name", examples.ALL)
def test_every_table_in_the_markdown_is_whole(name):
    for block in re.findall(r"(?:^\|.*\n)+", markdown.render(examples.ALL[name]()), re.MULTILINE):
        cells = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(cells) == 1, block


def test_the_server_s_words_cannot_format_or_mention():
    document = examples.failing()
    said = "@everyone `rm` | <b>x</b>\n# big"
    document = document | {"errors": [{"class": "app_error", "row": "a|b", "count": 1, "message": said}]}

    assert "| app_error | 1 | a\\|b | `@everyone 'rm' \\| <b>x</b> # big` |" in markdown.render(document)


@pytest.mark.parametrize("name", examples.ALL)
def test_a_terminal_shows_the_end_of_a_run_without_scrolling(name):
    lines = console(examples.ALL[name]()).splitlines()

    assert len(lines) <= 25
    assert max(map(len, lines)) <= 120


def test_the_terminal_says_verdict_steps_and_bottleneck():
    text = console(examples.sweep())

    assert text.startswith("VALID. This box carries 8 users at TTFT p95 ≤ 2 s, failed requests ≤ 1 %.")
    assert re.search(r"^ +8 +0 +1\.09 s +1\.32 s +2\.31 s +132 +kept$", text, re.MULTILINE)
    assert "Likely bottleneck: the model server. " in text
    assert "Measure next: the same load on the model behind Dify" in text


def test_the_terminal_says_what_went_wrong():
    assert "app_error 3" in console(examples.failing())
    assert console(examples.invalid()).startswith("INVALID, exit code 4: the run is not to be believed.")
    assert "E2E p50: 1.04 s before, 1.65 s now, worse" in console(examples.worse())


def test_the_server_s_words_are_no_commands_to_the_terminal():
    said = "\x1b[2J\x07gone\r\nnext"
    document = examples.failing() | {"errors": [{"class": "app_error", "row": "a", "count": 1, "message": said}]}

    assert "  app_error 1×: [2J gone next" in console(document).splitlines()


def test_many_steps_are_cut_in_the_middle():
    many = examples.sweep()["steps"][:1] * 40

    assert len(console(examples.sweep() | {"steps": many}).splitlines()) <= 25


def test_charts_are_loaded_only_to_draw_them():
    """Every worker imports the report, and none draws one."""
    asked = (
        "import sys; sys.path.insert(0, 'stress-test'); import load_report, load_report.web_tab; print(*sys.modules)"
    )

    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)

    assert "load_report.web_tab" in told.stdout
    assert "matplotlib" not in told.stdout


def test_a_threshold_on_a_p99_of_few_requests_says_why_it_is_missed():
    document = examples.good()
    judged = {"text": "ttft_p99=2s", "metric": "ttft", "stat": "p99", "limit": 2000.0, "value": None, "met": False}

    assert "TTFT p99 ≤ 2 s: – (too few: it wants 100 requests), missed" in console({**document, "slo": [judged]})
