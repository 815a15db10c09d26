"""What is sent: target, session and text become an `Ask`; and what stops a request on the server."""

from typing import Any

from load_client import Ask, Timeouts
from load_scenarios.session import Session
from load_scenarios.target import Target

RUN = {"workflow": "/workflows/run", "chat": "/chat-messages", "completion": "/completion-messages"}
STOP = {
    "workflow": "/workflows/tasks/{task}/stop",
    "chat": "/chat-messages/{task}/stop",
    "completion": "/completion-messages/{task}/stop",
}


def ask(session: Session, text: str, timeouts: Timeouts, *, scheduled: int = 0, reuse: bool = True) -> Ask:
    """The next request of a session."""
    target = session.target
    path, body = {"dify": _dify, "ollama": _ollama, "openai": _openai}[target.kind](session, text)
    return Ask(
        name=target.name,
        url=target.url + path,
        body=body,
        dialect=target.kind,
        headers=headers(target),
        streaming=target.streaming,
        scheduled=scheduled,
        timeouts=timeouts,
        reuse=reuse,
    )


def headers(target: Target) -> dict[str, str]:
    return {"Authorization": f"Bearer {target.key}"} if target.key else {}


def stop(target: Target, task_id: str) -> str | None:
    """Where to ask that a request be stopped; a model server stops by itself when the connection closes."""
    if target.kind != "dify" or not task_id:
        return None
    return target.url + STOP[target.route].format(task=task_id)


def _dify(session: Session, text: str) -> tuple[str, dict[str, Any]]:
    target = session.target
    body: dict[str, Any] = {
        "inputs": dict(target.inputs),
        "user": session.user,
        "response_mode": "streaming" if target.streaming else "blocking",
    }
    if target.route == "chat":
        # A generated name would be a second call of the model.
        body |= {"query": text, "conversation_id": session.conversation_id, "auto_generate_name": False}
    elif target.question:
        body["inputs"][target.question] = text
    return RUN[target.route], body


def _ollama(session: Session, text: str) -> tuple[str, dict[str, Any]]:
    most = session.prompt.max_tokens or session.target.max_tokens
    body = {"model": session.target.model, "messages": _messages(session, text), "stream": session.target.streaming}
    return "/api/chat", body | ({"options": {"num_predict": most}} if most else {})


def _openai(session: Session, text: str) -> tuple[str, dict[str, Any]]:
    most = session.prompt.max_tokens or session.target.max_tokens
    body: dict[str, Any] = {"model": session.target.model, "messages": _messages(session, text)}
    if session.target.streaming:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return "/v1/chat/completions", body | ({"max_tokens": most} if most else {})


def _messages(session: Session, text: str) -> list[dict[str, str]]:
    return [*session.history, {"role": "user", "content": text}]
