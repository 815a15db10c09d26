"""What all writers share: named tensors, and how they get into a file."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from gguf import GGUFWriter
from numpy.typing import NDArray

type Tensor = NDArray[np.float32]
type Tensors = dict[str, Tensor]

LICENSE = "mit"


def zeros(*shape: int) -> Tensor:
    return np.zeros(shape, np.float32)


def ones(*shape: int) -> Tensor:
    return np.ones(shape, np.float32)


def new_file(path: Path, architecture: str, name: str, description: str) -> GGUFWriter:
    writer = GGUFWriter(path, architecture)
    writer.add_name(name)
    writer.add_description(description)
    writer.add_license(LICENSE)
    return writer


def finish_file(writer: GGUFWriter, tensors: Mapping[str, NDArray[np.floating]]) -> None:
    for name, tensor in tensors.items():
        writer.add_tensor(name, np.ascontiguousarray(tensor))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
