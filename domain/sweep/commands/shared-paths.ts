/** Two points that come out at one path: what stands there in the end would be scored for both. */
import { milestoneAxisName } from '../axes/axes.ts'
import { checkpointTemplate, initPath, reportPlaces } from './commands.ts'
import type { Issue } from '../../errors.ts'
import { withNextSeed } from '../axes/finalist-seeds.ts'
import { placeholdersOf, substitute } from './placeholders.ts'
import { type PlannedPoint, tellingPlan } from '../plan.ts'
import type { Sweep } from '../sweep.ts'

type Shared = {
  path: Issue['path']
  /** "Its checkpoint", "The report of gsm8k". */
  what: string
  template: string
  placeOf: (point: PlannedPoint) => string
  /** Whether points of one training may share it: a pattern stands for the checkpoints of all its milestones. */
  withinRun: boolean
}

/** Whether a path of the file has a wildcard of its own; what its placeholders' values hold are none. */
export function isPattern(template: string): boolean {
  return /[*?]/.test(template.replaceAll(/\$\{[^}]*\}/g, ''))
}

/** The first two points whose `checkpoint`, or whose report, come out as one path. Of a sweep that nothing else is wrong with. */
export function sharedPathIssues(sweep: Sweep): Issue[] {
  const templates = [...checkpointsOf(sweep), ...reportsOf(sweep)]
  if (templates.length === 0) return []
  const { points } = tellingPlan(withNextSeed(sweep))
  return templates.flatMap((shared) => {
    const seen = new Map<string, PlannedPoint>()
    for (const point of points) {
      const place = plainPath(shared.placeOf(point))
      const earlier = seen.get(place)
      if (earlier === undefined) seen.set(place, point)
      else if (!shared.withinRun || earlier.runNumber !== point.runNumber)
        return { path: shared.path, message: sentence(sweep, shared, place, earlier, point) }
    }
    return []
  })
}

function runtimeOf(sweep: Sweep, point: PlannedPoint) {
  return { run: point.runNumber, init: initPath(sweep, point.params), slots: ['0'] }
}

function checkpointsOf(sweep: Sweep): Shared[] {
  if (sweep.checkpoint === undefined) return []
  const placeOf = (point: PlannedPoint) => {
    const { template, values } = checkpointTemplate(sweep, point.params, runtimeOf(sweep, point))!
    return substitute(template, values)
  }
  const template = sweep.checkpoint
  return [{ path: ['checkpoint'], what: 'The checkpoint', template, placeOf, withinRun: isPattern(template) }]
}

function reportsOf(sweep: Sweep): Shared[] {
  if (sweep.evaluate?.command === undefined) return []
  const { file } = sweep.evaluate.report
  const files = typeof file === 'string' ? [[null, file] as const] : Object.entries(file)
  return files.flatMap(([benchmark, template]) => {
    // what is each evaluation's own keeps the path apart
    if (placeholdersOf(template).some(({ name }) => name === 'report' || name === 'checkpoint')) return []
    const placeOf = (point: PlannedPoint) => {
      const runtime = { ...runtimeOf(sweep, point), checkpoint: '', report: '' }
      const place = reportPlaces(sweep, point.params, runtime).find((one) => one.benchmark === benchmark)!
      return substitute(place.template, place.values)
    }
    const path = ['evaluate', 'report', 'file', ...(benchmark === null ? [] : [benchmark])]
    const what = benchmark === null ? 'The report' : `The report of ${benchmark}`
    return [{ path, what, template, placeOf, withinRun: false }]
  })
}

function sentence(sweep: Sweep, shared: Shared, place: string, a: PlannedPoint, b: PlannedPoint): string {
  const differ = Object.keys(a.params).filter((name) => a.params[name] !== b.params[name])
  const named = (point: PlannedPoint) => differ.map((name) => `${name} ${point.params[name]}`).join(', ')
  const absent = differ.find((name) => !placeholdersOf(shared.template).some((used) => used.name === name))
  const milestone = absent !== undefined && absent === milestoneAxisName(sweep.axes)
  const pattern =
    milestone && shared.what === 'The checkpoint' ? ', or a pattern such as checkpoint-* for them all' : ''
  return `${shared.what} comes out as ${place} for ${named(a)} and for ${named(b)}: one would be scored as the other. Expected a path for each, ${absent === undefined ? 'with something between its placeholders' : `with \${${absent}} in it`}${pattern}.`
}

/** Two ways to write one path alike: without `.`, empty parts and what `..` takes back. */
function plainPath(file: string): string {
  const parts: string[] = []
  for (const part of file.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `${file.startsWith('/') ? '/' : ''}${parts.join('/')}`
}
