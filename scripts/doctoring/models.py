"""The server's models, and a token from one of them."""

from __future__ import annotations

import re
from typing import Any

from scripts.doctoring.pages import Page
from scripts.doctoring.patient import Patient

LISTS = {"Ollama": ("/api/tags", "models", "name"), "LM": ("/api/v0/models", "data", "id")}
OPENAI_LIST = ("/v1/models", "data", "id")
GENERATE = 60.0  # seconds, loading the model included
MOST_SHOWN, MOST_ASKED = 8, 3


def models_and_token(patient: Patient) -> None:
    if patient.code == "READY":
        token(patient, models(patient))
    else:
        for check in ("models", "token"):
            patient.say(check, "skip", f"behind {patient.code}", "SKIPPED")


def models(patient: Patient) -> list[str]:
    """Tells what there is, and gives those that may be asked; one that is loaded answers soonest."""
    path, key, name = LISTS.get(patient.page.name.split()[0], OPENAI_LIST)
    listed = [model for model in ask(patient, path).rows(key) if model.get(name)]
    names = [str(model[name]) for model in listed]
    wanted = patient.want.model or patient.machine.env.get("OLLAMA_DEFAULT_MODEL", "")
    if not names:
        patient.fault("NO_MODELS")
        return []
    if wanted and not {wanted, f"{wanted}:latest"} & {*names}:
        patient.fault("MODEL_MISSING", said=wanted)
        patient.findings[-1]["detail"] += f"; there are: {_listing(names)}"
        return []
    patient.say("models", "pass", _listing(names))
    return [wanted] if wanted else [str(model[name]) for model in sorted(listed, key=_is_idle) if _chats(model)]


def token(patient: Patient, names: list[str]) -> None:
    """One token, which proves that the model loads."""
    if not patient.want.generate or not names:
        patient.say("token", "skip", "not asked for" if names else "no model to ask", "SKIPPED")
        return
    for model in names[:MOST_ASKED]:
        page = _ask_ollama(patient, model) if patient.page.name.startswith("Ollama") else _ask_openai(patient, model)
        said = _said(page)
        if page.value("message") or page.value("choices"):
            patient.say("token", "pass", f"{model} gave one after {page.seconds:.1f} s")
            return
        if not re.search(r"does not support \W*(chat|generate|logits)", said):
            patient.fault("MODEL_FAILED", said=f"{model}: {said}")
            return
    patient.say("token", "skip", f"{names[0]} does not chat: an embedding or rerank model", "SKIPPED")


def ask(patient: Patient, path: str, body: Any = None, seconds: float = 5.0) -> Page:
    return patient.machine.ask(patient.page.url, patient.page.ip, path, body, seconds)


def _ask_ollama(patient: Patient, model: str) -> Page:
    loaded = {each.get("name"): each.get("context_length") for each in ask(patient, "/api/ps").rows("models")}
    window = {"num_ctx": loaded[model]} if loaded.get(model) else {}  # with another one it would be loaded anew
    options = {"think": False, "options": {"num_predict": 1, **window}}
    return ask(patient, "/api/chat", {**_question(model), **options}, GENERATE)


def _ask_openai(patient: Patient, model: str) -> Page:
    return ask(patient, "/v1/chat/completions", {**_question(model), "max_tokens": 1}, GENERATE)


def _said(page: Page) -> str:
    """The server's words, wherever it puts them."""
    error = page.value("error")
    words = error.get("message") if isinstance(error, dict) else error
    return str(words or page.body.decode(errors="replace").strip() or f"{page.outcome}, HTTP {page.status}")[:200]


def _question(model: str) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": "Say yes."}], "stream": False}


def _listing(names: list[str]) -> str:
    return f"{', '.join(names[:MOST_SHOWN])}{' …' if len(names) > MOST_SHOWN else ''}"


def _is_idle(model: dict[str, Any]) -> bool:
    status = model.get("status")  # of llama.cpp's router an object
    return "loaded" not in (model.get("state"), status.get("value") if isinstance(status, dict) else status)


def _chats(model: dict[str, Any]) -> bool:
    return model.get("type") != "embeddings" and "embedding" not in str(model.get("capabilities"))
