# One question to one address, and what came of it as a code of docs/diagnosis-codes.md.
# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables

wants_a_key='a server that wants a key' tls_alert=$(printf '\025\003') line_end='
'

# The printf of bash would send each line by itself, and a server that is done after the first breaks off the rest.
# shellcheck disable=SC2016 # for bash to expand
over_bash='exec 3<>"/dev/tcp/$1/$2" && echo connected &&
    env printf "GET %s HTTP/1.1\r\nHost: %s\r\nAccept: application/json\r\nConnection: close\r\n\r\n" "$3" "$4" >&3 &&
    head -c 100000 <&3'

# SCHEME HOST PORT PATH: prints what came, or the words of the error. It becomes `timeout`, so that it can be ended.
# The environment's proxies are not asked: the server is nearby.
# No `wget -T`: some busybox crash on it.
ask() {
    unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
    authority=$(bracketed "$2"):$3 LC_ALL=C
    export LC_ALL
    if [ "$1" = http ] && command -v bash >/dev/null; then
        exec timeout "$seconds" bash -c "$over_bash" bash "$2" "$3" "$4" "$authority"
    elif command -v wget >/dev/null; then
        exec timeout "$seconds" wget -S -t 1 --no-check-certificate -O - "$1://$authority$4"
    fi
    exec timeout "$((seconds + 1))" curl -sSik --max-time "$seconds" "$1://$authority$4"
}

bracketed() { case $1 in *:*) echo "[$1]" ;; *) echo "$1" ;; esac }

# From what came, the exit code of `timeout` (124, of busybox 143) and the IP: sets code and server.
judge_answer() {
    server=''
    case $1 in
    *HTTP/[123]*) judge_page "$1" ;;
    *refused* | *"Couldn't connect"*) case $3 in 127.*) code=NOT_RUNNING ;; *) code=REFUSED ;; esac ;;
    *'etwork is unreachable'* | *'etwork unreachable'*)
        case $3:$way_out in *:*:*) code=NO_IPV6 ;; *:) code=NO_ROUTE ;; *) code=NOT_CONNECTED ;; esac
        ;;
    *'No route to host'* | *'ost is unreachable'*) judge_way "$3" FIREWALL_REJECT ;;
    *'not known'* | *'bad address'* | *'unable to resolve'* | *'ould not resolve'*)
        case $host in host.docker.internal) code=HOST_NAME_MISSING ;; *) code=DNS_UNKNOWN ;; esac
        ;;
    *'Temporary failure'*) code=DNS_BROKEN ;;
    *'reset by peer'*) code=CONNECTION_RESET ;;
    connected | *'No data received'* | *'Empty reply'* | *'error getting response'*)
        case $2 in 124 | 143) code=HANGS ;; *) code=FORWARDER_UPSTREAM_DOWN ;; esac
        ;;
    *'request sent'* | *'with 0 bytes received'*) code=HANGS ;;
    *"$tls_alert"*) code=TLS_MISMATCH ;;
    connected* | *HTTP/0.9* | *'bad header line'*) code=NOT_HTTP ;;
    *'wrong version number'* | *'unexpected TLS packet'*) code=TLS_MISMATCH ;;
    *'SSL'* | *'TLS'* | *'ertificate'*) code=TLS_FAILED ;;
    *'... connected.'*) code=HANGS ;; # before its TLS was through
    *) judge_way "$3" FIREWALL_DROP ;;
    esac
}

# A machine that has said its hardware address is up, so it is a firewall that is silent or says no: IP FIREWALL_….
# A name that was not in the hosts file stands for its IP; it may be the name server that is silent.
judge_way() {
    code=NO_REPLY alive=0 way=$1
    case $1 in
    *:* | "$looked_up") ;;
    *[!0-9.]*) looked_up=$1 leads_to=$(resolve "$1" | cut -d ' ' -f 1 | head -n 1) ;;
    esac
    [ "$1" != "$looked_up" ] || way=$leads_to
    is_alive "$way" || alive=$?
    case $alive${way:-none} in
    *none) code=DNS_SLOW ;;
    0*) code=$2 ;;
    1*) code=NO_SUCH_HOST ;;
    *:*) ;; # the kernel's file has no neighbours of IPv6
    *) [ -z "$way_out" ] || ! is_alive "$way_out" || code=$2 ;;
    esac
}

# An answer in HTTP, by the doctor's rules; where `wget` went on to another address, the first one counts.
judge_page() {
    code=READY status=${1#*HTTP/[123]}
    status=${status#* }
    case $status in
    *'HTTP request to an HTTPS'* | *'HTTP request was sent to HTTPS'*) code=TLS_MISMATCH ;;
    30[12378]*[Ll]ocation:\ *) code=MOVED server=${status#*[Ll]ocation: } && server=${server%%"$line_end"*} ;;
    403*[Cc]ontent-[Ll]ength:\ 0 | 403*[Cc]ontent-[Ll]ength:\ 0"$line_end"*) judge_empty_403 ;;
    *) name_server "$status" ;;
    esac
}

# Ollama on 127.0.0.1 says no more than that to a name that it does not trust.
judge_empty_403() {
    server=$wants_a_key
    case $host in
    *localhost | *.local | *.internal | *:*) ;;
    *[!0-9.]*) code=OLLAMA_HOST_CHECK server='' ;;
    esac
}

name_server() {
    case $1 in
    *'erver: llama.cpp'* | *'"owned_by"'*'"llamacpp"'*) server=llama.cpp ;;
    *'"owned_by"'*'"vllm"'*) server=vLLM ;;
    *'"organization_owner"'* | *'Unexpected endpoint or method'*) server='LM Studio' ;;
    *'"owned_by"'*'"library"'*) server=Ollama ;;
    40[13]*) server=$wants_a_key ;;
    50[234]*) code=GATEWAY_UPSTREAM_DOWN ;;
    *) ask_version "$1" ;;
    esac
    case $kind:$server in
    ollama:l* | ollama:[Lv]* | llamacpp:[OLv]* | lmstudio:[Olv]*) code=WRONG_KIND ;;
    esac
}

# Ollama without a model says nothing else that only Ollama says. One asks after the other here, so nobody has long.
ask_version() {
    soon=$seconds
    [ "$soon" -lt 2 ] || soon=2
    { version=$(
        seconds=$soon
        ask "$scheme" "$host" "$at_port" "$path/api/version" 2>&1 || :
    ); } 2>/dev/null
    case $version in
    *HTTP/*' 200'*'"version"'*) server=Ollama ;;
    *) case $1 in *'"data"'*) server='a model server' ;; *) code=WRONG_SERVICE ;; esac ;;
    esac
}
