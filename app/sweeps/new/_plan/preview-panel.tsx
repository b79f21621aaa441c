'use client'
import { Fragment, type ReactNode } from 'react'
import { readWholeNumber } from '../field-values.ts'
import type { SweepForm } from '../sweep-form.ts'
import { type Cost, costLines } from '../../../../domain/life/cost-words.ts'
import { hoursText } from '../../../../domain/life/slot-hours.ts'
import type { Preview } from '../../../../contract/api/sweeps.ts'
import { formatClock, formatCount, formatDay, formatDuration, plural } from '../../../_words/format.ts'
import { TriangleIcon } from '../../../_shell/icons.tsx'
import { isAway } from '../_where/executor-form.ts'
import { useForm } from '../form-context.tsx'
import styles from './preview.module.css'
import { PlanGrid } from './plan-grid.tsx'
import { conditionWords } from '../../../../domain/sweep/conditions.ts'
import { conditionsOfForm, type FormPlan, hoursOfTraining, savedOfForm } from './plan-of-form.ts'

export type Todo = { field: string; label: string; unfilled: boolean }

type Props = {
  plan: FormPlan | null
  estimate: Preview['estimate']
  cost: Preview['cost']
  /** What earlier sweeps did of it. */
  there: ReactNode
  todos: Todo[]
  starting: boolean
  startWords: string
  onStart: () => void
  onTodo: (field: string) => void
  children: ReactNode
}

/** What would run: trainings and points, the grid, the time, what is left to fix, and Start. */
export function PreviewPanel({ plan, estimate, cost, there, children, ...start }: Props) {
  const { form } = useForm()
  // which cells there are nobody would see in a picture of all
  const conditions = Object.entries(conditionsOfForm(form)).map(
    ([name, condition]) => `${name} only where ${conditionWords(condition)}`,
  )
  return (
    <aside className={styles.preview} aria-label="What will run">
      <div aria-live="polite">
        <p className={styles.headline}>
          <PlanCounts plan={plan} />
        </p>
        {plan && (
          <p className={styles.product}>
            {plan.searched && `${form.search} over `}
            {plan.axes
              .map(({ size, name, values }) =>
                size === Infinity ? `${name} ${values[0]} to ${values[1]}` : `${formatCount(size)} ${name}`,
              )
              .join(conditions.length > 0 ? ', ' : ' × ')}
          </p>
        )}
      </div>
      {plan ? (
        <>
          {conditions.length > 0 && <p className="small ink3">{conditions.join('; ')}.</p>}
          {conditions.length === 0 && !plan.axes.some(({ size }) => size === Infinity) && (
            <PlanGrid axes={plan.axes} searched={plan.searched} />
          )}
        </>
      ) : (
        <p className="small ink3">Give an axis its values, and the grid is drawn here.</p>
      )}
      {plan && (
        <dl className={`pairs ${styles.facts}`}>
          <Facts form={form} plan={plan} estimate={estimate} cost={cost} />
          <Saved form={form} plan={plan} estimate={estimate} />
        </dl>
      )}
      {there}
      <StartLine {...start} />
      {children}
    </aside>
  )
}

export function PlanCounts({ plan }: { plan: FormPlan | null }) {
  if (!plan || !Number.isFinite(plan.trainings)) return <>No points yet</>
  return (
    <>
      {plural(plan.trainings, 'training')} <span>→</span> {plural(plan.points, 'point')}
    </>
  )
}

type FactsProps = { form: SweepForm; plan: FormPlan; estimate: Preview['estimate']; cost: Cost | null }

/** How it runs, then what it takes, each figure with how sure it is. */
function Facts({ form, plan, estimate, cost }: FactsProps) {
  const { slotsAvailable, slotKind } = useForm()
  const each = readWholeNumber(form.train.gpus) ?? 1
  const away = isAway(form.executor)
  const allowed = readWholeNumber(form.maxSlots) ?? (away ? null : slotsAvailable)
  const slots = away || slotKind === 'gpu' ? 'GPU' : 'CPU slot'
  const trainingsLeft = cost?.work?.trainings ?? plan.trainings
  const atATime =
    allowed === null
      ? null
      : Math.min(trainingsLeft, Math.floor(allowed / each), readWholeNumber(form.concurrency) ?? Infinity)
  const evaluations = estimate?.evaluationSecondsEach ?? null
  const hours = cost?.slotHours ? cost.slotHours.training + (cost.slotHours.evaluation ?? 0) : null
  const budget = form.gpuHours.trim() === '' ? null : Number(form.gpuHours)
  return (
    <>
      <dt>Training</dt>
      <dd>
        {plural(each, slots)} each{estimate && `, ${formatDuration(estimate.trainingSecondsEach)}`}
        {atATime !== null && atATime > 0 && `, ${formatCount(atATime)} at a time`}
      </dd>
      {evaluations !== null && (
        <>
          <dt>Evaluation</dt>
          <dd>
            {plural(readWholeNumber(form.evaluate.gpus) ?? 1, slots)} each, {formatDuration(evaluations)}
          </dd>
        </>
      )}
      {(cost === null ? [] : costLines(cost, clockIn)).map(({ name, text, sure }) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>
            <b>{text}</b> <span className="small ink3">{sure}</span>
            {name.endsWith('hours') && hours !== null && budget !== null && budget > 0 && hours > budget && (
              <span className={styles.over}>more than its budget of {hoursText(budget)}</span>
            )}
          </dd>
        </Fragment>
      ))}
    </>
  )
}

/** The time of day so many seconds from now, with its date where that is not today. */
function clockIn(seconds: number): string {
  const at = Date.now() + seconds * 1000
  const isToday = new Date(at).toDateString() === new Date().toDateString()
  return isToday ? formatClock(at) : `${formatDay(at, Date.now())}, ${formatClock(at)}`
}

/** What is saved of the grid, where not all of it is trained to its end. */
function Saved({ form, plan, estimate }: { form: SweepForm; plan: FormPlan; estimate: Preview['estimate'] }) {
  const { slotKind } = useForm()
  const saved = savedOfForm(form, plan)
  if (saved === null) return null
  const hours = hoursOfTraining(estimate, form)
  const unit = isAway(form.executor) || slotKind === 'gpu' ? 'GPU' : 'CPU slot'
  return (
    <>
      <dt>Saves</dt>
      <dd>
        about {Math.round(100 * saved.share)} % of {saved.of}
        {hours !== null && `, ${hoursText(hours * saved.trainings)} ${unit} hours of training`}
        {saved.note && <span className="ink3">; {saved.note}</span>}
      </dd>
    </>
  )
}

type StartProps = Pick<Props, 'todos' | 'starting' | 'startWords' | 'onStart' | 'onTodo'>

/** The start button with the count of what stands against it, and each of these as a link to its field. */
function StartLine({ todos, starting, startWords, onStart, onTodo }: StartProps) {
  const wrong = todos.filter((todo) => !todo.unfilled)
  const open = todos.length - wrong.length
  const summary = todosSummary(todos)
  return (
    <div className={styles.go}>
      <StartButton
        words={startWords}
        blocked={todos.length > 0}
        starting={starting}
        onStart={onStart}
        describedBy="todo-summary"
      />
      {summary && (
        <p id="todo-summary" className={wrong.length > 0 ? 'error' : 'ink2 small'}>
          {wrong.length > 0 && <TriangleIcon />}
          <span>{summary}</span>
        </p>
      )}
      {todos.length > 0 && (
        <ul className={styles.todo} aria-label="What is left before it can start">
          {todos.map((todo) => (
            <li key={todo.field}>
              <button
                type="button"
                className={todo.unfilled ? undefined : styles.wrong}
                onClick={() => onTodo(todo.field)}
              >
                {todo.unfilled ? 'Fill in' : 'Fix'}: {todo.label}
              </button>
            </li>
          ))}
        </ul>
      )}
      {open === 0 && wrong.length === 0 && <span className="sr">Everything is filled in.</span>}
    </div>
  )
}

/** "2 things to fix, 1 to fill in", or nothing. */
export function todosSummary(todos: Todo[]): string {
  const wrong = todos.filter((todo) => !todo.unfilled).length
  const open = todos.length - wrong
  const parts = [
    wrong > 0 && `${plural(wrong, 'thing')} to fix`,
    open > 0 && `${wrong > 0 ? open : plural(open, 'thing')} to fill in`,
  ]
  return parts.filter(Boolean).join(', ')
}

export function StartButton({
  words,
  blocked,
  starting,
  onStart,
  describedBy,
}: {
  words: string
  blocked: boolean
  starting: boolean
  onStart: () => void
  describedBy?: string
}) {
  return (
    <button
      type="button"
      className="btn primary lg"
      aria-disabled={blocked || starting}
      aria-describedby={blocked ? describedBy : undefined}
      onClick={() => !starting && onStart()}
    >
      {starting ? 'Starting …' : words}
    </button>
  )
}
