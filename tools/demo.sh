#!/bin/sh
# From a blueprint to a proved twin: every step is a verb that you can run yourself.
# Usage: tools/demo.sh BLUEPRINT [sample|all], with the faults that the twin has to survive
set -eu
blueprint=$1 faults=${2:-}
lab=demo
work=.demo
build=$work/$(basename "$blueprint")
export PODWRIGHT_STATE="$PWD/$work/state"

step() {
    printf '\n$ %s\n' "$*"
    "$@"
}
take_down() {
    status=$?
    trap - EXIT INT TERM
    if podwright lab list --format json 2>/dev/null | grep -q "\"name\": \"$lab\""; then
        step podwright lab down "$lab" || status=$?
    fi
    exit "$status"
}

if podwright lab list --format json | grep -q "\"name\": \"$lab\""; then
    podwright lab down --quiet "$lab" # left by a demo that was killed
fi
trap take_down EXIT
trap 'exit 130' INT TERM

step podwright validate "$blueprint"
step podwright check "$blueprint"
step podwright render "$blueprint" --output "$build"
step podwright lab up "$blueprint" --name "$lab"
step podwright apply "$build" --lab "$lab"
step podwright lab test "$lab" ${faults:+--faults "$faults"} --junit "$work/report.xml"
step podwright verify "$build" --lab "$lab"
printf '\n%s is proved on its twin. What was rendered: %s/\n' "$blueprint" "$build"
