"""The options of a load test, beside Locust's own: also in locust.conf, [tool.locust] and the environment (LOAD_…)."""

from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator
from typing import Any

from load_run import reading

type Read = Callable[[str], Any]

OPTIONS: dict[str, list[tuple[str, Any, str, Read | None]]] = {
    "whom to ask": [
        ("kind", "auto", "auto, dify, ollama or openai; auto looks what answers", reading.one_of("auto", "dify", "ollama", "openai")),
        ("keys-file", "", "JSON with app keys by name; .local-models-apps.json is found by itself", None),
        ("scenarios", "", "apps by weight, such as simple_qa_workflow=3,simple_qa_chatflow=1", reading.mix),
        ("model", "auto", "model of a model server; auto is what is loaded", None),
        ("route", "", "of a Dify app: workflow, chat or completion; asked of Dify if not said", reading.one_of("", "workflow", "chat", "completion")),
        ("response", "streaming", "streaming or blocking", reading.one_of("streaming", "blocking")),
        ("connections", "reuse", "reuse, or new: a connection for each request", reading.one_of("reuse", "new")),
        ("request-timeout", "600", "seconds for a whole request", reading.positive),
        ("silence-timeout", "60", "seconds without a byte", reading.positive),
    ],
    "what to say": [
        ("prompts", "", "text file, a prompt a line; or JSONL with prompt, messages or conversations", reading.prompts),
        ("prompt-tokens", "", "instead: prompts of so many tokens, 512 or 512:64 (mean and deviation)", reading.length),
        ("max-tokens", "0", "most tokens of an answer; 0: the server's choice", reading.whole),
        ("turns", "1", "turns of a conversation", reading.counting),
        ("cache", "miss", "miss: every prompt begins differently; hit: as it is written", reading.one_of("miss", "hit")),
        ("inputs", "", "JSON object with inputs of a Dify app", reading.json_object),
    ],
    "how much, one of these instead of --users": [
        ("rate", "", "open loop: so many requests a second", reading.positive),
        ("ramp", "", "from A to B over the run: 1-50 users, or 1-50/s", reading.ramp),
        ("burst", "", "N requests at once every S seconds: 20/10s", reading.burst),
        ("sweep", "", "steps: 1,2,4,8 users, or 1,2,4/s", reading.steps),
        ("find-users", "", "search the most users that keep --slo, up to so many", reading.counting),
        ("trace", "", "JSONL with `at` seconds in each line: the same requests at the same times", reading.trace),
    ],
    "how": [
        ("arrivals", "poisson", "gaps of an open loop: poisson or constant", reading.one_of("poisson", "constant")),
        ("max-in-flight", "1000", "open loop: requests at once, of all processes; what is due beyond is dropped and counted", reading.counting),
        ("wait", "0", "closed loop: seconds between answer and next request, 2 or 1-3", reading.wait),
        ("step-time", "20", "seconds of a step of a sweep", reading.positive),
        ("warm-up", "auto", "requests before the measurement", reading.warm_up),
        ("drain", "", "seconds that open requests have at the end of a run (0) or step (10)", reading.seconds),
        ("compare", "", "address of the model server behind Dify: the same load on it, and the difference", None),
    ],
    "what to make of it": [
        ("slo", "", "thresholds: ttft_p95=2s,error_rate=0.01", reading.slo),
        ("allowed-errors", "1%", "share of failed requests that is still a success", reading.share),
        ("baseline", "", "report.json of an earlier run: exit code 5 when this one is worse", reading.report),
        ("results", "load-results", "folder for a folder of each run", None),
    ],
}  # fmt: skip
SECRETS = {"key": "key of the Dify app or model server", "compare-key": "key of the model server of --compare"}


def add_to(parser: Any) -> None:
    """For Locust's event `init_command_line_parser`."""
    parser.set_defaults(web_host="127.0.0.1", master_bind_host="127.0.0.1", expect_workers_max_wait=120)
    for title, options in OPTIONS.items():
        group = parser.add_argument_group(f"Load test: {title}")
        for name, default, text, read in options:
            _add(group, parser, name, default, text, read)
    # Not in the web page: it would stand in its source.
    for name, text in SECRETS.items():
        _add(parser, parser, name, "", f"{text}; better in the environment", None, secret=True)


def _add(
    group: Any, parser: Any, name: str, default: str, text: str, read: Read | None, *, secret: bool = False
) -> None:
    """Values stay text: Locust sends them to its workers as messages."""
    added = group.add_argument(
        f"--{name}",
        default=default,
        help=text,
        metavar="X",
        env_var=f"LOAD_{name.replace('-', '_').upper()}",
        type=_checked(read),
    )
    added.include_in_web_ui, added.is_secret, added.is_required, added.is_multiple = not secret, secret, False, False


def _checked(read: Read | None) -> Callable[[str], str]:
    def value(text: str) -> str:
        try:
            if read and text:
                read(text)
        except ValueError as error:
            raise ArgumentTypeError(str(error)) from error
        return text

    return value


def described() -> Iterator[str]:
    """Locust prints its own --help before it knows of these."""
    for title, its in OPTIONS.items():
        yield f"\n{title[0].upper()}{title[1:]}"
        yield from (f"  --{name:16} {text}{f' ({default})' if default else ''}" for name, default, text, _ in its)


if __name__ == "__main__":
    print("Options of a load test beside Locust's own; each also as LOAD_… in the environment.")
    print("Keys only there: LOAD_KEY, and LOAD_COMPARE_KEY for the server of --compare.")
    print("\n".join(described()))
