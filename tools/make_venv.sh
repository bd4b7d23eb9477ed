#!/bin/sh
# Make the virtual environment $1 with the newest suitable Python, or say which package is missing.
set -eu
venv=$1
for name in python3.14 python3.13 python3.12 python3.11 python3; do
    python=$(command -v "$name") || continue
    if "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; then
        if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
            missing=${missing:-$name}
            continue
        fi
        rm -rf "$venv"
        "$python" -m venv "$venv"
        exit 0
    fi
done
if [ -n "${missing:-}" ]; then
    echo "$missing is here, but it cannot make virtual environments. Install that: apt-get install $missing-venv" >&2
else
    echo "Python 3.11 to 3.14 is missing. Install it: apt-get install python3 python3-venv" >&2
fi
exit 1
