#!/bin/sh
# Installs what finds the host's model server, for every user of the container. Runs as root while the image is built, on
# Debian, Ubuntu and Alpine; a second run changes nothing. DESTDIR=FOLDER installs below a folder, for a try.
set -eu
umask 022 # what is installed is for every user

here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
share=/usr/local/share/local-models
bin=/usr/local/bin
root=${DESTDIR:-}

say() { echo "local-models: $*"; }

# The commands need a shell, `timeout`, and one of bash, wget and curl; the doctor needs python3.
missing() {
    command -v timeout >/dev/null || echo coreutils
    command -v bash >/dev/null || command -v wget >/dev/null || command -v curl >/dev/null || echo wget
    command -v python3 >/dev/null || echo python3
}

install_missing() {
    packages=$(missing | tr '\n' ' ')
    [ -n "$packages" ] || return 0
    say "installing $packages"
    # shellcheck disable=SC2086 # one word a package
    if command -v apk >/dev/null; then
        apk add --no-cache $packages
    elif command -v apt-get >/dev/null; then
        apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages
    else
        false
    fi || say "$packages could not be installed; without python3 there is no doctor, the rest works"
}

copy() {
    mkdir -p "$root$share" "$root$bin" "$root/etc/profile.d"
    rm -rf "$root$share/network"
    cp -R "$here/files/network" "$root$share/network"
    for file in doctor.py test_ollama_quick.py post-start.sh; do cp "$here/files/$file" "$root$share/$file"; done
    chmod -R a+rX "$root$share"
    chmod 755 "$root$share/network/host-address" "$root$share/network/write-env" "$root$share/network/dind-forwarder"
    for name in host-address write-env dind-forwarder; do ln -sf "$share/network/$name" "$root$bin/$name"; done
}

# A word for each program, so that nobody has to know the folder.
commands() {
    for pair in local-models-doctor:doctor.py local-models-ready:test_ollama_quick.py; do
        printf '#!/bin/sh\nexec python3 %s/%s "$@"\n' "$share" "${pair#*:}" >"$root$bin/${pair%%:*}"
        chmod 755 "$root$bin/${pair%%:*}"
    done
}

# The options, and what post-start found, for every shell that is opened.
settings() {
    cat >"$root$share/settings" <<TEXT
LOCAL_MODELS_KIND=\${LOCAL_MODELS_KIND:-$(quoted "${KIND:-auto}")}
LOCAL_MODELS_HOST=\${LOCAL_MODELS_HOST:-$(quoted "${HOST:-}")}
LOCAL_MODELS_PORT=\${LOCAL_MODELS_PORT:-$(quoted "${PORT:-}")}
LOCAL_MODELS_FORWARD=\${LOCAL_MODELS_FORWARD:-$(quoted "${FORWARDTOINNERCONTAINERS:-false}")}
TEXT
    cat >"$root/etc/profile.d/local-models.sh" <<'TEXT'
# shellcheck shell=sh
# What the last start of the dev container found: OLLAMA_BASE_URL, LOCAL_MODELS_HOST, LOCAL_MODELS_PORT.
[ ! -r "$HOME/.local-models.env" ] || . "$HOME/.local-models.env"
TEXT
}

# Only what an address can be made of; anything else would be read as shell.
quoted() {
    case $1 in
    *[!A-Za-z0-9.:_-]*)
        echo "local-models: the option $1 has a character that no host, port or kind has" >&2
        exit 2
        ;;
    *) printf %s "$1" ;;
    esac
}

quoted "${KIND:-auto}${HOST:-}${PORT:-}${FORWARDTOINNERCONTAINERS:-}" >/dev/null
[ -n "$root" ] || install_missing
copy
commands
settings
say "installed; host-address, local-models-doctor and local-models-ready are commands now"
