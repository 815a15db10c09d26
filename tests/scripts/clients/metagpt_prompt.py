"""Run with the clients' Python: a prompt by MetaGPT's config2.yaml, asked as its OpenAI provider asks.

MetaGPT itself pins versions that Python 3.12 has no packages for; its provider is a thin layer over this client.
"""

import asyncio
import json
import sys
from pathlib import Path

import yaml
from openai import AsyncOpenAI


async def ask(llm):
    client = AsyncOpenAI(base_url=llm["base_url"], api_key=llm["api_key"])
    stream = await client.chat.completions.create(
        model=llm["model"], max_tokens=llm["max_token"], timeout=llm["timeout"], stream=llm["stream"], temperature=0.0,
        messages=[{"role": "system", "content": "You are a helpful assistant."}, {"role": "user", "content": "who are you"}],
    )  # fmt: skip
    pieces = [chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices]
    await client.close()
    return "".join(pieces)


config = yaml.safe_load(Path(sys.argv[1]).read_text(encoding="utf-8"))
print(json.dumps({"answer": asyncio.run(ask(config["llm"]))}))
