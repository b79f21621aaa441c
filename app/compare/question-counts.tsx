import type { PairCounts } from '../../domain/score/same-questions.ts'
import type { ComparedBenchmark, ComparedPair, CompareView } from '../../contract/api/compare.ts'
import { formatCount, plural } from '../_words/format.ts'
import styles from './compare.module.css'
import { letterColours } from './letters.tsx'
import { toldApart } from './told-apart.ts'
import { signed, timesShort, verdictOf, verdictOn } from './verdict.ts'
import { ownValue } from '../../domain/own-value.ts'

const mostNotes = 6

type Props = { view: CompareView; pair: ComparedPair; onShow: (other: number) => void }

/** On how many questions of each benchmark A and another agree, and who is right where they do not. */
export function QuestionCounts({ view, pair, onShow }: Props) {
  const { compared, pairs } = view
  const other = compared[pair.other]!.letter
  const looks = pairs.reduce((sum, { benchmarks }) => sum + benchmarks.filter(({ test }) => test !== null).length, 0)
  const methods = new Set(pair.benchmarks.flatMap(({ test }) => test?.method ?? []))
  const unpaired = pair.benchmarks.some(({ difference }) => difference !== null)
  const paired = pair.benchmarks.some(({ counts }) => counts !== null)
  const shared = pair.benchmarks.filter(
    ({ name }) =>
      ownValue(compared[0]!.results, name)?.accuracy != null &&
      ownValue(compared[pair.other]!.results, name)?.accuracy != null,
  )
  if (pair.benchmarks.length === 0) return null
  const title = paired ? 'Question by question' : 'Benchmark by benchmark'
  return (
    <section className="section" aria-labelledby="counts-title">
      <div className="section-head">
        <h2 id="counts-title">{title}</h2>
        {pairs.length > 1 && (
          <div className={`seg ${styles.questionKinds}`} role="radiogroup" aria-label="Compared with A">
            {pairs.map(({ other: at }) => (
              <label key={at}>
                <input type="radio" name="pair" checked={at === pair.other} onChange={() => onShow(at)} />A and{' '}
                {compared[at]!.letter}
              </label>
            ))}
          </div>
        )}
        {paired && (
          <span className={`note ${styles.keys}`}>
            <Key className={styles.both!} words="both right" />
            <Key colour={letterColours[0]} words="only A" />
            <Key colour={letterColours[pair.other]} words={`only ${other}`} />
            <Key className={styles.neither!} words="neither" />
          </span>
        )}
      </div>
      {shared.length === 0 && <p className="ink3">A and {other} were evaluated on no benchmark in common.</p>}
      <div className="table-wrap" hidden={shared.length === 0}>
        <table className={styles.counts} aria-label={title}>
          <thead>
            <tr>
              <th>Benchmark</th>
              {paired ? (
                <>
                  <th className="num">Questions</th>
                  <th aria-label="Shares" />
                  <th className="num">Both right</th>
                  <th className="num">Only A</th>
                  <th className="num">Only {other}</th>
                  <th className="num">Neither</th>
                  <th className="num">Chance if equally good</th>
                </>
              ) : (
                <th>Accuracy of A less {other}, 95 % interval</th>
              )}
              <th>Told apart</th>
            </tr>
          </thead>
          <tbody>
            {shared.map((benchmark) => (
              <Row
                key={benchmark.name}
                benchmark={benchmark}
                other={other}
                colour={letterColours[pair.other]!}
                paired={paired}
              />
            ))}
            {pair.all && shared.length > 1 && (
              <tr className={styles.total}>
                <td>All</td>
                <td className="num">{formatCount(sumOf(pair.all))}</td>
                <td aria-hidden="true" />
                <Counts counts={pair.all} />
                <td className="num">{timesShort(pair.all.chance)}</td>
                <td>{toldApart(verdictOf(pair), 'A', other)}</td>
              </tr>
            )}
          </tbody>
        </table>
      </div>
      <p className={`small ink3 ${styles.foot}`}>
        {methods.size > 0 && (
          <>
            McNemar’s test on the questions where A and {other} disagree,{' '}
            {methods.has('corrected') ? 'exact below 400 of them, else with continuity correction' : 'exact'}.{' '}
            {looks > 1 && `A benchmark counts as told apart after allowing for ${plural(looks, 'look')} (Holm). `}
          </>
        )}
        {unpaired &&
          `${paired ? 'Where there are no answers to pair' : 'There are no answers to pair'}: the 95 % interval of the difference in percentage points, from how many are right alone (Newcombe), which tells less apart. `}
      </p>
      {pair.notes.length > 0 && <Notes notes={pair.notes} />}
    </section>
  )
}

/** Why answers are missing or were left out: many of them are folded. */
function Notes({ notes }: { notes: string[] }) {
  const list = (
    <ul className={`small ink2 ${styles.notes}`}>
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  )
  if (notes.length <= mostNotes) return list
  return (
    <details className={styles.folded}>
      <summary className="small ink2">Notes on the answers ({formatCount(notes.length)})</summary>
      {list}
    </details>
  )
}

type RowProps = { benchmark: ComparedBenchmark; other: string; colour: string; paired: boolean }

function Row({ benchmark, other, colour, paired }: RowProps) {
  const { name, counts, test, difference } = benchmark
  const verdict = toldApart(verdictOn(benchmark), 'A', other)
  const certain = verdict.endsWith('better')
  return (
    <tr>
      <td className="strong">{name}</td>
      {counts && test ? (
        <>
          <td className="num">{formatCount(sumOf(counts))}</td>
          <td className={styles.shares} aria-hidden="true">
            <span className={styles.stack}>
              <i className={styles.both} style={{ flex: counts.both }} />
              <i style={{ flex: counts.onlyFirst, background: letterColours[0] }} />
              <i style={{ flex: counts.onlySecond, background: colour }} />
              <i className={styles.neither} style={{ flex: counts.neither }} />
            </span>
          </td>
          <Counts counts={counts} />
          <td
            className="num"
            title={`Chance ${test.chance.toPrecision(3)}; after allowing for every look ${test.adjusted.toPrecision(3)}`}
          >
            {timesShort(test.chance)}
          </td>
        </>
      ) : (
        <td colSpan={paired ? 7 : 1} className={paired ? 'ink3' : undefined}>
          {difference
            ? `${paired ? `no answers to pair; A less ${other}: ` : ''}${signed(100 * difference[0], 1)} to ${signed(100 * difference[1], 1)} points`
            : `${paired ? 'no answers to pair, and the' : 'The'} number of questions is not known for both`}
        </td>
      )}
      <td className={certain ? 'strong' : undefined}>{verdict}</td>
    </tr>
  )
}

function Counts({ counts }: { counts: PairCounts }) {
  return (
    <>
      <td className="num">{formatCount(counts.both)}</td>
      <td className="num strong">{formatCount(counts.onlyFirst)}</td>
      <td className="num strong">{formatCount(counts.onlySecond)}</td>
      <td className="num ink2">{formatCount(counts.neither)}</td>
    </>
  )
}

function Key({ words, colour, className }: { words: string; colour?: string | undefined; className?: string }) {
  return (
    <span className={styles.key}>
      <i className={className} style={{ background: colour }} />
      {words}
    </span>
  )
}

function sumOf({ both, onlyFirst, onlySecond, neither }: PairCounts): number {
  return both + onlyFirst + onlySecond + neither
}
