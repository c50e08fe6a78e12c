/**
 * The head of a row's lab: two machines on a cable, and a namespace behind a bridge that filters VLANs. On a second cable
 * nobody has an address, and so nobody says anything.
 */
export const head = {
  title: 'Sabotage',
  summary: 'A claim that must not pass.',
  nodes: {
    a: { address: '10.0.0.1' },
    b: { address: '10.0.0.2' },
    n: { 'namespace-of': 'a', address: '10.0.1.2' },
  },
  links: [{ endpoints: ['a:eth1', 'b:eth1'] }, { endpoints: ['a:eth2', 'b:eth2'] }],
}

const namespace = `ip netns add n
ip link add port1 type veth peer name eth0 netns n
ip link set port1 master br0 up
ip -n n addr add 10.0.1.2/24 dev eth0
ip -n n link set eth0 up
ip -n n link set lo up`

/** Shell commands that take the namespace away, and those that make it again. */
export const namespaceGone = { does: 'ip link del port1; ip netns del n', undo: namespace }

const silentCable = `ip link set eth2 addrgenmode none
ip link set eth2 up`

/** What makes the world, by machine; everything in it is there, so that every claim of absence is wrong. */
export const world: Readonly<Record<string, string>> = {
  a: `ip addr add 10.0.0.1/24 dev eth1
ip -6 addr add fd00::1/64 dev eth1 nodad
ip link set eth1 up
${silentCable}
ip link add br0 type bridge vlan_filtering 1
ip addr add 10.0.1.1/24 dev br0
ip link set br0 up
${namespace}
nft 'add table ip t { chain c { type filter hook output priority 0; counter comment "counted"; }; }'
ip netns exec n ping -c 1 -W 5 10.0.1.1 >/dev/null`,
  b: `ip addr add 10.0.0.2/24 dev eth1
ip -6 addr add fd00::2/64 dev eth1 nodad
ip link set eth1 up
${silentCable}
setsid socat TCP4-LISTEN:8080,fork,reuseaddr SYSTEM:'echo here' >/dev/null 2>&1 </dev/null &
setsid socat UDP4-RECVFROM:8081,fork SYSTEM:'echo here' >/dev/null 2>&1 </dev/null &
setsid socat UDP4-RECVFROM:8082,fork SYSTEM:'echo' >/dev/null 2>&1 </dev/null &`,
}

/** Shell commands that put a script in a program's place, and those that take it away. */
export const fake = (program: string, script: string) => ({
  does: `printf '%s\\n' '#!/bin/sh' ${quoted(script)} >/root/fake-${program}
chmod +x /root/fake-${program}
mount --bind /root/fake-${program} "$(realpath "$(command -v ${program})")"`,
  undo: `umount "$(realpath "$(command -v ${program})")"`,
})

/** Shell commands that move a program away, and those that bring it back. */
export const missing = (program: string) => ({
  does: `file=$(realpath "$(command -v ${program})"); echo "$file" >/root/away; mv "$file" /root/away-program`,
  undo: `mv /root/away-program "$(cat /root/away)"`,
})

/** Shell commands after which a program runs under a limit, as ulimit sets it, and those that lift it. */
export const limited = (program: string, limit: string) => {
  const { does, undo } = fake(program, `ulimit ${limit}; exec /root/real-${program} "$@"`)
  return { does: `cp "$(realpath "$(command -v ${program})")" /root/real-${program}\n${does}`, undo }
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
