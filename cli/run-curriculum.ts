/** A curriculum: started in this process or on a server, followed stage by stage as a sweep is. */
import { isCurriculumAtRest } from '../domain/life/run-status.ts'
import type { CurriculumView } from '../contract/api/curricula.ts'
import type { ListedPoint } from '../contract/api/points.ts'
import type { SweepDetail } from '../contract/api/sweeps.ts'
import type { Arguments } from './arguments.ts'
import { curriculumResult, curriculumTable, type StageOutcome } from './curriculum-outcome.ts'
import { exitCodes } from './exit-codes.ts'
import type { Host, SweepText } from './host.ts'
import { type ProgressView, progressView } from './progress.ts'
import { endedPoints, pausedFor, stopWhereHalted, tellWhatIsMissing } from './run-sweep.ts'
import type { Signals } from './signals.ts'
import { plural } from '../domain/words.ts'
import { printable, sweepProgressWords, tellIssues } from './text.ts'

type Given = { terminal: string | undefined; signals: Signals }

/** Checks the whole file, starts it or lets it go on, follows it, prints the outcome, and gives the exit code. */
export async function runCurriculum(host: Host, given: Arguments, file: SweepText, shown: Given): Promise<number> {
  const issues = await host.checkCurriculum(file)
  if (issues.length > 0) {
    tellIssues(given.file, issues)
    return exitCodes.refused
  }
  if (shown.signals.seen()) {
    console.error('Stopped before anything was started.')
    return exitCodes.interrupted
  }
  const startedAt = Date.now()
  const id = await host.startCurriculum(file, given.afresh)
  const { stages, interrupted } = await followStages(host, id, startedAt, shown)
  const curriculum = await host.curriculum(id)
  const size = { name: curriculum.name, stages: curriculum.stages.length }
  if (given.json) process.stdout.write(`${JSON.stringify(curriculumResult(size, stages), null, 2)}\n`)
  else process.stdout.write(curriculumTable(size, stages))
  if (interrupted) {
    console.error(
      `Stopped with ${curriculum.stagesDone} of ${curriculum.stages.length} stages done. ${host.interruption.after}`,
    )
    return exitCodes.interrupted
  }
  if (curriculum.status === 'done') return exitCodes.scored
  const why = curriculum.reason === null ? '' : ` ${printable(curriculum.reason)}`
  console.error(
    `The curriculum ${curriculum.status === 'running' ? 'waits' : `is ${curriculum.status}`}.${why} The same command tries again.`,
  )
  return exitCodes.notScored
}

/** Shows each stage until its checkpoint is picked; ends with the one that was interrupted, or goes no further. */
async function followStages(
  host: Host,
  id: number,
  startedAt: number,
  { terminal, signals }: Given,
): Promise<{ stages: StageOutcome[]; interrupted: boolean }> {
  const stages: StageOutcome[] = []
  for (let place = 0; place < (await host.curriculum(id)).stages.length; place++) {
    const view = progressView(process.stderr, terminal)
    const interrupted = await followStage(host, id, place, { view, signals, startedAt })
    view.end()
    const { name, from, rule, sweep: started, picked, baseline } = (await host.curriculum(id)).stages[place]!
    if (started === null) return { stages, interrupted }
    const sweep = await host.outcome(started.id)
    const point = sweep.points.find(({ number }) => number === picked?.pointNumber)
    stages.push({
      name,
      from,
      sweep,
      picked: picked === null || point === undefined ? null : { point, rule, reason: picked.reason },
      baseline,
    })
    if (picked !== null) continue
    tellWhatIsMissing(sweep)
    return { stages, interrupted }
  }
  return { stages, interrupted: false }
}

/** Shows a stage until its checkpoint is picked or nothing more happens to it. Gives whether a signal came first. */
async function followStage(
  host: Host,
  id: number,
  place: number,
  { view, signals, startedAt }: { view: ProgressView; signals: Signals; startedAt: number },
): Promise<boolean> {
  let told = false
  for (;;) {
    const lookedAt = performance.now()
    const curriculum = await host.curriculum(id)
    const stage = curriculum.stages[place]!
    const sweep = stage.sweep === null ? null : await host.sweep(stage.sweep.id)
    if (sweep !== null) {
      const ended = view.tellsPoints ? await endedPoints(host, sweep) : []
      if (!told) announce(host, curriculum, { place, sweep, ended }, view, startedAt)
      told = true
      view.show(sweep, ended)
    }
    if (stage.picked !== null) return false
    const atRest = isCurriculumAtRest(curriculum.status) || sweep?.status === 'paused'
    if (atRest && (sweep?.slotsHeld ?? 0) === 0) return false
    if ((sweep?.slotsHeld ?? 0) === 0) await stopWhereHalted(host, view)
    const next = Promise.all([host.changed(sweep?.id ?? null), pausedFor(performance.now() - lookedAt)])
    if ((await Promise.race([next, signals.first])) !== true) continue
    view.end()
    console.error(host.interruption.before(sweep))
    await host.interruption.interruptCurriculum(id, sweep?.id ?? null)
    return true
  }
}

function announce(
  host: Host,
  curriculum: CurriculumView,
  { place, sweep, ended }: { place: number; sweep: SweepDetail; ended: ListedPoint[] },
  view: ProgressView,
  startedAt: number,
): void {
  const name = `Stage ${place + 1} of ${curriculum.stages.length}, ${printable(sweep.name)}`
  const points = plural(sweep.counts.points, 'point')
  if (sweep.createdAt >= startedAt) {
    view.say(`${name}: ${plural(sweep.counts.trainings, 'training')}, ${points}; ${host.slots}; ${host.place}`)
  } else {
    view.say(`${name} goes on: ${sweepProgressWords(sweep)}; ${host.place}`)
    view.skip(ended)
  }
}
