#!/bin/sh
# The networks of a machine with Docker, made in namespaces of their own; `lab.py` starts it inside of them.
#
#   plain      a container on docker0         172.17.0.2, the host is 172.17.0.1
#   compose    on a compose network           172.18.0.2, the host is 172.18.0.1; also usual, 172.18.0.3, quiet, .4, and walled, .6
#   internal   on one without a way out       172.19.0.2, the host is 172.19.0.1
#   dind       Docker in Docker on docker0    172.17.0.3, its inner docker0 is 172.20.0.1
#   inner      a container in there           172.20.0.2
#   twin       the same on compose            172.18.0.5, its inner docker0 is 172.17.0.1 as the host's
#   twin-inner a container in there           172.17.0.2
set -eu

bridge() { # ADDRESS NAME [ip option...]
    address=$1 name=$2
    shift 2
    ip "$@" link add "$name" type bridge
    ip "$@" address add "$address" dev "$name"
    ip "$@" link set "$name" up
}

container() {
    ip netns add "$1"
    ip -n "$1" link set lo up
}

plug() { # CONTAINER ADDRESS BRIDGE [GATEWAY]
    ip link add "v-$1" type veth peer name eth0 netns "$1"
    ip link set "v-$1" master "$3" up
    join "$1" "$2" "${4-}"
}

plug_inner() { # CONTAINER ADDRESS OUTER GATEWAY
    ip -n "$3" link add v-inner type veth peer name eth0 netns "$1"
    ip -n "$3" link set v-inner master docker0 up
    join "$1" "$2" "$4"
}

join() {
    ip -n "$1" address add "$2" dev eth0
    ip -n "$1" link set eth0 up
    [ -z "$3" ] || ip -n "$1" route add default via "$3"
}

docker_in() { # CONTAINER ADDRESS NETWORK
    bridge "$2" docker0 -n "$1"
    ip netns exec "$1" sysctl -qw net.ipv4.ip_forward=1
    ip netns exec "$1" nft -f - <<RULES
table ip nat {
    chain post {
        type nat hook postrouting priority 100;
        ip saddr $3 oifname != "docker0" masquerade
    }
}
RULES
}

mount -t tmpfs tmpfs /run # the real one stays as it is: this is a mount namespace
mkdir /run/netns
ip link set lo up
bridge 172.17.0.1/16 docker0
bridge 172.18.0.1/16 br-compose
bridge 172.19.0.1/16 br-internal
bridge 192.168.50.10/24 lan0 # nobody is there
for each in plain compose usual quiet walled internal dind inner twin twin-inner; do
    container "$each"
done
plug plain 172.17.0.2/16 docker0 172.17.0.1
plug dind 172.17.0.3/16 docker0 172.17.0.1
plug compose 172.18.0.2/16 br-compose 172.18.0.1
plug usual 172.18.0.3/16 br-compose 172.18.0.1
plug quiet 172.18.0.4/16 br-compose 172.18.0.1
plug walled 172.18.0.6/16 br-compose 172.18.0.1
plug twin 172.18.0.5/16 br-compose 172.18.0.1
plug internal 172.19.0.2/16 br-internal
docker_in dind 172.20.0.1/16 172.20.0.0/16
docker_in twin 172.17.0.1/16 172.17.0.0/16
plug_inner inner 172.20.0.2/16 dind 172.20.0.1
plug_inner twin-inner 172.17.0.2/16 twin 172.17.0.1
sysctl -qw net.ipv4.ip_forward=1 net.ipv4.icmp_ratelimit=0
# As Docker: what leaves is masqueraded, networks do not see each other; INPUT is where a firewall says no.
nft -f - <<'RULES'
table ip nat {
    chain post {
        type nat hook postrouting priority 100;
        ip saddr 172.17.0.0/16 oifname != "docker0" masquerade
        ip saddr 172.18.0.0/16 oifname != "br-compose" masquerade
    }
}
table ip filter {
    chain forward {
        type filter hook forward priority 0; policy accept;
        iifname "docker0" oifname "br-*" drop
        iifname "br-compose" oifname "docker0" drop
    }
    chain input {
        type filter hook input priority 0; policy accept;
    }
}
RULES
