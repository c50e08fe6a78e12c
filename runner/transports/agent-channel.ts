import type { Client, ClientChannel } from 'ssh2'
import { machineryError, messageOf, WirelabError } from '../errors.ts'
import { within } from '../host/deadline.ts'
import { type Answer, answerParser, type NicState, type Request, renderRequest } from './agent-protocol.ts'

/** The agent of a machine, at the other end of a channel of its own. */
export interface Agent {
  /** Begins to listen for answers about a new command. Returns its number. */
  follow(follower: Follower): number
  /** Listens no more. What still comes of the command is nobody's, and no fault. */
  ignore(command: number): void
  /** Sends a request, unless the channel has ended. @throws WirelabError of kind machinery for what can't be sent */
  send(request: Request): void
}

/** Who wants to know what becomes of a command. */
export interface Follower {
  /** The command is over with what `isLast` says. @throws WirelabError to say that it is no answer to what was asked */
  receive(answer: Exclude<Answer, { kind: 'hello' | 'nic' }>): void
  /** The channel has ended, before the command did; also called when it had ended before. */
  broken(cause: string): void
}

/** Where the agent listens, in the network namespace of the machine's SSH server. */
const agentAddress = { host: '127.0.0.1', port: 1 } as const
const channelEnded = 'the connection to the machine ended'

/**
 * Opens a channel to the agent of a machine. When it ends, or the agent says what is no answer, the connection ends.
 * `onNic` hears of the machine's NICs, before who follows a command hears that this is over.
 * @throws WirelabError of kind machinery when the agent does not answer in `timeoutMs`
 */
export async function openAgent(
  client: Client,
  timeoutMs: number,
  onNic: (nic: NicState) => void = () => {},
): Promise<Agent> {
  const { promise: channelOpened, resolve, reject } = Promise.withResolvers<ClientChannel>()
  const { promise: greeted, resolve: greet, reject: fail } = Promise.withResolvers<void>()
  greeted.catch(() => {})
  const closed = () => reject(machineryError(channelEnded))
  client.once('close', closed)
  const { host, port } = agentAddress
  client.forwardOut(host, 0, host, port, (error, channel) => (error ? reject(error) : resolve(channel)))
  const work = async () => {
    const channel = await channelOpened
    const agent = agentAt(channel, {
      greet,
      onNic,
      broken: (cause) => fail(machineryError(cause)),
      end: () => client.destroy(),
    })
    client.once('close', agent.close)
    await greeted
    return agent
  }
  return within(work(), timeoutMs, 'the agent of the machine does not answer').finally(() =>
    client.removeListener('close', closed),
  )
}

interface Ends {
  /** The agent said hello. */
  greet(): void
  onNic(nic: NicState): void
  broken(cause: string): void
  end(): void
}

function agentAt(channel: ClientChannel, { greet, onNic, broken, end }: Ends): Agent & { close(): void } {
  const followers = new Map<number, Follower>()
  let last = 0
  let ended: string | undefined
  const breakOff = (cause: string) => {
    if (ended !== undefined) return
    ended = cause
    end()
    broken(cause)
    for (const follower of followers.values()) follower.broken(cause)
    followers.clear()
  }
  const close = () => breakOff(channelEnded)
  const deliver = (answer: Answer) => {
    if (answer.kind === 'hello') return greet()
    if (answer.kind === 'nic') return onNic(answer.nic)
    const follower = followers.get(answer.command)
    if (follower === undefined) throw machineryError('the agent of the machine answered what nobody asked')
    if (isLast(answer)) followers.delete(answer.command)
    follower.receive(answer)
  }
  const parse = answerParser()
  channel.on('data', (chunk: Buffer) => {
    if (ended !== undefined) return
    try {
      for (const answer of parse(chunk)) deliver(answer)
    } catch (error) {
      if (!(error instanceof WirelabError)) throw error
      breakOff(messageOf(error))
    }
  })
  channel.on('error', close)
  channel.on('end', close)
  channel.on('close', close)
  return {
    follow(follower) {
      last += 1
      if (ended === undefined) followers.set(last, follower)
      else follower.broken(ended)
      return last
    },
    ignore(command) {
      if (followers.has(command)) followers.set(command, { receive() {}, broken() {} })
    },
    send(request) {
      const frame = renderRequest(request)
      if (ended === undefined) channel.write(frame)
    },
    close,
  }
}

/** Whether nothing more comes of a command after this. */
const isLast = ({ kind }: Answer) => kind === 'exited' || kind === 'not-started' || kind === 'returned'
