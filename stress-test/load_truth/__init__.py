"""A server whose every answer is known: how long it waits, what it sends and when, and how it fails.

`python -m load_truth --events 20 --every 20 --delay 100 --fault failed`, in `stress-test/`. It speaks as Dify's app API,
OpenAI's routes or Ollama, by the path that is asked. The text of each event is the time at which it was sent, in ns of
CLOCK_MONOTONIC: whoever reads it on the same machine knows how wrong its own times are. It models nothing.
"""
