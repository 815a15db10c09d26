"""A run's events as one answer, for callers who do not want them one by one."""

from collections.abc import Iterable
from typing import Any

from local_dify.service import problems
from local_dify.service.run import Event, Run


def whole(run: Run, events: Iterable[Event]) -> dict[str, Any]:
    kept = list(events)
    return _of_workflow(run, kept) if run.app.mode == "workflow" else _of_message(run, kept)


def _of_workflow(run: Run, events: list[Event]) -> dict[str, Any]:
    end = events[-1]["data"]
    told = {name: value for name, value in end.items() if name not in ("created_by", "exceptions_count", "files")}
    return {"task_id": run.task_id, "workflow_run_id": run.id, "data": told}


def _of_message(run: Run, events: list[Event]) -> dict[str, Any]:
    end = events[-1]
    if end["event"] == "error":
        raise problems.Problem(end["status"], end["code"], end["message"])
    return {
        "event": "message",
        "task_id": run.task_id,
        "id": run.message_id,
        "message_id": run.message_id,
        **({"conversation_id": run.conversation_id} if run.conversation_id else {}),
        "mode": run.app.mode,
        "answer": "".join(event["answer"] for event in events if event["event"] == "message"),
        "metadata": end["metadata"],
        "created_at": run.created_at,
    }
