#!/bin/sh
# Sets monitor up in this checkout, then runs it:  sh deploy/run.sh        the daemon on config.toml
#                                                  sh deploy/run.sh demo   or any other command of monitor
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/deploy/setup.sh"
prepare
if [ $# -eq 0 ]; then
    set -- --config "$here/config.toml" run
fi
exec "$here/.venv/bin/monitor" "$@"
