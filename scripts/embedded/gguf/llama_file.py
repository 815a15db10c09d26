"""A llama decoder as a GGUF file."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from gguf import GGUFReader, GGUFWriter, LlamaFileType

from scripts.embedded.gguf.tensors import Tensors, finish_file, new_file
from scripts.embedded.gguf.vocabulary import END, Vocabulary

CHAT_TEMPLATE = Path(__file__).with_name("chat_template.jinja").read_text(encoding="utf-8").strip()
NORM_EPSILON = 1e-5


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a decoder."""

    width: int
    layers: int
    heads: int
    key_value_heads: int
    feed_forward: int
    context_length: int
    rope_base: float

    @property
    def head_width(self) -> int:
        return self.width // self.heads


@dataclass(frozen=True, slots=True)
class Decoder:
    """All that a model is, before it is a file; tensors have the names of ggml."""

    name: str
    description: str
    shape: Shape
    vocabulary: Vocabulary
    tensors: Tensors


def write_llama(path: Path, model: Decoder, *, half_precision: bool) -> None:
    writer = new_file(path, "llama", model.name, model.description)
    _add_shape(writer, model.shape)
    _add_tokenizer(writer, model.vocabulary)
    writer.add_chat_template(CHAT_TEMPLATE)
    writer.add_file_type(LlamaFileType.MOSTLY_F16 if half_precision else LlamaFileType.ALL_F32)
    # Vectors stay exact: they are few, and the norms among them are sensitive.
    halved = {name for name, tensor in model.tensors.items() if half_precision and tensor.ndim > 1}
    kinds = {name: np.float16 if name in halved else np.float32 for name in model.tensors}
    finish_file(writer, {name: tensor.astype(kinds[name]) for name, tensor in model.tensors.items()})


def read_vocabulary(path: Path) -> Vocabulary:
    field = GGUFReader(path).get_field("tokenizer.ggml.merges")
    pairs = [merge.partition(" ") for merge in field.contents()] if field else []
    return Vocabulary([(left, right) for left, _, right in pairs])


def _add_shape(writer: GGUFWriter, shape: Shape) -> None:
    writer.add_context_length(shape.context_length)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.key_value_heads)
    writer.add_layer_norm_rms_eps(NORM_EPSILON)
    writer.add_rope_dimension_count(shape.head_width)
    writer.add_rope_freq_base(shape.rope_base)


def _add_tokenizer(writer: GGUFWriter, vocabulary: Vocabulary) -> None:
    writer.add_vocab_size(len(vocabulary))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(vocabulary.tokens)
    writer.add_token_types(vocabulary.types)
    writer.add_token_merges([f"{left} {right}" for left, right in vocabulary.merges])
    writer.add_bos_token_id(vocabulary["<|endoftext|>"])
    writer.add_eos_token_id(vocabulary[END])
    writer.add_pad_token_id(vocabulary["<|endoftext|>"])
    writer.add_add_bos_token(value=False)
