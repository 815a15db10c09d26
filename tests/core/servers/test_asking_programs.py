"""How each program wants to be asked, where it differs from the others."""

from dataclasses import replace
from typing import Any

import pytest

from provider.core import errors
from provider.core.backends import Backend, open_backend
from provider.core.chat import ChatRequest, Message, Text, Tool
from provider.core.server import Server, Timeouts
from tests.servers import Response, ScriptedServer, faults, in_turn, known, streams
from tests.servers.known import StandIn

QUICK = Timeouts(connect=2, first_token=5, idle=5, total=10)
REQUEST = ChatRequest("m", (Message("user", ("hi",)),))
CHAT = "/v1/chat/completions"


def backend(server: ScriptedServer, of: StandIn) -> Backend:
    return open_backend(Server(server.url + of.prefix, of.kind, timeouts=QUICK), of.flavour)


def asked(of: StandIn, request: ChatRequest) -> dict[str, Any]:
    """The body of a chat with this program."""
    return open_backend(Server("http://s", of.kind), of.flavour).encode(request)[1]


def said(opened: Backend, request: ChatRequest) -> str:
    return "".join(event.text for event in opened.chat(request) if isinstance(event, Text))


# Where and in which words

CHATTING = [each for each in known.KNOWN if each.kind == "openai" and "key" not in each.title and each.pages]
CHATTING = [each for each in CHATTING if each.flavour not in ("tei", "whispercpp")]


@pytest.mark.parametrize("of", CHATTING, ids=lambda of: of.title)
def test_a_chat_goes_to_the_route_the_program_has(of: StandIn) -> None:
    with of.serve(**{of.prefix + CHAT: streams.openai("Hello")}) as server:
        assert said(backend(server, of), REQUEST) == "Hello"


def test_koboldcpp_is_sent_a_schema_because_its_json_object_means_an_array() -> None:
    body = asked(known.KOBOLDCPP, replace(REQUEST, json_mode=True))

    assert body["response_format"]["type"] == "json_schema"
    assert body["response_format"]["json_schema"]["schema"] == {"type": "object"}


@pytest.mark.parametrize(("thinking", "switch"), [("off", "false"), ("on", "true"), ("high", "true")])
def test_localai_takes_the_switch_for_thinking_as_text_in_its_metadata(thinking: str, switch: str) -> None:
    body = asked(known.LOCALAI, replace(REQUEST, thinking=thinking))

    assert body["metadata"] == {"enable_thinking": switch}
    assert "chat_template_kwargs" not in body
    assert body.get("reasoning_effort") == ("high" if thinking == "high" else None)


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (known.VLLM, {"top_k": 20, "repetition_penalty": 1.1}),
        (known.SGLANG, {"top_k": 20, "repetition_penalty": 1.1}),
        (known.LOCALAI, {"top_k": 20, "repeat_penalty": 1.1, "typical_p": 0.9, "repeat_last_n": 64, "n_keep": 4}),
        (known.KOBOLDCPP, {"top_k": 20, "repeat_penalty": 1.1, "typical": 0.9, "rep_pen_range": 64}),
        (known.JAN, {"top_k": 20, "repeat_penalty": 1.1}),
        (known.LEMONADE, {"top_k": 20, "repeat_penalty": 1.1}),
        (known.DOCKER, {"top_k": 20}),
        (known.GENERIC, {}),
    ],
    ids=lambda case: getattr(case, "title", None),
)
def test_a_parameter_has_the_programs_own_name_or_is_not_sent(of: StandIn, expected: dict[str, Any]) -> None:
    given = {"top_k": 20, "repeat_penalty": 1.1, "typical_p": 0.9, "repeat_last_n": 64, "num_keep": 4}
    plain = asked(of, REQUEST)
    body = asked(of, replace(REQUEST, parameters=given))

    assert {name: value for name, value in body.items() if name not in plain} == expected


def test_text_embeddings_inference_cannot_chat_and_says_so() -> None:
    with (
        known.TEI.serve() as server,
        pytest.raises(errors.Rejected, match="gives vectors or rankings, and cannot chat"),
    ):
        backend(server, known.TEI).chat(REQUEST)


# Counting

TOOL = Tool("get_weather", "weather", {"type": "object", "properties": {}})


@pytest.mark.parametrize(
    ("of", "count"),
    [(known.VLLM, 12), (known.KOBOLDCPP, 11), (known.KOBOLDCPP_OLD, None), (known.SGLANG, None), (known.JAN, None)],
    ids=lambda case: getattr(case, "title", None),
)
def test_a_prompt_is_counted_by_the_program_where_it_can(of: StandIn, count: int | None) -> None:
    with of.serve() as server:
        assert backend(server, of).count_tokens(replace(REQUEST, tools=(TOOL,))) == count


# Room for the answer

LONG = replace(REQUEST, model="Qwen/Qwen3-8B", messages=(Message("user", ("word " * 1000,)),))
REFUSALS = [
    (
        "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens (1000 in the messages, 8000 "
        "in the completion). Please reduce the length of the messages or completion."
    ),
    (
        "'max_tokens' or 'max_completion_tokens' is too large: 8000. This model's maximum context length is 8192 tokens and "
        "your request has 1000 input tokens (8000 > 8192 - 1000)."
    ),
    (
        "Requested token count exceeds the model's maximum context length of 8192 tokens. You requested a total of 9000 "
        "tokens: 1000 tokens from the input messages and 8000 tokens for the completion."
    ),
]
NEWEST = (
    "You passed 193 input tokens and requested 8000 output tokens. However, the model's context length is only 8192 "
    "tokens, resulting in a maximum input length of 192 tokens. Please reduce the length of the input prompt."
)


def refused(words: str) -> Response:
    return Response.of_json({"error": {"message": words, "type": "BadRequestError", "param": None, "code": 400}}, 400)


def max_tokens_sent(server: ScriptedServer) -> list[int | None]:
    return [body.get("max_tokens") for body in server.asked(CHAT)]


@pytest.mark.parametrize(
    ("wanted", "sent"),
    [(None, None), (100, 100), (7000, 7000), (8192, 7185), (100_000, 7185)],
)
def test_vllm_is_not_asked_for_a_longer_answer_than_fits(wanted: int | None, sent: int | None) -> None:
    parameters = {} if wanted is None else {"max_tokens": wanted}
    with known.VLLM.serve(**{CHAT: streams.openai("Hello")}) as server:
        assert said(backend(server, known.VLLM), replace(LONG, parameters=parameters)) == "Hello"

    assert max_tokens_sent(server) == [sent]
    assert len(server.asked("/v1/models")) == (wanted is not None)


@pytest.mark.parametrize("of", [known.VLLM, known.SGLANG], ids=lambda of: of.title)
@pytest.mark.parametrize("words", REFUSALS)
def test_a_refused_length_is_corrected_by_the_numbers_of_the_refusal(of: StandIn, words: str) -> None:
    pages = {"/v1/models": Response(404), CHAT: in_turn([refused(words), streams.openai("Hello")])}
    with of.serve(**pages) as server:
        assert said(backend(server, of), replace(LONG, parameters={"max_tokens": 8000})) == "Hello"

    assert max_tokens_sent(server) == [8000, 7192]


def test_vllms_newest_refusal_does_not_tell_the_prompts_length_so_it_is_counted() -> None:
    pages = {"/v1/models": Response(404), CHAT: in_turn([refused(NEWEST), streams.openai("Hello")])}
    with known.VLLM.serve(**pages) as server:
        assert said(backend(server, known.VLLM), replace(LONG, parameters={"max_tokens": 8190})) == "Hello"

    assert max_tokens_sent(server) == [8190, 8180]


@pytest.mark.parametrize("words", [*REFUSALS, NEWEST])
def test_a_prompt_that_leaves_no_room_is_told_and_not_sent_again(words: str) -> None:
    too_long = words.replace("1000", "9999")
    pages = {"/v1/models": Response(404), CHAT: refused(too_long), "/tokenize": {"count": 9999}}
    with known.VLLM.serve(**pages) as server, pytest.raises(errors.ContextOverflow, match="Shorten the prompt"):
        backend(server, known.VLLM).chat(replace(LONG, parameters={"max_tokens": 8000}))

    assert max_tokens_sent(server) == [8000]


# LM Studio answers for a model it does not know

LM_STUDIO_CHAT = {CHAT: streams.openai("Hello")}


@pytest.mark.parametrize("name", ["qwen3-4b", "google/gemma-4-26b-a4b", "gemma-long", "google/gemma-4-26b-a4b@q4_k_m"])
def test_lm_studio_is_asked_for_models_instances_and_variants_by_their_names(name: str) -> None:
    with known.LM_STUDIO.serve(**LM_STUDIO_CHAT) as server:
        opened = backend(server, known.LM_STUDIO)
        answers = [said(opened, replace(REQUEST, model=name)) for _ in range(3)]

    assert answers == ["Hello"] * 3
    assert len(server.asked("/api/v1/models")) == 1


def test_a_name_lm_studio_does_not_know_is_refused_before_another_model_answers() -> None:
    with known.LM_STUDIO.serve(**LM_STUDIO_CHAT) as server:
        with pytest.raises(errors.ModelMissing, match="Just-in-Time") as raised:
            backend(server, known.LM_STUDIO).chat(replace(REQUEST, model="qwen3-4b-typo"))

        assert server.asked(CHAT) == []
    assert "qwen3-4b, google/gemma-4-26b-a4b, text-embedding-nomic" in str(raised.value)
    assert "lms get qwen3-4b-typo" in str(raised.value)


def test_a_model_that_lm_studio_got_a_moment_ago_is_found() -> None:
    lists = [Response.of_json({"models": []}), Response.of_json(known.LM_STUDIO.pages["/api/v1/models"])]
    with known.LM_STUDIO.serve(**LM_STUDIO_CHAT, **{"/api/v1/models": in_turn(lists)}) as server:
        assert said(backend(server, known.LM_STUDIO), replace(REQUEST, model="qwen3-4b")) == "Hello"


def test_without_a_list_lm_studio_is_asked_all_the_same() -> None:
    with ScriptedServer(lambda request: streams.openai("Hello") if request.path == CHAT else Response(500)) as server:
        assert said(open_backend(Server(server.url, "lmstudio", timeouts=QUICK)), REQUEST) == "Hello"


# llama.cpp that loads


def test_a_list_is_waited_for_while_llama_cpp_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    naps: list[float] = []
    monkeypatch.setattr("provider.core.backends.llamacpp.sleep", naps.append)
    listed = Response.of_json({"data": [{"id": "m", "owned_by": "llamacpp"}]})
    with ScriptedServer(faults.loading(), faults.loading(), listed) as server:
        assert open_backend(Server(server.url, "llamacpp", timeouts=QUICK)).names() == ["m"]

    assert naps == [0.5, 1.0]


def test_a_model_that_loads_for_longer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    naps: list[float] = []
    monkeypatch.setattr("provider.core.backends.llamacpp.sleep", naps.append)
    with known.LLAMACPP_LOADING.serve() as server, pytest.raises(errors.Loading, match=r"Loading model.*Wait until"):
        backend(server, known.LLAMACPP_LOADING).describe("m")

    assert sum(naps) == 10


def test_a_loading_server_is_not_waited_for_when_another_could_answer() -> None:
    with known.LLAMACPP_LOADING.serve() as server:
        opened = backend(server, known.LLAMACPP_LOADING)
        opened.waits = False
        with pytest.raises(errors.Loading):
            opened.names()
        opened.waits = True
        with pytest.raises(errors.Loading):
            opened.offers()

    assert len(server.requests) == 2
