#!/bin/sh
# Installs monitor as a systemd service on Debian 12 or later. Run as root from a clone: sh deploy/install.sh
# Running it again upgrades the program and leaves configuration and data alone; data is backed up before.
# DESTDIR=/some/folder installs below that folder and touches no service: for packagers and for a look.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
root=${DESTDIR:-}

say() { printf '%s\n' "$*"; }

if [ -z "$root" ] && [ "$(id -u)" -ne 0 ]; then
    say "install.sh needs root: sudo sh deploy/install.sh" >&2
    exit 77
fi
if ! python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    say "Python 3.11 or later with venv is needed: apt-get install python3 python3-venv" >&2
    exit 69
fi

database=$root/var/lib/monitor/monitor.db
if [ -e "$database" ] && [ -x "$root/opt/monitor/bin/monitor" ]; then
    copy=$root/var/lib/monitor/before-upgrade-$(date -u +%Y%m%dT%H%M%SZ).db
    say "0/5 backup to $copy"
    if [ -z "$root" ]; then
        runuser -u monitor -- /opt/monitor/bin/monitor --db "$database" backup "$copy"
    else
        "$root/opt/monitor/bin/monitor" --db "$database" backup "$copy"
    fi
fi

say "1/5 program to $root/opt/monitor"
mkdir -p "$root/opt"
python3 -m venv "$root/opt/monitor"
"$root/opt/monitor/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --upgrade "$here[postgresql]"
install -D -m 0644 "$here/README.md" "$root/opt/monitor/share/README.md"
mkdir -p "$root/usr/local/bin"
ln -sf /opt/monitor/bin/monitor "$root/usr/local/bin/monitor"

say "2/5 user"
install -D -m 0644 "$here/deploy/sysusers.conf" "$root/usr/lib/sysusers.d/monitor.conf"
if [ -z "$root" ]; then systemd-sysusers monitor.conf; fi

say "3/5 configuration to $root/etc/monitor"
install -d -m 0755 "$root/etc/monitor"
install -d -m 0700 "$root/etc/monitor/credentials"
if [ -e "$root/etc/monitor/config.toml" ]; then
    say "    config.toml is there and stays as it is"
else
    # An absolute path: commands that a person types find the same database as the service.
    sed 's|^url = "var/monitor.db"|url = "/var/lib/monitor/monitor.db"|' "$here/config.toml" > "$root/etc/monitor/config.toml"
    chmod 0644 "$root/etc/monitor/config.toml"
fi

say "4/5 unit"
install -D -m 0644 "$here/deploy/monitor.service" "$root/etc/systemd/system/monitor.service"

say "5/5 start"
CREDENTIALS_DIRECTORY="$root/etc/monitor/credentials" "$root/opt/monitor/bin/monitor" \
    --config "$root/etc/monitor/config.toml" check
if [ -z "$root" ] && [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    systemctl enable monitor.service
    systemctl restart monitor.service
    say "running: systemctl status monitor; journalctl -u monitor -f"
else
    say "no systemd is running here: enable the service later with: systemctl enable --now monitor"
fi
say "ask it: sudo -u monitor monitor search 'deport*' --since 7d"
