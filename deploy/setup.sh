# Makes .venv in the checkout and installs monitor into it from the sources beside it; sourced by run.sh and
# tests/run.sh with $here, the checkout. `prepare` runs monitor, `prepare dev` the tests. Nothing to do: nothing done.

find_python() {
    for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            if "$name" -c 'import venv, ensurepip' 2>/dev/null; then
                python=$name
                return
            fi
            without_venv=$name
        fi
    done
    if [ -n "${without_venv:-}" ]; then
        echo "$without_venv has no venv. On Debian or Ubuntu: apt-get install git python3 python3-venv" >&2
    else
        echo "Python 3.11 or later is needed. On Debian or Ubuntu: apt-get install git python3 python3-venv" >&2
    fi
    exit 69
}

prepare() {
    stamp="$here/.venv/.monitor-${1:-run}"
    want=$(cksum < "$here/pyproject.toml")
    if [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then
        return
    fi
    find_python
    echo "setting up $here/.venv (once; takes a minute or two)" >&2
    if ! "$here/.venv/bin/python" -m pip --version > /dev/null 2>&1; then
        "$python" -m venv --clear "$here/.venv"
    fi
    # Dependency groups need a newer pip than the one of Debian 12.
    pip="$here/.venv/bin/python -m pip --disable-pip-version-check --no-input"
    $pip install --quiet --upgrade 'pip>=25.1'
    if [ "${1:-run}" = dev ]; then
        (cd "$here" && $pip install --quiet --group dev --editable '.[postgresql,parquet]')
    else
        $pip install --quiet --editable "$here"
    fi
    printf '%s\n' "$want" > "$stamp"
}
