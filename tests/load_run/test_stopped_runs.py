"""A run whose time is over before its requests are: they are counted apart, and stopped on the server."""

import pytest

from tests.load_run.running import DIFY, OPENAI, load, told, truth

pytestmark = pytest.mark.slow

LONG = {"events": 400, "every": 50, "delay": 50}  # 20 s


@pytest.mark.parametrize("way", [(), ("--processes", "2")], ids=["one process", "two processes"])
def test_requests_open_at_the_end_are_counted_apart_and_stopped_on_the_server(way, tmp_path):
    with truth(**LONG) as url:
        run = load(url, tmp_path, "-u", "4", "-r", "50", "-t", "2s", "--warm-up", "0", *way, *DIFY)
        server = told(url)

    assert run.document["totals"]["outcomes"] == {"incomplete_at_end": 4}
    assert run.document["totals"]["failed"] == 0
    assert (server["requests"], server["stops"], server["open"]) == (4, 4, 0)


def test_a_model_server_is_stopped_by_hanging_up(tmp_path):
    with truth(**LONG) as url:
        run = load(url, tmp_path, "-u", "3", "-r", "50", "-t", "2s", "--warm-up", "0", *OPENAI)
        server = told(url)

    assert run.document["totals"]["outcomes"] == {"incomplete_at_end": 3}
    assert (server["requests"], server["stops"], server["open"]) == (3, 0, 0)
