import { plainText } from '../text/plain-text.ts'

/** A piece of XML that is well-formed by construction. */
export interface XmlElement {
  readonly name: string
  /** In the order written; an undefined one is left out. */
  readonly attributes: Readonly<Record<string, string | number | undefined>>
  readonly children?: readonly XmlElement[]
  /** Instead of children. */
  readonly text?: string | undefined
}

/**
 * A document with its declaration, piece by piece: each child of the root when it is asked for. Whatever stands in texts
 * and attributes, it has no character that XML 1.0 lacks.
 */
export function* renderXml({ name, attributes, children = [] }: XmlRoot): Generator<string> {
  yield `<?xml version="1.0" encoding="UTF-8"?>\n${openTag(name, attributes)}`
  let end = '/>\n'
  for (const child of children) {
    yield `${end === '/>\n' ? '>\n' : ''}${renderElement(child, '  ').join('\n')}\n`
    end = `</${name}>\n`
  }
  yield end
}

/** The outermost element. */
export interface XmlRoot extends Pick<XmlElement, 'name' | 'attributes'> {
  readonly children?: Iterable<XmlElement>
}

const openTag = (name: string, attributes: XmlElement['attributes']) =>
  `<${name}${Object.entries(attributes).map(renderAttribute).join('')}`

function renderElement({ name, attributes, children = [], text }: XmlElement, indent: string): string[] {
  const open = `${indent}${openTag(name, attributes)}`
  if (text !== undefined) return [`${open}>${escapeText(text)}</${name}>`]
  if (children.length === 0) return [`${open}/>`]
  return [`${open}>`, ...children.flatMap((child) => renderElement(child, `${indent}  `)), `${indent}</${name}>`]
}

const renderAttribute = ([name, value]: [string, string | number | undefined]) =>
  value === undefined ? '' : ` ${name}="${escapeAttribute(String(value))}"`

// `>` too, because `]]>` must not stand in character data (XML 1.0, section 2.4).
const escapeText = (text: string) => plainText(text).replaceAll(/[&<>]/g, (sign) => escapes[sign] ?? sign)

const escapes: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;' },
  ...{ '"': '&quot;', '\n': '&#10;', '\t': '&#9;' },
}

// A reader makes a plain newline in an attribute a space (XML 1.0, section 3.3.3).
const escapeAttribute = (text: string) => plainText(text).replaceAll(/[&<>"\n\t]/g, (sign) => escapes[sign] ?? sign)
