"""What is asked: prompts, salt, mixes, conversations, lengths, and the bodies that servers get."""

import json
from collections import Counter
from itertools import islice

import pytest

from load_client import Timeouts
from load_metrics.exchange import Exchange, Outcome
from load_scenarios import asking, keys, lengths, mix, prompts
from load_scenarios.forms import CannotFill, fill, question_of
from load_scenarios.lengths import BadLength, Length, Scale
from load_scenarios.prompts import BadPrompts, Prompt
from load_scenarios.salt import salted
from load_scenarios.session import Session, Waiting
from load_scenarios.target import Target

WORKFLOW = Target("w", "dify", "http://dify/v1", "app-k", "workflow", question="question", inputs={"tone": "kind"})
CHAT = Target("c", "dify", "http://dify/v1", "app-k", "chat", turns=2)
OPENAI = Target("o", "openai", "http://llama", model="m", max_tokens=5, turns=2)
OLLAMA = Target("l", "ollama", "http://ollama", model="m", max_tokens=5)


def asked(session, text="Hi"):
    made = asking.ask(session, text, Timeouts())
    return made.url, made.body


def answered(text="Hello.", **facts):
    return Exchange("x", outcome=Outcome.OK, text=text, **facts)


def test_no_two_salted_prompts_begin_alike():
    texts = [salted("Who are you?", "a1b2c3", number) for number in range(1000)]

    assert len({text[:12] for text in texts}) == 1000
    assert all(text.endswith("] Who are you?") for text in texts)
    assert salted("Who are you?", "a1b2c3", 7, longest=14) == "[a1b2c3-7] Who"


def test_a_mix_is_exact_after_every_round_and_even_within():
    targets = [Target(name, "dify", "u", weight=weight) for name, weight in (("a", 3), ("b", 1))]
    order = [target.name for target in islice(mix.in_turn(targets), 8)]

    assert order == ["a", "a", "b", "a", "a", "a", "b", "a"]
    assert Counter(target.name for target in islice(mix.in_turn(targets, 3), 400)) == {"a": 300, "b": 100}


def test_a_mix_is_read_with_and_without_weights():
    assert mix.read("simple_qa_workflow=3, simple_qa_chatflow") == {"simple_qa_workflow": 3, "simple_qa_chatflow": 1}


@pytest.mark.parametrize("text", ["a=0", "a=x", "=3", "a=1.5"])
def test_a_mix_that_cannot_be_meant_is_refused(text):
    with pytest.raises(mix.BadMix, match="is no scenario with a whole weight such as"):
        mix.read(text)


def test_dify_s_workflow_gets_the_prompt_as_its_input():
    url, body = asked(Session(WORKFLOW, "load-1", Prompt(("Hi",))))

    assert url == "http://dify/v1/workflows/run"
    assert body == {"inputs": {"tone": "kind", "question": "Hi"}, "user": "load-1", "response_mode": "streaming"}


def test_dify_s_chat_keeps_its_conversation():
    session = Session(CHAT, "load-1", Prompt(("Hi", "And?")))
    session.learn("Hi", answered(conversation_id="c-1"))
    url, body = asked(session, session.text())

    assert url == "http://dify/v1/chat-messages"
    assert (body["query"], body["conversation_id"], body["auto_generate_name"]) == ("And?", "c-1", False)


def test_a_model_server_is_sent_the_whole_conversation():
    session = Session(OPENAI, "load-1", Prompt(("Hi", "And?")))
    session.learn("[x-1] Hi", answered("Hello."))
    url, body = asked(session, "And?")

    assert url == "http://llama/v1/chat/completions"
    assert body["messages"] == [
        {"role": "user", "content": "[x-1] Hi"},
        {"role": "assistant", "content": "Hello."},
        {"role": "user", "content": "And?"},
    ]
    assert (body["max_tokens"], body["stream_options"]) == (5, {"include_usage": True})


def test_ollama_is_asked_in_its_own_words():
    url, body = asked(Session(OLLAMA, "load-1", Prompt(("Hi",), max_tokens=9)))

    assert url == "http://ollama/api/chat"
    assert (body["options"], body["stream"]) == ({"num_predict": 9}, True)


def test_only_dify_is_told_to_stop_and_only_a_task_it_named():
    assert asking.stop(CHAT, "t-1") == "http://dify/v1/chat-messages/t-1/stop"
    assert asking.stop(WORKFLOW, "t-1") == "http://dify/v1/workflows/tasks/t-1/stop"
    assert asking.stop(WORKFLOW, "") is None
    assert asking.stop(OPENAI, "t-1") is None


def test_a_conversation_waits_for_its_next_turn_and_ends_after_the_last_or_a_failure():
    waiting, session = Waiting(), Session(CHAT, "load-1", Prompt(("Hi",)))
    session.learn("Hi", answered())
    waiting.give(session)

    assert waiting.take() is session
    session.learn("Hi", answered())
    waiting.give(session)
    assert waiting.take() is None

    failed = Session(CHAT, "load-2", Prompt(("Hi",)))
    failed.learn("Hi", Exchange("x", outcome=Outcome.APP_ERROR))
    assert failed.over


def test_a_text_file_has_a_prompt_in_every_line_that_holds_one(tmp_path):
    file = tmp_path / "p.txt"
    file.write_text("One\n\n  Two \u2028 still two\n", encoding="utf-8")

    assert prompts.read(file) == [Prompt(("One",)), Prompt(("Two \u2028 still two",))]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"prompt": "Hi", "at": 1.5, "max_tokens": 9}, Prompt(("Hi",), 1.5, 9)),
        ({"question": "Hi"}, Prompt(("Hi",))),
        ("Hi", Prompt(("Hi",))),
        ({"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "Hi"}]}, Prompt(("Hi",))),
        (
            {
                "conversations": [
                    {"from": "human", "value": "A"},
                    {"from": "gpt", "value": "x"},
                    {"from": "human", "value": "B"},
                ]
            },
            Prompt(("A", "B")),
        ),
    ],
)
def test_jsonl_is_read_in_the_shapes_that_people_have(line, expected, tmp_path):
    file = tmp_path / "p.jsonl"
    file.write_text(json.dumps(line) + "\n", encoding="utf-8")

    assert prompts.read(file) == [expected]
    assert Prompt.from_wire(expected.to_wire()) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "line 1 of .* is no JSON"), ('{"a": 1}', "line 1 of .* holds none of prompt"), ("\n", "holds no prompt"),
     *((f'{{"prompt": "x", "at": {at}}}', "`at` is a number") for at in ('"noon"', "true", "NaN", "Infinity")),
     ('{"prompt": "x", "max_tokens": -3}', "`max_tokens` a whole number")],
)  # fmt: skip
def test_a_bad_file_of_prompts_is_refused_with_its_line(text, words, tmp_path):
    file = tmp_path / "p.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadPrompts, match=words):
        prompts.read(file)


def test_lengths_follow_what_the_server_counted():
    scale = Scale.through(short_tokens=11 + 20 * 3 // 2, long_tokens=11 + 220 * 3 // 2)
    made = lengths.prompts(Length(311), scale, number=5)

    assert (scale.template, scale.per_word) == (11, 1.5)
    assert [len(prompt.texts[0].split()) for prompt in made] == [200] * 5
    assert len({prompt.texts for prompt in made}) == 5


def test_lengths_spread_as_wanted():
    made = lengths.prompts(Length.read("400:50"), Scale(0, 1), number=2000)
    words = [len(prompt.texts[0].split()) for prompt in made]

    assert sum(words) / 2000 == pytest.approx(400, abs=5)
    assert sum(350 <= count <= 450 for count in words) / 2000 == pytest.approx(0.68, abs=0.05)


def test_a_server_that_counts_the_same_for_every_text_cannot_measure_lengths():
    with pytest.raises(BadLength, match="lengths cannot be measured by it"):
        Scale.through(7, 7)
    with pytest.raises(BadLength, match="512 or 512:64"):
        Length.read("long")


FORM = [
    {"select": {"variable": "task", "required": True, "options": ["generate", "review"]}},
    {"text-input": {"variable": "topic", "required": True, "max_length": 5}},
    {"paragraph": {"variable": "question", "required": True, "max_length": 100}},
    {"number": {"variable": "n", "required": True}},
    {"text-input": {"variable": "more", "required": False}},
]


def test_dify_s_form_tells_where_the_prompt_goes_and_what_else_must_be_there():
    assert question_of(FORM) == ("question", 100)
    assert fill(FORM, {"n": 3}, "question") == {"task": "generate", "topic": "load ", "n": 3}
    assert question_of([]) == ("", 0)


def test_an_input_that_only_the_user_can_give_is_named():
    with pytest.raises(
        CannotFill, match=r"""--inputs '{"scan": {"type": "document", "transfer_method": "remote_url","""
    ):
        fill([{"file": {"variable": "scan", "required": True}}], {}, "")


def test_keys_are_found_in_both_kinds_of_file_and_never_told(tmp_path):
    written = {"schema_version": 1, "url": "http://dify", "apps": {"qa": {"id": "1", "mode": "chat", "key": "app-1"}}}
    assert keys.of(written) == {"qa": "app-1"}
    assert keys.of({"qa": "app-1", "note": "x"}) == {"qa": "app-1"}

    file = tmp_path / "keys.json"
    file.write_text('{"qa": "app-secret"', encoding="utf-8")
    with pytest.raises(keys.BadKeys) as error:
        keys.read(file)
    assert "secret" not in str(error.value)
