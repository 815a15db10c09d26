from dify_plugin import ModelProvider


class EchoProvider(ModelProvider):
    def validate_provider_credentials(self, credentials: dict) -> None:
        credentials["seen"] = "yes"
