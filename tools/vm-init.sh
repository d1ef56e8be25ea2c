#!/bin/busybox sh
# The first process of the virtual machine of vm.sh: mounts the outer machine's files under a layer in memory, and runs the
# command that the kernel's command line names.
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sysfs /sys
$b mount -t devtmpfs dev /dev
for module in /modules/*.ko; do $b insmod "$module"; done
for word in $($b cat /proc/cmdline); do
    case $word in
    podwright.command=*) command=${word#*=} ;;
    podwright.modules=*) modules=${word#*=} ;;
    esac
done

$b mkdir -p /host /layer /root
$b mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=524288,cache=loose host /host
$b mount -t tmpfs -o size=80% layer /layer
$b mkdir -p /layer/upper /layer/work
$b mount -t overlay -o lowerdir=/host,upperdir=/layer/upper,workdir=/layer/work overlay /root
for kind in proc sysfs devtmpfs; do
    case $kind in proc) at=proc ;; sysfs) at=sys ;; devtmpfs) at=dev ;; esac
    $b mount -t $kind $kind /root/$at
done
$b mkdir -p /root/dev/pts /root/dev/shm
$b mount -t devpts devpts /root/dev/pts
$b mount -t tmpfs shm /root/dev/shm
$b mount -t tmpfs run /root/run
# The command's own file lies in /tmp of the outer machine, so that folder is no new one.
$b mkdir -p "/root/lib/modules/$($b uname -r)"
$b mount --bind "/root$modules" "/root/lib/modules/$($b uname -r)"
$b ip link set lo up

# Namespaces can't be made from inside a chroot, so the layer becomes the root itself. Its first process waits for the command,
# and so reaps whatever the command leaves behind.
$b cat >/root/run/vm-first.sh <<END
echo "podwright-vm begins"
sh "$command" </dev/null 2>&1 &
wait \$!
echo "podwright-vm ends \$?"
echo o >/proc/sysrq-trigger
sleep 10
END
$b umount /proc
$b umount /sys
exec $b switch_root /root /bin/sh /run/vm-first.sh
