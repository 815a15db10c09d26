"""SDK entry: the provider."""

from collections.abc import Mapping
from typing import cast

from dify_plugin import ModelProvider

from provider.calls.validation import validate_server


class LocalModels(ModelProvider):
    """One provider for every kind of local server."""

    def validate_provider_credentials(self, credentials: Mapping) -> None:
        validate_server(cast("dict", credentials))  # the SDK gives this very dict back to Dify
