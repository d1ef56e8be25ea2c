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

differences() {
    /usr/lib/frr/frr-reload.py --test --stdout "$wanted" > "$work/found" 2> "$work/log" || { cat "$work/log" >&2; exit 1; }
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
    cat "$work/found"
    if [ "$mode" = apply ]; then
        /usr/lib/frr/frr-reload.py --reload "$wanted" > "$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
        if differences; then
            echo "FRR refused a part of its configuration:" >&2
            cat "$work/found" >&2
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
