/**
 * The page's only script. What lies folded opens when a link leads into it, and all of it on paper; commands get a
 * button that copies them; steps are searched, and what passed is hidden on request; from an overview a link to a case
 * leads to the page that tells of it. Without it all is there to read.
 */
export const script = `
const all = (selector, within = document) => [...within.querySelectorAll(selector)]
const unfold = (scope) => {
  const folded = scope.querySelector(':scope > noscript')
  if (folded) folded.outerHTML = folded.textContent
}
const unfoldAll = () => all('.scope:has(> noscript)').forEach(unfold)
const show = () => {
  const id = decodeURIComponent(location.hash.slice(1))
  if (id && !document.getElementById(id)) unfoldAll()
  // Of a claim that is told in an outline its lab is shown.
  const goal = document.getElementById(id) ?? document.getElementById(id.replace(/[/][^/]*$/, ''))
  if (!goal) {
    const far = all('.step > a').filter((link) => (id + '/').startsWith(link.hash.slice(1) + '/'))
    const [nearest] = far.sort((left, right) => right.hash.length - left.hash.length)
    if (id && nearest) location.replace(nearest.href.replace(/#.*/, location.hash))
    return
  }
  for (let one = goal; one; one = one.parentElement) {
    one.classList.remove('off')
    if (one.tagName === 'DETAILS') one.open = true
  }
  goal.scrollIntoView()
  goal.focus({ preventScroll: true })
}
addEventListener('hashchange', show)
addEventListener('click', (event) => {
  const link = event.target.closest?.('a[href^="#"]')
  if (link && link.getAttribute('href') === location.hash) show()
  const copy = event.target.closest?.('button.copy')
  if (copy) void copyTyped(copy)
})
let closed = []
addEventListener('beforeprint', () => {
  unfoldAll()
  closed = all('details:not([open])')
  for (const one of closed) one.open = true
})
addEventListener('afterprint', () => {
  for (const one of closed) one.open = false
})

const copyTyped = async (button) => {
  const typed = button.closest('.terminal').querySelector('pre.typed')
  const text = typed.textContent
  try {
    await navigator.clipboard.writeText(text)
    button.textContent = 'copied'
  } catch {
    getSelection().selectAllChildren(typed)
    button.textContent = document.execCommand('copy') ? 'copied' : 'marked'
  }
  setTimeout(() => (button.textContent = 'copy'), 2000)
}
const addCopyButtons = (within) => {
  for (const where of all('.terminal:has(> pre.typed) > .where:not(:has(button))', within)) {
    const button = document.createElement('button')
    button.className = 'copy'
    button.type = 'button'
    button.textContent = 'copy'
    button.setAttribute('aria-label', 'copy the commands for ' + where.textContent)
    where.append(button)
  }
}
document.addEventListener('toggle', ({ target }) => {
  if (!target.open) return
  unfold(target)
  addCopyButtons(target)
}, true)
for (const one of all('details[open]')) addCopyButtons(one)

const tools = document.querySelector('.tools')
if (tools) {
  const [search, troubled, expand, told] = ['search', 'troubled', 'expand', 'told'].map((name) => tools.querySelector('.' + name))
  let texts
  const filter = () => {
    const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean)
    unfoldAll()
    texts ??= new Map(all('.scope > .steps > .step').map((step) => [step, step.textContent.toLowerCase()]))
    let count = 0
    for (const scope of all('.scope')) {
      const heading = scope.querySelector('summary').textContent.toLowerCase()
      // That of an overview's entries names the first and the last alone.
      const inHeading = scope.id !== '' && words.length > 0 && words.every((word) => heading.includes(word))
      let kept = 0
      for (const step of all(':scope > .steps > .step', scope)) {
        const found = inHeading || words.every((word) => texts.get(step).includes(word))
        const on = found && !(troubled.checked && step.classList.contains('passed'))
        step.classList.toggle('off', !on)
        if (on) kept += 1
      }
      const off = (troubled.checked && scope.classList.contains('passed')) || (words.length > 0 && kept === 0)
      scope.classList.toggle('off', off)
      if (!off) count += words.length > 0 ? kept : 1
      if (!off && words.length > 0) for (const one of [scope, ...all('.step:not(.off) > details', scope)]) one.open = true
    }
    told.textContent = words.length > 0 ? count + ' ' + tools.dataset.noun + (count === 1 ? ' has it' : 's have it') : ''
  }
  let waiting
  search.addEventListener('input', () => {
    clearTimeout(waiting)
    waiting = setTimeout(filter, 150)
  })
  troubled.addEventListener('change', filter)
  expand.addEventListener('click', () => {
    const open = expand.getAttribute('aria-pressed') !== 'true'
    expand.setAttribute('aria-pressed', String(open))
    expand.textContent = open ? 'Fold all' : 'Expand all'
    unfoldAll()
    for (const one of all('.scopes details')) one.open = open
  })
  tools.hidden = false
}
show()
// When the page stands, the rest comes bit by bit, so that the browser's own search finds it.
const unfoldNext = () => {
  const next = document.querySelector('.scope:has(> noscript)')
  if (!next) return
  unfold(next)
  requestIdleCallback(unfoldNext)
}
if ('requestIdleCallback' in window) addEventListener('load', () => requestIdleCallback(unfoldNext))
`
