#!/bin/busybox sh
# The first program of the lab's machine: loads the modules, mounts the host's root under a layer of memory, and goes there.
/bin/busybox --install -s /bin
export PATH=/bin
fail() { echo "lab: $*"; echo b >/proc/sysrq-trigger; sleep 60; }
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
for m in /modules/*.ko; do
	insmod "$m" || echo "lab: $m does not load"
done
plan9() { mount -t 9p -o "trans=virtio,version=9p2000.L,msize=512000,$1" "$2" "$3" || fail "cannot mount $2"; }
plan9 ro,cache=loose root /lower
mount -t tmpfs upper /upper
mkdir /upper/up /upper/work
mount -t overlay -o lowerdir=/lower,upperdir=/upper/up,workdir=/upper/work overlay /root || fail "cannot lay memory over the root"
mkdir -p /root/lab /root/proc /root/sys /root/dev
plan9 cache=none share /root/lab
for d in proc sys dev; do mount --move /$d /root/$d; done
exec switch_root /root /bin/busybox sh /lab/run.sh
