# Starts udev, which gives a NIC its name before anything else hears of it. Arguments: name, MAC.
mkdir -p /run/systemd/network
printf '[Match]\nMACAddress=%s\n[Link]\nName=%s\n' "$2" "$1" >"/run/systemd/network/10-$1.link"
systemctl start systemd-udevd && { udevadm control --reload || :; }
