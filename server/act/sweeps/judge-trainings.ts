/**
 * Judges the trainings of a sweep that stops some of them early: what each had reached is stored once, decided once, and carried out
 * until it is done. Whatever a kill leaves, the next look goes on from the rows.
 */
import { listUnreadAnswers } from '../../../db/queries/answers.ts'
import {
  decide,
  insertReading,
  type JudgementRow,
  listJudgements,
  listPointsToJudge,
  listRunsToJudge,
  type PointToJudge,
  type RunToJudge,
} from '../../../db/queries/judgements.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import { isJobFinished, isJobLive, type JobStatus } from '../../../domain/life/run-status.ts'
import { judge } from '../../../domain/stopping/judges.ts'
import type { JudgedRun, Snapshot } from '../../../domain/stopping/method.ts'
import { keepsAll } from '../../../domain/stopping/milestones.ts'
import { defaultFactor, defaultKeep, holds, judgedBy, type Rungs, rungsOf } from '../../../domain/sweep/stop-rungs.ts'
import { type Context, notify } from '../../base/context.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { metricAt } from '../../base/finding/metric-at.ts'
import { alikeAtRung } from './alike-at-rung.ts'
import { divergedNow } from './diverged-now.ts'
import { holdRun, releaseHeld, stopEarly } from '../runs/stop-early.ts'

/** Statuses of points of which no score will be known. */
const withoutScore = ['failed', 'cancelled', 'stopped', 'done']

/** The rung of a training that was stopped as it diverged, whatever step that was at. */
const divergedRung = -1

/** What is known of a sweep's trainings. */
type Looked = { sweep: SweepRow; rungs: Rungs; runs: RunToJudge[]; points: PointToJudge[]; rows: JudgementRow[] }

/** Answers that are not read by then are not waited for. */
const mostAnswersWaitMilliseconds = 60_000

/** Looks once. Call in a transaction. `changed`: something is to be done; `waits`: it is to be asked again though nothing changes. */
export function judgeTrainings(context: Context, sweepId: number): { changed: boolean; waits: boolean } {
  const sweep = requireSweep(context, sweepId)
  // a person, or the breaker, has the last word
  if (sweep.definition.stop_early === undefined || (sweep.status !== 'waiting' && sweep.status !== 'running'))
    return { changed: false, waits: false }
  // finalists are trained to their end
  const { runs: lastRun, points: lastPoint } = sweep.finalists ?? { runs: Infinity, points: Infinity }
  const look = (): Looked => ({
    sweep,
    rungs: rungsOf(sweep.definition),
    runs: listRunsToJudge(context.database, sweepId).filter(({ number }) => number <= lastRun),
    points: listPointsToJudge(context.database, sweepId).filter(({ number }) => number <= lastPoint),
    rows: listJudgements(context.database, sweepId),
  })
  let looked = look()
  if (storeReadings(context, looked)) looked = look()
  const snapshot = snapshotOf(context, looked)
  const waits = waitsForAnswers(context, sweep)
  const decided = !waits && decideNow(context, looked, snapshot)
  const diverged = stopDiverged(context, looked)
  if (decided || diverged) looked = look()
  const changed = [carryOut(context, looked), holdWhoCame(context, looked, snapshot)].some(Boolean)
  if (changed || decided) notify(context, sweepId)
  return { changed, waits }
}

/** Whether answers are being read by which two trainings may be told apart. */
function waitsForAnswers({ database }: Context, { id, definition }: SweepRow): boolean {
  if (definition.stop_early!.method !== 'milestones' || judgedBy(definition).metric !== null) return false
  const since = Date.now() - mostAnswersWaitMilliseconds
  return listUnreadAnswers(database, id, 20).some(({ readOf }) => readOf > since)
}

/** A person lets it go on, whatever it is worth. */
const isSpared = ({ verdict }: JudgementRow) => verdict === 'spared'
const isOpen = ({ status }: RunToJudge) => !isJobFinished(status as JobStatus)

/** Stores what was reached since the last look. */
function storeReadings(context: Context, looked: Looked): boolean {
  const { runs, rows } = looked
  const known = new Set(rows.map(({ runId, rung }) => `${runId} ${rung}`))
  let found = 0
  const store = (runId: number, rung: number, value: number) => {
    if (known.has(`${runId} ${rung}`)) return
    insertReading(context.database, { runId, rung, value: Number.isFinite(value) ? value : null })
    found++
  }
  const { metric } = judgedBy(looked.sweep.definition)
  if (metric === null) {
    for (const { runId, milestone, score, status, broken } of atRungs(looked))
      if (status === 'scored' && score !== null) store(runId, Number(milestone), broken ? NaN : score)
    return found > 0
  }
  for (const run of runs) {
    for (const { rung, step } of stepsOfRungs(looked, run)) {
      if (known.has(`${run.id} ${rung}`)) continue
      const value = metricAt(context, {
        run,
        metric,
        step,
        exact: looked.rungs.axis !== null,
        ended: !isJobLive(run.status as JobStatus),
      })
      if (value !== null) store(run.id, rung, value)
      else break
    }
  }
  return found > 0
}

/** The points at the rungs, in the order that they were scored. */
function atRungs({ points, rungs }: Looked): PointToJudge[] {
  const wanted = new Set(rungs.values)
  return points.filter(({ milestone }) => wanted.has(Number(milestone)))
}

/** The steps of the rungs that a run has come to. */
function stepsOfRungs(looked: Looked, run: RunToJudge): { rung: number; step: number }[] {
  const reached = run.lastStep ?? -1
  if (looked.rungs.axis === null)
    return looked.rungs.values.filter((rung) => rung <= reached).map((rung) => ({ rung, step: rung }))
  return atRungs(looked)
    .flatMap(({ runId, milestone, step }) =>
      runId === run.id && step !== null ? [{ rung: Number(milestone), step }] : [],
    )
    .toSorted((a, b) => a.rung - b.rung)
}

function snapshotOf(context: Context, looked: Looked): Snapshot {
  const { sweep, rungs, runs, rows, points } = looked
  const { metric, goal } = judgedBy(sweep.definition)
  const { factor = defaultFactor, keep = defaultKeep } = sweep.definition.stop_early!
  const byRun = Map.groupBy(rows, ({ runId }) => runId)
  const scores =
    metric === null
      ? new Map(points.map((point) => [`${point.runId} ${Number(point.milestone)}`, point.broken ? NaN : point.score]))
      : null
  const failed = Map.groupBy(
    metric === null ? atRungs(looked).filter(({ status }) => withoutScore.includes(status)) : [],
    ({ runId }) => runId,
  )
  return {
    goal,
    factor,
    keep,
    rungs: rungs.values,
    what: metric ?? 'score',
    at: (rung) => `${rungs.unit} ${rung}`,
    value: (value) => (metric === null ? value.toFixed(3) : String(Number(value.toPrecision(4)))),
    alike: metric === null ? alikeAtRung(context, sweep, points, runs) : () => null,
    runs: runs.map((run): JudgedRun => {
      const own = byRun.get(run.id) ?? []
      return {
        run: run.number,
        state: own.some(isSpared) || run.status === 'done' ? 'done' : isOpen(run) ? 'open' : 'over',
        // a baseline that was edited since gives other scores
        readings: own.flatMap(({ id, rung, value }) =>
          rung === divergedRung ? [] : [{ rung, value: scores?.get(`${run.id} ${rung}`) ?? value ?? NaN, order: id }],
        ),
        lacking: (failed.get(run.id) ?? []).map(({ milestone }) => Number(milestone)),
        judged: own.flatMap(({ rung, verdict }) => (verdict === null ? [] : [rung])),
      }
    }),
  }
}

function decideNow(context: Context, { sweep, runs }: Looked, snapshot: Snapshot): boolean {
  const ids = new Map(runs.map(({ id, number }) => [number, id]))
  const now = Date.now()
  const verdicts = judge(sweep.definition.stop_early!.method, snapshot)
  for (const { run, rung, goesOn, reason } of verdicts) {
    const runId = ids.get(run)!
    insertReading(context.database, { runId, rung, value: null })
    decide(context.database, { runId, rung, verdict: goesOn ? 'goes on' : 'stopped', reason, now })
  }
  return verdicts.length > 0
}

function stopDiverged(context: Context, { runs, rows }: Looked): boolean {
  const spared = new Set(rows.filter(({ rung }) => rung === divergedRung).map(({ runId }) => runId))
  const live = runs.filter((run) => isJobLive(run.status as JobStatus) && !spared.has(run.id))
  const found = divergedNow(
    context,
    live.map(({ id }) => id),
  )
  const now = Date.now()
  for (const { runId, reason } of found) {
    insertReading(context.database, { runId, rung: divergedRung, value: null })
    decide(context.database, { runId, rung: divergedRung, verdict: 'stopped', reason, now })
  }
  return found.length > 0
}

/** Stops whoever is to be stopped and has not been asked to, and lets go of whoever was held and goes on. */
function carryOut(context: Context, { runs, rows }: Looked): boolean {
  const byRun = Map.groupBy(rows, ({ runId }) => runId)
  let changed = false
  for (const run of runs) {
    if (!isOpen(run)) continue
    const own = byRun.get(run.id) ?? []
    const stopped = own.some(isSpared) ? undefined : own.find(({ verdict }) => verdict === 'stopped')
    if (stopped !== undefined) {
      // whoever else asked it to leave has the last word; the next look finds it again where it comes back
      if (run.stopReason !== null && run.stopReason !== 'hold') continue
      if (stopEarly(context, run.id, stopped.reason!, run.stopRequestedAt ?? undefined)) changed = true
    } else if (run.held !== null && own.some(({ rung, verdict }) => rung === run.held && verdict !== null)) {
      releaseHeld(context, run.id)
      changed = true
    }
  }
  return changed
}

/** Whoever has come to the rung and is not judged yet leaves its slot to others until it is. */
function holdWhoCame(context: Context, looked: Looked, snapshot: Snapshot): boolean {
  const [rung] = looked.rungs.values
  if (rung === undefined || !holds(looked.sweep.definition) || keepsAll(snapshot)) return false
  const judged = new Set(looked.rows.filter((row) => row.verdict !== null).map(({ runId }) => runId))
  const came = new Set(
    looked.rungs.axis === null
      ? looked.rows.filter((row) => row.rung === rung).map(({ runId }) => runId)
      : atRungs(looked).flatMap(({ runId, checkpointId }) => (checkpointId === null ? [] : [runId])),
  )
  const toHold = looked.runs.filter(
    ({ id, status, stopReason }) =>
      isJobLive(status as JobStatus) && stopReason === null && came.has(id) && !judged.has(id),
  )
  for (const { id } of toHold)
    holdRun(
      context,
      id,
      rung,
      `Held at ${snapshot.at(rung)}: it goes on, or is stopped, when the others have come as far.`,
    )
  return toHold.length > 0
}
