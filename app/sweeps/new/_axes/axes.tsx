'use client'
import { type AxisEntry, type AxisRow, axisEntries, nextRowId, withAxisKind } from '../sweep-form.ts'
import { milestoneUnit } from '../../../../domain/sweep/axes/axes.ts'
import type { ContinuousKind } from '../../../../domain/sweep/axes/continuous-axis.ts'
import { listWords } from '../../../_words/format.ts'
import { showToast } from '../../../_shell/toast.tsx'
import { FieldIssues, FormSection, useFieldAttributes, useForm } from '../form-context.tsx'
import styles from '../new-sweep.module.css'
import axesStyles from './axes.module.css'
import { expandedValues, isBetween } from '../_plan/plan-of-form.ts'
import { AxisNames, namesId, problemOnAxis, SettingOfAxis } from './axis-settings.tsx'
import { AxisConditions } from './axis-conditions.tsx'
import { ValueChips } from './value-chips.tsx'

/** The search space: one line an axis. */
export function AxesSection() {
  const { form, change } = useForm()
  const add = () =>
    change((current) => ({
      ...current,
      axes: [
        ...current.axes,
        { id: nextRowId(current.axes), name: '', kind: 'list', values: [], low: '', high: '', count: '' },
      ],
    }))
  return (
    <FormSection
      title="Axes"
      note={`${form.search === 'grid' ? 'Every combination is one point. ' : ''}Values reach the trainer exactly as written.`}
    >
      <AxisNames />
      {form.axes.map((row) => (
        <AxisLine key={row.id} row={row} />
      ))}
      <FieldIssues field="axes" />
      <button type="button" className={`btn sm ${styles.spaced}`} onClick={add}>
        Add axis
      </button>
    </FormSection>
  )
}

function AxisLine({ row }: { row: AxisRow }) {
  const { form, change, issuesAt } = useForm()
  const field = `axes/${row.name.trim()}`
  const attributes = useFieldAttributes(field)
  const called = row.name.trim() || 'this axis'
  const update = (changes: Partial<AxisRow>) =>
    change((current) => ({
      ...current,
      axes: current.axes.map((other) => (other.id === row.id ? { ...other, ...changes } : other)),
    }))
  const remove = () => {
    const at = form.axes.findIndex((other) => other.id === row.id)
    change((current) => ({ ...current, axes: current.axes.filter((other) => other.id !== row.id) }))
    if (row.name === '' && row.values.length === 0) return
    showToast({
      text: `Removed the axis ${row.name}.`.replace('axis .', 'axis.'),
      undo: () =>
        change((current) => ({ ...current, axes: [...current.axes.slice(0, at), row, ...current.axes.slice(at)] })),
    })
  }
  const bounded = row.kind !== 'list' && row.kind !== 'milestones'
  const wrong = new Set(
    issuesAt(field).flatMap((issue) => {
      const place = issue.path.at(-1)
      return typeof place === 'number' && issue.path.length > 2 ? [place] : []
    }),
  )
  return (
    <div className={axesStyles.axis} role="group" aria-label={`Axis ${row.name}`}>
      <input
        {...attributes}
        type="text"
        className="mono"
        aria-label="Axis name"
        placeholder="learning_rate"
        list={form.trainer === 'command' ? undefined : namesId}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        value={row.name}
        onChange={(event) => update({ name: event.target.value.replaceAll(' ', '_') })}
      />
      <select
        aria-label={`Kind of axis ${row.name}`.trim()}
        value={row.kind}
        onChange={(event) => update(withAxisKind(row, event.target.value as AxisEntry))}
      >
        {axisEntries.map((kind) => (
          <option key={kind}>{kind}</option>
        ))}
      </select>
      <div className={axesStyles.values}>
        {bounded ? (
          <Bounds row={row} update={update} />
        ) : (
          <ValueChips
            values={row.values}
            onChange={(values) => update({ values })}
            label={called}
            placeholder="add a value"
            wrong={wrong}
            problemOf={(value) => problemOnAxis(form.trainer, row, value)}
          />
        )}
        <SettingOfAxis row={row} />
        <AxisHint row={row} />
        <AxisConditions row={row} update={update} />
        <FieldIssues field={field} />
      </div>
      <button type="button" className="btn quiet sm" aria-label={`Remove axis ${row.name}`.trim()} onClick={remove}>
        Remove
      </button>
    </div>
  )
}

function Bounds({ row, update }: { row: AxisRow; update: (changes: Partial<AxisRow>) => void }) {
  const { id } = row
  const between = isBetween(row)
  const fields = [
    { key: 'low', word: 'from', example: '1e-5' },
    { key: 'high', word: 'to', example: '1e-3' },
    { key: 'count', word: 'values', example: '5' },
  ] as const
  return (
    <div className={axesStyles.bounds}>
      {fields
        .filter(({ key }) => key !== 'count' || !between)
        .map(({ key, word, example }) => (
          <label key={key} htmlFor={`bound-${id}-${key}`}>
            {word !== 'values' && word}
            <input
              id={`bound-${id}-${key}`}
              type="text"
              className="mono"
              inputMode={key === 'count' ? 'numeric' : undefined}
              aria-label={`${key === 'count' ? 'Number of values' : key === 'low' ? 'Low end' : 'High end'} of ${row.name || 'this axis'}`}
              placeholder={key === 'count' ? 'how many' : example}
              autoComplete="off"
              value={row[key]}
              onChange={(event) => update({ [key]: event.target.value })}
            />
          </label>
        ))}
      {!between && (
        <label>
          <input
            type="checkbox"
            aria-label={`Whole numbers on ${row.name || 'this axis'}`}
            checked={row.integer ?? false}
            onChange={(event) => update({ integer: event.target.checked })}
          />
          whole
        </label>
      )}
    </div>
  )
}

const betweenWords: Record<ContinuousKind, string> = {
  uniform: 'A search chooses any number between the ends, of few digits.',
  log_uniform: 'A search chooses any number between the ends, by ratio, of three digits.',
  integer: 'A search chooses any whole number from one end to the other.',
}

/** What the kind of axis does with these values. */
function AxisHint({ row }: { row: AxisRow }) {
  const values = expandedValues(row)
  if (row.kind === 'milestones') {
    if (values.length === 0)
      return <p className={styles.hint}>One training runs to the last value; the checkpoint at each is scored.</p>
    const unit = milestoneUnit(row.name)
    const last = values.at(-1)!
    const shown = values.length > 6 ? [...values.slice(0, 4), '…', last] : values
    const scored =
      values.length === 1
        ? `Its checkpoint at ${last} is scored.`
        : `Its checkpoints at ${listWords(shown)} are scored.`
    return (
      <p className={styles.hint}>
        One training runs to {unit} {last}. {scored}
      </p>
    )
  }
  if (isBetween(row)) return <p className={styles.hint}>{betweenWords[row.kind as ContinuousKind]}</p>
  if (row.kind === 'list' || values.length === 0) return null
  const shown = values.length > 12 ? [...values.slice(0, 6), '…', ...values.slice(-2)] : values
  return (
    <p className={styles.hint}>
      {row.kind === 'range' ? 'Equal steps' : 'Equal ratios'}: <code>{shown.join('  ')}</code>
    </p>
  )
}
