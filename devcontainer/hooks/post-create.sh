#!/bin/sh
# Runs once, when a dev container was made: installs the project's Python packages. What fails is said and does not keep
# the later hooks from running.

longest=${POST_CREATE_SECONDS:-900}

say() { printf 'post-create: %s\n' "$*"; }

# A volume that was just made belongs to root.
own_cache() {
    cache=${HOME:-}/.cache
    [ ! -d "$cache" ] || [ -w "$cache" ] || sudo -n chown "$(id -u):$(id -g)" "$cache" 2>/dev/null ||
        say "$cache cannot be written to; nothing is kept there"
}

install() {
    if [ -f Makefile ] && [ -f scripts/prepare-venv.sh ]; then # Local Models for Dify itself
        run make .venv/ready
    elif [ -f requirements.txt ]; then
        run python3 -m pip install --quiet --disable-pip-version-check -r requirements.txt
    elif [ -f uv.lock ]; then
        sync_by_uv .
    elif [ -f api/uv.lock ]; then # Dify
        sync_by_uv api
    else
        say 'no requirements.txt and no uv.lock here, nothing to install'
    fi
}

sync_by_uv() {
    if command -v uv >/dev/null; then
        run uv sync --quiet --project "$1"
    else
        run python3 -m pip install --quiet --disable-pip-version-check uv
        run python3 -m uv sync --quiet --project "$1"
    fi
}

run() { timeout "$longest" "$@" || say "this did not end well (exit code $?), run it again by hand: $*"; }

own_cache
install
exit 0
