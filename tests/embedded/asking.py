"""Plain requests to a server, without the plugin in between."""

import json

import requests

GET_WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get the current weather of a city",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string", "maxLength": 12},
                "unit": {"type": "string", "enum": ["c", "f"]},
            },
            "required": ["city", "unit"],
        },
    },
}


def post(server, route, **body):
    reply = requests.post(server.url + route, json=body, timeout=20)
    reply.raise_for_status()
    return reply.json()


def get(server, route, **headers):
    return requests.get(server.url + route, headers=headers, timeout=20)


def ask(server, content, *, thinking=True, **more):
    """The first choice of a chat completion."""
    body = {
        "messages": [{"role": "user", "content": content}],
        "temperature": 0.0,
        "max_tokens": 300,
        "chat_template_kwargs": {"enable_thinking": thinking},
    }
    return post(server, "/v1/chat/completions", **body | more)["choices"][0]


def answer(server, content, **more):
    return ask(server, content, **more)["message"]["content"]


def calls(choice):
    functions = [call["function"] for call in choice["message"]["tool_calls"]]
    return [(function["name"], json.loads(function["arguments"])) for function in functions]


def as_schema(schema):
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
