#!/bin/sh
# Sets up all that the tests need, then runs them:  sh tests/run.sh               all but the slow ones
#                                                   sh tests/run.sh tests/core    or what pytest is told
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/deploy/setup.sh"
prepare dev
cd "$here"
if [ $# -eq 0 ]; then
    set -- -m 'not slow' --numprocesses 2 --dist loadfile
fi
exec .venv/bin/python -m pytest "$@"
