"""What each metric means: the words of docs/load-report.md, for the page."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Definition:
    key: str
    """In the document, below `latency`."""
    label: str
    name: str
    text: str


LATENCIES = (
    Definition(
        "ttfe",
        "TTFE",
        "time to first event",
        "Until the first event of any kind. In Dify that is workflow_started or ping, before any work of the model: what passes until then is waiting for a worker. TTFT − TTFE is the time inside the workflow.",
    ),
    Definition(
        "ttft",
        "TTFT",
        "time to first token",
        "Until the first text that is not empty, thinking or answer. Empty chunks, role chunks and pings do not count.",
    ),
    Definition(
        "ttfv",
        "TTFV",
        "time to first visible token",
        "Until the first text of the answer itself; thinking does not count.",
    ),
    Definition(
        "icl",
        "ICL",
        "inter-chunk latency",
        "The gap between two chunks with text, all gaps of all requests together. A chunk is not a token: servers and proxies join them.",
    ),
    Definition(
        "tpot",
        "TPOT",
        "time per output token",
        "(last text − first text) / (tokens − 1), for each request of two tokens or more. The time to the first token is not in it.",
    ),
    Definition("e2e", "E2E", "whole answer", "From sending to the last event, of successful requests."),
    Definition(
        "e2e_scheduled",
        "E2E from schedule",
        "whole answer, from when it was due",
        "Open loop only: counted from the time the request should have been sent, so that waiting for a slow server is not left out.",
    ),
    Definition(
        "schedule_lag",
        "Schedule lag",
        "sent too late by",
        "Open loop only: from the time a request was due to the time it was sent. Large values mean that the load generator was overloaded.",
    ),
    Definition(
        "client_lag",
        "Client lag",
        "read too late by",
        "From the kernel's receive time of the bytes to the moment the load generator saw them. Large values mean that the load generator was the bottleneck.",
    ),
)

OTHERS = (
    ("Tokens a second", "Output tokens that arrived inside the measured window, over the window. The number of tokens is the server's own; where it does not tell, chunks are counted, and the source says so."),
    ("Tokens a second and user", "1 / TPOT: how fast one user sees the answer grow."),
    ("Requests a second", "Successful requests that were finished, over the window."),
    ("Goodput", "Requests that kept every threshold. Failed requests did not; those still open, or without the metric, are left out."),
    ("Concurrency", "Requests in flight at once, mean over time and peak. It is not the number of users."),
    ("Failed", "Failed requests over finished ones. What is still open at the end is counted apart, and is neither."),
    ("Percentiles", "From mergeable histograms with an error of at most 0.05 %; p99 only of 100 values or more."),
    ("Knee", "The last step before saturation: from there on throughput grows by less than 5 %, while TTFT p95 is more than twice that of the lightest step."),
    ("Carries", "The greatest load up to which every step kept the thresholds."),
    ("Noise", "The difference that chance alone stays below (Welch's test on means of pieces of the run, 99 %). A smaller one, or one under 5 %, is “same”."),
    ("VALID, SUSPECT, INVALID", "Whether the numbers may be believed. SUSPECT: read the reasons first. INVALID: the load generator was the bottleneck, or nothing was finished; the numbers say nothing about the server."),
)  # fmt: skip
