"""The load test as Locust runs it: `locust -f stress-test/locustfile.py --host …`, see README.md beside it."""

import sys
from pathlib import Path

from locust import events

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(path) for path in (HERE, HERE.parent) if str(path) not in sys.path]

from load_run.glue import LoadUser, tie  # noqa: E402 - only now can it be found

__all__ = ["LoadUser"]

tie(events)
