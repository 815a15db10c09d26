"""SDK entry: the provider."""

from collections.abc import Mapping

from dify_plugin import ModelProvider

from provider.dify.validation import validate_server


class LocalModels(ModelProvider):
    """One provider for every kind of local server."""

    def validate_provider_credentials(self, credentials: Mapping) -> None:
        validate_server(credentials)  # type: ignore[arg-type]  # the SDK returns this very dict to Dify
