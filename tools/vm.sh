#!/bin/sh
# Run a command on this machine's own files under a full Debian kernel: tools/vm.sh COMMAND [ARGUMENT...]
#
# The virtual machine has this machine's root file system, read-only, under a layer in memory, so that nothing it does stays.
# It has no network, needs no KVM (software emulation: about ten times slower), and ends with the command's exit status.
# The kernel and what starts it are kept in $PODWRIGHT_CACHE/vm, else ~/.cache/podwright/vm, by the kernel's version.
set -eu

fail() {
    echo "$*" >&2
    exit 1
}

[ $# -gt 0 ] || fail "usage: tools/vm.sh COMMAND [ARGUMENT...]"
[ "$(id -u)" -eq 0 ] || fail "tools/vm.sh runs as root: the machine inside has this one's files."
command -v apt-get >/dev/null || fail "tools/vm.sh takes its kernel from Debian's packages, and there is no apt-get."

cache=${PODWRIGHT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/podwright}/vm
package=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9][^ ]*\)/\1/p')
[ -n "$package" ] || fail "Debian's package linux-image-amd64 names no kernel. Run: apt-get update"
version=${package#linux-image-}
home=$cache/$version

install_programs() {
    missing=""
    for pair in qemu-system-x86:qemu-system-x86_64 busybox-static:busybox cpio:cpio kmod:depmod; do
        program=${pair#*:}
        [ -e "$program" ] || PATH="$PATH:/usr/sbin:/sbin" command -v "$program" >/dev/null 2>&1 || missing="$missing ${pair%%:*}"
    done
    [ -z "$missing" ] && return
    echo "installing system packages:$missing"
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --quiet --no-install-recommends $missing >/dev/null
}

fetch_kernel() {
    [ -e "$home/vmlinuz" ] && return
    echo "fetching $package"
    rm -rf "$home.new"
    mkdir -p "$home.new/package"
    (cd "$home.new/package" && apt-get download --quiet --quiet "$package" 2>/dev/null && dpkg-deb -x ./*.deb .)
    depmod -b "$home.new/package" "$version"
    mv "$home.new/package/lib/modules/$version" "$home.new/modules"
    mv "$home.new/package/boot/vmlinuz-$version" "$home.new/vmlinuz"
    rm -rf "$home.new/package" "$home"
    mv "$home.new" "$home"
}

# An initial file system with no more than it takes to see the machine's own.
build_initrd() {
    stage=$(mktemp -d)
    trap 'rm -rf "$stage"' EXIT
    mkdir -p "$stage/bin" "$stage/proc" "$stage/sys" "$stage/dev" "$stage/modules" "$stage/lib/modules"
    cp "$(command -v busybox)" "$stage/bin/busybox"
    ln -s "$home/modules" "$stage/lib/modules/$version"
    for module in virtio_pci 9pnet_virtio 9p overlay; do
        modprobe -d "$stage" -S "$version" --show-depends "$module"
    done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++' >"$stage/order"
    number=100
    while read -r file; do
        cp "$file" "$stage/modules/$number-$(basename "$file")"
        number=$((number + 1))
    done <"$stage/order"
    rm -rf "$stage/lib" "$stage/order"
    cp "$(dirname "$0")/vm-init.sh" "$stage/init"
    chmod +x "$stage/init"
    (cd "$stage" && find . | cpio --quiet -o -H newc) | gzip -1 >"$1"
}

install_programs
fetch_kernel
work=$(mktemp -d)
chmod 700 "$work"
initrd=$work/initrd.gz
(build_initrd "$initrd")
{
    echo "cd '$PWD'"
    echo "export PATH='$PATH' HOME='$HOME' LANG=C.UTF-8 PODWRIGHT_IN_VM=1"
    printf 'exec'
    for word in "$@"; do printf " '%s'" "$(printf %s "$word" | sed "s/'/'\\\\''/g")"; done
    echo
} >"$work/command"

# The last line of the console is the exit status; all before it is the command's output, passed on line by line as it comes.
return=$(printf '\r')
inside=""
qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 3072 -nographic -no-reboot \
    -kernel "$home/vmlinuz" -initrd "$initrd" \
    -append "console=ttyS0 loglevel=1 panic=-1 podwright.command=$work/command podwright.modules=$home/modules" \
    -virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap -net none |
    while IFS= read -r line || [ -n "$line" ]; do
        line=${line%"$return"}
        case $line in
        *"podwright-vm begins") inside=yes ;;
        "podwright-vm ends "*[0-9])
            echo "${line##* }" >"$work/status"
            inside=""
            ;;
        *) [ -z "$inside" ] || printf '%s\n' "$line" ;;
        esac
    done
status=$(cat "$work/status" 2>/dev/null || echo 125)
rm -rf "$work"
[ "$status" -ne 125 ] || echo "The virtual machine ended before the command did." >&2
exit "$status"
