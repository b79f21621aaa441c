/** `${…}` in commands and paths: where they stand, which are known where, and one pass of substitution. */
import { milestoneAxisName } from '../axes/axes.ts'
import type { Issue } from '../../errors.ts'
import { nearestName } from '../files/nearest-name.ts'
import type { Sweep } from '../sweep.ts'

export type Placeholder = { name: string; start: number; end: number }

/** Places of a sweep that hold placeholders. Environment variables know what the command beside them knows. */
export type TemplatePlace = 'train' | 'evaluate' | 'checkpoint' | 'report' | 'init' | 'track'

/** Names that are no axis: an axis called like one of them would be ambiguous. */
export const reservedNames = ['run', 'checkpoint', 'report', 'gpu', 'port', 'init'] as const
/** Of an evaluation alone, and newer than files that call an axis so: that axis is meant there, unless the sweep races. */
export const questionsName = 'questions'

const namesOf: Record<TemplatePlace, readonly (typeof reservedNames)[number][]> = {
  train: ['run', 'gpu', 'port', 'init'],
  evaluate: reservedNames,
  checkpoint: ['run', 'init'],
  report: reservedNames.filter((name) => name !== 'port'),
  init: [],
  track: ['run'],
}

/** So many ports an attempt may ask for: `port`, `port.2` … */
const mostPorts = 16
export const portNames = Array.from({ length: mostPorts }, (_, at) => (at === 0 ? 'port' : `port.${at + 1}`))

/** Which of the attempt's ports a placeholder stands for, from 1; null: it is none. */
function portNumber(name: string): number | null {
  const at = portNames.indexOf(name)
  return at < 0 ? null : at + 1
}

/** How many ports the templates ask for. */
export function countPorts(templates: readonly string[]): number {
  const numbers = templates.flatMap(placeholdersOf).map(({ name }) => portNumber(name) ?? 0)
  return Math.max(0, ...numbers)
}

/** A well-formed placeholder, a `${` that begins none, or `$${`, which stands for a plain `${`. */
const pattern = /\$\$\{|\$\{(?:([A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*)\})?/g

/** The well-formed placeholders of a template, known or not; `start` and `end` enclose `${` to `}`. */
export function placeholdersOf(template: string): Placeholder[] {
  return [...template.matchAll(pattern)].flatMap((match) =>
    match[1] === undefined ? [] : [{ name: match[1], start: match.index, end: match.index + match[0].length }],
  )
}

/**
 * The template with every placeholder replaced, in one pass: what a value holds is never read as a placeholder again.
 * Throws where a value is missing: `placeholderIssues` has refused such a sweep before.
 */
export function substitute(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(pattern, (text, name: string | undefined) => {
    if (text === '$${') return '${'
    if (name === undefined || !Object.hasOwn(values, name))
      throw new Error(`no value for the placeholder ${text} in ${template}`)
    return values[name]!
  })
}

/** The placeholders that may stand at a place of the sweep, without `${` and `}`; axes first, in the file's order. */
export function knownPlaceholders(sweep: Pick<Sweep, 'axes' | 'init'>, place: TemplatePlace): string[] {
  const milestone = milestoneAxisName(sweep.axes)
  const axes = Object.keys(sweep.axes).flatMap((name) => (name === milestone ? [name, `${name}.last`] : [name]))
  const others = namesOf[place].filter((name) => name !== 'init' || sweep.init !== undefined)
  const questions = place === 'evaluate' && !Object.hasOwn(sweep.axes, questionsName) ? [questionsName] : []
  return [...axes, ...others, ...questions]
}

/** What is wrong with the placeholders of one template: unknown ones, each with the nearest known one, and malformed ones. */
export function placeholderIssues(
  sweep: Pick<Sweep, 'axes' | 'init'>,
  place: TemplatePlace,
  template: string,
  path: Issue['path'],
): Issue[] {
  const known = knownPlaceholders(sweep, place)
  const expected = `Expected one of ${known.map((name) => `\${${name}}`).join(', ')}.`
  const issues: Issue[] = []
  for (const match of template.matchAll(pattern)) {
    const name = match[1]
    const start = match.index
    if (match[0] === '$${') continue
    if (name === undefined) {
      const rest = template.slice(start)
      const close = rest.indexOf('}')
      const shown = close < 0 || close > 60 ? rest.slice(0, 60) : rest.slice(0, close + 1)
      const wrong = close < 0 ? 'has no closing brace' : 'is no placeholder'
      issues.push({ path, message: `\`${shown}\` ${wrong}. ${expected}` })
      continue
    }
    if (known.includes(name) || (known.includes('port') && portNumber(name) !== null)) continue
    const nearest = nearestName(name, known)
    issues.push({
      path,
      message: `There is no \${${name}} ${reasonUnknown(sweep, place, name)}. ${expected}`,
      ...(nearest !== null && {
        fix: {
          label: `Use \${${nearest}}`,
          value: `${template.slice(0, start)}\${${nearest}}${template.slice(start + match[0].length)}`,
        },
      }),
    })
  }
  return issues
}

const placeTitles: Record<TemplatePlace, string> = {
  train: 'in a training',
  evaluate: 'in an evaluation',
  checkpoint: "in a checkpoint's path",
  report: "in a report's path",
  init: 'in the path of the checkpoint to start from',
  track: 'in the path of a followed file',
}

function reasonUnknown(sweep: Pick<Sweep, 'axes' | 'init'>, place: TemplatePlace, name: string): string {
  if (name === 'init') return 'in this sweep, as it has no `init`'
  const axis = name.replace(/\.last$/, '')
  if (axis !== name && Object.hasOwn(sweep.axes, axis)) return `in this sweep, as ${axis} has no milestones`
  return [...reservedNames, questionsName].includes(name) ? placeTitles[place] : 'in this sweep'
}
