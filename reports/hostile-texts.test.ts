import test from 'ava'
import { readEvent } from '../runner/event-schema.ts'
import type { RunEvent } from '../runner/events.ts'
import { everyReport } from './fixtures/every-report.ts'
import { fixtureEvents } from './fixtures/fixture.ts'
import { findUnbalanced } from './fixtures/markup.ts'
import { parseXml } from './junit/parse-xml.ts'
import { parseEvents, renderEvent } from './run/json-lines.ts'

const longest = 200_000

/** Texts that mean something to one reader of a report or another. */
const hostile: Readonly<Record<string, string>> = {
  'escape sequences': '\x1b[31m\x1b]0;title\x07\x1b]8;;http://example.org\x1b\\link\x1b[2J\x1bc',
  'control characters of eight bits': 'a\x9b31mb\x90c\x9dd\x85e\x7f',
  'direction marks': 'a\u202eb\u2066c\u200fd\u061ce',
  NUL: 'a\0b',
  'lone surrogates': 'a\ud800b\udfffc',
  noncharacters: 'a\ufffeb\uffffc',
  'the end of a script': '</script><script>alert(1)</script></style></pre></title>',
  'an image that runs something': '"><img src=x onerror=alert(1)>\'',
  'the end of CDATA': ']]> <![CDATA[ <!-- --> <?xml ?> </failure> &lt; &#0;',
  'commands to GitHub':
    '\n::error file=x::fake\n  ::stop-commands::token\n\u200b::group::x\n##[error]fake\nx ##[group]y',
  'commands to Azure and TeamCity': "\n##vso[task.setvariable]x\n##teamcity[testFailed name='x']",
  'a row of a table': ' | passed | 0 |\n| other | failed |',
  'a link and an image of Markdown': '[x](javascript:alert(1)) ![y](http://example.org/z)\n\n# heading\n- item\n``` \n',
  'a formula': '=HYPERLINK("http://example.org")+cmd|\' /C calc\'!A0',
  'an attachment': ']]\n[[ATTACHMENT|/etc/passwd]]',
  'words of drawings': '"; evil [label=x] \\" \\N %%{init}%% --> x[<b>y</b>]',
  'one long line': 'x'.repeat(longest),
}

const fixed = new Set(['type', 'at', 'outcome', 'kind', 'state', 'direction', 'where', 'verdict', 'startedAt'])

/** A value in which each text that is not one of a few words goes on with `text`; ends of cables keep their colon. */
function withText(value: unknown, text: string): unknown {
  if (typeof value === 'string')
    return /^\w+:\w+$/.test(value)
      ? value
          .split(':')
          .map((part) => part + text)
          .join(':')
      : `${text}${value}${text}`
  if (Array.isArray(value)) return value.map((one) => withText(one, text))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, fixed.has(key) ? one : withText(one, text)]),
  )
}

/** Events whose every text is hostile, as far as a reader of events takes them: paths have to lead into the folder. */
function hostileEvents(name: string, text: string): RunEvent[] {
  return fixtureEvents(name).map((event) => {
    const changed = readEvent(withText(event, text))
    if (typeof changed !== 'string') return changed
    const { path, log, folder } = event as { path?: string; log?: string; folder?: string }
    const kept = { path, log, folder }
    return { ...(withText(event, text) as RunEvent), ...JSON.parse(JSON.stringify(kept)) }
  })
}

const harmful = /(?![\t\n])[\p{Cc}\p{Bidi_Control}\p{Noncharacter_Code_Point}\p{Surrogate}]/u

/** What is wrong with a report, by what it is. */
function harmIn(name: string, text: string): string | undefined {
  const found = harmful.exec(text)
  if (found !== null) return `a control character at ${JSON.stringify(text.slice(found.index - 40, found.index + 20))}`
  // Pages wrap what is long.
  if (!/html|history|md/.test(name) && text.includes('x'.repeat(longest))) return 'a line without end'
  if (/html|history/.test(name)) return findUnbalanced(text) ?? markupIn(text)
  if (name === 'junit.xml') return xmlHarmIn(text)
  if (/svg/.test(name)) return markupIn(text)
  if (/terminal/.test(name)) return commandIn(text)
  if (name === 'annotations')
    return text.split('\n').find((line) => line !== '' && !/^::error (file|title)=/.test(line))
  if (/^handout.md|comparison|step summary/.test(name)) return markdownHarmIn(text)
  return undefined
}

const markupIn = (text: string) => /<img|<script>alert|<b>y|<\/pre><\/title>/.exec(text)?.[0]

function xmlHarmIn(text: string): string | undefined {
  parseXml(text)
  return /\]\]>|<system-out>[^<]*\[\[ATTACHMENT\|\/etc/.exec(text)?.[0]
}

const commandIn = (text: string) => /^[^\p{L}\p{N}\n]*::[a-z-]+[ :].*$|.*##(vso|teamcity)?\[.*/imu.exec(text)?.[0]

function markdownHarmIn(text: string): string | undefined {
  const prose = text.replaceAll(/^(`{3,})\w*\n[\s\S]*?\n\1$/gm, '').replaceAll(/(`+)[^`\n][^\n]*?\1/g, '')
  const rows = prose.split('\n').filter((line) => line.startsWith('|'))
  const widths = rows.map((row) => row.replaceAll(/\\./g, '').split('|').length)
  if (/comparison|summary/.test(text) && new Set(widths).size > 1) return 'a row of another width'
  return /(?<!\\)<img|(?<!\\)\[[xy]\]?(?<!\\)\]\(|^# heading|^- item|(?<!\\)<b/m.exec(prose)?.[0]
}

for (const [what, text] of Object.entries(hostile))
  test(`no report lets through ${what}, whichever text of an event it is`, async (t) => {
    t.timeout(300_000)
    for (const fixture of text.length < longest ? ['every-outcome', 'macvlan', 'outage', 'mutations'] : ['mutations']) {
      const events = hostileEvents(fixture, text)
      for (const [name, report] of await everyReport(events))
        t.is(harmIn(name, report), undefined, `${fixture}: ${name}`)
      const lines = events.map(renderEvent).join('')
      t.notRegex(lines, /(?!\n)[\p{Cc}\p{Bidi_Control}]|##(vso|teamcity)?\[/u)
      t.deepEqual(parseEvents(lines), events)
    }
  })
