#!/bin/sh
# Runs at every start of a dev container: prints the address of the host's model server, or why there is none. It takes
# seconds at most and always ends well: a hook that fails would keep the later ones from running.

here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
longest=20 # seconds for each of the two looks
kept=${HOME:-/nonexistent}/.local-models.env

# Installed by the Feature, or in this repository.
if [ -d "$here/network" ]; then
    network=$here/network doctor=$here/doctor.py
else
    network=$here/../network doctor=$here/../../scripts/doctor.py
fi

say() { printf 'local-models: %s\n' "$*"; }

in_codespaces() {
    say 'this is a Codespace: it has no host with a model server. Two ways to have one in here:'
    say '  Ollama:     curl -fsSL https://ollama.com/install.sh | sh; ollama serve >/tmp/ollama.log 2>&1 &'
    say '  llama.cpp:  make demo, in a checkout of Local Models for Dify: a real server with a tiny model'
    say 'or a server elsewhere, with a key: set LOCAL_MODELS_HOST and LOCAL_MODELS_PORT'
}

# The exports for shells to come.
remember() {
    [ -w "${kept%/*}" ] && "$network/host-address" --quiet --export >"$kept.new" 2>/dev/null && mv "$kept.new" "$kept" &&
        read_by_terminals && say "new shells have it as OLLAMA_BASE_URL" && return
    rm -f "$kept.new"
}

# An editor's terminals are no login shells, so that they do not read /etc/profile.d.
read_by_terminals() {
    for file in "${kept%/*}/.bashrc" "${kept%/*}/.zshrc"; do
        [ ! -w "$file" ] || grep -q local-models.env "$file" ||
            printf '\n[ ! -r ~/.local-models.env ] || . ~/.local-models.env\n' >>"$file"
    done
}

look() {
    rm -f "$kept" # an old address is worse than none
    if address=$(timeout "$longest" "$network/host-address" --quiet); then
        say "the model server of the host is at $address"
        remember
        diagnose --url "$address" # quiet unless something is wrong, such as a server without a model
    else
        say 'no model server of the host answers:'
        given=${LOCAL_MODELS_HOST:-}
        case $given in *:* | '') ;; *) given=$given${LOCAL_MODELS_PORT:+:$LOCAL_MODELS_PORT} ;; esac
        diagnose ${given:+--url "$given"}
    fi
}

diagnose() {
    if command -v python3 >/dev/null; then
        timeout "$longest" python3 "$doctor" --quiet --no-generate "$@" 2>&1
    elif [ -z "$address" ]; then
        timeout "$longest" "$network/host-address" >/dev/null
    fi
}

forward() {
    [ "${LOCAL_MODELS_FORWARD:-false}" = true ] || return 0
    port=${address##*:}
    case $port in *[!0-9]*) port='' ;; esac
    timeout "$longest" "$network/dind-forwarder" start --wait 10 ${port:+--port "$port"} 2>&1 || say 'inner containers cannot reach the host, see above'
}

main() {
    if [ -r "$here/settings" ]; then
        # shellcheck source=/dev/null
        . "$here/settings"
        export LOCAL_MODELS_KIND LOCAL_MODELS_HOST LOCAL_MODELS_PORT
    fi
    if [ "${CODESPACES:-}" = true ] && [ -z "${LOCAL_MODELS_HOST:-}" ]; then
        in_codespaces
    else
        look
        forward
    fi
}

main
exit 0
