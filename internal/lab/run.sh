# What the lab's machine runs as its first process once its root is there: the jobs, within their limit. Their output and exit code go to /lab.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM=xterm SIGNET_LAB=yes
echo >/lab/began
mkdir -p /dev/pts /dev/shm /run /tmp /root
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
for d in /dev/shm /run /tmp /root; do mount -t tmpfs -o mode=1777 tmpfs $d; done
chmod 700 /root; chmod 755 /run
mkdir /run/lock /run/udev
for n in 0:stdin 1:stdout 2:stderr; do [ -e /dev/${n#*:} ] || ln -s /proc/self/fd/${n%:*} /dev/${n#*:}; done
[ -e /dev/fd ] || ln -s /proc/self/fd /dev/fd
busybox hostname lab
busybox ifconfig lo 127.0.0.1 up
udevd=/usr/lib/systemd/systemd-udevd
[ -x $udevd ] || udevd=/lib/systemd/systemd-udevd
$udevd --daemon && timeout 60 udevadm trigger && timeout 60 udevadm settle || echo "lab: udev failed"
cd /lab
limit=$(cat limit)
timeout -k 5 "$limit" sh ./job >output 2>&1 </dev/null
echo $? >exit.new && mv exit.new exit
sync
echo b >/proc/sysrq-trigger
sleep 60
