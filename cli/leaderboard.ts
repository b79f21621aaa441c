/** The outcome of a sweep as a table of text: best first. */
import { rankPoints } from '../domain/asking/order.ts'
import { isMostlyLuck } from '../domain/score/uncertainty.ts'
import type { PointView } from '../contract/api/points.ts'
import type { WholeSweep } from '../contract/api/sweeps.ts'
import { scorePlace } from '../domain/sweep/objective.ts'
import { formatDuration, plural, raceWords, scoreText } from '../domain/words.ts'
import { type TextColumn, intervalText, percentText, printable, sweepProgressWords, tableLines } from './text.ts'
import { ownValue } from '../domain/own-value.ts'

const mostRows = 50

/** The scored points, best first, with what the score rests on; then what the marks mean. */
export function leaderboard(sweep: WholeSweep): string {
  const scored = rankPoints(sweep.points, sweep.objective?.goal).filter(({ score }) => score !== null)
  const took =
    sweep.startedAt !== null && sweep.finishedAt !== null
      ? ` in ${formatDuration((sweep.finishedAt - sweep.startedAt) / 1000)}`
      : ''
  const head = `${printable(sweep.name)}: ${sweepProgressWords(sweep)}${took}`
  if (scored.length === 0) return `${head}\n`
  const { objectives = [] } = sweep.definition
  const place = scorePlace(sweep.definition)
  const benchmarks = Object.keys(sweep.score.baseline.accuracies)
  const hasIntervals = scored.some((point) => point.interval !== null)
  const hasChances = scored.some((point) => point.chanceOfBest !== null)
  const columns: TextColumn<PointView>[] = [
    { title: '', right: true, of: (point, index) => (point.broken === null ? String(index + 1) : '') },
    { title: '', of: (point) => (point.broken !== null ? '!' : point.onFront ? '*' : point.tiedWithBest ? '~' : '') },
    {
      title: sweep.objective ? shortened(sweep.objective.metric) : 'score',
      right: true,
      of: (point) => scoreText(point.score!),
    },
    ...objectives.flatMap(({ metric }, at): TextColumn<PointView>[] =>
      at === place
        ? []
        : [{ title: shortened(metric), right: true, of: (point) => valueText(point.objectives[at] ?? null) }],
    ),
    ...(hasIntervals ? [{ title: '95 % interval', of: (point: PointView) => intervalText(point.interval) }] : []),
    ...(hasChances ? [{ title: 'best %', right: true, of: chanceText }] : []),
    ...sweep.axes.map(({ name }) => ({
      title: name,
      of: (point: PointView) => shortened(ownValue(point.params, name) ?? ''),
    })),
    ...benchmarks.map((name) => ({
      title: `${shortened(name)} %`,
      right: true,
      of: (point: PointView) => percentText(ownValue(point.results, name)?.accuracy),
    })),
    ...(sweep.race === null
      ? []
      : [{ title: 'questions asked', right: true, of: (point: PointView) => askedText(point) }]),
    { title: 'run', right: true, of: (point) => String(point.runNumber) },
  ]
  const lines = tableLines(columns, scored.slice(0, mostRows))
  const rest =
    scored.length > mostRows ? [`… and ${plural(scored.length - mostRows, 'point')} more; --json has them all`] : []
  const luck = isMostlyLuck(scored)
    ? ['Scores this close: mostly luck, so no chances of being the best are stated.']
    : []
  const tied = scored.some((point) => point.tiedWithBest) ? ['~ may be the best: these questions cannot tell'] : []
  const race = sweep.race === null || sweep.race.stopped === 0 ? [] : [raceWords(sweep.race)]
  const notes = [...tied, ...luck, ...race, ...objectiveNotes(sweep), ...limitNotes(sweep)]
  return `${[head, '', ...lines, ...rest, ...(notes.length > 0 ? ['', ...notes] : []), ...finalistLines(sweep)].join('\n')}\n`
}

/** What became of those that could not be told from the best. */
function finalistLines({ finalists, axes }: WholeSweep): string[] {
  if (finalists === null || finalists.way === null) return []
  const { settings, words, way } = finalists
  if (settings.length === 0) return ['', words]
  const isTied = (setting: (typeof settings)[number]) => setting.mayBeBest === true && setting !== settings[0]
  const columns: TextColumn<(typeof settings)[number]>[] = [
    { title: '', of: (setting) => (isTied(setting) ? '~' : '') },
    {
      title: way === 'seeds' ? 'mean over seeds' : 'over samples',
      right: true,
      of: ({ mean }) => (mean === null ? '' : scoreText(mean)),
    },
    { title: '95 % interval', of: ({ interval }) => intervalText(interval) },
    ...axes
      .filter(({ name }) => Object.hasOwn(settings[0]!.params, name))
      .map(({ name }) => ({
        title: name,
        of: ({ params }: (typeof settings)[number]) => shortened(ownValue(params, name) ?? ''),
      })),
    {
      title: 'each seed',
      of: ({ seeds }) =>
        seeds.map(({ seed, score }) => `${seed}: ${score === null ? '–' : scoreText(score)}`).join(', '),
    },
  ]
  const tied = settings.some(isTied) ? ['', '~ cannot be told from the best of them'] : []
  return ['', words, '', ...tableLines(columns, settings), ...tied]
}

function askedText({ asked, questions }: PointView): string {
  return asked === null ? String(questions ?? '') : `${asked}, cannot win`
}

/** Which way the metric is better, and what its best value rests on. */
function objectiveNotes({ objective }: WholeSweep): string[] {
  if (objective === null) return []
  return [
    `${objective.goal === 'minimize' ? 'Less' : 'More'} ${printable(objective.metric)} is better. How much of a difference is luck, one run each cannot say.`,
    ...(objective.at === 'best' ? ['The best of many steps is good by luck too.'] : []),
  ]
}

/** What the marks of several objectives and of constraints mean. */
function limitNotes({ definition: { objectives, constraints }, inShort }: WholeSweep): string[] {
  return [
    ...(objectives
      ? [
          `* on the Pareto front of ${objectives.map(({ metric, goal }) => `${printable(metric)} (${goal})`).join(', ')}: no other point is better in all`,
        ]
      : []),
    ...(constraints && inShort.broken > 0
      ? [`! breaks a constraint (${constraints.map(printable).join(', ')}) and is not ranked`]
      : []),
  ]
}

const valueText = (value: number | null) => (value === null ? '' : String(Number(value.toPrecision(5))))

function chanceText({ chanceOfBest }: PointView): string {
  if (chanceOfBest === null) return ''
  return chanceOfBest < 0.0005 ? '<0.1' : (100 * chanceOfBest).toFixed(1)
}

/** A value as a cell of a table. */
export function shortened(text: string): string {
  const characters = [...printable(text)]
  return characters.length > 40 ? `${characters.slice(0, 39).join('')}…` : characters.join('')
}
