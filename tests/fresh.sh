#!/bin/sh
# The README's two commands in a fresh Debian 12 that has nothing installed, from a clone in a path
# with a blank, with LANG=C. Wants root, debootstrap and the network; takes about half an hour.
#   sh tests/fresh.sh            both
#   sh tests/fresh.sh demo       only the demonstration
#   sh tests/fresh.sh tests      only the tests
#   FRESH=DIR sh tests/fresh.sh  uses and keeps the base system in DIR
set -eu
cd "$(dirname "$0")/.."
what=${1-both}
base=${FRESH-}
root=$(mktemp -d)
tidy() {
    umount "$root/proc" 2>/dev/null || true
    rm -rf "$root"
}
trap tidy EXIT
if [ -n "$base" ] && [ -d "$base/usr" ]; then
    cp -a "$base/." "$root"
else
    debootstrap --variant=minbase bookworm "$root" >/dev/null
    [ -z "$base" ] || cp -a "$root/." "$base"
fi
git clone -q . "$root/srv/a b/mingqian"
cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
for list in /etc/apt/sources.list.d/debian.sources /etc/apt/apt.conf.d/*; do
    # The same mirror and its settings, nothing else of this machine.
    case $list in */docker-* | */20packagekit | */50appstream) continue ;; esac
    [ ! -f "$list" ] || cp "$list" "$root${list%/*}/"
done
[ ! -f "$root/etc/apt/sources.list.d/debian.sources" ] || : >"$root/etc/apt/sources.list"
mount -t proc proc "$root/proc" 2>/dev/null || echo "(no /proc in the fresh system)"
inside() {
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C HOME=/root chroot "$root" "$@"
}
status=0
if [ "$what" != tests ]; then
    inside sh "/srv/a b/mingqian/lottery/demo.sh" </dev/null || status=1
    [ $status = 0 ] && echo "ok fresh: lottery/demo.sh" || echo "not ok fresh: lottery/demo.sh"
fi
if [ "$what" != demo ]; then
    if inside sh "/srv/a b/mingqian/tests/run.sh" </dev/null; then
        echo "ok fresh: tests/run.sh"
    else
        echo "not ok fresh: tests/run.sh"
        status=1
    fi
fi
exit $status
