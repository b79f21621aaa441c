import type { SearchView } from '../../../../contract/api/search.ts'
import { Link } from '../../../_shell/link.tsx'
import { TableBody } from '../../../_tables/virtual-rows.tsx'
import { LongValue } from '../../../_words/long-value.tsx'
import { mostOfValue } from '../../../_words/format.ts'
import { hoursWords, outcomeWords, reasonWords } from './search-words.ts'
import styles from './search.module.css'

/** Every training, the newest first: its values, why it was proposed, and what it came to. */
export function Proposals({ view, names }: { view: SearchView; names: string[] }) {
  const rows = view.trainings.toReversed()
  if (rows.length === 0) return <p className="ink3">Nothing is proposed yet.</p>
  return (
    <section className="section" aria-labelledby="proposals-title">
      <div className="section-head">
        <h2 id="proposals-title">Why these</h2>
        <span className="note">the newest first; what was known is as of the proposal</span>
      </div>
      <div className="table-wrap">
        <table className={styles.proposals} aria-labelledby="proposals-title">
          <thead>
            <tr>
              <th>Run</th>
              {names.map((name) => (
                <th key={name} className="mono">
                  {name}
                </th>
              ))}
              <th>Came to</th>
              <th>Why</th>
              <th>Nearest known</th>
              <th>Known, under way</th>
              <th>Slot time</th>
            </tr>
          </thead>
          <TableBody
            items={rows}
            columns={names.length + 6}
            rowHeight={29}
            keyOf={({ number }) => String(number)}
            render={(training) => {
              const { proposal, number, runId, params, slotHours } = training
              return (
                <tr>
                  <td>
                    <Link className="link" href={`/runs/${runId}`}>
                      run {number}
                    </Link>
                  </td>
                  {names.map((name) => (
                    <td key={name} className="mono">
                      <LongValue text={params[name] ?? ''} most={mostOfValue} />
                    </td>
                  ))}
                  <td className="num">{outcomeWords(training)}</td>
                  <td>{reasonWords(proposal)}</td>
                  <td>{proposal?.nearest ? `run ${proposal.nearest.run}` : '–'}</td>
                  <td className="num">{proposal ? `${proposal.seen}, ${proposal.pending}` : '–'}</td>
                  <td className="num">{slotHours === null ? '–' : hoursWords(slotHours)}</td>
                </tr>
              )
            }}
          />
        </table>
      </div>
    </section>
  )
}
