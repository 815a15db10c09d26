#!/bin/sh
# Prints the path of a Python 3.12 that can make environments, or says in one line what is missing.
set -eu
cd "$(dirname "$0")/.."

usable() {
    "$1" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info[:2] != (3, 12))' 2>/dev/null
}

candidates() {
    command -v python3.12 || true
    for root in "${PYENV_ROOT:-}" "${HOME:-}/.pyenv" "$(dirname "$(command -v pyenv || echo none)")/.."; do
        ls -d "$root"/versions/3.12*/bin/python 2>/dev/null || true
    done
    command -v python3 || true
    command -v python || true
}

candidates | {
    while read -r python; do
        if usable "$python"; then
            # A pyenv shim is a script that depends on the folder; we want the interpreter behind it.
            exec "$python" -c 'import sys; print(sys.executable)'
        fi
    done
    echo "Python 3.12 with venv is missing: install it (apt install python3.12-venv, brew install python@3.12," \
        "pyenv install 3.12) or install uv, then run make again." >&2
    exit 1
}
