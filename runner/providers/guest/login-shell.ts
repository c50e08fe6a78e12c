import type { Argv } from '../../transports/transport.ts'

/** What a prompt shows as it is: anything else could mean something to the shell. */
const plain = (text: string) => text.replaceAll(/[^\w.@-]/g, '_')

/** A login shell on a node, whose prompt says where it is: `container@bridge-veth:~#`. */
export const loginShell = (lab: string, node: string): Argv => [
  'env',
  // Before the first prompt, so that it is behind what the profile sets, and once, so that it can be changed.
  `PROMPT_COMMAND=PS1='${plain(node)}@${plain(lab)}:\\w\\$ '; unset PROMPT_COMMAND`,
  'bash',
  '-l',
]
