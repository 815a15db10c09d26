"""Every code: the check it belongs to, its cause, and its fix. Where the plugin has the same, so has this."""

from __future__ import annotations

import re
from collections.abc import Mapping

# check CODE: cause => fix. Deeper lines go on. A name in capitals is a row at the end, NAME/KIND is for that kind only.
TABLE = r"""
dns DNS_UNKNOWN: no name server knows {host} => USE_IP
dns DNS_BROKEN: the name server here does not work => USE_IP
dns DNS_SLOW: the name server here says nothing in time => USE_IP
dns HOST_NAME_MISSING: the container does not know the name {host} => Put `services: {{plugin_daemon: {{extra_hosts:
  ["{host}:host-gateway"]}}}}` into OVERRIDE
dns SERVICE_NAME_UNKNOWN: no container {host} shares a network with this one => Connect the container to Dify's network:
  `docker network connect docker_default {host}`
connection LOCALHOST_IN_CONTAINER: {host} is this container, not your computer, and nothing listens there => Use
  http://host.docker.internal:{port} as the server address.
connection OWN_ADDRESS: {ip} is this container itself (Docker inside Docker) => Use the address of the machine that runs
  the server; `ip -4 route show default` outside the inner Docker shows it after “via”.
connection NOT_RUNNING: {url} refuses: no server listens on port {port} => START
connection REFUSED: {url} refuses: no server listens on {ip}, or only on its own machine's 127.0.0.1 => LISTEN
connection FIREWALL_DROP: {url} is silent, but the way to {ip} works: a firewall drops the packets => On the machine
  that runs the server: `sudo ufw allow from {source} to any port {port} proto tcp`
connection FIREWALL_REJECT: a firewall turns away connections to {url} => On the machine that runs the server: `sudo
  firewall-cmd --permanent --add-rich-rule='rule family={family} source address={source} port port={port} protocol=tcp
  accept' && sudo firewall-cmd --reload`
connection NO_SUCH_HOST: there is no machine at {ip} => Switch the machine on, and compare its address with what
  `hostname -I` says there.
connection NO_REPLY: {url} is silent: the machine is off, the address is wrong, or a firewall drops the packets =>
  Compare the address with what `hostname -I` says on the machine that runs the server.
connection NO_ROUTE: this container's network is internal, no way leads to {ip} => Put `services: {{plugin_daemon:
  {{networks: [default]}}}}` into OVERRIDE
connection NOT_CONNECTED: no way leads to {ip} => Connect to that network or VPN; `ip route get {ip}` says when there is
  a way.
connection NO_IPV6: {ip} is an IPv6 address, and there is no IPv6 here => Use the server's IPv4 address.
connection UNREACHABLE: {url} cannot be reached => Ask for it on this machine: `curl -v {url}`
listener FORWARDER_UPSTREAM_DOWN: {url} connects and closes: a forwarder or published port without its server => START
listener GATEWAY_UPSTREAM_DOWN: {url} is a gateway without its server ({detail}) => START
listener CONNECTION_RESET: {url} takes the connection and breaks it off => LOG
listener HANGS: {url} takes the connection but says nothing => RESTART
listener NOT_HTTP: no HTTP server is at {url}; it says “{detail}” => FIND_PORT
listener WRONG_SERVICE: {url} answers ({detail}), but it is no model server we know => FIND_PORT
tls TLS_MISMATCH: {url} has the wrong one of HTTP and HTTPS => Use {detail} as the server address.
tls TLS_UNTRUSTED: nobody trusted here vouches for the certificate ({detail}) => Put the certificate into the field Own
  CA certificate; it is what this prints: `openssl s_client -connect {host}:{port} -showcerts </dev/null | openssl x509`
tls TLS_WRONG_NAME: the certificate is for another name ({detail}) => Use a name that the certificate is for; this
  prints them: `openssl s_client -connect {host}:{port} </dev/null | openssl x509 -noout -ext subjectAltName`
tls TLS_EXPIRED: the certificate is not valid today ({detail}) => Renew the server's certificate.
tls TLS_FAILED: no encrypted connection comes about ({detail}) => Let the server speak TLS 1.2 or newer.
host-header OLLAMA_HOST_CHECK: Ollama on 127.0.0.1 does not answer to the name {host} => Use http://{ip}:{port} as the
  server address.
server WRONG_KIND: {url} is {detail}, not what was asked for => Choose “Detect” as the kind of server.
server AUTH: {url} wants an API key ({detail}) => `export LOCAL_MODELS_API_KEY=…` here, and enter it in Dify's form.
server MOVED: {url} sends us on to {detail} => Use {detail} as the server address.
server LOADING: {detail} is still loading its model => Wait until it is loaded, then try again.
place WRONG_CONTAINER: this is Dify's {detail}; it is plugin_daemon that calls the models => In there: `docker exec -i
  docker-plugin_daemon-1 python3 - < scripts/doctor.py`
bind BOUND_TO_LOOPBACK: port {port} is open on {detail} only: on Linux, containers are refused => Let containers in, and
  nobody else, from the kit's folder: `python -m scripts host forwarder --port {port} --write`
proxy PROXY_IN_THE_WAY: clients that obey the environment ask the proxy {detail} for {host} => BYPASS
proxy PROXY_BYPASS_CIDR_ONLY: httpx and urllib ask the proxy {detail}: to them NO_PROXY is names, not networks => BYPASS
models NO_MODELS: {url} has no models => MODEL
models MODEL_MISSING: no model is called {detail} => CHOOSE
token MODEL_FAILED: no token came: {detail} => LOG
dify-api DIFY_SILENT: Dify's API does not answer: {detail} => In Dify's docker folder: `docker compose up -d`
dify-api DIFY_NOT_SET_UP: Dify has no account yet => Open {detail}/install
- USE_IP: Type the server's IP address instead of the name {host}.
- OVERRIDE: docker-compose.override.yaml in Dify's docker folder, then `docker compose up -d plugin_daemon`
- FIND_PORT: Find its port: `ss -ltnp` on its machine (Ollama 11434, llama.cpp 8080, LM Studio 1234, vLLM 8000).
- BYPASS: `export NO_PROXY=localhost,127.0.0.1,host.docker.internal,{host}; export no_proxy=$NO_PROXY`
- START: Start the model server on port {port}.
- START/ollama: Start Ollama: `ollama serve`
- START/llamacpp: Start llama.cpp: `llama-server --port {port} …`
- START/lmstudio: Start the server in LM Studio: `lms server start --port {port}`
- LISTEN: Start the model server so that it listens on 0.0.0.0, port {port}, not only on 127.0.0.1.
- LISTEN/ollama: Let Ollama listen for other machines, on the machine that runs Ollama: `sudo mkdir -p
  /etc/systemd/system/ollama.service.d && printf '[Service]\nEnvironment="OLLAMA_HOST=0.0.0.0:{port}"\n' | sudo tee
  /etc/systemd/system/ollama.service.d/10-listen.conf && sudo systemctl daemon-reload && sudo systemctl restart ollama`
- LISTEN/llamacpp: Start llama.cpp so that it listens for other machines: `llama-server --host 0.0.0.0 --port {port} …`
- LISTEN/lmstudio: In LM Studio open Developer, turn on “Serve on Local Network”, and start the server on port {port}.
- LISTEN/openai: Start the server so that it listens for others, such as `vllm serve … --host 0.0.0.0 --port {port}`
- RESTART: If it does not come up within a minute, restart the server.
- RESTART/ollama: If it does not come up within a minute, restart it: `sudo systemctl restart ollama`
- RESTART/lmstudio: If it does not come up within a minute, restart it: `lms server stop; lms server start`
- MODEL: Load one into the server.
- MODEL/ollama: Get one: `ollama pull qwen3:4b`
- MODEL/lmstudio: Get one: `lms get qwen3-4b`
- CHOOSE: Choose one that is there.
- CHOOSE/ollama: Choose one that is there, or get it: `ollama pull {detail}`
- LOG: Read what the server wrote last, in its log or in its window.
- LOG/ollama: Read what Ollama wrote last: `journalctl -u ollama -n 50`
"""
ROWS = {
    code: (check, *" ".join(text.split()).split(" => "))
    for check, code, text in re.findall(r"(?m)^(\S+) (\S+): (.+(?:\n  .+)*)", TABLE)
}
KIND_OF_PORT = {11434: "ollama", 8080: "llamacpp", 1234: "lmstudio", 9931: "llamacpp", 8000: "openai"}


def words(code: str, kind: str, blanks: Mapping[str, object]) -> tuple[str, str]:
    """Cause and fix with the blanks filled in; the port stands for the kind when that is not known."""
    likely = KIND_OF_PORT.get(int(str(blanks["port"])), "") if kind == "auto" else kind

    def row(name: re.Match[str]) -> str:
        found = ROWS.get(f"{name[0]}/{likely}") or ROWS.get(name[0])
        return found[1] if found else name[0]

    _, cause, fix = ROWS[code]
    return cause.format_map(blanks), re.sub(r"\b[A-Z_]{3,}\b", row, fix).format_map(blanks)
