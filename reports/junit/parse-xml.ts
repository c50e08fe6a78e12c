import type { XmlElement } from './xml.ts'

/**
 * The document that `renderXml` wrote: elements, attributes in double quotes, text, and no more of XML than that (no
 * comment, no CDATA, no name with a colon), so no package is needed to read it. Throws an `Error` that names the line
 * at which the text is something else.
 */
export function parseXml(text: string): XmlElement {
  let at = 0
  const fail = (wanted: string): never => {
    throw new Error(`line ${text.slice(0, at).split('\n').length}: ${wanted} is missing`)
  }
  const take = (pattern: RegExp, wanted: string): RegExpExecArray => {
    pattern.lastIndex = at
    const match = pattern.exec(text) ?? fail(wanted)
    at = pattern.lastIndex
    return match
  }
  const decode = (escaped: string) =>
    escaped.replaceAll(/&([#\w]*;?)/g, (_, name: string) => characters[name] ?? fail(`a character for &${name}`))

  const takeElement = (depth: number): XmlElement => {
    const [, name = '', attributeText = '', end] = take(
      openTag,
      depth > maxDepth ? fail('an end to elements in elements') : 'an element',
    )
    const pairs = [...attributeText.matchAll(attribute)].map(([, key = '', value = '']) => [key, decode(value)])
    const attributes = Object.fromEntries(pairs)
    if (end === '/') return { name, attributes }
    const children: XmlElement[] = []
    let inner = decode(take(characterData, 'text')[0])
    while (!text.startsWith('</', at)) {
      children.push(takeElement(depth + 1))
      inner += take(characterData, 'text')[0]
    }
    if (take(closeTag, `</${name}>`)[1] !== name) fail(`</${name}>`)
    if (children.length === 0) return { name, attributes, text: inner }
    return inner.trim() === ''
      ? { name, attributes, children }
      : fail(`an element without text beside others in ${name}`)
  }

  take(declaration, 'the declaration of XML in UTF-8')
  const root = takeElement(0)
  take(documentEnd, 'the end of the document')
  return root
}

const maxDepth = 20
const characters: Readonly<Record<string, string>> = {
  'amp;': '&',
  'lt;': '<',
  'gt;': '>',
  'quot;': '"',
  '#10;': '\n',
  '#9;': '\t',
}

const declaration = /<\?xml version="1\.0" encoding="UTF-8"\?>\n/y
const openTag = /<([a-zA-Z][\w-]*)((?: [a-zA-Z][\w-]*="[^"<]*")*)(\/?)>/y
const attribute = / ([\w-]+)="([^"]*)"/g
const characterData = /[^<]*/y
const closeTag = /<\/([\w-]+)>/y
const documentEnd = /\n$/y
