# Waits until an interface has its name, and udev is done with it. Arguments: name, MAC.
tries=0
until read -r address <"/sys/class/net/$1/address" && [ "$address" = "$2" ]; do
  tries=$((tries + 1))
  if [ "$tries" -gt 400 ]; then
    echo "no interface $1 with the address $2 has come up; there are:" >&3
    ip -br link >&3
    exit 1
  fi
  read -rt 0.05 <> <(:)
done 3>&2 2>/dev/null
udevadm settle --timeout=20
