import type { ShellCommand } from '../../values/shell-commands.ts'

/** Whether a command changes nothing but what the shell itself knows, and only shows how things are. */
export const isQuestion = ({ simple, writes }: ShellCommand): boolean =>
  simple.every(asks) && writes.every((target) => target === '/dev/null' || target.startsWith('&'))

/** Programs that only look, whatever their arguments; pings too, whose frames leave a trace in caches alone. */
const lookers = new Set(
  `[ [[ : arping awk basename break cat cd cmp column command continue curl cut date diff dig dirname dmesg echo egrep
  exit export false file find for grep head hexdump host id jq journalctl local ls lxc-info lxc-ls mtr nc netstat nslookup
  nstat od paste pgrep pidof ping ping6 printf ps readlink return seq set shift sleep sort ss stat tail tcpdump test
  tracepath traceroute true type uname uniq wait wc wget which xxd`.split(/\s+/),
)

function asks(command: string): boolean {
  if (/^\w+=(\$\(.*\)|"[^"]*"|'[^']*'|\S*)$/s.test(command)) return true
  const words = command
    .replaceAll(/\d*[<>]+\s*\S+/g, '')
    .trim()
    .split(/\s+/)
  while (/^\w+=/.test(words[0] ?? '')) words.shift()
  const [program = '', ...rest] = words
  if (program === '' || closing.has(program) || lookers.has(program)) return true
  return lookingWords[program]?.(rest) ?? false
}

const closing = new Set(['fi', 'done', 'esac', '}'])

/** Programs that look with some words and change with others. */
const lookingWords: Readonly<Record<string, (words: readonly string[]) => boolean>> = {
  ip(words) {
    const [object, verb, ...rest] = withoutOptions(words, ['-n', '-netns', '-f', '-family'])
    if (object === 'monitor') return true
    if (verb === 'exec') return asks(rest.slice(1).join(' '))
    return !words.some((word) => /^-b(atch)?$/.test(word)) && isShown(verb)
  },
  bridge: (words) => {
    const [object, verb] = withoutOptions(words)
    return object === 'monitor' || isShown(verb)
  },
  tc: (words) => isShown(withoutOptions(words)[1]),
  brctl: ([verb = '']) => verb.startsWith('show'),
  nft: (words) => /^(list|monitor)$/.test(withoutOptions(words)[0] ?? ''),
  iptables: isListing,
  ip6tables: isListing,
  ebtables: isListing,
  conntrack: ([verb = '']) => /^-[LCSEG]$/.test(verb),
  sysctl: (words) => !words.some((word) => word.includes('=') || /^-(w|p)/.test(word)),
  ethtool: (words) => words.every((word) => !/^(-[A-Z]|--set|-s$|--change)/.test(word) || word === '-S'),
  birdc: (words) => withoutOptions(words)[0] === 'show',
  systemctl: ([verb = '']) => /^(status|show|cat|is-|list-)/.test(verb),
  hostname: (words) => words.length === 0,
  sed: (words) => !words.some((word) => /^-\w*i/.test(word)),
  timeout: (words) => asks(withoutOptions(words, ['-k', '-s']).slice(1).join(' ')),
  strace: (words) => asks(withoutOptions(words, ['-o', '-e']).join(' ')),
  'lxc-attach': (words) => asks(words.slice(words.indexOf('--') + 1).join(' ')),
}

const isShown = (verb: string | undefined): boolean =>
  verb === undefined || /^(show|sh|list|lst|ls|get|identify|pids|save)$/.test(verb)

function isListing(words: readonly string[]): boolean {
  return words.some((word) => /^(-\w*[LS]|-C|--list|--list-rules|--check)$/.test(word))
}

/** Words without the options before the first that is none; those `valued` have a word after them. */
function withoutOptions(words: readonly string[], valued: readonly string[] = []): readonly string[] {
  let at = 0
  while (words[at]?.startsWith('-')) at += valued.includes(words[at] ?? '') ? 2 : 1
  return words.slice(at)
}
