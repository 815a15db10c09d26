# The codes in words; they are those of the doctor, see docs/diagnosis-codes.md.
# shellcheck shell=sh disable=SC2034,SC2154,SC2016 # the parts share their variables

meaning() {
    case $1 in
    READY) echo "answers: $2" ;;
    REFUSED) echo 'refuses: no server listens there, or only on its own 127.0.0.1' ;;
    NOT_RUNNING) echo 'refuses: no server listens in this container' ;;
    FIREWALL_DROP) echo 'silent, but the machine is there: a firewall drops the packets' ;;
    FIREWALL_REJECT) echo 'a firewall turns it away' ;;
    NO_SUCH_HOST) echo 'there is no such machine' ;;
    NO_REPLY) echo 'silent: the machine is off, or a firewall drops the packets' ;;
    NO_ROUTE) echo 'no way leads there: this network is an internal one' ;;
    NOT_CONNECTED) echo 'no way leads there from here' ;;
    NO_IPV6) echo 'no way leads there: there is no IPv6 here, or no such network' ;;
    HOST_NAME_MISSING) echo 'no name server knows it' ;;
    DNS_UNKNOWN) echo 'no name server knows the name' ;;
    DNS_BROKEN) echo 'the name server here does not work' ;;
    DNS_SLOW) echo 'the name server says nothing in time' ;;
    OWN_ADDRESS) echo 'is this container itself (Docker in Docker)' ;;
    FORWARDER_UPSTREAM_DOWN) echo 'connects and closes: a forwarder or published port without its server' ;;
    CONNECTION_RESET) echo 'takes the connection and breaks it off' ;;
    HANGS) echo 'takes the connection but says nothing' ;;
    NOT_HTTP) echo 'is no HTTP server' ;;
    WRONG_SERVICE) echo 'answers, but is no model server we know' ;;
    WRONG_KIND) echo "is $2, not what was asked for" ;;
    GATEWAY_UPSTREAM_DOWN) echo 'is a gateway that does not reach the server behind it' ;;
    MOVED) echo "sends on to $2" ;;
    OLLAMA_HOST_CHECK) echo 'Ollama on 127.0.0.1 does not answer to this name' ;;
    TLS_MISMATCH) echo 'has the wrong one of http:// and https://' ;;
    *) echo 'no encrypted connection comes about' ;;
    esac
}

# CODE PORT
remedy() {
    case $1 in
    REFUSED)
        inner=''
        [ "$ip" != "$way_out" ] || inner=". Inside Docker in Docker: \`dind-forwarder start --port $2\` in the outer container"
        echo "On the host: start the server; if it is up, \`python -m scripts host forwarder --port $2\` lets containers in$inner"
        ;;
    NOT_RUNNING) echo "Start the server here, or leave out $given: 127.0.0.1 is this container itself" ;;
    FIREWALL_*) echo "On the host: \`python -m scripts host firewall --port $2\` prints the rule that lets containers in" ;;
    NO_ROUTE) echo 'Connect this container to a network that is not internal, such as `networks: [default]` in its compose file' ;;
    NOT_CONNECTED) echo 'Connect to that network or VPN, or give another address: --host ADDRESS' ;;
    NO_IPV6) echo "Give the server's IPv4 address: --host ADDRESS" ;;
    FORWARDER_UPSTREAM_DOWN | GATEWAY_UPSTREAM_DOWN | HANGS | CONNECTION_RESET) echo 'On the host: start the model server, or read its log' ;;
    WRONG_KIND) echo 'Leave out --kind, or give the port with --port' ;;
    WRONG_SERVICE | NOT_HTTP) echo 'Give the port of the model server: --port PORT' ;;
    NO_SUCH_HOST | NO_REPLY) echo 'Compare the address with what `hostname -I` says on the host, and give it: --host ADDRESS' ;;
    HOST_NAME_MISSING)
        echo 'Let the engine write it: "runArgs": ["--add-host=host.docker.internal:host-gateway"] in devcontainer.json,' \
            '`extra_hosts` in a compose file'
        ;;
    DNS_*) echo "Give the server's IP address instead of its name: --host ADDRESS" ;;
    MOVED) echo 'Give the address that it sends on to: --host ADDRESS' ;;
    OLLAMA_HOST_CHECK) echo 'Give the IP address, or a name that ends with .internal: --host ADDRESS' ;;
    TLS_MISMATCH)
        case $scheme in http) scheme=https ;; *) scheme=http ;; esac
        echo "Give the address with the other scheme: --host $(url)"
        ;;
    TLS_FAILED) echo 'Give the address with http://, or let the server speak TLS 1.2 or newer' ;;
    *) echo 'Say where the server is: --host ADDRESS --port PORT' ;;
    esac
}

# The codes from the most telling to the least; loopback tells of no host.
telling='FORWARDER_UPSTREAM_DOWN HANGS CONNECTION_RESET WRONG_KIND OLLAMA_HOST_CHECK FIREWALL_REJECT FIREWALL_DROP REFUSED
GATEWAY_UPSTREAM_DOWN MOVED TLS_MISMATCH WRONG_SERVICE NOT_HTTP TLS_FAILED NO_ROUTE
NOT_CONNECTED NO_IPV6 NO_SUCH_HOST NO_REPLY HOST_NAME_MISSING DNS_UNKNOWN DNS_BROKEN DNS_SLOW'

# What the host that was given has to say, else the most telling of all.
verdict() {
    for each in $telling NOT_RUNNING; do ! tells "$each" "$first" || return 0; done
    for each in $telling; do ! tells "$each" "$early $middle $late" || return 0; done
    code=DNS_UNKNOWN at_port=${ports%% *}
}

tells() {
    for row in $2; do
        read -r code _ <"$work/$row.code"
        [ "$code" != "$1" ] || { read_row "$row" && return; }
    done
    return 1
}
