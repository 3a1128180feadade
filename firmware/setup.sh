#!/bin/sh
# Installs what building needs, and nothing when all is there.
#   sh firmware/setup.sh          what the programs need
#   sh firmware/setup.sh test     also what the tests need
set -eu
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)

case ${1-} in
"") groups=" build " ;;
test) groups=" build test " ;;
*)
    echo "usage: sh firmware/setup.sh [test]" >&2
    exit 2
    ;;
esac

wanted=
group=
while IFS= read -r line; do
    case $line in
    "" | "#"*) ;;
    "["*"]")
        group=${line#[}
        group=${group%]}
        ;;
    *) case $groups in *" $group "*) wanted="$wanted $line" ;; esac ;;
    esac
done <"$here/packages.txt"

if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
    echo "This machine has no apt. Install the equivalents of these Debian packages, then go on:" >&2
    echo " $wanted" >&2
    command -v cmake >/dev/null 2>&1 && command -v cc >/dev/null 2>&1 && exit 0
    exit 3
fi

missing=
for package in $wanted; do
    state=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [ "$state" = "install ok installed" ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "These packages are missing and only root can install them:$missing" >&2
        exit 3
    fi
    as_root=sudo
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { $as_root apt-get update && $as_root apt-get install -y --no-install-recommends $missing; } \
    >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "The packages could not be installed; apt's last words stand above." >&2
    exit 3
fi
echo "installed"
