# What was given, by options and environment, taken apart.
# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables

defaults() {
    kind=$(bare "${LOCAL_MODELS_KIND:-}") typed=$(bare "${LOCAL_MODELS_HOST:-}") port=$(bare "${LOCAL_MODELS_PORT:-}")
    kind=${kind:-auto}
    mode=url file='' seconds=4 quiet='' given=LOCAL_MODELS_HOST
    [ -n "$typed" ] || { typed=$(bare "${OLLAMA_BASE_URL:-}") given=OLLAMA_BASE_URL; }
    [ -n "$typed" ] || { typed=$(bare "${OLLAMA_HOST:-}") given=OLLAMA_HOST; }
}

check() {
    case $kind in
    auto) ports='11434 8080 1234 9931 8000' ;;
    ollama) ports=11434 ;;
    llamacpp) ports='8080 9931' ;;
    lmstudio) ports=1234 ;;
    vllm | openai) ports=8000 ;;
    *) wrong "--kind $kind: it is one of auto, ollama, llamacpp, lmstudio, vllm or openai" ;;
    esac
    [ -z "$port" ] || is_port "$port" || wrong "the port $port is no number from 1 to 65535, as --port and LOCAL_MODELS_PORT want it"
    is_number "$seconds" 60 || wrong "--timeout is a number of seconds from 1 to 60"
    [ -z "$port" ] || ports=$port
    can_ask || wrong 'bash, wget or curl is needed to ask'
    command -v timeout >/dev/null || wrong 'the program timeout is needed; coreutils and busybox have it'
    read_setting
}

# Without blanks and quotes around it, which `docker run --env-file` keeps; Ollama takes them off too.
bare() {
    bared=$1
    while :; do
        case $bared in
        [\"\'[:space:]]*) bared=${bared#?} ;;
        *[\"\'[:space:]]) bared=${bared%?} ;;
        *) break ;;
        esac
    done
    echo "$bared"
}

can_ask() { command -v bash || command -v wget || command -v curl; } >/dev/null

is_port() { is_number "$1" 65535; }

is_number() {
    case $1 in '' | 0* | *[!0-9]* | ??????*) return 1 ;; esac
    [ "$1" -le "$2" ]
}

# The host that was given: scheme, host, its_port, path. As in the plugin's form it may be `name=URL weight=2`, and several.
read_setting() {
    scheme=http host='' its_port='' path='' rest=${typed%%,*}
    case $rest in [!:/]*=http*) rest=${rest#*=} ;; esac
    case $rest in *' '[a-z]*=*) rest=${rest%% *} ;; esac
    case $rest in
    http | https)
        say "$given is only $rest, because \${localEnv:NAME:http://…} is cut at its second colon: pass host and port apart"
        return
        ;;
    [Hh][Tt][Tt][Pp]://*) rest=${rest#*://} its_port=80 ;;
    [Hh][Tt][Tt][Pp][Ss]://*) rest=${rest#*://} its_port=443 scheme=https ;;
    *://*) wrong "$given starts with http:// or https://, or with neither" ;;
    esac
    case $rest in */*) path=/${rest#*/} rest=${rest%%/*} ;; esac
    path=${path%/} path=${path%/v1} path=${path%/api}
    read_host "$rest"
    case $path in *[!A-Za-z0-9./_~%-]*) wrong "the path in $given is none that a server address has" ;; esac
}

read_host() {
    case $1 in
    \[*\]:*) its_port=${1##*:} host=${1#\[} host=${host%%\]*} ;;
    \[*\]) host=${1#\[} host=${host%\]} ;;
    *:*:*) host=$1 ;;
    *:*) its_port=${1##*:} host=${1%:*} ;;
    *) host=$1 ;;
    esac
    ! is_port "$host" || { its_port=$host host=''; }
    case $host in *[[:upper:]]*) host=$(echo "$host" | tr '[:upper:]' '[:lower:]') ;; esac # as /etc/hosts has it
    case $host in
    0.0.0.0 | ::) host='' ;; # where a server listens; no place to go to
    *[!A-Za-z0-9.:_%-]*) wrong "$given looks like 192.168.1.5, a name, or http://HOST:11434; a key has no place in it" ;;
    esac
    [ -z "$its_port" ] || is_port "$its_port" || wrong "the port in $given is no number from 1 to 65535"
}
