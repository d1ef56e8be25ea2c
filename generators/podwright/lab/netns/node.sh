#!/bin/sh
# PID 1 of a node. Called by the keeper in fresh net, mount, pid, uts and ipc namespaces as: sh node.sh root|rootless
# stdin: the node's name, then one "<file under /proc/sys> <value>" a line. stdout, once ready: "<pid> <start>" as the
# host counts them. Afterwards it only reaps.
set -eu
mode=$1

# The /proc of the keeper is still mounted: it tells our number there. Fields 1 and 22 are pid and start time.
read -r stat < /proc/self/stat
# shellcheck disable=SC2086
set -- $stat
pid=$1 start=${22}

mount -t proc proc /proc
mount -t sysfs sysfs /sys

# One private file system holds everything a role may write; its size is a limit, not a reservation.
stage=/mnt
mount -t tmpfs -o mode=755,size=1g podwright "$stage"
for folder in etc run tmp var/log var/tmp root mnt srv; do
    mkdir -p "$stage/$folder"
done
chmod 1777 "$stage/tmp" "$stage/var/tmp"
chmod 700 "$stage/root"
if [ "$mode" = root ]; then
    cp -a /etc/. "$stage/etc/"
else
    # Files that only root may read stay out; other owners than root have no number in this user namespace.
    cp -r --preserve=mode,timestamps,links /etc/. "$stage/etc/" 2> /dev/null || :
fi
for folder in etc run tmp var/log var/tmp root srv mnt; do
    if [ -d "/$folder" ]; then mount --bind "$stage/$folder" "/$folder"; fi
done

read -r name
hostname "$name"
printf '%s\n' "$name" > /etc/hostname
printf '127.0.1.1\t%s\n' "$name" >> /etc/hosts

# What the packages put there stays, what makes this machine this machine goes.
rm -f /etc/frr/frr.conf /etc/frr/*d.conf /etc/frr/zebra.conf /etc/ssh/ssh_host_*
mkdir -p /etc/frr /run/frr /run/lldpd /run/sshd /run/lock /var/log/frr
if [ "$mode" = rootless ]; then
    sed -i -E 's/^(frr:[^:]*):[0-9]+:[0-9]+:/\1:0:0:/' /etc/passwd
    sed -i -E 's/^(frr|frrvty):([^:]*):[0-9]+:/\1:\2:0:/' /etc/group
elif grep -q '^frr:' /etc/passwd; then
    chown frr:frr /run/frr /var/log/frr
fi

while read -r file value; do
    if ! printf '%s\n' "$value" > "$file"; then
        echo "node $name: $file can't be set to $value" >&2
        exit 1
    fi
done
ip link set lo up

echo "$pid $start"
exec < /dev/null > /dev/null 2>&1

# The shell waits for any child while it waits for sleep, so orphans of the node are reaped.
while :; do
    sleep 2147483647 || :
done
