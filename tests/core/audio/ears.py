"""Ears for the chat model: a Whisper encoder and Ultravox projector of zeros, so that llama.cpp takes recordings.

It hears nothing in them; what it answers shows that a recording arrived, was decoded and was put before the model.
"""

from pathlib import Path

from gguf import GGUFWriter, LlamaFileType

from scripts.embedded.gguf.chat import SHAPE
from scripts.embedded.gguf.tensors import Tensors, finish_file, new_file, ones, zeros

BINS, WIDTH, HEADS, POSITIONS = 80, 8, 2, 1500  # of the encoder; 30 seconds are 1500 positions
STACK = 30  # positions in one token, so that 30 seconds take 50
KERNEL = 3


def write(path: Path) -> None:
    writer = new_file(path, "clip", "tiny-ears", "A tiny audio projector of zeros.")
    _add_shape(writer)
    finish_file(writer, _convolutions() | _idle_block() | _projector(SHAPE.width))


def _add_shape(writer: GGUFWriter) -> None:
    writer.add_file_type(LlamaFileType.ALL_F32)
    writer.add_clip_has_audio_encoder(value=True)
    writer.add_clip_projector_type("ultravox")
    writer.add_audio_num_mel_bins(BINS)
    writer.add_audio_embedding_length(WIDTH)
    writer.add_audio_feed_forward_length(WIDTH)
    writer.add_audio_projection_dim(SHAPE.width)
    writer.add_audio_block_count(1)
    writer.add_audio_head_count(HEADS)
    writer.add_audio_attention_layernorm_eps(1e-5)
    writer.add_audio_stack_factor(STACK)


def _convolutions() -> Tensors:
    return {
        "a.conv1d.1.weight": zeros(WIDTH, BINS, KERNEL),
        "a.conv1d.1.bias": zeros(WIDTH, 1),
        "a.conv1d.2.weight": zeros(WIDTH, WIDTH, KERNEL),
        "a.conv1d.2.bias": zeros(WIDTH, 1),
        "a.position_embd.weight": zeros(POSITIONS, WIDTH),
        "a.post_ln.weight": ones(WIDTH),
        "a.post_ln.bias": zeros(WIDTH),
    }


def _idle_block() -> Tensors:
    matrices = ("attn_q", "attn_k", "attn_v", "attn_out", "ffn_up", "ffn_down")
    layers = {name: zeros(WIDTH, WIDTH) for name in matrices} | {"ln1": ones(WIDTH), "ln2": ones(WIDTH)}
    weights: Tensors = {f"a.blk.0.{name}.weight": weight for name, weight in layers.items()}
    return weights | {f"a.blk.0.{name}.bias": zeros(WIDTH) for name in layers if name != "attn_k"}


def _projector(decoder_width: int) -> Tensors:
    return {
        "mm.a.mlp.1.weight": zeros(2 * WIDTH, STACK * WIDTH),
        "mm.a.mlp.2.weight": zeros(decoder_width, WIDTH),
        "mm.a.norm_pre.weight": ones(STACK * WIDTH),
        "mm.a.norm_mid.weight": ones(WIDTH),
    }
