/** A sweep as a page to hand on: its answer, its points with their intervals, and its file. */
import type { WholeSweep } from '../../../contract/api/sweeps.ts'
import { rankPoints } from '../../../domain/asking/order.ts'
import { ownValue } from '../../../domain/own-value.ts'
import { scoreText } from '../../../domain/words.ts'
import { html, htmlPage, htmlTable, scoresAsSvg, type HtmlCell } from '../../formats/html-page.ts'
import { sweepResult } from './sweep-result.ts'

const mostDrawn = 40
const mostListed = 500
/** Of more points a file would take tens of megabytes; CSV and JSON have all. */
const mostData = 5000

export function sweepAsHtml(sweep: WholeSweep, made: number): string {
  const { axes, counts, score, objective } = sweep
  const measure = objective?.metric ?? 'score'
  const ranked = rankPoints(sweep.points, objective?.goal)
  const scored = ranked.filter((point) => point.score !== null)
  const benchmarks = [...new Set(ranked.slice(0, mostListed).flatMap(({ results }) => Object.keys(results)))]
  const varied = axes.map(({ name }) => name)
  const nameOf = ({ params }: (typeof ranked)[number]) =>
    varied.map((name) => `${name} ${ownValue(params, name) ?? '–'}`).join(', ')
  const best = sweep.bestPoint
  const tied = scored.filter(({ tiedWithBest, id }) => tiedWithBest && id !== best?.id).length
  const number = (value: string): HtmlCell => ({ number: value })
  const body = [
    html`<p class="quiet">
      ${sweep.status}; ${counts.points} points of ${counts.trainings} trainings, ${counts.scored}
      scored${counts.failed > 0 ? `, ${counts.failed} failed` : ''}.
    </p>`,
    best
      ? html`<p>
          <b>Best: ${objective && `${measure} `}${best.rounded ? '≈ ' : ''}${scoreText(best.score!)}</b
          >${best.interval && ` (95 % interval ${best.interval[0].toFixed(2)} to ${best.interval[1].toFixed(2)})`} at
          ${nameOf(best)}.${tied > 0 && ` ${tied === 1 ? 'Another cannot' : `${tied} others cannot`} be told from it.`}${objective && ` ${objective.goal === 'minimize' ? 'Less' : 'More'} is better.`}
        </p>`
      : html`<p>
          ${sweep.isScored ? `No point has a ${measure}.` : 'This sweep keeps track of its runs and scores nothing.'}
        </p>`,
    sweep.note !== '' && html`<p>${sweep.note}</p>`,
    sweep.code.map((sentence) => html`<p>${sentence}</p>`),
    scored.length > 0 &&
      html`<h2>${objective ? measure : 'Scores with their 95 % intervals'}</h2>
        ${scored.length > mostDrawn && html`<p class="quiet">The best ${mostDrawn} of ${scored.length}.</p>`}
        ${scoresAsSvg(
          scored
            .slice(0, mostDrawn)
            .map((point) => ({ name: nameOf(point), value: point.score!, interval: point.interval })),
          {
            at: objective ? null : 1,
            label: objective ? `${measure} of the points` : 'Scores of the points with their intervals',
          },
        )}
        ${objective === null && html`<p class="quiet">The dashed line is the baseline, 1.0.</p>`}`,
    html`<h2>Points</h2>
      ${ranked.length > mostListed && html`<p class="quiet">The best ${mostListed} of ${ranked.length}.</p>`}
      ${htmlTable(
        [
          '#',
          ...varied,
          number(measure),
          ...(objective ? [] : [number('95 % interval'), number('chance of best')]),
          ...benchmarks.map((name) => number(`${name}, %`)),
          'checkpoint',
          'what was wrong',
        ],
        ranked.slice(0, mostListed).map((point) => [
          String(point.number),
          ...varied.map((name) => ownValue(point.params, name) ?? '–'),
          number(point.score === null ? '–' : `${point.rounded ? '≈ ' : ''}${scoreText(point.score)}`),
          ...(objective
            ? []
            : [
                number(point.interval?.map((end) => end.toFixed(2)).join(' to ') ?? '–'),
                number(point.chanceOfBest?.toFixed(2) ?? '–'),
              ]),
          ...benchmarks.map((name) => {
            const accuracy = ownValue(point.results, name)?.accuracy ?? null
            return number(accuracy === null ? '–' : (100 * accuracy).toFixed(1))
          }),
          point.checkpoint?.step != null ? `step ${point.checkpoint.step}` : point.checkpoint ? 'yes' : '–',
          point.error ?? point.broken ?? (point.score === null && sweep.isScored ? point.status : ''),
        ]),
      )}`,
    Object.keys(score.baseline.accuracies).length > 0 &&
      html`<h2>Baseline${score.baseline.name !== null && ` ${score.baseline.name}`}</h2>
        ${htmlTable(
          ['benchmark', number('accuracy, %')],
          Object.entries(score.baseline.accuracies).map(([name, accuracy]) => [
            name,
            number((100 * accuracy).toFixed(1)),
          ]),
        )}`,
    sweep.origin !== 'imported' &&
      html`<h2>The sweep as a file</h2>
        <pre>${sweep.source}</pre>`,
  ]
  const data =
    ranked.length <= mostData
      ? sweepResult(sweep)
      : {
          sweep: { id: sweep.id, name: sweep.name, status: sweep.status },
          points: `${ranked.length}: too many for a page`,
        }
  return htmlPage({ title: sweep.name, body: [html`${body}`], data, made })
}
