#!/bin/sh
# Brings the table podwright_zones to the rules on standard input, in one transaction; prints the difference between what
# the kernel has and what it would have, and nothing where there is none. Other tables are never touched.
#   load-zones check                    only prints
#   load-zones try SECONDS systemd|none applies, and goes back to the former rules after SECONDS, unless they are kept
#   load-zones keep                     keeps what was tried; reads no rules
# The rules are first loaded in a network namespace of their own, so that kernel's words are compared with kernel's words.
set -eu
mode=$1
state=/run/podwright
pending=$state/zones.pending
former=$state/zones.former
forget='table inet podwright_zones {}
delete table inet podwright_zones'

if [ "$mode" = keep ]; then
    if [ -e "$pending" ]; then
        rm -f "$pending" "$former"
        echo "The rules are kept."
    fi
    exit 0
fi

folder=$(mktemp -d /tmp/podwright-zones.XXXXXX)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/rules"
nft -s list table inet podwright_zones > "$folder/present" 2> /dev/null || : > "$folder/present"
unshare --net sh -euc 'nft -f "$0/rules"; nft -s list table inet podwright_zones > "$0/wanted" 2> /dev/null || :' "$folder"
if cmp -s "$folder/present" "$folder/wanted"; then
    if [ -e "$pending" ]; then echo "The rules were tried before, and nobody kept them yet."; fi
    exit 0
fi
diff -u --label present --label wanted "$folder/present" "$folder/wanted" || :
if [ "$mode" != try ]; then exit 0; fi

# Armed before the rules are there: whatever happens to this program or to its connection, the device comes back.
seconds=$2
mkdir -p "$state"
if [ ! -e "$pending" ]; then
    { echo "$forget"; cat "$folder/present"; } > "$former"
fi
token=$$.$(date +%s)
echo "$token" > "$pending"
go_back="if [ \"\$(cat $pending 2> /dev/null)\" = $token ]; then nft -f $former; rm -f $pending $former; fi"
case $3 in
    systemd) systemd-run --quiet --collect --on-active="$seconds" --unit="podwright-zones-$token" sh -c "$go_back" ;;
    none) setsid sh -c "sleep $seconds; $go_back" < /dev/null > /dev/null 2>&1 & ;;
esac
nft -f "$folder/rules"
