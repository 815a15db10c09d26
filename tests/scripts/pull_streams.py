"""What Ollama writes while it pulls, line by line, and a server that pulls what a test says."""

from tests.servers import End, Response, ScriptedServer, by_path
from tests.servers.bodies import ndjson

MANIFEST, VERIFYING, WRITING, SUCCESS = (
    ndjson({"status": status})
    for status in ("pulling manifest", "verifying sha256 digest", "writing manifest", "success")
)
UNKNOWN_MODEL = ndjson({"error": "pull model manifest: file does not exist"})
NOT_THERE = Response.of_json({"models": []})


def layer(letter, total, *completed):
    """The lines of one layer; Go leaves out `completed` while it is 0."""
    digest = f"sha256:{letter * 64}"
    facts = {"status": f"pulling {letter * 12}", "digest": digest, "total": total}
    return [ndjson(facts | ({"completed": each} if each else {})) for each in completed]


def whole(*lines):
    """A pull that succeeds. The answer to be given for it."""
    return pulled(MANIFEST, *lines, VERIFYING, WRITING, SUCCESS)


def pulled(*lines, end=End.PROPER):
    """Seconds among the lines are pauses."""
    return Response.ndjson(list(lines), end)


def tags(**digests):
    """/api/tags with these models; in their names `_` stands for a colon."""
    named = {name.replace("_", ":"): digest for name, digest in digests.items()}
    return Response.of_json({"models": [{"name": name, "size": 5, "digest": each} for name, each in named.items()]})


def ollama(listed=NOT_THERE, **pulls):
    """A server with an answer for the pull of each model; in their names `_` stands for a colon."""
    named = {name.replace("_", ":"): list(each) if isinstance(each, tuple) else [each] for name, each in pulls.items()}

    def pull(request):
        answers = named.get(request.json["model"], [pulled(MANIFEST, UNKNOWN_MODEL)])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    version = Response.of_json({"version": "0.33.0"})
    return ScriptedServer(by_path({"/api/version": version, "/api/tags": listed, "/api/pull": pull}))
