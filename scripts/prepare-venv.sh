#!/bin/sh
# Makes .venv with Python 3.12 and exactly the packages of requirements-dev.txt, or FOLDER with those of FILE,
# and no others, whatever these packages ask for:
#   sh scripts/prepare-venv.sh [FOLDER FILE]
set -eu
cd "$(dirname "$0")/.."

venv=${1:-.venv}
requirements=${2:-requirements-dev.txt}

say() { echo "$*" >&2; }

right_python() { "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 12))' 2>/dev/null; }

with_uv() {
    right_python || uv venv --quiet --clear --python 3.12 "$venv" &&
        uv pip sync --quiet --require-hashes --python "$venv/bin/python" "$requirements"
}

with_pip() {
    # One that uv made has no pip.
    { right_python && "$venv/bin/python" -c 'import pip' 2>/dev/null; } || "$python" -m venv --clear "$venv" &&
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
            --no-deps --require-hashes -r "$requirements"
}

if command -v uv >/dev/null 2>&1; then
    install=with_uv
else
    python=$(sh scripts/find-python.sh)
    install=with_pip
fi
say "Preparing $venv with Python 3.12 and $requirements; the first time takes a minute …"
$install </dev/null || {
    say "Packages could not be installed (cause above): check the network or the package mirror, then run make again."
    exit 1
}
