/** A comparison as a page to hand on: scores, what differs, and each against the first, question by question. */
import type { ComparedPair, CompareView } from '../../../contract/api/compare.ts'
import { ownValue } from '../../../domain/own-value.ts'
import { html, htmlPage, htmlTable, scoresAsSvg, type Html, type HtmlCell } from '../../formats/html-page.ts'

const number = (value: string): HtmlCell => ({ number: value })
const percent = (value: number | null | undefined) => number(value == null ? '–' : (100 * value).toFixed(1))

export function comparisonAsHtml(view: CompareView, made: number): string {
  const { compared, baseline, settings, benchmarks, pairs } = view
  const nameOf = (at: number) => `${compared[at]!.letter}: ${compared[at]!.home.name}, ${compared[at]!.name}`
  const letters = compared.map(({ letter }) => letter)
  const scored = compared.flatMap(({ score, interval }, at) =>
    score === null ? [] : [{ name: nameOf(at), value: score, interval }],
  )
  const differing = settings.filter(({ differs }) => differs)
  const body = [
    html`<p class="quiet">
      ${baseline === null ? 'No scores: none of these is of a sweep with a baseline.' : `Scores compare with ${baseline.name}.`}
    </p>`,
    view.code.map((sentence) => html`<p>${sentence}</p>`),
    html`<h2>Scores with their 95 % intervals</h2>
      ${scoresAsSvg(scored, { at: 1, label: 'Scores with their intervals' })}`,
    htmlTable(
      [
        '',
        'what',
        number('score'),
        number('95 % interval'),
        ...benchmarks.map((name) => number(`${name}, %`)),
        'started from',
        '',
      ],
      compared.map(({ letter, home, name, score, rounded, interval, results, startedFrom, error }) => [
        letter,
        `${home.name}, ${name}`,
        number(score === null ? '–' : `${rounded ? '≈ ' : ''}${score.toFixed(3)}`),
        number(interval?.map((end) => end.toFixed(2)).join(' to ') ?? '–'),
        ...benchmarks.map((benchmark) => percent(ownValue(results, benchmark)?.accuracy)),
        startedFrom ?? '–',
        error ?? '',
      ]),
    ),
    html`<h2>What differs in their settings</h2>
      ${
        differing.length === 0
          ? html`<p>Nothing.</p>`
          : htmlTable(
              ['', ...letters],
              differing.map(({ key, values }) => [key, ...values.map((value) => value ?? '–')]),
            )
      }`,
    pairs.map((pair) => describePair(view, pair, nameOf)),
  ]
  return htmlPage({ title: letters.map((_, at) => nameOf(at)).join(' – '), body: [html`${body}`], data: view, made })
}

function describePair(
  view: CompareView,
  { other, score, all, benchmarks, notes }: ComparedPair,
  nameOf: (at: number) => string,
): Html {
  const { letter } = view.compared[other]!
  return html`<h2>A against ${nameOf(other)}</h2>
    ${score && html`<p>A's score is ${Math.abs(score.difference).toFixed(3)} ${score.difference < 0 ? 'lower' : 'higher'}; 95 % interval of the difference ${score.interval.map((end) => end.toFixed(3)).join(' to ')}. The chance that A is truly ahead is ${(100 * score.ahead).toFixed(0)} %.</p>`}
    ${all && html`<p>Of all paired questions, A alone is right in ${all.onlyFirst}, ${letter} alone in ${all.onlySecond}: chance ${all.adjusted.toPrecision(2)} were both equally good (McNemar, Holm).</p>`}
    ${htmlTable(
      [
        'benchmark',
        number('both'),
        number('only A'),
        number(`only ${letter}`),
        number('neither'),
        number('chance, adjusted'),
        number('difference, 95 %'),
      ],
      benchmarks.map(({ name, counts, test, difference }) => [
        name,
        ...(['both', 'onlyFirst', 'onlySecond', 'neither'] as const).map((key) =>
          number(counts === null ? '–' : String(counts[key])),
        ),
        number(test?.adjusted.toPrecision(2) ?? '–'),
        number(difference?.map((end) => (100 * end).toFixed(1)).join(' to ') ?? '–'),
      ]),
    )}${notes.map((note) => html`<p class="quiet">${note}</p>`)}`
}
