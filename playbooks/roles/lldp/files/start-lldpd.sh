#!/bin/sh
# Where there is no init system: starts lldpd with the configuration on standard input, or starts it again where that is
# new; prints what it does, and nothing where there is nothing to do. With `check` it only prints.
set -eu
mode=$1
file=/etc/lldpd.d/podwright.conf
wanted=$(mktemp /tmp/podwright-lldpd.XXXXXX)
trap 'rm -f "$wanted"' EXIT
cat > "$wanted"
running() { [ -s /run/lldpd.pid ] && kill -0 "$(cat /run/lldpd.pid)" 2> /dev/null; }

if cmp -s "$wanted" "$file" && running; then exit 0; fi
echo "lldpd is started with its configuration."
if [ "$mode" = check ]; then exit 0; fi

if running; then
    kill "$(cat /run/lldpd.pid)"
    tries=0
    while running; do
        tries=$((tries + 1))
        if [ "$tries" -gt 100 ]; then
            echo "lldpd does not end." >&2
            exit 1
        fi
        sleep 0.1
    done
fi
mkdir -p /etc/lldpd.d /run/lldpd
install -m 644 "$wanted" "$file"
rm -f /run/lldpd.socket
lldpd
