"""Trains the demo model from scratch on a CPU, in about half an hour: `python -m scripts.embedded.training.train`."""

from dataclasses import dataclass
from functools import wraps
from itertools import chain
from pathlib import Path
from time import monotonic
from typing import Annotated, Any

from typer import Option, run

from scripts.embedded.gguf.vocabulary import Vocabulary
from scripts.embedded.training import model_file
from scripts.embedded.training.batches import batches
from scripts.embedded.training.bpe import Encoder, learn_merges
from scripts.embedded.training.chances import dice
from scripts.embedded.training.conversations import conversation
from scripts.embedded.training.corpus import CHINESE, ENGLISH
from scripts.embedded.training.muon import Muon
from scripts.embedded.training.network import Network
from scripts.embedded.training.pytorch import torch

MERGES = 800
CORPUS_SEED = 7  # of the conversations that the tokenizer is made from
WARM_UP_STEPS = 60
FULL_RATE_SHARE = 0.3  # of the time; then the rate falls
LOWEST_RATE = 0.02  # of the full one
MATRIX_RATE, OTHER_RATE = 0.02, 3e-3
SAVE_EVERY, REPORT_EVERY = 500, 50  # steps


@dataclass(frozen=True, slots=True)
class Settings:
    """Train the demo model from scratch; the file is written every few minutes, and at the end."""

    out: Annotated[Path, Option(help="Where the model goes.")] = Path("demo.gguf")
    minutes: Annotated[float, Option(help="How long it may learn.")] = 30.0
    batch_tokens: Annotated[int, Option(help="Tokens in one batch.")] = 6144
    seed: Annotated[int, Option(help="Another seed, another model.")] = 1
    start_from: Annotated[str, Option(help="A model of this shape to go on from.")] = ""


@wraps(Settings)  # Typer finds the options in the fields of the dataclass
def main(**options: Any) -> None:
    settings = Settings(**options)
    torch.manual_seed(settings.seed)
    network, vocabulary = model_file.load(Path(settings.start_from)) if settings.start_from else _newborn()
    parameters = sum(weight.numel() for weight in network.parameters())
    print(f"{len(vocabulary)} tokens, {parameters} parameters", flush=True)
    _train(network, vocabulary, settings)
    model_file.save(settings.out, network, vocabulary)


def _newborn() -> tuple[Network, Vocabulary]:
    vocabulary = Vocabulary(learn_merges(_texts(), MERGES))
    return Network(len(vocabulary), model_file.SHAPE), vocabulary


def _texts() -> list[str]:
    """What the tokenizer is made for; the answers count most, because they are written token by token."""
    random = dice(CORPUS_SEED)
    texts = ["".join(piece.text for piece in conversation(random)) for _ in range(6000)]
    topics = ([topic.answer] * 40 + [topic.thought] * 20 + topic.questions * 8 for topic in ENGLISH + CHINESE)
    return [*texts, *chain.from_iterable(topics)]


def _train(network: Network, vocabulary: Vocabulary, settings: Settings) -> None:
    optimizers = _optimizers(network)
    examples = batches(Encoder(vocabulary), dice(settings.seed), settings.batch_tokens)
    start, step, average = monotonic(), 0, 0.0
    while (done := (monotonic() - start) / 60 / settings.minutes) < 1:
        step += 1
        loss = _learn(network, optimizers, next(examples), _rate(step, done))
        average = 0.97 * average + 0.03 * loss if step > 1 else loss
        if step % REPORT_EVERY == 0:
            print(f"step {step}, {done:.0%} of the time, loss {average:.4f}", flush=True)
        if step % SAVE_EVERY == 0:
            model_file.save(settings.out, network, vocabulary)


def _optimizers(network: Network) -> list[tuple[Any, float]]:
    """Each with its full learning rate."""
    weights = dict(network.named_parameters())
    matrices = [weight for name, weight in weights.items() if weight.ndim > 1 and "embd" not in name]
    others = [weight for name, weight in weights.items() if weight.ndim == 1 or "embd" in name]
    adam = torch.optim.AdamW(others, OTHER_RATE, betas=(0.9, 0.98), weight_decay=0.0)
    return [(Muon(matrices, MATRIX_RATE), MATRIX_RATE), (adam, OTHER_RATE)]


def _rate(step: int, done: float) -> float:
    """The share of the full learning rate: up quickly, level, then down to almost nothing."""
    falling = 1.0 if done < FULL_RATE_SHARE else max(LOWEST_RATE, (1 - done) / (1 - FULL_RATE_SHARE))
    return min(1.0, step / WARM_UP_STEPS) * falling


def _learn(network: Network, optimizers: list[tuple[Any, float]], batch: tuple[Any, Any], rate: float) -> float:
    inputs, targets = batch
    learned = targets >= 0
    logits = network.logits(network.hidden(inputs)[learned])
    loss = torch.nn.functional.cross_entropy(logits, targets[learned])
    network.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    for optimizer, full_rate in optimizers:
        optimizer.param_groups[0]["lr"] = full_rate * rate
        optimizer.step()
    return loss.item()


if __name__ == "__main__":
    run(main)
