#!/bin/sh
# Starts lldpd where there is no init system, or starts it again where its configuration is new (`True`); prints what it
# does, and nothing where there is nothing to do. With `check` it only prints.
set -eu
mode=$1 changed=$2
running() { [ -s /run/lldpd.pid ] && kill -0 "$(cat /run/lldpd.pid)" 2> /dev/null; }

if running && [ "$changed" != True ]; then exit 0; fi
echo "lldpd"
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
mkdir -p /run/lldpd
rm -f /run/lldpd.socket
exec lldpd
