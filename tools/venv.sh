#!/bin/sh
# Build a virtual environment that holds exactly requirements.lock, and Podwright itself in place.
# Usage: tools/venv.sh PYTHON FOLDER
set -eu
python=$1 folder=$2
lock="--quiet --disable-pip-version-check"

echo "building $folder with $("$python" --version)"
if "$python" -m venv --clear "$folder" 2>/dev/null; then
    pip="$folder/bin/python -m pip"
else
    # Debian keeps ensurepip in a package of its own; the system's pip serves an environment without one.
    "$python" -m venv --clear --without-pip "$folder"
    pip="$python -m pip --python $folder/bin/python"
    $pip --version >/dev/null 2>&1 || {
        echo "Neither ensurepip nor pip is there. Run: apt-get install python3-venv" >&2
        exit 1
    }
fi
# shellcheck disable=SC2086
$pip install $lock --require-hashes --requirement requirements.lock
# shellcheck disable=SC2086
$pip install $lock --no-deps --no-build-isolation --editable .
