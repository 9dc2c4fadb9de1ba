#!/bin/bash
# A real systemd as PID 1 of new namespaces, over a copy-on-write view of this machine's root: box.sh STATE FOLDER
#
# STATE holds the scratch mounts; FOLDER appears in the box as /box, writable. It ends when it is killed. The order of the
# steps matters: its own /tmp and /run come before systemd, which would empty the machine's, and nothing of the machine's
# cgroups, /proc/sys or /dev can be reached from inside.
set -euo pipefail
state=$1 folder=$2 step=${3:-outside}

outside() {
    exec unshare --fork --kill-child --pid --mount --uts --ipc --net -- "$0" "$state" "$folder" cgroup
}

cgroup() { # a control group of our own, entered before its namespace is made: it is the box's root then
    mount --make-rprivate /
    mount -t tmpfs -o mode=755 box "$state"
    mkdir "$state"/{groups,upper,work,root}
    mount -t cgroup2 none "$state/groups"
    group=$state/groups/nrguard-box-$$-$(date +%s%N)
    mkdir "$group"
    echo $BASHPID > "$group/cgroup.procs"
    exec unshare --cgroup -- "$0" "$state" "$folder" inside
}

inside() {
    cd "$state"
    mount -t overlay box -o "lowerdir=/,upperdir=$state/upper,workdir=$state/work" root
    cd root
    mount -t proc -o nosuid,nodev,noexec proc proc
    mount --bind proc/sys proc/sys
    mount --bind proc/sys/net proc/sys/net
    mount -o remount,bind,ro proc/sys # systemd-sysctl would set the machine's own kernel
    for name in sysrq-trigger bus irq fs; do
        [ -e "proc/$name" ] || continue
        mount --bind "proc/$name" "proc/$name"
        mount -o remount,bind,ro "proc/$name"
    done
    mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys
    mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 sys/fs/cgroup
    mount -t tmpfs -o mode=755,nosuid,strictatime dev dev
    for name in null zero full random urandom tty; do
        : > "dev/$name"
        mount --bind "/dev/$name" "dev/$name"
    done
    mkdir dev/pts dev/shm
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5,nosuid,noexec devpts dev/pts
    ln -s pts/ptmx dev/ptmx
    ln -s /proc/self/fd dev/fd
    ln -s fd/0 dev/stdin
    ln -s fd/1 dev/stdout
    ln -s fd/2 dev/stderr
    mount -t tmpfs -o mode=1777,nosuid,nodev shm dev/shm
    mount -t tmpfs -o mode=755,nosuid,nodev run run
    mount -t tmpfs -o mode=1777,nosuid,nodev tmp tmp
    mkdir -p box
    mount --bind "$folder" box
    ip link set lo up
    hostname box
    : > etc/machine-id
    printf '%s\n' '[Unit]' 'Requires=basic.target dbus.service' 'After=basic.target dbus.service' 'AllowIsolate=yes' \
        > etc/systemd/system/box.target
    pivot_root . mnt
    umount -l /mnt # nothing of the machine is reachable any more
    mount --make-rshared /
    exec env -i container=box PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        setpriv --bounding-set=-sys_module,-sys_time,-sys_rawio,-syslog --inh-caps=-all \
        /lib/systemd/systemd --system --show-status=false --log-target=journal --unit=box.target
}

"$step"
