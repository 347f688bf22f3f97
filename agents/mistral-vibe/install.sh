#!/bin/sh
# A virtual environment of Python 3.12 or newer, which the base image has not, all of it locked by hash.
set -e
for python in python3.12 python3.13 python3; do
  if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then break; fi
done
"$python" -c 'import sys; v = sys.version_info[:2]; v >= (3, 12) or sys.exit("needs Python 3.12 or newer, and python3 here is %d.%d: give the agent an image that has it" % v)'
"$python" -m venv "$PREFIX/venv"
"$PREFIX/venv/bin/pip" install -q --require-hashes --only-binary :all: -r requirements.lock
