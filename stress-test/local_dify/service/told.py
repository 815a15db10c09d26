"""Values of the engine as JSON has them."""

from collections.abc import Mapping
from typing import Any

from graphon.model_runtime.utils.encoders import jsonable_encoder
from graphon.workflow_type_encoder import WorkflowRuntimeTypeConverter

_converter = WorkflowRuntimeTypeConverter()


def values(mapping: Mapping[str, Any] | None) -> dict[str, Any]:
    """Of a node or a run."""
    return dict(_converter.to_json_encodable(mapping or {}))


def metadata(mapping: Mapping[Any, Any]) -> dict[str, Any] | None:
    return {str(name): jsonable_encoder(value) for name, value in mapping.items()} or None


def usage(usage: Any, **times: float | None) -> dict[str, Any]:
    return {**jsonable_encoder(usage), **times}
