"""Settings of the kit: a flag wins over the environment, the environment over one YAML file."""

from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from scripts.kit import exits
from scripts.kit.command import Stop

FILE = Path("local-models.yaml")


def _pairs(given: Any) -> Any:
    """`a=1, b=2` in the environment, a mapping in the file; Dify's forms know strings only."""
    if isinstance(given, str):
        given = dict(pair.strip().partition("=")[::2] for pair in given.split(",") if pair.strip())
    if not isinstance(given, dict):
        return given
    words = {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in given.items()}
    return {str(key).strip(): value.strip() for key, value in words.items()}


class Settings(BaseSettings):
    """Every field is an environment variable of the same name in capitals, and a key of the YAML file."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    ollama_base_url: str = ""  # where to ask; several may be given as in the plugin's form
    ollama_host: str = ""  # Ollama's own variable, in all its forms
    ollama_default_model: str = ""
    ollama_timeout: float = Field(300.0, gt=0)  # seconds without a word
    ollama_max_connections: int = Field(10, gt=0)
    local_models_api_key: SecretStr = SecretStr("")
    dify_url: str = ""  # such as http://localhost
    dify_admin_api_key: SecretStr = SecretStr("")
    dify_workspace_id: str = ""
    dify_email: str = ""
    dify_password: SecretStr = SecretStr("")
    dify_password_file: str = ""
    dify_sees_servers_at: str = ""  # the host that is 127.0.0.1 here, as Dify's containers call it
    sync_label: str = ""  # tells apart what several machines bring into one Dify
    sync_set: Annotated[dict[str, str], NoDecode, BeforeValidator(_pairs)] = {}  # fields of the plugin's model form

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic decides the signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags are given by `read_settings`; `.env` files belong to the plugin and to Dify."""
        return (init_settings, env_settings)


def read_settings(file: Path | None = None, **flags: Any) -> Settings:
    """Flags that are empty or `None` count as not given.

    Raises:
        Stop: with exit code 2, naming what cannot be meant; a secret's value is never repeated.
    """
    given = {name: value for name, value in flags.items() if value not in (None, "")}
    from_file = {key.lower(): value for key, value in _read_file(file).items()}
    try:
        from_environment = Settings().model_dump(exclude_unset=True)
        return Settings.model_validate({**from_file, **from_environment, **given})
    except ValidationError as error:
        where = ", ".join(f"{'.'.join(map(str, each['loc'])).upper()}: {each['msg']}" for each in error.errors())
        raise Stop(f"a setting cannot be meant: {where}", code=exits.USAGE) from None


def _read_file(file: Path | None) -> dict[str, Any]:
    path = file or FILE
    if not path.exists():
        if file:
            raise Stop(f"the settings file {file} does not exist", code=exits.USAGE)
        return {}
    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError) as error:
        raise Stop(f"the settings file {path} cannot be read: {error}", code=exits.USAGE) from error
    if not isinstance(value, dict):
        raise Stop(f"the settings file {path} must hold `name: value` lines", code=exits.USAGE)
    return value
