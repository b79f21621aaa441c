'use client'
import type { TriedReport, TriedResult } from '../../../../contract/api/reports.ts'
import { TriangleIcon } from '../../../_shell/icons.tsx'
import { formatCount, formatPercent, listWords, plural } from '../../../_words/format.ts'
import styles from './command.module.css'

type Props = {
  tried: TriedReport
  /** Takes its accuracies as the baseline's; null: not now. */
  onBaseline: (() => void) | null
  /** Takes the names of its benchmarks, and how many questions they have. */
  onBenchmarks?: (() => void) | undefined
}

/** What a report held, benchmark by benchmark. */
export function TriedResults({ tried, onBaseline, onBenchmarks }: Props) {
  const { files, missing } = tried
  const results = tried.results.filter(({ accuracy }) => accuracy !== null)
  const unread = tried.results.filter(({ accuracy }) => accuracy === null)
  return (
    <section aria-label="What the report holds">
      {files.length > 0 && (
        <p className="small ink2">
          {files.length === 1 ? 'Read from ' : `Read from ${formatCount(files.length)} files, the newest `}
          <code className={styles.path}>{files.at(-1)}</code>
        </p>
      )}
      {results.length > 0 && (
        <div className="table-wrap">
          <table aria-label="Benchmarks of the report">
            <thead>
              <tr>
                <th>Benchmark</th>
                <th className="num">Accuracy, %</th>
                <th className="num">Right</th>
                <th className="num">Questions</th>
                <th>Answers</th>
              </tr>
            </thead>
            <tbody>
              {results.map((result) => (
                <Row key={result.benchmark} result={result} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {unread.map(({ benchmark, error }) => (
        <p key={benchmark} className={`small ${styles.unread}`}>
          <b>{benchmark}</b> has no accuracy: {error}
        </p>
      ))}
      {missing.length > 0 && (
        <p className="error">
          <TriangleIcon />
          <span>
            The report has no {listWords(missing)}, which the baseline names: points would have no score. Name
            benchmarks as the report does.
          </span>
        </p>
      )}
      {results.length > 0 && (onBaseline || onBenchmarks) && (
        <p className={styles.tryButtons}>
          {onBenchmarks && (
            <button type="button" className="btn sm" onClick={onBenchmarks}>
              Fill in its benchmarks
            </button>
          )}
          {onBaseline && (
            <button type="button" className="btn sm" onClick={onBaseline}>
              Take it as the baseline
            </button>
          )}
        </p>
      )}
    </section>
  )
}

function Row({ result }: { result: TriedResult }) {
  const { benchmark, accuracy, correct, total, answers, counts } = result
  return (
    <tr>
      <td>
        {benchmark}
        {counts === false && <span className="ink3"> (does not count)</span>}
      </td>
      <td className="num">{formatPercent(accuracy)}</td>
      <td className="num">
        {correct === null ? (
          <span className="ink3">{total === null ? 'not said' : 'rounded'}</span>
        ) : (
          formatCount(correct)
        )}
      </td>
      <td className="num">{total === null ? <span className="ink3">not said</span> : formatCount(total)}</td>
      <td className={styles.why}>
        {answers === null ? <span className="ink3">none found</span> : plural(answers.count, 'answer')}
        {answers?.problems.map((problem) => (
          <span key={problem} className="ink2">
            ; {problem}
          </span>
        ))}
      </td>
    </tr>
  )
}
