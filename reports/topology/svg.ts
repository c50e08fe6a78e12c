import { renderDot } from './dot.ts'
import { type Drawing, describeDrawing } from './topology.ts'

/** Draws; the text begins with `<svg`. */
export type DrawSvg = (drawing: Drawing) => string

/** A drawer. Graphviz takes its time to load, so it is imported here. Throws when Graphviz can't lay the drawing out. */
export async function loadDrawSvg(): Promise<DrawSvg> {
  const graphviz = await (await import('@viz-js/viz')).instance()
  return (drawing) => {
    const draw = (direction?: 'LR' | 'TB') => graphviz.renderString(renderDot(drawing, direction), { format: 'svg' })
    const first = draw()
    const [narrowest = first] =
      widthOf(first) <= wide ? [] : [first, draw('LR'), draw('TB')].toSorted((one, two) => widthOf(one) - widthOf(two))
    return tidy(narrowest, describeDrawing(drawing))
  }
}

/** What is wider can't be read on a phone, which makes it as narrow as its screen; in points. */
const wide = 400

const sizeOf = (svg: string) => /viewBox="[\d.-]+ [\d.-]+ ([\d.]+) ([\d.]+)"/.exec(svg) ?? []
const widthOf = (svg: string) => Number(sizeOf(svg)[1])

/** The drawing as a file of its own, with its colours in it. */
export const renderSvgFile = (svg: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${svg.replace('>', `><style>${topologyStyle}</style>`)}\n`

const scale = 1.15

/** Colours for what Graphviz draws, in light and dark. */
export const topologyStyle = `
svg.topology{--line:#3d4852;--box:#f1f4f8;--inner:#fff;--nic:#1f4e79;--cut:#b3261e;--worse:#8a5300;font-family:Helvetica,Arial,sans-serif}
@media screen and (prefers-color-scheme:dark){svg.topology{--line:#c3ccd6;--box:#1d2630;--inner:#11171d;--nic:#9fcbf5;--cut:#ff9d94;--worse:#f0be6a}}
svg.topology text{fill:var(--line)}
svg.topology .machine>path,svg.topology .machine>polygon{fill:var(--box);stroke:var(--line);stroke-width:1.2}
svg.topology .machine>text{font-weight:bold;font-size:12.5px}
svg.topology .machine>text~text{font-weight:normal}
svg.topology .namespace>path{fill:var(--inner);stroke:var(--line);stroke-dasharray:4 2}
svg.topology .nic>path{fill:var(--inner);stroke:var(--nic)}
svg.topology .inner>path,svg.topology .switch>path{fill:var(--inner);stroke:var(--line)}
svg.topology .switch>path{stroke-width:2.2}
svg.topology .inner>text:first-of-type,svg.topology .switch>text:first-of-type{font-weight:bold}
svg.topology .cluster.namespace>text{font-weight:bold;font-size:12px}
svg.topology .nic>text,svg.topology .cable>text{fill:var(--nic)}
svg.topology .cable>path{stroke:var(--nic);stroke-width:2.2}
svg.topology .join>path{stroke:var(--line);stroke-width:1.4}
svg.topology .join.veth>path{stroke-width:2.2}
svg.topology .join.on>path,svg.topology .join.idle>path{stroke-dasharray:3 3}
svg.topology .cut>path,svg.topology .gone>path,svg.topology .unplugged>path{stroke:var(--cut);stroke-dasharray:6 4}
svg.topology .cut>text,svg.topology .gone>text,svg.topology .unplugged>text{fill:var(--cut)}
svg.topology .worse>path{stroke:var(--worse)}
svg.topology .worse>text{fill:var(--worse)}
`

/** Takes away what would clash when several drawings stand in one page, and sets the size in pixels. */
function tidy(svg: string, description: string) {
  const [, width = '100', height = '100'] = sizeOf(svg)
  const pixels = (points: string) => Math.ceil(Number(points) * scale)
  return (
    svg
      .slice(svg.indexOf('<svg'))
      .replace(
        /<svg width="[^"]*" height="[^"]*"/,
        `<svg class="topology" role="img" width="${pixels(width)}" height="${pixels(height)}"${pixels(width) > 560 ? ` style="--readable:${Math.ceil(pixels(width) * 0.6)}px"` : ''}`,
      )
      .replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', '')
      .replace('>', ` aria-label="${escapeAttribute(description)}">`)
      .replaceAll(/<!--.*?-->\n?/gs, '')
      .replaceAll(/<title>[^<]*<\/title>\n?/g, '')
      .replaceAll(/ id="[^"]*"/g, '')
      .replaceAll(/ font-family="[^"]*"/g, '')
      .replaceAll(' xml:space="preserve"', '')
      // The blanks that only made room.
      .replaceAll(/>[ \u00a0]*([^<>]*?)[ \u00a0]*<\/text>/g, '>$1</text>')
      .trimEnd()
  )
}

const escapeAttribute = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
