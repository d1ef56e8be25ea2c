#!/bin/sh
# See to it that the programs labs run are there: installs what is missing as root, else says how to.
# With the word `tests`, also what only tests run: a browser, for the page of a pod, and NFS in user space. With the word `vm`,
# what tests run in the virtual machine of vm.sh, which has the files of this machine: programs that write by RDMA.
# Services of the new packages are not started: the twin's nodes run daemons of their own.
set -eu

missing=""
need() { # need PACKAGE PATH-OR-PROGRAM
    if [ ! -e "$2" ] && ! PATH="$PATH:/usr/sbin:/sbin" command -v "$2" >/dev/null 2>&1; then
        missing="$missing $1"
    fi
}

need frr /usr/lib/frr/bgpd
need frr-pythontools /usr/lib/frr/frr-reload.py
need lldpd lldpd
need nftables nft
need iproute2 ip
need iputils-ping ping
need openssh-server sshd
need openssh-client ssh
need util-linux nsenter
need hostname hostname
need git git
if [ "${1:-}" = tests ]; then
    need chromium chromium
    need nfs-ganesha ganesha.nfsd
    need nfs-ganesha-vfs /usr/share/doc/nfs-ganesha-vfs
    need libnfs-utils nfs-cat
fi
if [ "${1:-}" = vm ]; then
    need perftest ib_write_bw
    need ibverbs-providers /etc/libibverbs.d/rxe.driver
    need iproute2 rdma
fi

[ -n "$missing" ] || exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "These packages are missing:$missing" >&2
    echo "Install them, on Debian or Ubuntu with: sudo apt-get install --no-install-recommends$missing" >&2
    exit 1
fi

echo "installing system packages:$missing"
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
apt-get install --yes --quiet --quiet --no-install-recommends $missing >/dev/null 2>&1 || {
    apt-get update --quiet --quiet
    apt-get install --yes --quiet --quiet --no-install-recommends $missing >/dev/null
}
