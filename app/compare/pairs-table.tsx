import type { CompareView } from '../../contract/api/compare.ts'
import { formatCount, formatInterval, formatScore } from '../_words/format.ts'
import { Whisker, whiskerDomain } from '../_charts/whisker.tsx'
import styles from './compare.module.css'
import { Letter } from './letters.tsx'
import { signed, timesShort, verdictOf } from './verdict.ts'
import { toldApart } from './told-apart.ts'

/** A against each of the others: where more than two are compared. */
export function PairsTable({
  view,
  shown,
  onShow,
}: {
  view: CompareView
  shown: number
  onShow: (other: number) => void
}) {
  const { compared, pairs } = view
  const domain = whiskerDomain(compared)
  const paired = pairs.some(({ all }) => all !== null)
  const homes = new Set(compared.map(({ home }) => `${home.kind} ${home.id}`)).size > 1
  return (
    <section className="section" aria-labelledby="pairs-title">
      <div className="section-head">
        <h2 id="pairs-title">A against each</h2>
        <span className="note">
          {paired && `chances allow for ${pairs.length} comparisons (Holm); `}choose one to see its benchmarks below
        </span>
      </div>
      <div className="table-wrap">
        <table aria-label="A against each of the others">
          <thead>
            <tr>
              <th>Compared with A</th>
              <th className="num">Score</th>
              <th>95 % interval, line at 1.0</th>
              <th className="num">A less it</th>
              {paired && (
                <>
                  <th className="num">Only A right</th>
                  <th className="num">Only it right</th>
                  <th className="num">Chance if equally good</th>
                </>
              )}
              <th>Told apart</th>
            </tr>
          </thead>
          <tbody>
            {pairs.map((pair) => {
              const other = compared[pair.other]!
              return (
                <tr key={other.letter} className={pair.other === shown ? 'is-open' : undefined}>
                  <td>
                    <button
                      type="button"
                      className={`link ${styles.pairName}`}
                      aria-pressed={pair.other === shown}
                      onClick={() => onShow(pair.other)}
                    >
                      <Letter at={pair.other} />
                      {other.name}
                    </button>
                    {homes && <span className="small ink3"> {other.home.name}</span>}
                  </td>
                  <td className="num score">{formatScore(other.score)}</td>
                  <td title={other.interval ? formatInterval(other.interval) : undefined}>
                    <Whisker score={other.score} interval={other.interval} domain={domain} width={112} />
                  </td>
                  <td className="num nowrap">
                    {pair.score
                      ? `${signed(pair.score.difference, 3)} (${signed(pair.score.interval[0], 2)} to ${signed(pair.score.interval[1], 2)})`
                      : '–'}
                  </td>
                  {paired && (
                    <>
                      <td className="num">{pair.all ? formatCount(pair.all.onlyFirst) : '–'}</td>
                      <td className="num">{pair.all ? formatCount(pair.all.onlySecond) : '–'}</td>
                      <td className="num">{pair.all ? timesShort(pair.all.adjusted) : '–'}</td>
                    </>
                  )}
                  <td>{toldApart(verdictOf(pair), 'A', other.letter)}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </section>
  )
}
