#!/bin/sh
# Writes requirements.txt and requirements-dev.txt from pyproject.toml, what the kit's clients are tested with, and Dify's
# engine for the local Dify app: exact versions with hashes, no address.
set -eu
cd "$(dirname "$0")/.."

# A mirror often holds only some platforms' files, and the hashes of the others would be missing.
# Someone who has nothing but a mirror sets PIP_CONFIG_FILE.
PIP_CONFIG_FILE="${PIP_CONFIG_FILE:-/dev/null}"
export PIP_CONFIG_FILE
unset PIP_FIND_LINKS PIP_EXTRA_INDEX_URL

tools=.venv-pin/bin/python

wanted() {
    "$tools" -c '
import sys, tomllib
project = tomllib.load(open("pyproject.toml", "rb"))
print(*project["project"]["dependencies"], *(project["dependency-groups"]["dev"] if "dev" in sys.argv else ()), sep="\n")
' "$@"
}

compile() {
    "$tools" -m piptools compile --quiet --generate-hashes --strip-extras --no-annotate --no-header \
        --no-emit-index-url --no-emit-find-links --no-emit-trusted-host "$@" -
}

[ -x "$tools" ] || {
    "$(sh scripts/find-python.sh)" -m venv .venv-pin
    "$tools" -m pip install --quiet pip-tools==7.6.2
}
wanted | compile "$@" --output-file requirements.txt
wanted dev | compile "$@" --constraint requirements.txt --output-file requirements-dev.txt
clients=scripts/config/requirements-clients
compile "$@" --output-file "$clients.txt" <"$clients.in"
# Dify's engine alone: what it asks for is 900 MB. It is one file for all platforms.
engine=$(grep '^graphon==' stress-test/local_dify/requirements.in)
files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT
"$tools" -m pip download --quiet --no-deps --only-binary :all: --dest "$files" "$engine"
local_dify=stress-test/local_dify/requirements
grep -v '^graphon==' "$local_dify.in" | compile "$@" --output-file "$local_dify.txt"
printf '%s \\\n    --hash=%s\n' "$engine" "$("$tools" -m pip hash "$files"/*.whl | sed -n 's/^--hash=//p')" >>"$local_dify.txt"
