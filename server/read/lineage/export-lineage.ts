/** A chain as a report: the runs from a base model to one run, with what each changed and reached. */
import { findBaseline } from '../../../db/queries/baselines.ts'
import { differenceWords } from '../../../domain/sweep/settings/definition-differences.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { chainOf, nothingChanged, placeRuns } from '../../../domain/life/lineage.ts'
import type { LineageRunView } from '../../../contract/api/lineage.ts'
import type { Context } from '../../base/context.ts'
import { escapeMarkdown, markdownTable } from '../../formats/markdown.ts'
import { describeLineage } from './describe-lineage.ts'
import { ownValue } from '../../../domain/own-value.ts'

export type LineageReport = {
  base: string
  /** Name of the baseline that all scores compare with; null: each sweep's own. */
  baseline: string | null
  runs: (Omit<LineageRunView, 'progress' | 'base' | 'others'> & { startedFrom: string })[]
}

/**
 * The chain that ends at a run, against one stored baseline or each sweep's own.
 * Throws `not-found` for a run that is in no lineage, and for a baseline that does not exist.
 */
export function reportChain(context: Context, runId: number, baselineId: number | null): LineageReport {
  const { runs } = describeLineage(context, baselineId)
  const places = placeRuns(runs.map(({ id, parentId }) => ({ id, parentId, isRound: false })))
  const byId = new Map(runs.map((run) => [run.id, run]))
  const chain = chainOf(places, runId).map((id) => byId.get(id)!)
  if (chain.length === 0) throw new SweepboardError('not-found', `Run ${runId} is in no lineage.`)
  return {
    base: chain[0]!.base!,
    baseline: baselineId === null ? null : findBaseline(context.database, baselineId)!.name,
    runs: chain.map(({ progress: _progress, base, others: _others, ...run }, at) => {
      const start = chain[at - 1]?.checkpoints.find(({ id }) => id === run.startCheckpointId)
      return { ...run, startedFrom: start ? `${chain[at - 1]!.home.name}, ${placeOf(start)}` : base! }
    }),
  }
}

/**
 * The report as Markdown: a table of the chain, its timeline, what changed at each run, and the accuracies behind the scores.
 * `timeline`: the picture's SVG. It is put into the text, so that the report stays one file.
 */
export function reportAsMarkdown({ base, baseline, runs }: LineageReport, timeline: string | null): string {
  const last = runs.at(-1)!
  const benchmarks = [...new Set(runs.flatMap((run) => Object.keys(run.chosen?.accuracies ?? {})))]
  const rounded = runs.some((run) => run.chosen?.rounded)
  const lines = [
    `# From ${escapeMarkdown(base)} to ${escapeMarkdown(last.home.name)}`,
    '',
    `Scores compare with ${baseline === null ? 'the baseline of each sweep' : `the baseline ${escapeMarkdown(baseline)}`}.` +
      (rounded ? ' Those marked ≈ rest on published figures that are known only rounded.' : ''),
    '',
    ...markdownTable(
      ['Round', 'Run', 'Started from', 'Steps', 'Checkpoint', 'Score', '95 % interval'],
      runs.map((run) => [
        run.round === null ? run.trainer : String(run.round),
        `${run.home.name}, ${run.runName}`,
        run.startedFrom,
        run.lastStep === null ? '–' : String(run.lastStep),
        run.chosen === null ? '–' : placeOf(run.chosen) + (run.chosen.picked ? ' (picked)' : ''),
        `${run.chosen?.rounded && run.chosen.score !== null ? '≈ ' : ''}${run.chosen?.score?.toFixed(3) ?? '–'}`,
        run.chosen?.interval?.map((end) => end.toFixed(2)).join(' to ') ?? '–',
      ]),
    ),
    '',
    ...(timeline === null
      ? []
      : [
          '## Reward and score over all steps',
          '',
          `![Reward and score by steps](data:image/svg+xml;base64,${Buffer.from(timeline).toString('base64')})`,
          '',
        ]),
    '## What changed',
    '',
    ...runs.flatMap((run, at) => {
      const said = run.changes.map((change) => `- \`${differenceWords(change).replaceAll('`', "'")}\``)
      const none =
        at === 0
          ? `- starts from ${escapeMarkdown(base)}`
          : `- ${nothingChanged(runs[at - 1]!.home.kind, run.home.kind)} but where it starts`
      return [`${escapeMarkdown(`${run.home.name}, ${run.runName}`)}:`, '', ...(said.length > 0 ? said : [none]), '']
    }),
  ]
  if (benchmarks.length > 0) {
    const measured = runs.filter((run) => run.chosen !== null && Object.keys(run.chosen.accuracies).length > 0)
    lines.push('## Accuracies, %', '')
    lines.push(
      ...markdownTable(
        ['Run', ...benchmarks],
        measured.map((run) => [
          `${run.home.name}, ${placeOf(run.chosen!)}`,
          ...benchmarks.map((name) => {
            const accuracy = ownValue(run.chosen!.accuracies, name)
            return accuracy === undefined ? '–' : (100 * accuracy).toFixed(1)
          }),
        ]),
      ),
      '',
    )
  }
  const notes = runs.filter((run) => run.chosen !== null && run.chosen.note !== '')
  if (notes.length > 0) {
    lines.push('## Notes', '')
    for (const run of notes)
      lines.push(`- ${escapeMarkdown(run.home.name)}, ${placeOf(run.chosen!)}: ${escapeMarkdown(run.chosen!.note)}`)
    lines.push('')
  }
  return lines.join('\n')
}

/** Where a checkpoint stands, in words. */
export function placeOf({ step, epoch }: { step: number | null; epoch: number | null }): string {
  if (step !== null) return `step ${step}`
  return epoch === null ? 'checkpoint' : `epoch ${epoch}`
}
