# The same by socat, where there is no Python: a process for each connection.
# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables

# PORT..., until all of it is ended from outside.
listen_by_socat() {
    cd "$here" || exit 1
    for port in "$@"; do
        socat "TCP-LISTEN:$port,bind=$listen,fork,reuseaddr,keepalive,max-children=64" "EXEC:./dind-forwarder connect $port" &
        sleep 0.3
        kill -0 $! 2>/dev/null || exit 1 # socat has said why
    done
    echo listening
    wait
}

# One connection, on stdin and stdout: PORT.
connect() {
    target=$(cat "$state/target-$1" 2>/dev/null || :)
    takes_connections "$target" || find_target "$1"
    report "$1" "goes to http://$target"
    exec socat - "TCP:$target"
}

takes_connections() { [ -n "$1" ] && timeout 4 socat -u /dev/null "TCP:$1" 2>/dev/null; }

# One looks, and not more often than every 2 seconds; the others wait for what it finds.
find_target() {
    exec 9>"$state/lock-$1"
    timeout 20 flock 9 || exit 0
    now=$(date +%s) looked=$(cat "$state/looked-$1" 2>/dev/null || echo 0)
    [ $((now - looked)) -lt 2 ] || look_for_target "$1"
    exec 9>&-
    target=$(cat "$state/target-$1")
    [ -n "$target" ] || exit 0
}

look_for_target() {
    "$here/host-address" --port "$1" 2>"$state/why-$1" 9>&- | sed 's|.*//||; s|/.*||' >"$state/target-$1"
    date +%s >"$state/looked-$1"
    [ -s "$state/target-$1" ] || report "$1" "closed, $(tail -n 1 "$state/why-$1")"
}

# Only what is new, so that the log stays short; socat adds a line for each connection that was closed early.
report() {
    line="port $1: $2"
    [ "$(cat "$state/said-$1" 2>/dev/null || :)" = "$line" ] && return
    [ "$(wc -c <"$state/log")" -lt 100000 ] || : >"$state/log"
    echo "$line" | tee "$state/said-$1" >>"$state/log"
}
