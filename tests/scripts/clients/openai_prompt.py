"""Run with the clients' Python: OpenAI's library answers a prompt. Argument: the module that `config openai` printed."""

import json
import runpy
import sys

made = runpy.run_path(sys.argv[1])
client, model = made["client"], made["MODEL"]
messages = [{"role": "user", "content": "who are you"}]
stream = client.chat.completions.create(model=model, messages=messages, stream=True, temperature=0)
streamed = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
whole = client.chat.completions.create(model=model, messages=messages, temperature=0).choices[0].message.content
print(json.dumps({"streamed": streamed, "whole": whole, "models": [each.id for each in client.models.list()]}))
