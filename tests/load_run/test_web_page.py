"""A run that is begun and stopped on Locust's web page."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request

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


def test_a_run_from_the_web_page_shows_ttft_live_and_reports_when_it_is_stopped(tmp_path):
    port = free_port()
    options = ["--web-port", str(port), "--results", str(tmp_path), *OPENAI]
    with truth(events=4, every=20, delay=50) as url, (tmp_path / "out").open("w+") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "locust", *options],
            cwd=STRESS,
            env=os.environ | {"LOAD_KEY": "sk-hidden"},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
        try:
            page = Page(port)
            page.wait_for("/stats/requests", lambda stats: stats["state"] == "ready")
            begins = page.get("/")
            page.get("/swarm", user_count=2, spawn_rate=2, host=url)
            live = page.wait_for("/stats/requests", lambda stats: any(
                row["ttft_p50"] for row in stats.get("extended_stats", [{"data": []}])[0]["data"]
            ))  # fmt: skip
            page.get("/stop", anything="")
            page.wait_for("/stats/requests", lambda stats: stats["state"] == "stopped")
            process.send_signal(signal.SIGINT)
            code = process.wait(20)
        finally:
            process.kill()
        out.seek(0)
        output = out.read()

    (report,) = tmp_path.glob("*/report.json")
    totals = json.loads(report.read_text(encoding="utf-8"))["totals"]
    assert code == 0, output
    assert totals["ok"] > 0
    assert totals["failed"] == 0
    assert output.count("Report: ") == 1
    assert f"http://127.0.0.1:{port}" in output, "loopback, until somebody says otherwise"
    assert "sk-hidden" not in begins + output
    assert live["extended_stats"][0]["key"] == "load"
