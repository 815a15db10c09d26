"""The settings that move a bottleneck: name, where it is set, what it does."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

DIFY = "Dify's docker/.env, then docker compose up -d"
DAEMON = "Dify's docker/.env, service plugin_daemon"
OLLAMA = "environment of ollama serve"
LLAMACPP = "command line of llama-server"
FORM = "the model's form in Dify"
HERE = "this load test's command line"


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    where: str
    text: str


def told(settings: Sequence[Setting]) -> list[dict[str, str]]:
    return [asdict(each) for each in settings]


API_WORKERS = (
    Setting(
        "SERVER_WORKER_AMOUNT",
        DIFY,
        "processes of the API; Docker's default is 1, one a core is usual, each wants about 0.6 GB",
    ),
    Setting(
        "SERVER_WORKER_CONNECTIONS",
        DIFY,
        "requests at once in each process; Docker's default is 10, a stream holds one to its end",
    ),
    Setting(
        "CELERY_WORKER_AMOUNT",
        DIFY,
        "from Dify 1.13 on streaming workflows run in the worker: as many at once as this; default 1, in newer compose files 4",
    ),
)
APP_LIMIT = (
    Setting("APP_MAX_ACTIVE_REQUESTS", DIFY, "most requests at once of any app; 0 is no limit"),
    Setting(
        "APP_DEFAULT_ACTIVE_REQUESTS",
        DIFY,
        "the same for apps without a limit of their own; the smallest that is not 0 counts",
    ),
)
GATEWAY = (
    Setting("GUNICORN_TIMEOUT", DIFY, "seconds until a silent API process is killed; Docker's default is 360"),
    Setting("NGINX_PROXY_READ_TIMEOUT", DIFY, "how long nginx waits for the API; default 3600s"),
)
DATABASE = (
    Setting(
        "POSTGRES_MAX_CONNECTIONS",
        DIFY,
        "default 100, newer 200; at least (pool + overflow) × processes of API and worker",
    ),
    Setting("SQLALCHEMY_POOL_SIZE", DIFY, "connections each process keeps; default 30"),
    Setting("SQLALCHEMY_MAX_OVERFLOW", DIFY, "connections each process opens beyond that; default 10"),
)
PLUGIN = (
    Setting(
        "limit=",
        f"{FORM}, behind a server's address",
        "requests at once that the plugin sends to this server; the others wait",
    ),
    Setting("PLUGIN_DAEMON_TIMEOUT", DIFY, "seconds of silence the API allows a plugin; default 600"),
    Setting("PLUGIN_MAX_EXECUTION_TIMEOUT", DAEMON, "seconds of a whole call; default 600"),
)
OLLAMA_SLOTS = (
    Setting(
        "OLLAMA_NUM_PARALLEL",
        OLLAMA,
        "answers at once of a model; default 1, the rest waits without a word. Memory: context × this",
    ),
    Setting("OLLAMA_KEEP_ALIVE", OLLAMA, "how long a model stays loaded; default 5m, -1 for ever"),
    Setting("OLLAMA_MAX_LOADED_MODELS", OLLAMA, "models loaded at once; a change of model is a load"),
)
LLAMACPP_SLOTS = (
    Setting(
        "--parallel N",
        LLAMACPP,
        "slots: answers at once; the default is 4 that share the context; a request without a slot gets no byte",
    ),
    Setting("-c N", LLAMACPP, "context of all slots; with --parallel each has its part, without it any may use all"),
    Setting("-ngl N", LLAMACPP, "layers on the graphics card; all that fit"),
)
ANY_MODEL = (
    Setting("another server", FORM, "a second address in the form shares the requests"),
    Setting("a smaller model or quantisation", "the model server", "fewer bytes to read for each token"),
)
QUEUE = (Setting("OLLAMA_MAX_QUEUE", OLLAMA, "requests that may wait for a load; default 512"),)
CLIENT = (
    Setting("--processes N", HERE, "load generators on this machine, one a core"),
    Setting(
        "--worker --master-host ADDRESS",
        "another machine",
        "load generators elsewhere; a server beside them has its cores to itself",
    ),
    Setting("--max-in-flight N", HERE, "open loop: requests at once; what is due beyond is dropped and counted"),
)
NETWORK = (
    Setting("--host", HERE, "the address; python -m scripts doctor says why it does not answer"),
)  # fmt: skip


def of_model(kind: str) -> tuple[Setting, ...]:
    """Behind Dify it is not known who serves the model: both."""
    own = {"ollama": OLLAMA_SLOTS, "openai": LLAMACPP_SLOTS}.get(kind, (OLLAMA_SLOTS[0], LLAMACPP_SLOTS[0]))
    return (*own, *ANY_MODEL)
