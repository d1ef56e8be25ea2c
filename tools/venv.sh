#!/bin/sh
# Build a virtual environment that holds exactly requirements.lock, and Podwright itself in place.
# Usage: tools/venv.sh PYTHON FOLDER
set -eu
python=$1 folder=$2

if "$python" -c 'import ensurepip' 2>/dev/null; then
    pip="$folder/bin/python -m pip" without=""
else
    # Debian keeps ensurepip in a package of its own; the system's pip serves an environment without one.
    pip="$python -m pip --python $folder/bin/python" without="--without-pip"
    "$python" -m pip --version >/dev/null 2>&1 || {
        echo "Neither ensurepip nor pip is there. Install one, on Debian with: apt-get install python3-venv" >&2
        exit 1
    }
fi

# shellcheck disable=SC2086
if ! cmp -s requirements.lock "$folder/requirements.lock"; then
    echo "building $folder with $("$python" --version)"
    "$python" -m venv --clear $without "$folder"
    # The lock names all there is to install. Without --no-deps, pip takes an extra of a locked package for a new one as
    # soon as a newer version of it comes out, and refuses it for want of a hash.
    $pip install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement requirements.lock
    cp requirements.lock "$folder/requirements.lock"
fi
# shellcheck disable=SC2086
$pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
# shellcheck disable=SC2086
$pip check --disable-pip-version-check >/dev/null || $pip check
