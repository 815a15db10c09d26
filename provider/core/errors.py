"""What can go wrong between us and a model server.

ServerError                the message is for the person who runs the server
├── BadSetting             what was typed into the form cannot work
├── Unreachable            nothing answered at the address
│   └── ConnectTimedOut    not even the connection was accepted in time
├── TimedOut               it answered too slowly, or for too long
├── Unauthorized           it wants another key
├── ModelMissing           it does not have the model
├── Rejected               it refused the request
│   └── ContextOverflow    the prompt does not fit the context length
├── Busy                   it has no free slot
├── Loading                it is still loading the model
├── Failed                 it broke while working
└── BrokenStream           it stopped in the middle of an answer
"""


class ServerError(Exception):
    """A model server did not do what we asked."""


class BadSetting(ServerError): ...


class Unreachable(ServerError): ...


class ConnectTimedOut(Unreachable): ...


class TimedOut(ServerError): ...


class Unauthorized(ServerError): ...


class ModelMissing(ServerError): ...


class Rejected(ServerError): ...


class ContextOverflow(Rejected): ...


class Busy(ServerError):
    retry_after: float = 0.0  # seconds, where the server says when to ask again


class Loading(ServerError): ...


class Failed(ServerError): ...


class BrokenStream(ServerError): ...
