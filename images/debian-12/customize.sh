#!/bin/sh
# Turns a freshly installed system into the files of an image. mmdebstrap runs this as its customize hook, with the
# system's root as $1; the environment holds
#   WIRELAB_RECIPE    this folder
#   WIRELAB_AGENT     the agent that runs commands for the runner; WIRELAB_MODULES are the modules that it imports
#   WIRELAB_OUTPUT    the folder for vmlinuz, initrd, root.erofs, dpkg-status, kernel-release, modules and commands
#   WIRELAB_SERVICES, WIRELAB_MASKED, WIRELAB_INITRD_MODULES    the recipe's lists, separated by spaces
#   SOURCE_DATE_EPOCH    the time of all files
# The same packages make the same files, whoever builds them, where and when.
set -eu
umask 022
LC_ALL=C
export LC_ALL
root=$1
recipe=$WIRELAB_RECIPE
output=$WIRELAB_OUTPUT

# What mmdebstrap took over from the host, and what each machine must have of its own.
rm -f "$root/etc/resolv.conf"
: >"$root/etc/resolv.conf"
echo localhost >"$root/etc/hostname"
printf '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n' >"$root/etc/hosts"
: >"$root/etc/machine-id"

# SSH. The keys come with the initrd: see init.
install -d -m 700 "$root/root/.ssh" "$root/etc/dropbear"
install -m 755 "$recipe/wirelab-session" "$root/usr/local/sbin/wirelab-session"
for way in wirelab-management wirelab-ports; do
  install -m 755 "$recipe/$way" "$root/usr/local/sbin/$way"
  install -m 644 "$recipe/$way.service" "$root/etc/systemd/system/$way.service"
done

# The agent that runs the runner's commands.
install -m 755 "$WIRELAB_AGENT" "$root/usr/local/sbin/wirelab-agent"
install -d "$root/usr/local/lib/wirelab"
for module in $WIRELAB_MODULES; do install -m 644 "$module" "$root/usr/local/lib/wirelab/$(basename "$module")"; done
install -m 644 "$recipe/wirelab-agent.service" "$recipe/wirelab-agent.socket" "$root/etc/systemd/system/"

# Nothing runs that a lab did not start: forget what packages enabled, enable what the recipe names.
rm -rf "$root"/etc/systemd/system/*.wants "$root"/etc/systemd/system/*.requires
rm -f "$root"/etc/rc[0-6S].d/*
for unit in $WIRELAB_SERVICES; do chroot "$root" systemctl --quiet enable "$unit"; done
for unit in $WIRELAB_MASKED; do ln -sf /dev/null "$root/etc/systemd/system/$unit"; done
install -m 644 "$recipe/interfaces" "$root/etc/network/interfaces"

# Kernel and initrd leave the root.
release=$(basename "$root"/lib/modules/*)
echo "$release" >"$output/kernel-release"
cp "$root/boot/vmlinuz-$release" "$output/vmlinuz"
rm -rf "$root"/boot/* "$root"/vmlinuz* "$root"/initrd.img*

# What labs may ask for: the kernel's modules, also those that are built into it, and the commands.
sed 's|:.*||; s|.*/||; s|\.ko.*||; y|-|_|' "$root/lib/modules/$release/modules.dep" \
  "$root/lib/modules/$release/modules.builtin" | LC_ALL=C sort -u >"$output/modules"
for folder in usr/local/sbin usr/local/bin usr/sbin usr/bin; do ls "$root/$folder"; done |
  LC_ALL=C sort -u >"$output/commands"

initrd=$root/tmp/initrd
mkdir -p "$initrd/bin" "$initrd/lib" "$initrd/proc" "$initrd/sys" "$initrd/dev" "$initrd/image" "$initrd/layer" "$initrd/root"
cp "$root/bin/busybox" "$initrd/bin/busybox"
for applet in sh cat echo insmod mkdir mount poweroff switch_root umount; do ln -s busybox "$initrd/bin/$applet"; done
install -m 755 "$recipe/init" "$initrd/init"
for module in $WIRELAB_INITRD_MODULES; do
  chroot "$root" modprobe --set-version "$release" --show-depends "$module"
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$root/tmp/modules"
while read -r path; do
  cp "$root$path" "$initrd/lib/"
  basename "$path"
done <"$root/tmp/modules" >"$initrd/modules"
find "$initrd" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
(cd "$initrd" && find . | sort |
  chroot "$root" sh -c 'cd /tmp/initrd && busybox cpio -o -H newc --renumber-inodes --ignore-devno 2>/dev/null') >"$output/initrd"
rm -rf "$initrd" "$root/tmp/modules"

# What only installing needed, and a database of hardware that no machine has.
cp "$root/var/lib/dpkg/status" "$output/dpkg-status"
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/var/cache/debconf/*-old "$root"/var/lib/dpkg/*-old
rm -rf "$root"/var/log/* "$root"/usr/lib/udev/hwdb.bin "$root"/usr/lib/udev/hwdb.d

# What depends on the build: where packages came from, and a cache that has inodes in it.
rm -rf "$root"/etc/apt/sources.list.d/* "$root/etc/apt/preferences" "$root/var/cache/ldconfig/aux-cache"
: >"$root/etc/apt/sources.list"

# Without extended attributes: file capabilities that an ordinary user's build writes would be bound to its namespace.
mkfs.erofs --quiet -x-1 -T "$SOURCE_DATE_EPOCH" -U 77697265-6c61-4262-8000-000000000001 \
  --exclude-regex='^(proc|sys|dev|run|tmp)/.+' "$output/root.erofs" "$root" >/dev/null
