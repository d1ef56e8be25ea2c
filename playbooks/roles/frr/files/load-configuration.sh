#!/bin/sh
# Brings FRR, and the file it starts with, to the configuration on standard input; prints the differences, and nothing
# where there are none. FRR is changed by its differences, so sessions that did not change stay up. With `check` it
# only prints.
set -eu
mode=$1
file=/etc/frr/frr.conf
umask 077
work=$(mktemp -d /tmp/podwright-frr.XXXXXX)
trap 'rm -rf "$work"' EXIT
wanted=$work/frr.conf
cat > "$wanted"

# frr-reload.py takes a line away by a command, and commands are seen in the list of processes: a password that changes is
# taken away first, by its neighbour's name alone.
forget_passwords() {
    vtysh -c 'show running-config' > "$work/running"
    awk '
        FNR == NR { if ($1 == "neighbor" && $3 == "password") wanted[$2] = $4; next }
        $1 == "router" { router = $0 }
        $1 == "neighbor" && $3 == "password" && wanted[$2] != $4 {
            print router "\n no neighbor " $2 " password\nexit"
        }
    ' "$wanted" "$work/running" > "$work/forgotten"
    if [ -s "$work/forgotten" ]; then vtysh -f "$work/forgotten" > /dev/null; fi
}

hidden() {
    sed 's/\(neighbor .* password\) .*/\1 (not shown)/' "$1"
}

differences() {
    /usr/lib/frr/frr-reload.py --test --stdout "$wanted" > "$work/found" 2> "$work/log" || { hidden "$work/log" >&2; exit 1; }
    # frr-reload.py opens with an empty line even where it finds nothing.
    grep -q '[^[:space:]]' "$work/found"
}

if ! vtysh -c 'show version' > /dev/null 2>&1; then
    if [ "$mode" = apply ]; then
        echo "FRR does not run." >&2
        exit 1
    fi
    echo "FRR does not run yet: all of its configuration is new."
    exit 0
fi

# Without this line the daemons have a file each, and frr.conf is nobody's.
integrated="service integrated-vtysh-config"
if ! grep -qsx "$integrated" /etc/frr/vtysh.conf; then
    echo "FRR keeps its configuration in one file."
    if [ "$mode" = apply ]; then
        echo "$integrated" >> /etc/frr/vtysh.conf
        chmod 644 /etc/frr/vtysh.conf
    fi
fi

if differences; then
    hidden "$work/found"
    if [ "$mode" = apply ]; then
        forget_passwords
        /usr/lib/frr/frr-reload.py --reload --log-level warning "$wanted" > "$work/log" 2>&1 || { hidden "$work/log" >&2; exit 1; }
        if differences; then
            echo "FRR refused a part of its configuration:" >&2
            hidden "$work/found" >&2
            exit 1
        fi
    fi
fi

# Last: frr-reload.py has FRR write what runs over this file.
if ! cmp -s "$wanted" "$file"; then
    echo "$file is written again."
    if [ "$mode" = apply ]; then
        install -o frr -g frr -m 640 "$wanted" "$file.new"
        mv "$file.new" "$file"
    fi
fi
