"""Refusals, with the status, code and text that Dify gives."""

from dataclasses import dataclass

MODES = "Please check if your app mode matches the right API route."
NOT_FOUND = """<!doctype html>
<html lang=en>
<title>404 Not Found</title>
<h1>Not Found</h1>
<p>The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.</p>
"""


@dataclass(frozen=True, slots=True)
class Problem(Exception):
    status: int
    code: str
    message: str

    def as_dict(self) -> dict[str, object]:
        return {"code": self.code, "message": self.message, "status": self.status}


def unauthorized(message: str) -> Problem:
    return Problem(401, "unauthorized", message)


def invalid(message: str) -> Problem:
    return Problem(400, "invalid_param", message)


def wrong_mode(code: str) -> Problem:
    return Problem(400, code, MODES)


def unavailable() -> Problem:
    return Problem(400, "app_unavailable", "App unavailable, please check your app configurations.")


def bad_request() -> Problem:
    return Problem(400, "bad_request", "The browser (or proxy) sent a request that this server could not understand.")


def too_many(app: str, most: int) -> Problem:
    """Its documents promise a 429; this is what it answers."""
    return invalid(
        "Too many requests. Please try again later. The current maximum concurrent requests allowed for "
        f"{app} is {most}."
    )


def no_conversation() -> Problem:
    return Problem(404, "not_found", "Conversation Not Exists.")


def no_workflow(name: str) -> Problem:
    return Problem(404, "not_found", f"Workflow not found with id: {name}")
