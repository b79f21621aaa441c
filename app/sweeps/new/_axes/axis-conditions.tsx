'use client'
import { fieldId, FieldIssues, useForm } from '../form-context.tsx'
import styles from './axes.module.css'
import { expandedValues, isBetween } from '../_plan/plan-of-form.ts'
import type { AxisRow, ConditionRow } from '../sweep-form.ts'
import { ValueChips } from './value-chips.tsx'

/** Where the axis exists: everywhere, or only where axes above it have certain values. */
export function AxisConditions({ row, update }: { row: AxisRow; update: (changes: Partial<AxisRow>) => void }) {
  const { form } = useForm()
  const above = form.axes
    .slice(
      0,
      form.axes.findIndex(({ id }) => id === row.id),
    )
    .filter((other) => other.kind !== 'milestones' && !isBetween(other) && other.name.trim() !== '')
  const { conditions = [] } = row
  const field = `when/${row.name.trim()}`
  const set = (next: ConditionRow[]) => update({ conditions: next })
  if (row.kind === 'milestones' && conditions.length === 0) return null
  return (
    <div id={fieldId(field)}>
      {conditions.map((condition, at) => {
        const other = form.axes.find(({ name }) => name.trim() === condition.axis)
        const known = other === undefined ? [] : expandedValues(other)
        const names = [...new Set([...above.map(({ name }) => name.trim()), condition.axis])]
        const change = (changes: Partial<ConditionRow>) => set(conditions.with(at, { ...condition, ...changes }))
        return (
          <div key={at} className={styles.condition}>
            <span>{at === 0 ? 'only where' : 'and'}</span>
            <select
              aria-label={`Axis that ${row.name || 'this axis'} depends on`}
              value={condition.axis}
              onChange={(event) => change({ axis: event.target.value, values: [] })}
            >
              {names.map((name) => (
                <option key={name} value={name}>
                  {name === '' ? 'choose an axis' : name}
                </option>
              ))}
            </select>
            <span>is</span>
            <ValueChips
              values={condition.values}
              label={`values of ${condition.axis} at which ${row.name || 'this axis'} exists`}
              placeholder="add a value"
              wrong={new Set(condition.values.flatMap((value, place) => (known.includes(value) ? [] : [place])))}
              problemOf={(value) =>
                value === '' || known.includes(value) ? null : `${condition.axis} has no value ${value}.`
              }
              onChange={(values) => change({ values })}
            />
            <button
              type="button"
              className="btn quiet sm"
              aria-label={`Remove condition ${at + 1} of ${row.name || 'this axis'}`}
              onClick={() => set(conditions.filter((_, place) => place !== at))}
            >
              Remove
            </button>
          </div>
        )
      })}
      {above.length > conditions.length && row.kind !== 'milestones' && (
        <button
          type="button"
          className="link small"
          onClick={() => {
            const free = above.find(({ name }) => conditions.every(({ axis }) => axis !== name.trim()))
            set([...conditions, { axis: free?.name.trim() ?? '', values: [] }])
          }}
        >
          {conditions.length === 0 ? 'Only where another axis has a value' : 'Another condition'}
        </button>
      )}
      <FieldIssues field={field} />
    </div>
  )
}
