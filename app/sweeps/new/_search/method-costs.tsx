'use client'
import { hoursText } from '../../../../domain/life/slot-hours.ts'
import { costOfMethods, fewCells, type MethodCost } from '../../../../domain/search/method-costs.ts'
import { formatCount, plural } from '../../../_words/format.ts'
import { isAway } from '../_where/executor-form.ts'
import { useForm } from '../form-context.tsx'
import styles from './method-costs.module.css'
import { cellsOfForm, milestonesOfForm } from '../_plan/plan-of-form.ts'

const words: Record<MethodCost['method'], string> = {
  grid: 'grid',
  stopped: 'grid, stopped at the first milestone',
  random: 'random',
  tpe: 'tpe',
  'gaussian-process': 'gaussian-process',
}

/** What each way through the axes would cost here. `trainingHours`: slot hours of one training; null where none was measured. */
export function MethodCosts({ trainingHours }: { trainingHours: number | null }) {
  const { form, slotKind } = useForm()
  const cells = cellsOfForm(form)
  // one or two combinations are no choice
  if (cells === null || cells < 3) return null
  const costs = costOfMethods(cells, milestonesOfForm(form))
  const unit = isAway(form.executor) || slotKind === 'gpu' ? 'GPU hours' : 'CPU slot hours'
  const hasShares = cells !== Infinity
  return (
    <details className={styles.costs} open={form.search !== 'grid' || cells >= fewCells}>
      <summary>What each method would cost here</summary>
      <div className="table-wrap">
        <table className={styles.table} aria-label="What each method would cost here">
          <thead>
            <tr>
              <th>Method</th>
              <th className="num">Trainings</th>
              {hasShares && <th className="num">of the grid, %</th>}
              {trainingHours !== null && <th className="num">{unit}</th>}
            </tr>
          </thead>
          <tbody>
            {costs.map(({ method, trainings }) => (
              <tr key={method} aria-current={isChosen(method, form.search, form.stopEarly.method) || undefined}>
                <td>{words[method]}</td>
                <td className="num">{rangeText(trainings, lengthText)}</td>
                {hasShares && <td className="num">{rangeText(trainings, (one) => percentText(one / cells))}</td>}
                {trainingHours !== null && (
                  <td className="num">{rangeText(trainings, (one) => hoursText(one * trainingHours))}</td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="small ink3">
        Of a search, trainings until one within 0.01 of the best was made in 95 % of the searches of other tables:
        docs/search.md.
        {costs.some(({ method }) => method === 'stopped') &&
          ' Stopped: in lengths of a whole training, where trainings wait at the milestone; more where they cannot be told apart there.'}
      </p>
      {cells < fewCells && (
        <p className="small">
          {plural(cells, 'combination')}: below about {fewCells} a grid whose poor trainings are stopped early is the
          better choice.
        </p>
      )}
    </details>
  )
}

function isChosen(method: MethodCost['method'], search: string, stopEarly: string): boolean {
  if (search !== 'grid') return method === search
  return method === (stopEarly === 'milestones' ? 'stopped' : 'grid')
}

const lengthText = (one: number) => (Number.isInteger(one) ? formatCount(one) : one.toFixed(1))
const percentText = (share: number) => String(Math.round(100 * share))

/** `7 to 9`; `over 60` where the most is not known. */
function rangeText([low, high]: [number, number], text: (one: number) => string): string {
  if (high === Infinity) return `${text(low)} to over ${text(60)}`
  const [from, to] = [text(low), text(high)]
  return from === to ? from : `${from} to ${to}`
}
