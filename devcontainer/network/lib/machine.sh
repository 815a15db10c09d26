# What this machine knows of itself, from the kernel's files: slim containers have no `ip`.
# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables

own_addresses() {
    [ -r /proc/net/fib_trie ] || return 0
    last=''
    while read -r word address _; do
        case $word$address in
        '|--'*) last=$address ;;
        /32host) echo "$last" ;;
        esac
    done </proc/net/fib_trie
}

# Docker in Docker: the inner bridge may have the very address that the host's has. Loopback is asked on purpose.
is_own() {
    case $1 in 127.*) return 1 ;; esac
    case $own in *" $1 "*) ;; *) return 1 ;; esac
}

gateway() {
    [ -r /proc/net/route ] || return 0
    while read -r _ target way flags _; do
        case $target:$flags in
        00000000:*[2367ABEF]) # it has a gateway, whose bytes the kernel writes backwards
            rest=${way#??} end=${way#????}
            printf '%d.%d.%d.%d\n' "0x${way#??????}" "0x${end%??}" "0x${rest%????}" "0x${way%??????}"
            return
            ;;
        esac
    done </proc/net/route
}

# Whether a neighbour has said its hardware address: 0 yes, 1 no, 2 it was never asked.
is_alive() {
    [ -r /proc/net/arp ] || return 2
    while read -r address _ flags mac _; do
        [ "$address" = "$1" ] || continue
        [ "$flags" != 0x0 ] && [ "$mac" != 00:00:00:00:00:00 ]
        return
    done </proc/net/arp
    return 2
}

in_hosts() {
    [ -r /etc/hosts ] || return 0
    while read -r address aliases || [ -n "$address" ]; do # the last line may have no end
        case $address in '#'*) continue ;; esac
        for alias in ${aliases%%#*}; do
            [ "$alias" != "$1" ] || { echo "$address" && return; }
        done
    done </etc/hosts
}

# Whether there is a connection to IP PORT, by what was read of the kernel's list, /proc/net/tcp: CONNECTIONS IP PORT.
is_connected() {
    case $2 in *[!0-9.]*) return 1 ;; esac
    rest=${2%.*} four=${2##*.}
    three=${rest##*.} rest=${rest%.*}
    to=$(printf '%02X%02X%02X%02X:%04X' "$four" "$three" "${rest#*.}" "${rest%.*}" "$3")
    case $1 in *" $to 01 "*) ;; *) return 1 ;; esac
}

# Addresses that some engines have for the host; asked only where something speaks for that engine.
hints() {
    case $(cat /proc/version 2>/dev/null) in *linuxkit* | *microsoft*) echo 192.168.65.254 ;; esac # Docker Desktop
    servers=$(cat /etc/resolv.conf 2>/dev/null || :)
    case $servers in *192.168.5.*) echo 192.168.5.2 ;; esac                # Lima, Colima
    case $servers$own in *10.0.2.3* | *' 10.0.2.1'*) echo 10.0.2.2 ;; esac # slirp4netns
    case $servers in *169.254.1.1*) echo 169.254.1.2 ;; esac               # pasta
}
