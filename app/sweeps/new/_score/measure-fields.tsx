'use client'
import { FieldIssues, fieldId, TextField, useForm } from '../form-context.tsx'
import { usePathNames } from '../_command/path-names.tsx'
import styles from '../new-sweep.module.css'
import scoreStyles from './score.module.css'

/** Which checkpoint the sweep's own evaluation measures first: the one that its runs start from, or another. */
export function MeasureFields() {
  const { form, change } = useForm()
  const isInit = form.baselineMeasure === 'init'
  const names = usePathNames()
  const set = (baselineMeasure: string) => change((current) => ({ ...current, baselineMeasure }))
  return (
    <div className={`${styles.spaced} ${scoreStyles.narrow}`}>
      {form.init.trim() !== '' && (
        <label className={styles.integer}>
          <input type="checkbox" checked={isInit} onChange={(event) => set(event.target.checked ? 'init' : '')} />
          The checkpoint that every run starts from
        </label>
      )}
      {isInit && form.init.trim() !== '' ? (
        <div id={fieldId('score/baseline/measure')} tabIndex={-1}>
          <p className="mono">{form.init}</p>
          <FieldIssues field="score/baseline/measure" />
        </div>
      ) : (
        <TextField
          field="score/baseline/measure"
          label="Checkpoint to measure"
          value={form.baselineMeasure ?? ''}
          placeholder="models/base"
          mono
          onChange={set}
          names={names}
        />
      )}
      <p className={styles.hint}>
        The sweep’s own evaluation measures it before anything else, with its benchmarks and questions; everything is
        scored against that. Measured before by the same evaluation, it is not measured again.
      </p>
    </div>
  )
}
