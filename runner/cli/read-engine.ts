import { existsSync, readFileSync } from 'node:fs'
import type { Engine } from '../engines/engine.ts'
import { engines } from '../engines/index.ts'
import { attempt, usageError } from '../errors.ts'
import { nearestWord } from '../lab/text/nearest.ts'
import { parseYamlAs } from './parse-yaml-as.ts'

/** The engine that a command line names, and how it is set. */
export interface ChosenEngine {
  readonly name: string
  readonly settings: Readonly<Record<string, unknown>> & {
    readonly tries: number
    readonly prologue?: string | undefined
  }
  readonly engine: Engine
}

/**
 * Reads `NAME`, or `NAME:FILE` with a YAML file of settings; without it they are in NAME.yaml, where that stands.
 * `parts` goes before what the file says. @throws WirelabError of kind usage, with the place of every mistake
 */
export function readEngine(text: string, parts: number | undefined): ChosenEngine {
  const [name = '', ...rest] = text.split(':')
  const kind = Object.hasOwn(engines, name) ? engines[name] : undefined
  if (kind === undefined) {
    const nearest = nearestWord(name, Object.keys(engines))
    const remedy =
      nearest === undefined ? `there are: ${Object.keys(engines).join(', ')}` : `did you mean "${nearest}"?`
    throw usageError(`cannot run on "${name}": there is no such engine`, remedy)
  }
  const file = rest.length > 0 ? rest.join(':') : `${name}.yaml`
  const isRead = rest.length > 0 || existsSync(file)
  const yaml = isRead ? attempt(`read ${file}`, () => readFileSync(file, 'utf8')) : '{}'
  const settings = { ...parseYamlAs(file, yaml, kind.settings), ...(parts === undefined ? {} : { parts }) }
  return { name, settings, engine: kind.make(settings) }
}
