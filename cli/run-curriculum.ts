/** A curriculum: its stages one after the other, each from the checkpoint that the rule picked in an earlier one. */
import { checkCurriculum, type Curriculum, nameOfBaseline, startOf, sweepOfStage } from '../domain/sweep/curriculum.ts'
import { type Issue, SweepboardError } from '../domain/errors.ts'
import { pickByRule } from '../domain/sweep/pick-rule.ts'
import type { SweepInput } from '../domain/sweep/sweep.ts'
import type { ReadText } from '../server/formats/read-sweep-file.ts'
import { writeSweepText } from '../server/formats/write-sweep-file.ts'
import type { PointView } from '../contract/api/points.ts'
import type { WholeSweep } from '../contract/api/sweeps.ts'
import type { Arguments } from './arguments.ts'
import { pickedName, curriculumResult, curriculumTable, type StageOutcome } from './curriculum-outcome.ts'
import { exitCodes } from './exit-codes.ts'
import type { Host, SweepText } from './host.ts'
import { runSweep } from './run-sweep.ts'
import type { Signals } from './signals.ts'
import { printable, tellIssues } from './text.ts'

type Given = { curriculum: ReadText<Curriculum>; terminal: string | undefined; signals: Signals }

/** Checks the whole file, runs what is not done of it, prints the outcome, and gives the exit code. */
export async function runCurriculum(host: Host, given: Arguments, file: SweepText, read: Given): Promise<number> {
  const { definition: curriculum, issues, locate } = read.curriculum
  if (curriculum === null) {
    tellIssues(given.file, issues)
    return exitCodes.refused
  }
  const found = await issuesOf(host, curriculum, file.directory)
  if (found.length > 0) {
    tellIssues(
      given.file,
      found.map((issue) => ({ ...issue, ...locate(issue.path) })),
    )
    return exitCodes.refused
  }
  const { stages, code } = await runStages(host, given, curriculum, { ...read, directory: file.directory })
  if (given.json) process.stdout.write(`${JSON.stringify(curriculumResult(curriculum, stages), null, 2)}\n`)
  else process.stdout.write(curriculumTable(curriculum, stages))
  if (code === exitCodes.interrupted) {
    const done = stages.filter(({ picked }) => picked !== null).length
    console.error(
      `Stopped with ${done} of ${curriculum.stages.length} stages done. ${host.interruption.after} Stages that have not started wait for it.`,
    )
  }
  return code
}

/** Everything wrong with any stage, before the first one starts; what they will start from is assumed to be there. */
async function issuesOf(host: Host, curriculum: Curriculum, directory: string): Promise<Issue[]> {
  const found = checkCurriculum(curriculum)
  if (found.length > 0) return found
  const baselines = new Map<string, SweepInput['score']['baseline']>()
  for (const [index, stage] of curriculum.stages.entries()) {
    const start = startOf(curriculum, index)
    const init = start === null ? null : `checkpoint of ${curriculum.stages[start]!.name}`
    const text = writeSweepText(sweepOfStage(curriculum, index, { init, baselines }))
    const { issues } = await host.check({ text, directory })
    for (const issue of issues) {
      const at = placeOf(curriculum, index, issue.path)
      // what stands beside the stages is wrong once, not once a stage
      const known = found.some(({ path, message }) => message === issue.message && path.join('.') === at.join('.'))
      if (!known) found.push({ ...issue, path: at })
    }
    // whatever it will be measured on
    if (stage.save_as_baseline !== undefined) baselines.set(stage.save_as_baseline, { measured: 0.5 })
  }
  return found
}

/** Where the file holds what stands at a path of a stage's sweep: in the stage, or beside the stages. */
function placeOf(curriculum: Curriculum, index: number, path: Issue['path']): Issue['path'] {
  const key = path[0] as keyof Curriculum | undefined
  const shared = key !== undefined && curriculum.stages[index]![key as 'train'] === undefined
  return shared && curriculum[key] !== undefined ? path : ['stages', index, ...path]
}

async function runStages(
  host: Host,
  given: Arguments,
  curriculum: Curriculum,
  { terminal, signals, directory }: Omit<Given, 'curriculum'> & { directory: string },
): Promise<{ stages: StageOutcome[]; code: number }> {
  const stages: StageOutcome[] = []
  const baselines = new Map<string, string>()
  for (const [index, stage] of curriculum.stages.entries()) {
    const start = startOf(curriculum, index)
    const from = start === null ? null : stages[start]!
    const init = from === null ? null : from.picked!.point.checkpoint!.path!
    const place = `stage ${index + 1} of ${curriculum.stages.length} of ${printable(curriculum.name)}`
    const text = `# ${place}\n${writeSweepText(sweepOfStage(curriculum, index, { init, baselines }))}`
    const { definition, issues } = await host.check({ text, directory })
    if (definition === null || issues.length > 0) {
      tellIssues(given.file, issues)
      return { stages, code: exitCodes.notScored }
    }
    const label = `Stage ${index + 1} of ${curriculum.stages.length}, `
    const options = { afresh: given.afresh, terminal, signals, label }
    const ran = await runSweep(host, { text, directory }, definition, options)
    if (ran === null) return { stages, code: exitCodes.interrupted }
    const { sweep, interrupted } = ran
    const outcome: StageOutcome = { name: stage.name, from: from?.name ?? null, sweep, picked: null, baseline: null }
    stages.push(outcome)
    if (interrupted) return { stages, code: exitCodes.interrupted }
    if (sweep.counts.scored < sweep.counts.points) {
      if (index + 1 < curriculum.stages.length) {
        console.error(`The stages after ${printable(stage.name)} were not started. The same command tries again.`)
      }
      return { stages, code: exitCodes.notScored }
    }
    outcome.picked = await pick(host, sweep, stage.pick)
    if (stage.save_as_baseline !== undefined) {
      outcome.baseline = await saveBaseline(host, sweep, outcome.picked.point, stage.save_as_baseline)
      baselines.set(stage.save_as_baseline, outcome.baseline)
    }
  }
  return { stages, code: exitCodes.scored }
}

/** Picks as the rule says, through the verb that a person's pick takes; why is written as the checkpoint's note. */
async function pick(host: Host, sweep: WholeSweep, rule: Parameters<typeof pickByRule>[0]) {
  const candidates = sweep.points.map((point) => ({
    point,
    at: point.checkpoint?.step ?? point.checkpoint?.epoch ?? 0,
    score: point.score!,
    tiedWithBest: point.tiedWithBest,
  }))
  const { picked, reason } = pickByRule(rule, candidates)
  const { point } = picked
  if (point.checkpoint?.path == null) {
    const what = `point ${point.number} of ${printable(sweep.name)}`
    throw new SweepboardError(
      'conflict',
      `The rule ${rule} picks ${what}, whose checkpoint has no path: its trainer reported none. Expected a checkpoint to start the next stage from.`,
    )
  }
  await host.pick(point.checkpoint.id, `Picked by the rule ${rule}: ${reason}.`)
  return { point, rule, reason }
}

/** Stores what the picked checkpoint was measured at as a baseline; gives the name that it has. */
async function saveBaseline(host: Host, sweep: WholeSweep, point: PointView, name: string): Promise<string> {
  const accuracies: Record<string, number> = {}
  for (const [benchmark, { accuracy }] of Object.entries(point.results)) {
    if (accuracy === null) continue
    if (accuracy === 0) {
      throw new SweepboardError(
        'conflict',
        `${printable(sweep.name)} was right on no question of ${printable(benchmark)}: its accuracies cannot be the baseline ${name}, as a score divides by them. Expected accuracies above 0.`,
      )
    }
    accuracies[benchmark] = accuracy
  }
  const note = `Measured: ${pickedName(point, sweep)} of ${sweep.name}, sweep ${sweep.id}.`
  const wanted = { name, note, accuracies }
  const known = nameOfBaseline(wanted, await host.baselines())
  if (!known.stored) await host.saveBaseline({ ...wanted, name: known.name })
  return known.name
}
