"""`python -m scripts config CLIENT`: the same servers, ready for another program.

command   which client, which servers, and where the text goes
├── servers   what the servers really have, and which model is meant
├── world     all that a client's configuration is made of
├── openai_client, qwen_agent, metagpt       programs that are given one model
│   └── texts     Python modules from templates
└── dify, litellm, continue_dev, open_webui  programs that are given all of them

requirements-clients.txt   the libraries that the tests prove the text with: `make test-clients`
"""
