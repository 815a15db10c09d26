import subprocess
import sys
from pathlib import Path

import pytest

from scripts.embedded.gguf.llama_file import read_vocabulary
from scripts.embedded.models import TRAINED_MODEL
from scripts.embedded.training.bpe import Encoder, learn_merges
from scripts.embedded.training.chances import dice
from scripts.embedded.training.conversations import conversation
from tests.embedded.asking import post

ROOT = Path(__file__).parents[2]
ODD_TEXTS = [
    "Hello   world!!  it's  2026\n\n\tTabs and  spaces ",
    "日本語と한국어 émigré naïve — “quotes” 🙂👍🏽",
    "a'b 'll 's I'm don't 3.14159 x=1;y+=2 #$%^&*()",
    "\r\n\r\n mixed \u3000全角　空格",
    "<|im_start|>user\nhi<|im_end|>",
]
WITHOUT_PYTORCH = """
import runpy, sys
sys.modules["torch"] = None
runpy.run_module("scripts.embedded.training.train", run_name="__main__")
"""


def text_of(seed):
    return "".join(piece.text for piece in conversation(dice(seed)))


@pytest.mark.parametrize("text", [*ODD_TEXTS, *map(text_of, range(20))])
def test_training_and_server_make_the_same_tokens_of_a_text(demo_server, text):
    encoder = Encoder(read_vocabulary(TRAINED_MODEL))

    assert encoder.encode(text) == post(demo_server, "/tokenize", content=text)["tokens"]


def test_the_most_frequent_neighbours_become_one_token():
    assert learn_merges(["ababab cab"], 2) == [("a", "b"), ("ab", "ab")]


@pytest.mark.parametrize("seed", range(50))
def test_the_same_seed_tells_the_same_conversation(seed):
    assert conversation(dice(seed)) == conversation(dice(seed))


def test_the_model_learns_its_own_words_only():
    learned = [piece.text for seed in range(200) for piece in conversation(dice(seed)) if piece.learned]

    assert all(text.endswith("<|im_end|>") for text in learned)
    assert not any("<|im_start|>" in text for text in learned)


def test_conversations_look_as_the_chat_template_writes_them(demo_server):
    question = [{"role": "user", "content": "hello"}]
    prompts = [
        post(demo_server, "/apply-template", messages=question, chat_template_kwargs={"enable_thinking": thinking})
        for thinking in (True, False)
    ]
    told = "".join(map(text_of, range(200)))

    for prompt in prompts:
        assert prompt["prompt"].partition("hello")[2] in told


def test_without_pytorch_training_says_what_is_missing():
    run = subprocess.run([sys.executable, "-c", WITHOUT_PYTORCH], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith("Training needs PyTorch")
