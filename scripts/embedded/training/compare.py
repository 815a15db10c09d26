"""Compares a trained model in PyTorch with the same file on llama.cpp: tokens and probabilities must agree."""

from pathlib import Path
from typing import Annotated, Any

import requests
from typer import Argument, run

from scripts.embedded.models import TRAINED_MODEL
from scripts.embedded.server import EmbeddedOptions, embedded_server
from scripts.embedded.training import model_file
from scripts.embedded.training.bpe import Encoder
from scripts.embedded.training.chances import dice
from scripts.embedded.training.conversations import conversation
from scripts.embedded.training.network import Network
from scripts.embedded.training.pytorch import torch

CONVERSATIONS = 100
ODD_TEXTS = [
    "Hello   world!!  it's  2026\n\n\tTabs and  spaces ",
    "日本語と한국어 émigré naïve — “quotes” 🙂👍🏽",
    "a'b 'll 's I'm don't 3.14159 x=1;y+=2 #$%^&*()",
    "\r\n\r\n mixed \u3000全角　空格",
    "<|im_start|>user\nhi<|im_end|>",
]
TOP = 5  # most likely tokens to compare


def main(model: Annotated[Path, Argument(help="A model that train.py made.")] = TRAINED_MODEL) -> None:
    network, vocabulary = model_file.load(model)
    encoder = Encoder(vocabulary)
    random = dice(99)
    texts = ["".join(piece.text for piece in conversation(random)) for _ in range(CONVERSATIONS)] + ODD_TEXTS
    with embedded_server(EmbeddedOptions(str(model))) as server:
        theirs = [_post(server.url, "/tokenize", content=text)["tokens"] for text in texts]
        ours = [encoder.encode(text) for text in texts]
        prompts = [tokens[: random.randrange(5, 60)] for tokens in ours]
        distance = max(_distance(network, server.url, prompt) for prompt in prompts)
    different = sum(mine != other for mine, other in zip(ours, theirs, strict=True))
    print(f"texts with other tokens: {different} of {len(texts)}")
    print(f"largest difference of a log probability: {distance:.4f}")


def _distance(network: Network, url: str, prompt: list[int]) -> float:
    with torch.no_grad():
        ours = torch.log_softmax(network(torch.tensor([prompt]))[0, -1], -1)
    theirs = _post(url, "/completion", prompt=prompt, n_predict=1, n_probs=TOP, temperature=0.0, cache_prompt=False)
    tokens = theirs.get("completion_probabilities", [])  # none where the turn ends
    tops = [top for token in tokens for top in token["top_logprobs"]]
    return max((abs(top["logprob"] - ours[top["id"]].item()) for top in tops), default=0.0)


def _post(url: str, route: str, **body: Any) -> Any:
    return requests.post(url + route, json=body, timeout=30).json()


if __name__ == "__main__":
    run(main)
