#!/bin/sh
# deploy/install.sh below an empty folder, twice: as a first installation and as an upgrade of one that has data.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT INT TERM
monitor=$root/opt/monitor/bin/monitor

DESTDIR=$root sh "$here/deploy/install.sh"
for path in opt/monitor/bin/monitor etc/monitor/config.toml etc/systemd/system/monitor.service \
    usr/lib/sysusers.d/monitor.conf usr/local/bin/monitor; do
    if ! [ -e "$root/$path" ] && ! [ -L "$root/$path" ]; then
        echo "not installed: $path" >&2
        exit 1
    fi
done
test "$(stat -c %a "$root/etc/monitor/credentials")" = 700
grep -q '^url = "/var/lib/monitor/monitor.db"$' "$root/etc/monitor/config.toml"

mkdir -p "$root/var/lib/monitor"
echo '# a change by hand' >> "$root/etc/monitor/config.toml"
printf '[storage]\nurl = "%s"\n' "$root/var/lib/monitor/monitor.db" > "$root/empty.toml"
"$monitor" -c "$root/empty.toml" once > /dev/null

DESTDIR=$root sh "$here/deploy/install.sh"
grep -q '^# a change by hand$' "$root/etc/monitor/config.toml"
ls "$root"/var/lib/monitor/before-upgrade-*.db > /dev/null
echo "installed and upgraded below $root"
