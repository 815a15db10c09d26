"""The routes of Dify's app API, each from a request to an answer or to a run."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

from local_dify.service import described, payloads, problems, uploads
from local_dify.service.conversations import Conversation, Conversations
from local_dify.service.dsl import CHAT_MODES, App
from local_dify.service.flows import Flow
from local_dify.service.jobs import Job, Jobs, TooMany, Work
from local_dify.service.knowledge import Knowledge
from local_dify.service.model import Plugin
from local_dify.service.payloads import ChatRequestPayload, CompletionRequestPayload, WorkflowRunPayload
from local_dify.service.prompts import Prompt
from local_dify.service.run import Run

STOP = re.compile(r"/v1/(?:workflows/tasks|chat-messages|completion-messages)/([^/]+)/stop")
VERSION = re.compile(r"/v1/workflows/([^/]+)/run")


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    headers: Message
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    content: Any
    status: int = 200


@dataclass(frozen=True, slots=True)
class Started:
    """A run whose events are the answer: one by one, or as a whole."""

    job: Job
    streaming: bool


type Served = Answer | Started
type Route = Callable[[App, Request], Served]


@dataclass(slots=True)
class Routes:
    apps: Mapping[str, App]  # by their keys
    plugin: Plugin
    jobs: Jobs = field(default_factory=Jobs)
    most: int = 0  # runs of an app at one time
    conversations: Conversations = field(default_factory=Conversations)
    knowledge: dict[str, Knowledge] = field(init=False)

    def __post_init__(self) -> None:
        self.jobs = Jobs(self.most)
        self.knowledge = {app.name: Knowledge(app.name, app.knowledge) for app in self.apps.values()}

    def serve(self, request: Request) -> Served | None:
        """`None` when there is no such route."""
        route = self._route(request.method, request.path)
        return route(self._app(request.headers), request) if route else None

    def _route(self, method: str, path: str) -> Route | None:
        if method == "POST" and STOP.fullmatch(path):
            return self._stop
        if method == "POST" and VERSION.fullmatch(path):
            return self._workflow
        return {
            ("POST", "/v1/workflows/run"): self._workflow,
            ("POST", "/v1/chat-messages"): self._chat,
            ("POST", "/v1/completion-messages"): self._completion,
            ("POST", "/v1/files/upload"): self._upload,
            ("GET", "/v1/parameters"): lambda app, _: Answer(described.parameters(app)),
            ("GET", "/v1/info"): lambda app, _: Answer(described.info(app)),
        }.get((method, path))

    def _app(self, headers: Message) -> App:
        scheme, _, key = (headers.get("Authorization") or "").partition(" ")
        if not key:
            raise problems.unauthorized("Authorization header must be provided and start with 'Bearer'")
        if scheme.lower() != "bearer":
            raise problems.unauthorized("Authorization scheme must be 'Bearer'")
        if (app := self.apps.get(key.strip())) is None:
            raise problems.unauthorized("Access token is invalid")
        return app

    def _workflow(self, app: App, request: Request) -> Started:
        content = payloads.body(request.body)
        user = payloads.user(content)
        if app.mode != "workflow":
            raise problems.wrong_mode("not_workflow_app")
        version = VERSION.fullmatch(request.path)
        if version and version[1] != app.workflow_id:
            raise problems.no_workflow(version[1])
        payload = payloads.read(WorkflowRunPayload, content)
        inputs = payloads.inputs(app, payload.inputs)
        return self._start(Flow(Run(app, user), inputs, self.plugin, self.knowledge[app.name]), payload.response_mode)

    def _chat(self, app: App, request: Request) -> Started:
        content = payloads.body(request.body)
        user = payloads.user(content)
        if app.mode not in CHAT_MODES:
            raise problems.wrong_mode("not_chat_app")
        payload = payloads.read(ChatRequestPayload, content)
        conversation = self._conversation(app, user, payload.conversation_id)
        inputs = payloads.inputs(app, payload.inputs)
        run = Run(app, user, conversation.id)
        if app.prompt:
            return self._start(Prompt(run, inputs, self.plugin, conversation, payload.query), payload.response_mode)
        flow = Flow(run, inputs, self.plugin, self.knowledge[app.name], conversation, payload.query)
        return self._start(flow, payload.response_mode)

    def _completion(self, app: App, request: Request) -> Started:
        content = payloads.body(request.body)
        user = payloads.user(content)
        if app.mode != "completion":
            raise problems.unavailable()
        payload = payloads.read(CompletionRequestPayload, content)
        inputs = payloads.inputs(app, payload.inputs)
        return self._start(Prompt(Run(app, user), inputs, self.plugin), payload.response_mode)

    def _conversation(self, app: App, user: str, name: str | None) -> Conversation:
        if name is None:
            return self.conversations.begin(app.name, user)
        if (found := self.conversations.find(name, app.name, user)) is None:
            raise problems.no_conversation()
        return found

    def _start(self, work: Work, mode: str | None) -> Started:
        try:
            return Started(self.jobs.start(work), mode == "streaming")
        except TooMany:
            raise problems.too_many(work.run.app.id, self.most) from None

    def _stop(self, app: App, request: Request) -> Answer:
        payloads.user(payloads.body(request.body))
        task = STOP.fullmatch(request.path)
        self.jobs.stop(task[1] if task else "", app.id)
        return Answer({"result": "success"})

    def _upload(self, app: App, request: Request) -> Answer:
        return Answer(uploads.described(request.headers.get("Content-Type") or "", request.body), 201)
