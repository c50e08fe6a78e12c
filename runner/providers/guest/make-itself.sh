# Makes a copy of a template a machine of its own. It runs once, before anything of the lab.
# Arguments: what date(1) sets the clock to, host name, machine id, 64 hex digits of randomness, then MAC=NAME for each NIC,
# MAC=NAME=later for one that is not there yet.
# Shell built-ins wherever possible: under emulation each process costs 10 ms and more.
set -eu
clock=$1 name=$2 id=$3 random=$4
shift 4

date -s "$clock" >/dev/null
echo "$name" >/proc/sys/kernel/hostname
echo "$name" >/etc/hostname
echo "$id" >/etc/machine-id
# What is written to /dev/urandom is only mixed in; the ioctl RNDRESEEDCRNG (random(4)) makes a new key of it at once.
# Without it all copies go on with the template's key, and their veths get the same MACs.
perl -e 'open R, ">", "/dev/urandom" or die; syswrite R, pack "H*", shift; ioctl R, 0x5207, 0 or die "reseed: $!"' "$random"
printf '127.0.0.1 localhost\n::1 localhost\n127.0.1.1 %s\n' "$name" >/etc/hosts

# NICs that are plugged in later get their names from udev, before anything else hears of them.
mkdir -p /run/systemd/network
for nic in "$@"; do
  device=${nic#*=} device=${device%=later}
  printf '[Match]\nMACAddress=%s\n[Link]\nName=%s\n' "${nic%%=*}" "$device" >"/run/systemd/network/10-$device.link"
done

# NICs that are there already are renamed here, by way of names that no lab uses: two may have each other's.
find_device() {
  for device in /sys/class/net/*; do
    if read -r address <"$device/address" && [ "$address" = "$1" ]; then
      device=${device##*/}
      return 0
    fi
  done 2>/dev/null
  return 1
}
present=0
for nic in "$@"; do case $nic in *=later) ;; *) present=$((present + 1)) ;; esac; done
for device in /sys/bus/virtio/devices/virtio*; do
  if [ "$present" -gt 0 ] && [ ! -e "$device/driver" ] && read -r kind <"$device/device" && [ "$kind" = 0x0001 ]; then
    echo "${device##*/}" >/sys/bus/virtio/drivers/virtio_net/bind
    present=$((present - 1))
  fi
done
# A pipe that nobody writes to: reading it with a time limit waits without a process.
exec 9<> <(:)
first= second= tries=0
for nic in "$@"; do
  case $nic in *=later) continue ;; esac
  until find_device "${nic%%=*}"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 600 ]; then
      echo "no NIC with the address ${nic%%=*} has come up" >&2
      exit 1
    fi
    read -rt 0.02 -u 9 || :
  done
  first+="link set dev $device down
link set dev $device name renaming${#second}
"
  second+="link set dev renaming${#second} name ${nic#*=}
"
done
if [ -n "$first" ]; then printf '%s%s' "$first" "$second" | ip -batch -; fi

# Programs that a fatal signal ends are told of by the kernel, whoever started them. From the mark on, what it tells is of
# the lab: see look-for-crashes.sh.
echo 1 >/proc/sys/kernel/print-fatal-signals
echo 'wirelab: the lab begins' >/dev/kmsg
