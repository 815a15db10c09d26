"""Runs in progress: each goes on to its end on a thread of its own, whether anyone reads it or not."""

import threading
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from typing import Protocol

from local_dify.service.run import Event, Run

SILENCE = 10.0  # seconds until Dify sends a sign of life
END: Event = {}  # this very object


class Work(Protocol):
    """What a job does."""

    run: Run

    def events(self) -> Iterator[Event]: ...

    def abort(self) -> None:
        """From another thread: end soon."""

    def last_words(self) -> Iterator[Event]:
        """Of a run that was aborted."""


class Job:
    def __init__(self, work: Work) -> None:
        self._work = work
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._closing = threading.Lock()
        self._is_closed = False

    @property
    def run(self) -> Run:
        return self._work.run

    def start(self, at_end: Callable[[], None]) -> None:
        threading.Thread(target=self._work_through, args=[at_end], name=f"run {self.run.id}", daemon=True).start()

    def stop(self) -> None:
        """Whoever reads gets the end now; the work itself ends when it notices."""
        self._work.abort()
        with self._closing:
            if not self._is_closed:
                self._close(self._work.last_words())

    def read(self, silence: float = SILENCE) -> Iterator[Event | None]:
        """The events up to the end; `None` when there was nothing for so long."""
        while True:
            try:
                event = self._events.get(timeout=silence)
            except Empty:
                yield None
                continue
            if event is END:
                return
            yield event

    def _work_through(self, at_end: Callable[[], None]) -> None:
        try:
            for event in self._work.events():
                with self._closing:
                    if not self._is_closed:
                        self._events.put(event)
        finally:
            with self._closing:
                self._close(iter(()))
            at_end()

    def _close(self, last_words: Iterator[Event]) -> None:
        self._is_closed = True
        for event in last_words:
            self._events.put(event)
        self._events.put(END)


class TooMany(Exception):
    """An app's limit of runs at one time is reached."""


class Jobs:
    """`most` runs of an app at one time; 0 is no limit, as in Dify."""

    def __init__(self, most: int = 0) -> None:
        self._most = most
        self._running: dict[str, Job] = {}
        self._lock = threading.Lock()

    def start(self, work: Work) -> Job:
        job = Job(work)
        with self._lock:
            busy = sum(other.run.app.id == job.run.app.id for other in self._running.values()) if self._most else 0
            if self._most and busy >= self._most:
                raise TooMany
            self._running[job.run.task_id] = job
        job.start(lambda: self._forget(job))
        return job

    def stop(self, task_id: str, app_id: str) -> None:
        """One that is unknown, over or another app's is nobody's mistake."""
        with self._lock:
            job = self._running.get(task_id)
        if job is not None and job.run.app.id == app_id:
            job.stop()

    def __len__(self) -> int:
        return len(self._running)

    def _forget(self, job: Job) -> None:
        with self._lock:
            self._running.pop(job.run.task_id, None)
