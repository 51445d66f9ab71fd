#!/bin/sh
# Builds the wheel, installs it into an empty environment far from the sources, and runs the demo from it.
# sh tests/packaging/wheel.sh [PYTHON]
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
python=$(command -v "${1:-python3}")
case $python in /*) ;; *) python=$PWD/$python ;; esac
away=$(mktemp -d)
trap 'rm -rf "$away"' EXIT INT TERM

"$python" -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir "$away/dist" "$here"
"$python" -m venv "$away/empty"
"$away/empty/bin/python" -m pip install --quiet --disable-pip-version-check "$away"/dist/*.whl
"$away/empty/bin/python" -m pip check
cd "$away"
PYTHONSAFEPATH=1 "$away/empty/bin/python" -c 'import monitor, pathlib, sys; sys.exit(not pathlib.Path(monitor.__file__).is_relative_to(sys.prefix))'
"$away/empty/bin/monitor" demo --folder demo > demo.txt
for heading in "Articles by topic" "A text on three sites is one text" "One event in several languages is one story" \
    "An article that was changed keeps both versions" "A feed that broke says so" "The mail, as it arrived" \
    "The webhook, as it arrived (its signature verified)" "Try next"; do
    if ! grep -qF "$heading" demo.txt; then
        cat demo.txt
        echo "the demo does not show: $heading" >&2
        exit 1
    fi
done
"$away/empty/bin/monitor" -c demo/config.toml search 'deport*' > found.jsonl
test -s found.jsonl
echo "demo from the wheel: $(wc -l < demo.txt) lines; search finds $(wc -l < found.jsonl) articles"
