import { z } from 'zod'
import type { Answer, Assertion, Judgement } from './assertion.ts'
import { type DaemonRoute, judgeChosen, renderWanted, routeKeys } from './parts/daemon-route.ts'
import * as common from './parts/parameters.ts'
import { phrase } from './parts/phrase.ts'
import { placeProbe, whyNoPlace } from './parts/place.ts'
import { inconclusive } from './parts/verdict.ts'
import { frrKeys, frrProbe, readFrr } from './parts/vtysh.ts'

const word = z.string().refine((text) => /^[\w-]+$/.test(text), { error: 'expected one word, as "ospf"' })

const parameters = z.strictObject({
  on: common.nodeName.describe('The node on which FRR runs.'),
  ...routeKeys,
  protocol: word
    .optional()
    .describe('The protocol from which FRR has the route that it chose, as ospf, bgp or static.'),
  vrf: common.nicName.optional().describe('The VRF; the default one when left out.'),
  ...frrKeys,
})

const routesSchema = z.record(
  z.string(),
  z.array(
    z.object({
      protocol: z.string(),
      selected: z.boolean().optional(),
      nexthops: z
        .array(
          z.object({
            ip: z.string().optional(),
            interfaceName: z.string().optional(),
            active: z.boolean().optional(),
            blackhole: z.boolean().optional(),
          }),
        )
        .default([]),
    }),
  ),
)

type Parameters = z.infer<typeof parameters>
type Entry = z.infer<typeof routesSchema>[string][number]

/** The route that FRR chose for a prefix, which need not be the kernel's. */
export const frrRoute: Assertion<Parameters> = {
  description: 'The FRR routing suite has chosen a route to a prefix, or has none.',
  parameters,
  example: { on: 'r1', to: '10.0.4.0/24', via: '10.0.12.2', protocol: 'ospf' },
  claim: (wanted) => `FRR on ${wanted.on} has ${renderWanted(wanted)}${phrase(' in VRF ', wanted.vrf)}`,
  question: ({ on, to, vrf }) => `Which route to ${to} will FRR on ${on} have${phrase(' in VRF ', vrf)}, if any?`,
  references: ({ on }) => common.nodeReference(on, 'on'),
  defaultWithinMs: common.presenceWithinMs,
  probe: ({ on, to, dev, vrf, socket, is }) => [
    frrProbe(on, socket, `show ${common.isIpv6(to) ? 'ipv6' : 'ip'} route${phrase(' vrf ', vrf)} ${to}`),
    ...placeProbe(is, on, dev),
  ],
  judge: (wanted, [answer, device]) => whyNoPlace(`${wanted.on}:${wanted.dev}`, device) ?? judgeRoutes(wanted, answer),
}

function judgeRoutes(wanted: Parameters, answer: Answer | undefined): Judgement {
  const output = readFrr(routesSchema, answer)
  if (output.kind === 'unreadable') return inconclusive(`FRR on ${wanted.on}: ${output.why}`)
  return judgeChosen(`FRR on ${wanted.on}`, wanted, Object.values(output.value).flat().map(routeOf))
}

const routeOf = ({ protocol, selected, nexthops }: Entry): DaemonRoute => ({
  protocol,
  kind: nexthops.some(({ blackhole }) => blackhole) ? 'blackhole' : '',
  chosen: selected === true,
  hops: nexthops
    .filter(({ active }) => active === true)
    .map(({ ip, interfaceName }) => ({ via: ip, dev: interfaceName })),
})
