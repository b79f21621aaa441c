'use client'
import { writeWholeNumber } from '../field-values.ts'
import { type BenchmarkRow, nextRowId } from '../sweep-form.ts'
import { type Aggregate, aggregates } from '../../../../domain/sweep/sweep.ts'
import { formatCount } from '../../../_words/format.ts'
import { showToast } from '../../../_shell/toast.tsx'
import { FieldIssues, FormSection, TextField, useFieldAttributes, useForm } from '../form-context.tsx'
import { usePathNames } from '../_command/path-names.tsx'
import { Constraints, RankedBy } from './ranked-by.tsx'
import { MeasureFields } from './measure-fields.tsx'
import styles from '../new-sweep.module.css'
import scoreStyles from './score.module.css'

const aggregateWords: Record<Aggregate, string> = {
  'harmonic-mean': 'harmonic',
  'geometric-mean': 'geometric',
  'arithmetic-mean': 'arithmetic',
  minimum: 'minimum',
}
const ownTable = '\0own'
const ownReport = '\0report'
const measured = '\0measure'

/** What says which point is the best: a score of benchmarks, or a metric. */
export function ScoreFields() {
  const { form } = useForm()
  const isScore = form.isScored && form.objective === null
  return (
    <FormSection title="Score" note={isScore ? 'Accuracy ÷ baseline on each benchmark, then one mean.' : undefined}>
      <RankedBy />
      {isScore && <Benchmarks />}
      <Constraints />
    </FormSection>
  )
}

/** What a checkpoint's accuracies are compared with, and how the benchmarks become one score. */
function Benchmarks() {
  const reports = usePathNames()
  const { form, change, baselines } = useForm()
  const stored = baselines.find((baseline) => baseline.name === form.storedBaseline)
  const unknown = form.storedBaseline !== null && !stored ? form.storedBaseline : null
  const choose = (name: string) => {
    const elsewhere = { storedBaseline: null, baselineReport: null, baselineMeasure: null }
    if (name === ownReport) return change((current) => ({ ...current, ...elsewhere, baselineReport: '' }))
    if (name === measured)
      return change((current) => ({
        ...current,
        ...elsewhere,
        baselineMeasure: current.init.trim() === '' ? '' : 'init',
      }))
    if (name !== ownTable) return change((current) => ({ ...current, ...elsewhere, storedBaseline: name }))
    // a table of one's own starts from what was shown
    change((current) => ({
      ...current,
      ...elsewhere,
      benchmarks: stored ? rowsOfStored(current.benchmarks, stored.accuracies) : current.benchmarks,
    }))
  }
  const chosen =
    form.storedBaseline ??
    (form.baselineMeasure !== null ? measured : form.baselineReport === null ? ownTable : ownReport)
  return (
    <>
      <div className={`${styles.row} ${scoreStyles.narrow}`}>
        <label className="field">
          <span>Mean</span>
          <select
            aria-label="Mean"
            value={form.aggregate}
            onChange={(event) => change((current) => ({ ...current, aggregate: event.target.value as Aggregate }))}
          >
            {aggregates.map((aggregate) => (
              <option key={aggregate} value={aggregate}>
                {aggregateWords[aggregate]}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          <span>Baseline</span>
          <select
            aria-label="Baseline"
            value={chosen}
            onChange={(event) => choose(event.target.value)}
            {...useFieldAttributes('score/baseline')}
          >
            <option value={ownTable}>accuracies of its own</option>
            <option value={measured}>measured first</option>
            <option value={ownReport}>a report of the base model</option>
            {unknown !== null && <option value={unknown}>{unknown} (not stored)</option>}
            {baselines.map((baseline) => (
              <option key={baseline.id} value={baseline.name}>
                {baseline.name}
              </option>
            ))}
          </select>
        </label>
      </div>
      <FieldIssues field="score/baseline" />
      {chosen === measured ? (
        <MeasureFields />
      ) : chosen !== ownReport ? (
        <BenchmarkTable accuracies={form.storedBaseline === null ? null : (stored?.accuracies ?? {})} />
      ) : (
        <div className={`${styles.spaced} ${scoreStyles.narrow}`}>
          <TextField
            field="score/baseline/report"
            label="Report of the base model"
            value={form.baselineReport ?? ''}
            placeholder="base/results.json"
            mono
            hint="Read as the evaluation’s own reports are, before anything starts. Every benchmark in it counts."
            onChange={(baselineReport) => change((current) => ({ ...current, baselineReport }))}
            names={reports}
          />
        </div>
      )}
    </>
  )
}

/** The stored accuracies as rows of one's own, with the questions typed so far. */
function rowsOfStored(rows: BenchmarkRow[], accuracies: Record<string, number>): BenchmarkRow[] {
  return Object.entries(accuracies).map(([name, accuracy], index) => ({
    id: index + 1,
    name,
    accuracy: String(accuracy),
    questions: rows.find((row) => row.name === name)?.questions ?? '',
  }))
}

/** `accuracies` of a stored baseline, which the form does not change; null: the table's own. */
function BenchmarkTable({ accuracies }: { accuracies: Record<string, number> | null }) {
  const { form, change } = useForm()
  const add = () =>
    change((current) => ({
      ...current,
      benchmarks: [...current.benchmarks, { id: nextRowId(current.benchmarks), name: '', accuracy: '', questions: '' }],
    }))
  const extra = form.benchmarks.filter(
    (row) => accuracies !== null && row.questions !== '' && !Object.hasOwn(accuracies, row.name),
  )
  const rows = accuracies === null ? form.benchmarks : [...storedRows(form.benchmarks, accuracies), ...extra]
  return (
    <>
      <div className={`table-wrap ${styles.spaced}`}>
        <table className={scoreStyles.benchmarks}>
          <thead>
            <tr>
              <th>Benchmark</th>
              <th className="num">Baseline accuracy</th>
              <th className="num">Questions</th>
              <th>
                <span className="sr">Remove</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Benchmark key={row.id} row={row} stored={accuracies !== null} />
            ))}
          </tbody>
        </table>
      </div>
      {accuracies === null && (
        <button type="button" className={`btn sm ${styles.spaced}`} onClick={add}>
          Add benchmark
        </button>
      )}
      <p className={styles.hint}>
        {accuracies === null
          ? 'Benchmarks as the reports name them. '
          : 'Stored accuracies are edited under Baselines. '}
        Questions serve the interval where reports give accuracies alone.
      </p>
    </>
  )
}

function storedRows(rows: BenchmarkRow[], accuracies: Record<string, number>): BenchmarkRow[] {
  const free = nextRowId(rows)
  return Object.entries(accuracies).map(([name, accuracy], index) => {
    const row = rows.find((other) => other.name === name)
    return { id: row?.id ?? free + index, name, accuracy: accuracy.toFixed(3), questions: row?.questions ?? '' }
  })
}

function Benchmark({ row, stored }: { row: BenchmarkRow; stored: boolean }) {
  const { form, change, issuesAt } = useForm()
  const name = row.name.trim() || 'the benchmark'
  const accuracyField = `score/baseline/${row.name.trim()}`
  const questionsField = `score/questions/${row.name.trim()}`
  const update = (changes: Partial<BenchmarkRow>) =>
    change((current) => {
      const known = current.benchmarks.some((other) => other.id === row.id)
      const kept = known ? current.benchmarks : [...current.benchmarks, { ...row, accuracy: '' }]
      return { ...current, benchmarks: kept.map((other) => (other.id === row.id ? { ...other, ...changes } : other)) }
    })
  const remove = () => {
    const at = form.benchmarks.indexOf(row)
    change((current) => ({ ...current, benchmarks: current.benchmarks.filter((other) => other.id !== row.id) }))
    if (row.name === '' && row.accuracy === '' && row.questions === '') return
    const undo = () =>
      change((current) => ({
        ...current,
        benchmarks: [...current.benchmarks.slice(0, at), row, ...current.benchmarks.slice(at)],
      }))
    showToast({ text: `Removed the benchmark ${row.name}.`, undo })
  }
  const onQuestionsBlur = () => {
    if (/^\d{4,}$/.test(row.questions.trim())) update({ questions: writeWholeNumber(Number(row.questions)) })
  }
  return (
    <>
      <tr>
        <td>
          <input
            type="text"
            aria-label="Benchmark"
            readOnly={stored}
            placeholder="GSM8k"
            autoComplete="off"
            spellCheck={false}
            value={row.name}
            onChange={(event) => update({ name: event.target.value })}
            onBlur={() => !stored && update({ name: row.name.trim() })}
          />
        </td>
        <td>
          <input
            {...useFieldAttributes(accuracyField)}
            type="text"
            className="num"
            inputMode="decimal"
            aria-label={`Baseline accuracy of ${name}`}
            readOnly={stored}
            placeholder={stored ? 'none' : '0.716'}
            autoComplete="off"
            value={row.accuracy}
            onChange={(event) => update({ accuracy: event.target.value })}
          />
        </td>
        <td>
          <input
            {...useFieldAttributes(questionsField)}
            type="text"
            className="num"
            inputMode="numeric"
            aria-label={`Questions of ${name}`}
            placeholder={stored ? '' : formatCount(1319)}
            autoComplete="off"
            value={row.questions}
            onChange={(event) => update({ questions: event.target.value })}
            onBlur={onQuestionsBlur}
          />
        </td>
        <td className="num">
          {!stored && (
            <button
              type="button"
              className="btn quiet sm"
              aria-label={`Remove benchmark ${row.name}`.trim()}
              onClick={remove}
            >
              Remove
            </button>
          )}
        </td>
      </tr>
      {(issuesAt(accuracyField).length > 0 || issuesAt(questionsField).length > 0) && (
        <tr>
          <td colSpan={4} className={scoreStyles.full}>
            <FieldIssues field={accuracyField} />
            <FieldIssues field={questionsField} />
          </td>
        </tr>
      )}
    </>
  )
}
