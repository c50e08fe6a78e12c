/** Images in which there is nothing but a system and common tools, all of which a machine has. */
const plain =
  /^(alpine|busybox|centos|debian|fedora|ubuntu|linux|base|host|bird2?|netshoot|(network-)?multitool|(net|network)-?tools?)$/

/** Daemons that images are made for, and Debian's package for each. */
const daemons: readonly (readonly [RegExp, string])[] = [
  [/^(frr|quagga)/, 'frr'],
  [/^(bind|named)/, 'bind9'],
  [/^nginx/, 'nginx'],
  [/^(apache|httpd)/, 'apache2'],
  [/^haproxy/, 'haproxy'],
  [/^(openvswitch|ovs|sdn)/, 'openvswitch-switch'],
  [/^(strongswan)/, 'strongswan'],
  [/^(wireguard)/, 'wireguard-tools'],
  [/^(dnsmasq)/, 'dnsmasq'],
]

/** What a machine needs in place of a container's image: nothing, Debian's package, or nobody knows. */
export function packagesFor(image: string): readonly string[] | 'unknown' {
  const name = image.split('/').at(-1)?.split(/[:@]/)[0]?.toLowerCase() ?? ''
  if (plain.test(name)) return []
  const known = daemons.find(([pattern]) => pattern.test(name))
  return known === undefined ? 'unknown' : [known[1]]
}

/** What is said of an image, whose programs no machine has. */
export function imageWords(image: string): { readonly message: string; readonly hint: string } | undefined {
  const packages = packagesFor(image)
  if (packages !== 'unknown' && packages.length === 0) return undefined
  const message = `cannot run image ${image}: machines boot wirelab's own`
  if (packages === 'unknown') return { message, hint: 'the steps find the programs that image has, and no others' }
  return { message, hint: `its machines have Debian's package ${packages.join(', ')} instead` }
}
