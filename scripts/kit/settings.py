"""Settings of the kit: a flag wins over the environment, the environment over one YAML file."""

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from scripts.kit import exits
from scripts.kit.command import Stop

FILE = Path("local-models.yaml")
QUOTES = "Put values with any of : # ! & * % @ ` { [ into 'single quotes'; indent with blanks, not with tabs."


def _pairs(given: Any) -> Any:
    """`a=1, b=2` in the environment, a mapping in the file; Dify's forms know strings only."""
    if isinstance(given, str):
        given = dict(pair.strip().partition("=")[::2] for pair in given.split(",") if pair.strip())
    if not isinstance(given, dict):
        return given
    words = {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in given.items()}
    return {str(key).strip(): value.strip() for key, value in words.items()}


def _stripped(given: Any) -> Any:
    """A key read from a file brings its line feed along."""
    return given.strip() if isinstance(given, str) else given


class Settings(BaseSettings):
    """Every field is an environment variable of the same name in capitals, and a key of the YAML file."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    ollama_base_url: str = ""  # where to ask; several may be given as in the plugin's form
    ollama_host: str = ""  # Ollama's own variable, in all its forms
    ollama_default_model: str = ""
    ollama_timeout: float = Field(300.0, gt=0, allow_inf_nan=False)  # seconds without a word
    ollama_max_connections: int = Field(10, gt=0)
    local_models_api_key: Annotated[SecretStr, BeforeValidator(_stripped)] = SecretStr("")
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
    from_file = _read_file(file or FILE, must_exist=file is not None)
    try:
        from_environment = Settings().model_dump(exclude_unset=True)
        return Settings.model_validate({**from_file, **from_environment, **given})
    except ValidationError as error:
        where = ", ".join(f"{'.'.join(map(str, each['loc'])).upper()}: {each['msg']}" for each in error.errors())
        raise Stop(f"a setting cannot be meant: {where}", code=exits.USAGE) from None


def _read_file(path: Path, *, must_exist: bool) -> dict[str, Any]:
    """What is empty counts as not given; a value is never shown, since it may be a secret."""
    if not path.exists() and not must_exist:
        return {}
    try:
        value = yaml.safe_load(path.read_bytes()) or {}
    except FileNotFoundError:
        raise Stop(f"the settings file {path} does not exist", code=exits.USAGE) from None
    except OSError as error:
        raise Stop(f"the settings file {path} cannot be read: {error}", code=exits.USAGE) from error
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise Stop(f"the settings file {path} is no YAML{where}", QUOTES, exits.USAGE) from None
    if not isinstance(value, dict):
        raise Stop(f"the settings file {path} must hold `name: value` lines", code=exits.USAGE)
    return dict(_known(path, value))


def _known(path: Path, settings: dict[Any, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in settings.items():
        name = str(key).lower()
        if name not in Settings.model_fields:
            near = get_close_matches(name, Settings.model_fields, 1) or list(Settings.model_fields)
            raise Stop(f"{path} has no setting {str(key)!r:.60}", f"Is it {' or '.join(near)}?", exits.USAGE)
        if value is not None:
            yield name, value
