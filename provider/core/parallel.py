"""Several questions at once: threads here, greenlets in the plugin's process."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

MOST = 16


def in_parallel[Result](jobs: Sequence[Callable[[], Result]]) -> list[Result]:
    """The results in the order of the jobs; what a job raises is raised."""
    if len(jobs) < 2:  # noqa: PLR2004 - nothing to do at once
        return [job() for job in jobs]
    with ThreadPoolExecutor(min(MOST, len(jobs))) as pool:
        return list(pool.map(lambda job: job(), jobs))
