#!/bin/sh
# Starts the routing daemons where there is no init system; prints the name of each one it starts. With `check` it only
# prints. mgmtd is there from FRR 10 on, and then it comes first.
set -eu
mode=$1
programs=/usr/lib/frr
if [ "$mode" = apply ]; then
    mkdir -p /run/frr /var/log/frr
    chown frr:frr /run/frr /var/log/frr
    chmod 755 /run/frr
fi
for daemon in mgmtd zebra staticd bgpd bfdd; do
    if [ ! -x "$programs/$daemon" ] && [ "$daemon" = mgmtd ]; then continue; fi
    if [ -s "/run/frr/$daemon.pid" ] && kill -0 "$(cat "/run/frr/$daemon.pid")" 2> /dev/null; then continue; fi
    if [ "$mode" = apply ]; then
        "$programs/$daemon" -d -F datacenter -A 127.0.0.1
    fi
    echo "$daemon"
done
