"""Saving a form: look at the server, keep what was found in the form itself."""

from collections.abc import Generator, MutableMapping
from contextlib import contextmanager
from typing import Any

from dify_plugin.errors.model import CredentialsValidateFailedError

from provider.core import inspection
from provider.core.dispatch import addressed
from provider.core.errors import ServerError
from provider.core.wire.characters import mended
from provider.dify.credentials import DETECTED, read_credentials


def validate_server(form: MutableMapping[str, Any]) -> None:
    """A provider's form: the server answers and lists its models.

    Raises:
        CredentialsValidateFailedError: with the cause and the remedy.
    """
    with refused():
        asked = read_credentials(without_facts(form))
        form[DETECTED] = inspection.inspect_servers(asked.server, asked.instances, asked.asked).dumps()


def validate_model(model: str, form: MutableMapping[str, Any]) -> None:
    """A model's form: the server has the model, and what it can do is kept with the form. Nothing is loaded."""
    with refused():
        asked = read_credentials(without_facts(form))
        instances, name = addressed(asked.instances, asked.model_name or model)
        found = inspection.inspect_model(asked.server, instances, asked.asked, name)
        if found.model and found.model.completion is False:
            raise CredentialsValidateFailedError(
                f"{name} cannot chat (it is an embedding model): add it under Text Embedding instead"
            )
        form[DETECTED] = found.dumps()


def without_facts(form: MutableMapping[str, Any]) -> dict[str, Any]:
    """Old facts must not answer for the server that is asked now."""
    return {key: value for key, value in form.items() if key != DETECTED}


@contextmanager
def refused() -> Generator[None]:
    """Why a form is not saved, in Dify's words."""
    try:
        yield
    except ServerError as error:
        raise CredentialsValidateFailedError(mended(str(error))) from error
