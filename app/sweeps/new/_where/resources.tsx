'use client'
import { slotWords } from '../../../_words/format.ts'
import { ExecutorFields } from './executor-fields.tsx'
import { isAway } from './executor-form.ts'
import { FormSection, TextField, useForm } from '../form-context.tsx'
import styles from '../new-sweep.module.css'

/** What the sweep may take of the machine, and when it starts. */
export function Resources() {
  const { form, change, slotsAvailable, slotKind, paused, setPaused } = useForm()
  const away = isAway(form.executor)
  const slots = away || slotKind === 'gpu' ? 'GPUs' : 'CPU slots'
  return (
    <FormSection title="Resources">
      <div className={styles.row}>
        <TextField
          field="max_slots"
          label={`${slots} this sweep may take${away || slotsAvailable === null ? '' : `, of ${slotsAvailable}`}`}
          value={form.maxSlots}
          placeholder={
            away
              ? 'as many as the cluster gives'
              : slotsAvailable === null
                ? 'all'
                : `all ${slotWords(slotsAvailable, slotKind)}`
          }
          numeric
          onChange={(maxSlots) => change((current) => ({ ...current, maxSlots }))}
        />
        <TextField
          field="concurrency"
          label="Trainings at a time"
          value={form.concurrency}
          placeholder="as many as fit"
          numeric
          onChange={(concurrency) => change((current) => ({ ...current, concurrency }))}
        />
        <TextField
          field="budget"
          label={`${slots === 'GPUs' ? 'GPU' : 'CPU slot'} hours in all`}
          value={form.gpuHours}
          placeholder="no budget"
          numeric
          onChange={(gpuHours) => change((current) => ({ ...current, gpuHours }))}
        />
        <label className="field">
          <span>Starts</span>
          <select
            aria-label="Starts"
            value={paused ? 'paused' : 'now'}
            onChange={(event) => setPaused(event.target.value === 'paused')}
          >
            <option value="now">{away ? 'at once' : `when ${slots} are free`}</option>
            <option value="paused">when I say so</option>
          </select>
        </label>
      </div>
      <ExecutorFields />
    </FormSection>
  )
}
