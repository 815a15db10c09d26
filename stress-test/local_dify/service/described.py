"""What an app says of itself: the answers of /v1/info and /v1/parameters, and the front page."""

from collections.abc import Iterable
from html import escape
from typing import Any

from local_dify.service.dsl import App

NOTE = "test stand-in, not Dify"
BEFORE_THE_FORM = (
    *("suggested_questions_after_answer", "speech_to_text", "text_to_speech", "retriever_resource"),
    *("annotation_reply", "more_like_this"),
)
AFTER_THE_FORM = ("sensitive_word_avoidance", "file_upload")
LIMITS = {
    "image_file_size_limit": 10,
    "video_file_size_limit": 100,
    "audio_file_size_limit": 50,
    "file_size_limit": 15,
    "workflow_file_upload_limit": 10,
}
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Local Dify app: {note}</title>
<h1>Local Dify app</h1>
<p><strong>This is a {note}.</strong> It serves Dify's app API for load tests: workflow files on Dify's own engine,
with the real plugin behind their models.</p>
<table><tr><th>App<th>Mode<th>Key{rows}</table></html>
"""


def info(app: App) -> dict[str, Any]:
    card = app.card
    return {
        "name": str(card.get("name") or app.name),
        "description": str(card.get("description") or ""),
        "tags": [],
        "mode": app.mode,
        "author_name": NOTE,
    }


def parameters(app: App) -> dict[str, Any]:
    said = app.prompt or app.features
    switches = {name: said.get(name) or {"enabled": False} for name in (*BEFORE_THE_FORM, *AFTER_THE_FORM)}
    return {
        "opening_statement": said.get("opening_statement") or "",
        "suggested_questions": said.get("suggested_questions") or [],
        **{name: switches[name] for name in BEFORE_THE_FORM},
        "user_input_form": [{variable["type"]: variable} for variable in app.inputs],
        **{name: switches[name] for name in AFTER_THE_FORM},
        "system_parameters": LIMITS,
    }


def front_page(apps: Iterable[App]) -> str:
    rows = (f"<tr><td>{escape(app.name)}<td>{escape(app.mode)}<td><code>{app.key}</code>" for app in apps)
    return PAGE.format(note=NOTE, rows="".join(rows))
