# For each NIC that a copy gets and each device that a lab makes, udev and systemd would work for 300 ms and more under
# emulation, and udev would give each new bridge and veth another MAC some time after it was made (systemd.link(5),
# MACAddressPolicy). A machine starts udev when a NIC is plugged in while it runs: "systemctl start systemd-udevd".
systemctl stop systemd-udevd-control.socket systemd-udevd-kernel.socket systemd-udevd.service
