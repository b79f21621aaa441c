'use client'
import { isSeed } from '../../../../domain/sweep/axes/seed-groups.ts'
import { FieldIssues, fieldId, FormSection, TextField, useForm } from '../form-context.tsx'
import styles from '../new-sweep.module.css'
import { type AxisRow, type FinalistsForm, nextRowId, type SweepForm } from '../sweep-form.ts'

const usual: FinalistsForm = { top: '3', seeds: '3' }

/** Whether points that cannot be told from the best are looked at once more. `expected`: what that costs at most and tells. */
export function FinalistsFields({ expected }: { expected: string | null }) {
  const { form, change } = useForm()
  const { finalists } = form
  const set = (changes: Partial<FinalistsForm>) =>
    change((current) => ({ ...current, finalists: { ...(current.finalists ?? usual), ...changes } }))
  return (
    <FormSection
      title="Finalists"
      note="When all points have ended, those that cannot be told from the best are trained with further seeds."
    >
      <div className={styles.row}>
        <label className="field" id={fieldId('finalists')}>
          <span>Points that cannot be told from the best</span>
          <select
            aria-label="Points that cannot be told from the best"
            value={finalists === null ? 'left' : 'again'}
            onChange={(event) => change(event.target.value === 'again' ? withFinalists : withoutFinalists)}
          >
            <option value="left">stay as they are</option>
            <option value="again">are looked at once more</option>
          </select>
        </label>
        {finalists && (
          <>
            <TextField
              field="finalists/top"
              label="Points at most"
              value={finalists.top}
              placeholder="3"
              numeric
              onChange={(top) => set({ top })}
            />
            <TextField
              field="finalists/seeds"
              label="Seeds each in all"
              value={finalists.seeds}
              placeholder="3"
              numeric
              onChange={(seeds) => set({ seeds })}
            />
          </>
        )}
      </div>
      <FieldIssues field="finalists" />
      {finalists && expected && (
        <p className={styles.hint} role="status">
          {expected}
        </p>
      )}
    </FormSection>
  )
}

const seedRow = { name: 'seed', kind: 'list', values: ['1'], low: '', high: '', count: '' } as const

/** With an axis of seeds, which finalists go on along. */
function withFinalists(form: SweepForm): SweepForm {
  if (form.axes.some(({ name }) => isSeed(name.trim()))) return { ...form, finalists: usual }
  // a row that nobody has begun is no axis to stand before it
  const begun = form.axes.filter(({ name, values, low, high }) => name !== '' || values.length > 0 || low + high !== '')
  const row: AxisRow = { ...seedRow, id: nextRowId(form.axes), values: [...seedRow.values] }
  return { ...form, finalists: usual, axes: [...begun, row] }
}

function withoutFinalists(form: SweepForm): SweepForm {
  const isAdded = ({ name, kind, values }: AxisRow) => name === 'seed' && kind === 'list' && values.join() === '1'
  const axes = form.axes.filter((row) => !isAdded(row))
  return { ...form, finalists: null, axes: axes.length > 0 ? axes : form.axes }
}
