#!/bin/sh
# Runs a command in a container of the lab, with its own hosts file and name server: inside.sh NAME HOSTS RESOLV COMMAND…
# It is a container by the mark that Podman leaves.
set -eu

name=$1
shift
# shellcheck disable=SC2016 # for the inner shell
exec nsenter --net="/run/netns/$name" unshare -m --propagation private sh -euc '
    mount --bind "$1" /etc/hosts
    mount --bind "$2" /etc/resolv.conf
    mount -t tmpfs tmpfs /run
    : >/run/.containerenv
    shift 2
    exec "$@"' sh "$@"
