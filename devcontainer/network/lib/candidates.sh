# Every address that may lead to the host, asked at once and judged in the order in which they count.
# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables

names='host.docker.internal host.containers.internal host.lima.internal host.rancher-desktop.internal'
name_seconds=2

# All that needs no name server, and the look-ups of the names that do.
start() {
    rows=0 seen='' looked_up=none first='' early='' late='' unknown='' best='' guess='' middle='' connections='' own=" $(own_addresses | tr '\n' ' ')" way_out=$(gateway)
    : >"$work/skipped"
    wget_is=$(command -v bash >/dev/null || wget --help 2>&1 | head -n 1)
    add_setting
    look_around || { added='' && return 0; }
    for name in $names; do
        known=$(in_hosts "$name")
        [ -n "$known" ] || look_up "$name"
        [ -z "$known" ] || add_host /etc/hosts "$name" "$known"
    done
    early=$added added=''
    for known in 172.17.0.1:bridge "$way_out:gateway" $(hints) 127.0.0.1:itself; do
        [ -z "${known%%:*}" ] || add_host "${known#*:}" "${known%%:*}" "${known%%:*}"
    done
    late=$added added=''
}

look_around() { case ${LOCAL_MODELS_LOOK_AROUND:-yes} in no | NO | No | 0 | false | off) return 1 ;; esac }

add_setting() {
    added=''
    case " $ports " in *" ${port:-${its_port:-${ports%% *}}} "*) ;; *) ports="$its_port $ports" ;; esac
    [ -n "$host" ] || {
        look_around || wrong 'LOCAL_MODELS_LOOK_AROUND forbids to look for a server: say where it is with --host'
        return
    }
    known=$(in_hosts "$host")
    if is_own "${known:-$host}"; then
        skip "$host" OWN_ADDRESS && return
    fi
    for each in ${port:-${its_port:-$ports}}; do add "$given" "$scheme" "$host" "$each" ".$path" "${known:-$host}"; done
    first=$added early=$added
}

# FROM HOST IP, at every port in question, unless it is this container.
add_host() {
    if is_own "$3"; then
        skip "$2" OWN_ADDRESS
    else
        for each in $ports; do add "$1" http "$2" "$each" . "$3"; done
    fi
}

# FROM SCHEME HOST PORT .PATH IP; the same machine and port under another name is not asked again.
add() {
    case $seen in *" $6:$4 "*) return ;; esac
    seen="$seen $6:$4 " rows=$((rows + 1)) added="$added $rows"
    echo "$*" >"$work/$rows"
    ask "$2" "$3" "$4" "${5#.}/v1/models" >"$work/$rows.out" 2>&1 &
    eval "pid_$rows=$!"
}

skip() { echo "$1 $2" >>"$work/skipped"; }

look_up() {
    resolve "$1" >"$work/$1" &
    unknown="$unknown $1:$!"
}

# It becomes `timeout`, so that it can be ended.
resolve() {
    # shellcheck disable=SC2016 # for the other shell
    exec timeout "$name_seconds" sh -c '
        command -v getent >/dev/null || exec nslookup "$1" | sed -n "/^Name/,\$s/^Address[ 0-9]*: *//p"
        getent ahostsv4 "$1" || getent hosts "$1"' sh "$1" 2>/dev/null
}

# The names that a name server knew in time, asked like the others.
add_names() {
    for each in $unknown; do
        name=${each%:*} ended=0
        wait "${each##*:}" 2>/dev/null || ended=$?
        read -r known _ <"$work/$name" || known=''
        case $ended:$known:$name in
        124::host.docker.internal | 143::host.docker.internal) skip "$name" DNS_SLOW ;;
        *::host.docker.internal) skip "$name" HOST_NAME_MISSING ;;
        *::*) ;; # the others are names of few engines
        *) add_host DNS "$name" "$known" ;;
        esac
    done
    unknown=''
}

# Whether one answers; `best` is its row.
look() {
    start
    judge_all "$early"
    [ -z "$best" ] || [ "$mode" = all ] || return 0
    add_names
    middle=$added
    judge_all "$middle $late"
    best=${best:-$guess}
    [ -n "$best" ]
}

judge_all() {
    for row in $1; do
        [ -z "$best" ] || [ "$mode" = all ] || return 0
        read_row "$row"
        look_at_connections "$row"
        ended=0
        eval "wait \$pid_$row" 2>/dev/null || ended=$?
        eval "pid_$row="
        judge_answer "$(tr -d '\000\r' <"$work/$row.out")$open" "$ended" "$ip"
        echo "$code ${server:-}" >"$work/$row.code"
        [ "$code" != READY ] || is_a_guess "$row" || best=${best:-$row}
    done
}

# Busybox's `wget` does not say when it is connected, the kernel does: looked at when the quick ones have answered.
look_at_connections() {
    open=''
    case $wget_is in BusyBox*) ;; *) return 0 ;; esac
    for _ in $([ -n "$connections" ] || seq 8); do
        eval "kill -0 \$pid_$1" 2>/dev/null || return 0
        sleep 0.1
    done
    connections=${connections:-$(cat /proc/net/tcp 2>/dev/null || echo none)}
    ! is_connected "$connections" "$ip" "$at_port" || open='request sent'
}

# Many programs want a key. Where neither host nor port was given, a server that says what it is comes first.
is_a_guess() {
    [ "$server" = "$wants_a_key" ] && [ -z "$port" ] || return 1
    case " $first " in *" $1 "*) return 1 ;; esac
    guess=${guess:-$1}
}

read_row() {
    read -r from scheme host at_port path ip <"$work/$1"
    path=${path#.}
}

url() { echo "$scheme://$(bracketed "$host"):$at_port$path"; }

# Nothing goes on asking, and nothing is left of it.
clean_up() {
    trap '' HUP INT PIPE TERM # the second signal of an impatient one
    for each in $unknown; do kill "${each##*:}" 2>/dev/null || :; done
    while [ "$rows" -gt 0 ]; do
        eval "[ -z \"\$pid_$rows\" ] || kill \$pid_$rows 2>/dev/null || :"
        rows=$((rows - 1))
    done
    wait 2>/dev/null
    rm -rf "$work"
}
