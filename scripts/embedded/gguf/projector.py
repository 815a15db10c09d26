"""The eyes of the vision model: a CLIP encoder that reports the mean colour of each patch of a picture."""

from pathlib import Path

from gguf import GGUFWriter, LlamaFileType

from scripts.embedded.gguf.tensors import Tensors, finish_file, new_file, ones, zeros
from scripts.embedded.gguf.wiring import CONSTANT

IMAGE, PATCH = 32, 8  # pixels
PATCHES = (IMAGE // PATCH) ** 2
WIDTH = 16  # of the encoder
COLOURS = range(3)  # red, green, blue
# The projector ends in a GELU, which hardly bends large numbers: gelu(4x) / 4 is about x.
STRETCH = 4.0


def write(path: Path, decoder_width: int, picture_channel: int, red_channel: int) -> None:
    """The decoder's token of a patch has 1 in `picture_channel`, and the colour from `red_channel` on."""
    writer = new_file(path, "clip", "tiny-mmproj", "A tiny projector wired by hand.")
    _add_shape(writer, decoder_width)
    projector = _projector(decoder_width, picture_channel, red_channel)
    finish_file(writer, _patches() | _idle_block() | projector)


def _add_shape(writer: GGUFWriter, decoder_width: int) -> None:
    writer.add_file_type(LlamaFileType.ALL_F32)
    writer.add_clip_has_vision_encoder(value=True)
    writer.add_clip_projector_type("mlp")
    writer.add_vision_use_gelu(value=True)
    writer.add_vision_image_size(IMAGE)
    writer.add_vision_patch_size(PATCH)
    writer.add_vision_embedding_length(WIDTH)
    writer.add_vision_feed_forward_length(WIDTH)
    writer.add_vision_block_count(1)
    writer.add_vision_projection_dim(decoder_width)
    writer.add_vision_head_count(1)
    writer.add_vision_attention_layernorm_eps(1e-5)
    writer.add_vision_image_mean([0.0, 0.0, 0.0])
    writer.add_vision_image_std([1.0, 1.0, 1.0])


def _patches() -> Tensors:
    convolution = zeros(WIDTH, 3, PATCH, PATCH)
    for colour in COLOURS:
        convolution[colour, colour] = 1 / PATCH**2
    return {
        "v.patch_embd.weight": convolution,
        "v.patch_embd.bias": zeros(WIDTH),
        "v.position_embd.weight": zeros(PATCHES, WIDTH),
    }


def _idle_block() -> Tensors:
    """llama.cpp wants at least one transformer block; this one changes nothing."""
    matrices = ("attn_q", "attn_k", "attn_v", "attn_out", "ffn_up", "ffn_down")
    layers = {name: zeros(WIDTH, WIDTH) for name in matrices} | {"ln1": ones(WIDTH), "ln2": ones(WIDTH)}
    weights: Tensors = {f"v.blk.0.{name}.weight": weight for name, weight in layers.items()}
    return weights | {f"v.blk.0.{name}.bias": zeros(WIDTH) for name in layers}


def _projector(decoder_width: int, picture_channel: int, red_channel: int) -> Tensors:
    into, out_of, bias = zeros(WIDTH, WIDTH), zeros(decoder_width, WIDTH), zeros(decoder_width)
    for colour in COLOURS:
        into[colour, colour] = STRETCH
        out_of[red_channel + colour, colour] = 1 / STRETCH
    bias[[CONSTANT, picture_channel]] = 1.0
    return {"mm.0.weight": into, "mm.0.bias": zeros(WIDTH), "mm.2.weight": out_of, "mm.2.bias": bias}
