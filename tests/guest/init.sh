#!/bin/sh
# The first process of the guest machine. Its root becomes the host's, which nothing
# can change: what is written lands in memory and is gone with the machine. There it
# runs one program, then the machine ends, also when the program hangs.
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
exec > /dev/console 2>&1
for module in $(cat /modules/order); do
    insmod "/modules/$module"
done
mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,cache=loose,ro host /host
mount -t tmpfs tmpfs /memory
mkdir /memory/upper /memory/work
mount -t overlay -o lowerdir=/host,upperdir=/memory/upper,workdir=/memory/work overlay /whole
mount -t proc proc /whole/proc
mount -t sysfs sys /whole/sys
mount -t devtmpfs dev /whole/dev
mount -t tmpfs tmpfs /whole/run
echo "booted after $(cut -d ' ' -f 1 /proc/uptime) s"
cat /program > /whole/likeness-program
# The host ends the machine earlier, unless the host is gone.
timeout -s KILL 3600 chroot /whole /bin/sh /likeness-program
echo "the program ended with $?"
echo o > /proc/sysrq-trigger
sleep 10
