# Sets or ends the queue discipline of a NIC, in whatever network namespace it is now and whatever it is called there.
# Prints that namespace. Arguments: its permanent address; the namespace in which nothing has to be done, or -; what tc
# is to do, and the discipline.
mac=$1 settled=$2 verb=$3
shift 3

# The NIC's name in the namespace that is entered by "$@". What lies on it has its address, but no bus.
name_by() {
  "$@" ip -d -o link show | awk -v mac="$mac" '
    /parentbus/ && (match($0, / permaddr [0-9a-f:]+/) || match($0, /link\/ether [0-9a-f:]+/)) {
      split(substr($0, RSTART, RLENGTH), words, " ")
      if (words[length(words)] == mac) { sub(/[:@].*/, "", $2); print $2; exit }
    }'
}

# Sets it by way of "$@", and ends, when the NIC is there.
try() {
  space=$1 name=$(name_by "${@:2}")
  [ -n "$name" ] || return 0
  echo "$space"
  if [ "$space" != "$settled" ]; then "${@:2}" tc qdisc "$verb" dev "$name" root "${words[@]}"; fi
  exit
}

words=("$@")
try "$(stat -L -c %i /proc/self/ns/net)"
while IFS=, read -r space path; do
  try "$space" nsenter --net="$path"
done < <(stat -L -c %i,%n /run/netns/* /proc/[0-9]*/ns/net 2>/dev/null | sort -t, -u -k1,1)
echo "no network namespace has a NIC with the address $mac" >&2
exit 1
