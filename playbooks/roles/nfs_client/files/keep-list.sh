#!/bin/sh
# Brings the file $2 to standard input, or removes it where that is empty; prints the difference, and nothing where there is
# none. With `check` as $1 it only prints.
set -eu
mode=$1 file=$2
wanted=$(cat)
said() { if [ -n "$wanted" ]; then printf '%s\n' "$wanted"; fi; }
if said | diff -u -N --label present --label wanted "$file" -; then exit 0; fi
if [ "$mode" = check ]; then exit 0; fi
if [ -z "$wanted" ]; then rm "$file"; exit 0; fi
said > "$file.new"
chmod 644 "$file.new"
mv "$file.new" "$file"
