"""Pictures and sounds of a message: what is sent to a server, and what is refused before."""

import pytest

from provider.core.chat import ChatRequest, Media, Message
from provider.core.errors import Rejected
from provider.core.media import with_bytes
from provider.core.wire.openai_request import Dialect, encode_completion


@pytest.mark.parametrize("every_kind", [True, False])
@pytest.mark.parametrize("url", ["", "file:///etc/hosts", "http://[::1", "picture.png"])
def test_a_picture_that_is_nowhere_is_refused_whoever_would_fetch_it(url: str, every_kind: bool) -> None:
    with pytest.raises(Rejected, match="neither content nor a web address"):
        with_bytes(Message("user", (Media("image", url=url),)), every_kind=every_kind)


def test_the_address_of_a_picture_goes_on_to_a_server_that_fetches_it() -> None:
    message = Message("user", (Media("image", url="http://127.0.0.1/a.png"),))

    assert with_bytes(message, every_kind=False) == message


def test_a_data_url_is_content() -> None:
    [part] = with_bytes(Message("user", (Media("image", url="data:image/png;base64,AAAA"),)), every_kind=False).parts

    assert part == Media("image", "image/png", "AAAA")


def test_a_picture_is_not_left_out_of_a_completion_in_silence() -> None:
    request = ChatRequest("m", (Message("user", ("look", Media("image", base64="AAAA"))),), completion=True)

    with pytest.raises(Rejected, match="image input has no place in a completion"):
        encode_completion(request, Dialect("openai"))
