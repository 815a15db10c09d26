"""A run that is begun and stopped on Locust's web page."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from contextlib import contextmanager

import pytest

from tests.load_run.running import OPENAI, STRESS, free_port, truth

pytestmark = pytest.mark.slow


class Page:
    """Locust's page, as a browser would ask it."""

    def __init__(self, port):
        self._url = f"http://127.0.0.1:{port}"

    def get(self, path, **form):
        data = urllib.parse.urlencode(form).encode() if form else None
        with urllib.request.urlopen(self._url + path, data, timeout=20) as answer:
            return answer.read().decode()

    def wait_for(self, path, wanted, patience=20.0):
        end = time.monotonic() + patience
        while time.monotonic() < end:
            try:
                value = json.loads(self.get(path))
            except OSError:
                value = None
            if value is not None and wanted(value):
                return value
            time.sleep(0.2)
        raise AssertionError(f"{path} never became what was wanted")


@contextmanager
def locust_with_a_page(folder):
    """The page, the process, and what it says."""
    port, out = free_port(), folder / "out"
    options = ["--web-port", str(port), "--results", str(folder), *OPENAI]
    with out.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "locust", *options],
            cwd=STRESS, env=os.environ | {"LOAD_KEY": "sk-hidden"}, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
        )  # fmt: skip
        try:
            page = Page(port)
            page.wait_for("/stats/requests", lambda stats: stats["state"] == "ready")
            yield page, process, out
        finally:
            process.kill()
            process.wait()


def shows_ttft(stats):
    return any(row["ttft_p50"] for row in stats.get("extended_stats", [{"data": []}])[0]["data"])


def test_a_run_from_the_web_page_shows_ttft_live_and_reports_when_it_is_stopped(tmp_path):
    with truth(events=4, every=20, delay=50) as url, locust_with_a_page(tmp_path) as (page, process, out):
        begins = page.get("/")
        page.get("/swarm", user_count=2, spawn_rate=2, host=url)
        page.wait_for("/stats/requests", shows_ttft)
        page.get("/stop", anything="")
        page.wait_for("/stats/requests", lambda stats: stats["state"] == "stopped")
        process.send_signal(signal.SIGINT)
        code = process.wait(20)

    output = out.read_text(encoding="utf-8")
    (report,) = tmp_path.glob("*/report.json")
    document = json.loads(report.read_text(encoding="utf-8"))
    # 4 only where the machine is so busy that the page disturbs the load generator, which then says so.
    assert code == document["verdict"]["exit_code"] in {0, 4}, output
    assert document["totals"]["failed"] == 0 < document["totals"]["ok"]
    assert output.count("Report: ") == 1
    assert "http://127.0.0.1:" in output, "loopback, until somebody says otherwise"
    assert "sk-hidden" not in begins + output
