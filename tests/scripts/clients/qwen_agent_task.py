"""Run with the clients' Python: an agent of qwen-agent is given a task that needs a tool. Argument: the configuration."""

import json
import runpy
import sys

from qwen_agent.agents import Assistant
from qwen_agent.tools.base import BaseTool, register_tool

ASKED = []


@register_tool("get_weather")
class GetWeather(BaseTool):
    description = "Get the current weather of a city"
    parameters = {  # noqa: RUF012 - as qwen-agent wants it
        "type": "object",
        "properties": {"city": {"type": "string", "description": "City name"}},
        "required": ["city"],
    }

    def call(self, params, **_):
        ASKED.append(json.loads(params))
        return '{"temperature": 21, "condition": "sunny"}'


llm_cfg = runpy.run_path(sys.argv[1])["llm_cfg"]
llm_cfg["generate_cfg"]["temperature"] = 0
*_, hello = Assistant(llm=llm_cfg).run([{"role": "user", "content": "who are you"}])
agent = Assistant(llm=llm_cfg, function_list=["get_weather"])
*_, answer = agent.run([{"role": "user", "content": "What is the weather in Paris?"}])
print(json.dumps({"hello": hello[-1]["content"], "asked": ASKED, "answer": answer[-1]["content"]}))
