"""Is a local model server ready for Dify? Finds it, lists its models, streams a few tokens, tries OpenAI's routes.

One file for Python 3.9 and requests. In a checkout of Dify: uv run --project api python scripts/test_ollama_quick.py
A key is read from LOCAL_MODELS_API_KEY. Exit codes: 0 ready, 1 not ready, 2 usage, 3 no requests, 4 --wait is over.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

try:
    import requests
except ImportError:
    print("requests is missing: pip install requests", file=sys.stderr)
    sys.exit(3)

READY, PROBLEM, USAGE, WAITED, INTERRUPTED = 0, 1, 2, 4, 130
PORTS = (11434, 8080, 1234, 8000)  # Ollama, llama.cpp, LM Studio, vLLM
LOOK, CONNECT, SILENCE = 3.0, 5.0, 300.0  # seconds; loading a model is silent
FEW, QUESTION = 16, [{"role": "user", "content": "Say hello in one short sentence."}]
CANNOT = re.compile(r"does not support|not supported|--embeddings|pooling", re.IGNORECASE)
SAYS = {"MODEL_MISSING": r"(?i)model\b.*(not found|does not exist)", "NO_MODELS": r"support \W*(chat|generate|logits)"}
FIXES = {
    "NO_SERVER": "Start it: `ollama serve`, or say where it is: --url http://HOST:PORT. `python3 doctor.py` knows more",
    "WRONG_SERVICE": "Check the port: Ollama has 11434, llama.cpp 8080, LM Studio 1234, vLLM 8000.",
    "AUTH": "Set the server's key: `export LOCAL_MODELS_API_KEY=…`",
    "LOADING": "Wait until the model is loaded: --wait 300",
    "NO_MODELS": "Get one that chats: `ollama pull qwen3:4b`, or load one in the server.",
    "MODEL_MISSING": "Choose one that is there, or get it: `ollama pull NAME`",
    **dict.fromkeys(("MODEL_FAILED", "STREAM_CUT", "SILENT", "STRANGE"), "See its log, as with `journalctl -u ollama`"),
    "ROUTE_MISSING": "Update the server: programs that speak OpenAI's API need this route.",
}
NO_PAGE, OWN = b"404 page not found", b'"owned_by":"library"'  # Ollama's, while others play its first route
BY_STATUS = {401: "AUTH", 403: "AUTH", 404: "ROUTE_MISSING", 503: "LOADING"}
ASCII = str.maketrans({"✅": "[ok]", "❌": "[x]", "✓": "+", "→": ">", "·": "."})


class NotReady(Exception):
    """A step that failed; its arguments are a code, and what was said."""


class Server:
    """One address. The environment's proxies are not asked: the server is nearby."""

    def __init__(self, url: str) -> None:
        self.url, self.name, self.answers, self.session = url, "", False, requests.Session()
        self.session.trust_env = False

    def ask(self, path: str, body: Any = None, *, stream: bool = False, seconds: float = SILENCE) -> Any:
        """The response, whatever its status."""
        method, limits = ("POST" if body else "GET"), (min(CONNECT, seconds), seconds)
        try:
            return self.session.request(method, self.url + path, json=body, stream=stream, timeout=limits)
        except requests.RequestException as error:
            code = {"ReadTimeout": "SILENT", "InvalidHeader": "AUTH"}.get(type(error).__name__, "NO_SERVER")
            raise NotReady(code, f"{self.url}{path} does not answer ({type(error).__name__})") from error

    def get(self, key: str, path: str, body: Any = None) -> Any:
        """One field of a good answer; LM Studio says 200 to a route it does not have."""
        response = self.ask(path, body)
        if not response.ok or key not in fields(response.content):
            raise refusal(response, path)
        return fields(response.content)[key]

    def identify(self) -> None:
        """The program's name, by what only it says."""
        try:
            first, listed, odd = (self.ask(at, seconds=LOOK) for at in ("/api/version", "/v1/models", "/api/extra"))
        except NotReady:
            return
        signs = {
            "llama.cpp": first.headers.get("Server", "").lower() == "llama.cpp",
            "LM Studio": b"Unexpected endpoint or method" in first.content,
            "Ollama": list(fields(first.content)) == ["version"] and (odd.content == NO_PAGE or OWN in listed.content),
            "vLLM": b'"owned_by":"vllm"' in listed.content,
            "model server": "data" in fields(listed.content) or listed.status_code in (401, 403),
        }
        self.name, self.answers = next((name for name, holds in signs.items() if holds), ""), True

    def models(self) -> list[dict[str, Any]]:
        """Each with its name, and on Ollama what it can do; those that are loaded come first."""
        if self.name != "Ollama":
            return [{"name": str(model.get("id"))} for model in self.get("data", "/v1/models") or []]
        loaded = {model.get("name") for model in self.get("models", "/api/ps") or []}
        return sorted(self.get("models", "/api/tags") or [], key=lambda model: model.get("name") not in loaded)

    def stream(self, names: list[str]) -> dict[str, Any]:
        """A few tokens as they come; not every list says which models embed, so the next is tried."""
        body = {"model": names[0], "messages": QUESTION, "max_tokens": FEW, "stream": True}
        calm = {"chat_template_kwargs": {"enable_thinking": False}} if self.name in ("llama.cpp", "vLLM") else {}
        path, body = "/v1/chat/completions", {**body, **calm, "stream_options": {"include_usage": True}}
        if self.name == "Ollama":
            path, body = "/api/chat", {**body, "think": False, "options": {"num_predict": FEW}}
        began, first, pieces, last = monotonic(), 0.0, 0, {}
        response = self.ask(path, body, stream=True)
        if len(names) > 1 and not response.ok and CANNOT.search(response.text):
            return self.stream(names[1:])
        if not response.ok:
            raise refusal(response, path)
        try:
            for event in events(response):
                told = event.get("message") or (event.get("choices") or [{}])[0].get("delta") or {}
                pieces += any(told.get(key) for key in ("content", "thinking", "reasoning_content", "reasoning"))
                first = first or (monotonic() if pieces else 0.0)
                last.update({key: value for key, value in event.items() if value})
        except requests.RequestException as error:
            raise NotReady("STREAM_CUT", f"{path} broke off after {pieces} pieces ({type(error).__name__})") from error
        if not last.get("done") or not pieces:
            raise NotReady("STREAM_CUT", f"{path} ended after {pieces} pieces, without an answer or without its end")
        return numbers(names[0], last, pieces, round(first - began, 3), monotonic() - first)

    def routes(self, listed: list[dict[str, Any]], model: str) -> dict[str, str]:
        """What other programs use; embeddings only where a model can."""
        embed = [model["name"] for model in listed if "embedding" in (model.get("capabilities") or [])]
        wanted = {
            "/v1/models": ("data", None),
            "/v1/chat/completions": ("choices", {"model": model, "max_tokens": 4, "messages": QUESTION}),
            "/v1/completions": ("choices", {"model": model, "max_tokens": 4, "prompt": "Hello"}),
            "/v1/embeddings": ("data", {"model": (embed or [model])[0], "input": "hello"}),
        }
        told = dict.fromkeys(wanted, "ok")
        for path, (key, body) in wanted.items():
            try:
                self.get(key, path, body)
            except NotReady as failure:
                if path != "/v1/embeddings" or embed or not CANNOT.search(failure.args[1]):
                    raise
                told[path] = "no model for it"
        return told


def fields(data: bytes) -> dict[str, Any]:
    """The JSON object; empty when it is none."""
    try:
        value = json.loads(data)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def refusal(response: Any, path: str) -> NotReady:
    error = fields(response.content).get("error") or response.text
    said = " ".join(str(error.get("message", error) if isinstance(error, dict) else error).split())[:200]
    codes = [code for code, words in SAYS.items() if re.search(words, said)]
    code = [*codes, BY_STATUS.get(response.status_code, "MODEL_FAILED")][0]
    return NotReady(code, f"{path}: HTTP {response.status_code}, {said or 'no words'}")


def candidates(url: str, env: Any) -> list[str]:
    """What was said; else the host as containers see it, then this machine."""
    if url or env.get("OLLAMA_BASE_URL"):
        return roots(url or env["OLLAMA_BASE_URL"].split(",")[0])
    hosts = ["172.17.0.1", "host.docker.internal", gateway(), "localhost"]
    confined = env.get("LOCAL_MODELS_LOOK_AROUND", "").lower() in ("no", "0", "false", "off")
    found = [root for host in [env.get("OLLAMA_HOST"), *([] if confined else hosts)] if host for root in roots(host)]
    if not found:
        raise ValueError("LOCAL_MODELS_LOOK_AROUND forbids to look for a server: --url says where it is")
    return found


def roots(typed: str) -> list[str]:
    """The URLs that an address can mean: without scheme and port, one for each usual port."""
    scheme, _, rest = typed.strip(" \"'").rpartition("://")
    rest = f":{rest}" if rest.isdecimal() else f"[{rest}]" if rest.count(":") > 1 and "[" not in rest else rest
    shape = r"(?=[^/])(\[[^\s\]]+\]|[^\s@?#/:[\]]*)(:\d{0,5})?(/[^\s@?#]*)?"
    if scheme not in ("", "http", "https") or not re.fullmatch(shape, rest):
        raise ValueError("an address looks like http://HOST:11434; a key goes into LOCAL_MODELS_API_KEY")
    parts, path = urlsplit(f"//{rest}"), re.sub(r"/+$|(/v1|/api(/v\d)?)(/.*)?$", "", urlsplit(f"//{rest}").path)
    host = {"0": "", "0.0.0.0": "", "::": ""}.get(parts.hostname or "", parts.hostname) or "127.0.0.1"  # noqa: S104
    start = f"{scheme or 'http'}://{f'[{host}]' if ':' in host else host}"
    ports = [""] if scheme and not parts.port else [f":{port}" for port in ([parts.port] if parts.port else PORTS)]
    return [start + port + path for port in ports]


def gateway() -> str:
    table = Path("/proc/net/route")  # the way out of a container leads to its host
    rows = [line.split() for line in table.read_text().splitlines()] if table.exists() else []
    return next((socket.inet_ntoa(bytes.fromhex(row[2])[::-1]) for row in rows if row[1] == "00000000"), "")


def find(urls: list[str], key: str) -> Server:
    """The first address, in the order given, where a model server is; only that is given the key."""
    servers, until = [Server(url) for url in urls], monotonic() + 3 * LOOK
    threads = [Thread(target=server.identify, daemon=True) for server in servers]
    for thread in threads:
        thread.start()
    for at, server in enumerate(servers):
        threads[at].join(max(0.0, until - monotonic()))
        if server.name:
            server.session.headers.update({"Authorization": f"Bearer {key}"} if key else {})
            return server
    some = any(server.answers for server in servers)
    raise NotReady("WRONG_SERVICE" if some else "NO_SERVER", f"no model server answers at {', '.join(urls)}")


def choose(listed: list[dict[str, Any]], wanted: str) -> list[str]:
    """The wanted one, or a few that may chat."""
    names = [str(model["name"]) for model in listed]
    if wanted and names and not {wanted, f"{wanted}:latest"} & {*names}:
        raise NotReady("MODEL_MISSING", f"{wanted} is not there; there are: {', '.join(names[:8])}")
    chat = [str(model["name"]) for model in listed if "embedding" not in (model.get("capabilities") or [])]
    if not chat:
        raise NotReady("NO_MODELS", f"there are: {', '.join(names) or 'none'}")
    return [wanted] if wanted else chat[:3]


def events(response: Any) -> Iterator[dict[str, Any]]:
    """JSON lines, or server-sent events; only a line feed ends a line."""
    for line in response.iter_lines(chunk_size=1, delimiter=b"\n"):
        data = line[5:].strip() if line.startswith(b"data:") else line.strip()
        event = {"done": True} if data == b"[DONE]" else fields(data)
        if "error" in event:
            raise NotReady("MODEL_FAILED", f"in mid-stream: {data[:200].decode(errors='replace')}")
        yield event


def numbers(model: str, last: dict[str, Any], pieces: int, wait: float, seconds: float) -> dict[str, Any]:
    """The server's own where it has some, else those of the clock here."""
    timings, usage = last.get("timings") or {}, last.get("usage") or {}
    tokens = last.get("eval_count") or timings.get("predicted_n") or usage.get("completion_tokens") or pieces
    own = tokens / last["eval_duration"] * 1e9 if last.get("eval_duration") else timings.get("predicted_per_second")
    load, speed = round(last.get("load_duration", 0) / 1e9, 3), round(own or tokens / max(seconds, 1e-6), 1)
    return {"model": model, "load_s": load or None, "ttft_s": wait, "tokens": tokens, "tokens_per_s": speed}


def check(want: Any, env: Any, tell: Callable[[str, str, str], Any]) -> dict[str, Any]:
    """All steps; what is known so far is in the facts, also when one fails."""
    facts: dict[str, Any] = {"step": "Find the server"}
    try:
        server = find(candidates(want.url, env), env.get("LOCAL_MODELS_API_KEY", "").strip())
        facts.update(url=server.url, server=server.name, step="List its models")
        tell("✓", "Server", f"{server.name} at {server.url}")
        listed = server.models()
        names = choose(listed, want.model or env.get("OLLAMA_DEFAULT_MODEL", ""))
        facts.update(models=[model["name"] for model in listed], step="Stream a few tokens")
        tell("✓", "Models", ", ".join(facts["models"][:8]))
        facts.update(server.stream(names), step="Try OpenAI's routes")
        speed = "{model}: {load_s} s to load, {ttft_s} s to the first, {tokens_per_s} tokens/s".format_map(facts)
        tell("✓", "Tokens", speed.replace(" None s to load,", ""))
        facts.update(routes=server.routes(listed, facts["model"]))
        tell("✓", "Routes", ", ".join(f"{path} {said}" for path, said in facts["routes"].items()))
    except (NotReady, requests.RequestException, AttributeError, IndexError, KeyError, TypeError) as failure:
        code, said = failure.args if isinstance(failure, NotReady) else ("STRANGE", f"odd answer: {failure!r:.200}")
        return {**facts, "ok": False, "exit_code": PROBLEM, "code": code, "error": said, "fix": FIXES[code]}
    return {**facts, "ok": True, "exit_code": READY}


def until_ready(want: Any, env: Any, tell: Callable[[str, str, str], Any]) -> dict[str, Any]:
    until, tell = monotonic() + want.wait, lru_cache(None)(tell)  # what was told is not told again
    while not (facts := check(want, env, tell))["ok"] and monotonic() < until:
        tell("·", "Wait", f"{facts['code']}: {facts['error']}")
        sleep(min(1.0, max(0.0, until - monotonic())))
    return facts if facts["ok"] or not want.wait else {**facts, "exit_code": WAITED}


def verdict(facts: dict[str, Any]) -> str:
    failed = "❌ {step}: {code}\n  {error}\n  → {fix}"
    return f"✅ {facts['server'].upper()} IS READY!" if facts["ok"] else failed.format_map(facts)


def write(text: str) -> None:
    shown = text if "utf" in (encoding := sys.stdout.encoding or "ascii").lower() else text.translate(ASCII)
    try:
        print(shown.encode(encoding, "replace").decode(encoding), flush=True)
    except BrokenPipeError:  # whoever read it has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main(argv: list[str] | None = None, env: Any = os.environ) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="", help="else OLLAMA_BASE_URL, OLLAMA_HOST, or where one answers")
    parser.add_argument("--model", default="", help="else OLLAMA_DEFAULT_MODEL, or one that is there")
    parser.add_argument("--wait", type=float, default=0.0, metavar="SECONDS", help="try again until it is ready")
    parser.add_argument("--json", action="store_true", help="one JSON object with schema_version")
    parser.add_argument("--quiet", action="store_true", help="only what is wrong")
    want = parser.parse_args(argv)
    try:
        facts = until_ready(want, env, lambda *said: want.json or want.quiet or write("{} {:<8}{}".format(*said)))
    except (ValueError, KeyboardInterrupt) as error:
        print(said := str(error) or "interrupted", file=sys.stderr)
        facts = {"ok": False, "exit_code": USAGE if isinstance(error, ValueError) else INTERRUPTED, "error": said}
    if want.json or ("step" in facts and not (want.quiet and facts["ok"])):
        write(json.dumps({"schema_version": 1, **facts}) if want.json else verdict(facts))
    return int(facts["exit_code"])


if __name__ == "__main__":
    sys.exit(main())
