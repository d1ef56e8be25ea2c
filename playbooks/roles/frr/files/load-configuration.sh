#!/bin/sh
# Brings FRR to the configuration on standard input by its differences, so that unchanged sessions stay up; prints the
# differences, and nothing where there are none. With `check` it only prints.
set -eu
mode=$1
umask 077
wanted=$(mktemp /tmp/podwright-frr.XXXXXX)
trap 'rm -f "$wanted" "$wanted.log"' EXIT
cat > "$wanted"
chmod 644 "$wanted"

if ! vtysh -c 'show version' > /dev/null 2>&1; then
    if [ "$mode" = check ]; then
        echo "FRR does not run yet; the whole configuration is new."
        exit 0
    fi
    echo "FRR does not run." >&2
    exit 1
fi
differences() {
    /usr/lib/frr/frr-reload.py --test --stdout "$wanted" 2> "$wanted.log" || { cat "$wanted.log" >&2; exit 1; }
}
found=$(differences)
if [ -z "$(echo "$found" | tr -d '[:space:]')" ]; then exit 0; fi
echo "$found"
if [ "$mode" = check ]; then exit 0; fi

if ! /usr/lib/frr/frr-reload.py --reload "$wanted" > "$wanted.log" 2>&1; then
    cat "$wanted.log" >&2
    exit 1
fi
rest=$(differences)
if [ -n "$(echo "$rest" | tr -d '[:space:]')" ]; then
    echo "FRR refused a part of its configuration:" >&2
    echo "$rest" >&2
    exit 1
fi
