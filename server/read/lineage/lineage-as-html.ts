/** A chain as a page to hand on: its runs, the plot over all steps, what each changed and what it reached. */
import { nothingChanged } from '../../../domain/life/lineage.ts'
import { differenceWords } from '../../../domain/sweep/settings/definition-differences.ts'
import { ownValue } from '../../../domain/own-value.ts'
import { html, htmlPage, htmlTable, type HtmlCell } from '../../formats/html-page.ts'
import { placeOf, type LineageReport } from './export-lineage.ts'

const number = (value: string): HtmlCell => ({ number: value })

/** `timeline`: the plot's SVG, on white. */
export function lineageAsHtml(report: LineageReport, timeline: string | null, made: number): string {
  const { base, baseline, runs } = report
  const benchmarks = [...new Set(runs.flatMap((run) => Object.keys(run.chosen?.accuracies ?? {})))]
  const body = [
    html`<p class="quiet">
      Scores compare with ${baseline === null ? 'the baseline of each sweep' : `the baseline ${baseline}`}.
    </p>`,
    htmlTable(
      [
        'round',
        'run',
        'started from',
        number('steps'),
        'checkpoint',
        number('score'),
        number('95 % interval'),
        ...benchmarks.map((name) => number(`${name}, %`)),
      ],
      runs.map(({ round, trainer, home, runName, startedFrom, lastStep, chosen }) => [
        round === null ? trainer : String(round),
        `${home.name}, ${runName}`,
        startedFrom,
        number(lastStep === null ? '–' : String(lastStep)),
        chosen === null ? '–' : placeOf(chosen) + (chosen.picked ? ' (picked)' : ''),
        number(chosen?.score == null ? '–' : `${chosen.rounded ? '≈ ' : ''}${chosen.score.toFixed(3)}`),
        number(chosen?.interval?.map((end) => end.toFixed(2)).join(' to ') ?? '–'),
        ...benchmarks.map((name) => {
          const accuracy = chosen === null ? undefined : ownValue(chosen.accuracies, name)
          return number(accuracy === undefined ? '–' : (100 * accuracy).toFixed(1))
        }),
      ]),
    ),
    timeline !== null &&
      html`<h2>Reward and score over all steps</h2>
        <img
          class="paper"
          alt="Reward and score by steps"
          src="data:image/svg+xml;base64,${Buffer.from(timeline).toString('base64')}"
        />`,
    html`<h2>What changed</h2>`,
    runs.map(
      ({ home, runName, changes }, at) =>
        html`<p>${home.name}, ${runName}:</p>
          <ul>
            ${
              changes.length > 0
                ? changes.map((change) => html`<li><code>${differenceWords(change)}</code></li>`)
                : html`<li>
                    ${at === 0 ? `starts from ${base}` : `${nothingChanged(runs[at - 1]!.home.kind, home.kind)} but where it starts`}
                  </li>`
            }
          </ul>`,
    ),
    runs
      .filter(({ chosen }) => chosen !== null && chosen.note !== '')
      .map(({ home, chosen }) => html`<p>${home.name}, ${placeOf(chosen!)}: ${chosen!.note}</p>`),
  ]
  return htmlPage({ title: `From ${base} to ${runs.at(-1)!.home.name}`, body: [html`${body}`], data: report, made })
}
