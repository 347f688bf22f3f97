#!/bin/sh
# A virtual environment of Python 3.11, all of it locked by hash.
set -e
python3 -c 'import sys; v = sys.version_info[:2]; v == (3, 11) or sys.exit("locked for Python 3.11, and python3 here is %d.%d: use --runtime docker" % v)'
python3 -m venv "$PREFIX/venv"
"$PREFIX/venv/bin/pip" install -q --require-hashes --only-binary :all: -r requirements.lock
