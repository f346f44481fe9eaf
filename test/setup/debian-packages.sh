#!/bin/sh
# Installs what some tests need beyond npm. Only as root on Debian; elsewhere those tests skip and say why.
set -eu
packages="bind9 bind9-dnsutils chromium e2fsprogs faketime haproxy iproute2 iputils-arping kamailio kamailio-sqlite-modules keepalived libndp-tools mount nftables procps sip-tester socat util-linux"
missing=""
for package in $packages; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "Not installed:$missing. Tests that need them will be skipped; install them, or run as root on Debian." >&2
  exit 0
fi
# Some of them start a service of this system when they are installed. The tests run their own, in namespaces.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
# shellcheck disable=SC2086 -- a list of words is meant
apt-get install -q -y --no-install-recommends $missing
