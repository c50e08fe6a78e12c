# Reads into the page cache what most labs use, so that a copy need not read it again, and loads the driver of NICs.
systemctl is-system-running --wait >/dev/null
modules=/lib/modules/$(uname -r)/kernel
for module in net/bridge/bridge net/802/stp net/802/garp net/802/mrp net/llc/llc net/8021q/8021q \
  drivers/net/veth drivers/net/macvlan drivers/net/vxlan/vxlan net/ipv4/udp_tunnel net/ipv6/ip6_udp_tunnel \
  drivers/net/bonding/bonding drivers/net/dummy net/netfilter/nf_tables net/netfilter/nfnetlink \
  net/netfilter/nf_conntrack net/netfilter/nf_nat; do
  cat "$modules/$module.ko"
done >/dev/null 2>&1
ip netns add warm && ip -n warm link set lo up && ip netns exec warm ping -c 1 127.0.0.1 && ip netns delete warm
ip -j -d link show; ip -j addr show; ip -j route show; ip -j neigh show
bridge -j fdb show; bridge -j vlan show; brctl show; ethtool --version
tcpdump --version; nft list ruleset; sh -c true; bash -c true; cat /etc/hostname; grep x /dev/null; sed -n 1p /etc/hostname
python3 -I -S -c "import errno, gc, os, select, signal, socket, struct, sys, time"
systemctl --version; timeout 1 true; kill -l; mkdir -p /tmp; date; perl -e 1; nsenter --version; socat -V; printf x | head -c 1
rm -rf /etc/netns/warm
# What each copy writes anew lies over the image already, and is no longer than what it writes.
id=$(cat /etc/machine-id)
echo "$id" >/etc/machine-id
for file in hostname hosts; do echo >"/etc/$file"; done
modprobe virtio_net
# What the kernel tells from now on is of the lab: see look-for-crashes.sh.
echo 'wirelab: the lab begins' >/dev/kmsg
