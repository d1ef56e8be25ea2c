#!/bin/sh
# Brings the table podwright_mark to the rules on standard input, in one transaction; prints the difference between what
# the kernel has and what it would have, and nothing where there is none. With `check` it only prints. The rules are
# first loaded in a network namespace of their own, so that kernel's words are compared with kernel's words.
set -eu
mode=$1
folder=$(mktemp -d /tmp/podwright-mark.XXXXXX)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/rules"
nft list table inet podwright_mark > "$folder/present" 2> /dev/null || : > "$folder/present"
unshare --net sh -c 'nft -f "$0/rules" && nft list table inet podwright_mark > "$0/wanted"' "$folder"
if cmp -s "$folder/present" "$folder/wanted"; then exit 0; fi
diff -u --label present --label wanted "$folder/present" "$folder/wanted" || :
if [ "$mode" = apply ]; then nft -f "$folder/rules"; fi
