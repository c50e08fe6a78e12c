import { z } from 'zod'
import { absolutePath } from './parameters.ts'

/** What all questions to either routing daemon may say. */
export const daemonKeys = {
  daemon: z
    .enum(['bird', 'frr'])
    .default('bird')
    .describe('Which routing daemon is asked: by birdc, or by vtysh. Default: bird.'),
  socket: absolutePath
    .optional()
    .describe(
      "BIRD's control socket, or the folder of FRR's vty sockets, for daemons that aren't the machine's service.",
    ),
}
