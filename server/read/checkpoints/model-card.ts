/** A model card: what a checkpoint is, where it came from and what it was measured to do, as Markdown. */
import { scoringOf } from '../../../domain/sweep/scoring.ts'
import { findOwnRun } from '../../../db/queries/own-runs.ts'
import { clientTitles, type OwnClient } from '../../../domain/sweep/track.ts'
import { findCheckpoint, listEvaluations, type CheckpointRow } from '../../../db/queries/checkpoints.ts'
import type { AnyJobRow } from '../../../db/queries/jobs.ts'
import { listRunEvaluations } from '../../../db/queries/jobs.ts'
import { listCheckpointPoints } from '../../../db/queries/points.ts'
import { escapeMarkdown, markdownTable } from '../../formats/markdown.ts'
import type { Context } from '../../base/context.ts'
import { intervalAt, scoreColumns } from '../../tables/score-columns.ts'
import { ancestryOf, describeStart } from '../runs/describe-start.ts'
import { describeJob } from '../runs/describe-run.ts'
import { baselineOf } from '../../base/finding/baseline-of.ts'
import { describeResults } from '../../tables/describe-results.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { runTitle } from '../../base/finding/run-home.ts'
import { describeRepeats } from './describe-repeats.ts'
import { checkpointName } from '../../base/finding/find-checkpoint.ts'
import { ownValue } from '../../../domain/own-value.ts'

const percent = (share: number) => (100 * share).toFixed(1)
const between = (interval: [number, number] | null, write: (end: number) => string) =>
  interval === null ? '–' : `${write(interval[0])} to ${write(interval[1])}`

/** The card of a checkpoint of this run. */
export function modelCard(context: Context, run: AnyJobRow, checkpoint: CheckpointRow): string {
  const { database } = context
  const sweep = run.sweepId === null ? null : requireSweep(context, run.sweepId)
  const baseline = sweep === null ? { name: null, accuracies: {} } : baselineOf(context, sweep)
  const scoring = scoringOf(sweep?.definition ?? {})
  const rows = listEvaluations(database, [checkpoint.id])
  const results = describeResults(rows, baseline.accuracies, scoring.questions)
  const point = listCheckpointPoints(database, checkpoint.id)[0]
  const { score, interval } = scoreOf(context, checkpoint)
  const params = Object.entries(point?.params ?? run.params)
  const lines = [
    `# ${escapeMarkdown(runTitle(context, run))}, ${checkpointName(checkpoint)}`,
    '',
    `${savedBy(context, run)} at ` +
      `${place(checkpoint)}, ${new Date(checkpoint.createdAt).toISOString().slice(0, 10)}.` +
      (checkpoint.note === '' ? '' : ` ${escapeMarkdown(checkpoint.note)}`),
    '',
    '## Parameters',
    '',
    ...(params.length > 0
      ? markdownTable(
          ['parameter', 'value'],
          params.map(([name, value]) => [name, value]),
        )
      : ['None.']),
    '',
    '## Accuracies',
    '',
  ]
  if (Object.keys(results).length === 0) lines.push('It was not evaluated.')
  else {
    const of =
      sweep === null
        ? 'a baseline, as a run of its own has none'
        : baseline.name === null
          ? 'the baseline of its sweep'
          : `the baseline ${escapeMarkdown(baseline.name)}`
    const said = score === null ? `It has no score against ${of}.` : `Score against ${of}: **${score.toFixed(3)}**`
    const error = interval === null ? '' : ` (95 % interval ${between(interval, (end) => end.toFixed(2))})`
    const how = `, the ${scoring.aggregate.replace('-', ' ')} of accuracy ÷ baseline.`
    lines.push(score === null ? said : `${said}${error}${how}`, '')
    lines.push(
      ...markdownTable(
        ['benchmark', 'accuracy, %', 'right', '95 % interval, %', 'baseline, %', 'ratio'],
        Object.entries(results).map(([name, result]) => [
          name,
          result.accuracy === null ? '–' : percent(result.accuracy),
          result.correct === null ? '–' : `${result.correct} of ${result.total}`,
          between(result.interval, percent),
          ownValue(baseline.accuracies, name) === undefined ? '–' : percent(ownValue(baseline.accuracies, name)!),
          result.ratio === null ? '–' : result.ratio.toFixed(2),
        ]),
      ),
    )
  }
  const repeats =
    sweep &&
    describeRepeats(context, {
      sweep,
      baseline: baseline.accuracies,
      checkpointIds: [checkpoint.id],
      jobs: listRunEvaluations(database, run.id),
      describeJob: (job) => describeJob(context, job),
    }).get(checkpoint.id)
  for (const again of repeats?.scores ?? []) {
    lines.push(
      '',
      `Measured again, ${repeats!.builtIn ? 'sampled' : 'its command told to sample'} at temperature ${again.temperature}:`,
      '',
    )
    lines.push(
      ...markdownTable(
        ['benchmark', 'accuracy, %', 'samples a question', '95 % interval, %'],
        Object.entries(again.results).map(([name, result]) => [
          name,
          percent(result.accuracy),
          String(result.samples),
          between(result.interval, percent),
        ]),
      ),
    )
  }
  lines.push('', '## Lineage', '', ...lineage(context, run, checkpoint), '')
  return lines.join('\n')
}

function savedBy(context: Context, run: AnyJobRow): string {
  if (run.sweepId === null) return cameBy(findOwnRun(context.database, run.id)!.own.client)
  const { trainer } = requireSweep(context, run.sweepId).definition
  return `Saved by ${trainer ? `the built-in trainer ${trainer}` : 'a training command'} of Sweepboard`
}

const cameBy = (client: OwnClient) =>
  client === 'import' ? 'Imported into Sweepboard' : `Logged to Sweepboard by ${clientTitles[client]}'s client`

/** From the base model to this checkpoint, a line each. */
function lineage(context: Context, run: AnyJobRow, checkpoint: CheckpointRow): string[] {
  const chain = ancestryOf(context, run)
  const first = describeStart(context, chain[0]!)
  const lines = [
    first === null
      ? chain[0]!.sweepId === null
        ? '- the model of a script'
        : '- new weights'
      : `- \`${first.init.replaceAll('`', "'")}\``,
  ]
  chain.forEach((one, at) => {
    const next = chain[at + 1]
    const reached = next === undefined ? checkpoint : findCheckpoint(context.database, next.initCheckpointId!)!
    const { score } = scoreOf(context, reached)
    const scored = score === null ? '' : `, score ${score.toFixed(3)} against its sweep’s baseline`
    lines.push(`- ${escapeMarkdown(runTitle(context, one))}, ${place(reached)}${scored}`)
  })
  return lines
}

function scoreOf(context: Context, checkpoint: CheckpointRow) {
  const scores = scoreColumns(context, null)
  const place = scores.columns.placeOf.get(checkpoint.id)!
  const score = scores.score[place]!
  return { score: Number.isNaN(score) ? null : score, interval: intervalAt(scores, place) }
}

function place({ step, epoch }: CheckpointRow): string {
  const parts = [step !== null && `step ${step}`, epoch !== null && `epoch ${epoch}`].filter(Boolean)
  return parts.length > 0 ? parts.join(', ') : 'its end'
}
