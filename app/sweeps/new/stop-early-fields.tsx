'use client'
import { FieldIssues, fieldId, FormSection, TextField, useForm } from './form-context.tsx'
import styles from './new-sweep.module.css'
import type { StopEarlyForm } from './stop-early-form.ts'

const methods = {
  '': 'none, all are trained to their end',
  milestones: 'at the first milestone: the best third goes on',
  asha: 'at each milestone: the best third so far goes on',
  median: 'whoever is worse than the median so far',
} as const

/** Which trainings are given up before their end. */
export function StopEarlyFields() {
  const { form, change } = useForm()
  const { stopEarly: value } = form
  const set = (changes: Partial<StopEarlyForm>) =>
    change((current) => ({ ...current, stopEarly: { ...current.stopEarly, ...changes } }))
  const number = (name: 'keep' | 'min' | 'factor', label: string, placeholder: string) => (
    <TextField
      field={`stop_early/${name}`}
      label={label}
      value={value[name]}
      placeholder={placeholder}
      numeric
      onChange={(text) => set({ [name]: text })}
    />
  )
  return (
    <FormSection title="Stopping">
      <div className={styles.row}>
        <label className="field" id={fieldId('stop_early')}>
          <span>Trainings stopped early</span>
          <select
            aria-label="Trainings stopped early"
            value={value.method}
            onChange={(event) => set({ method: event.target.value as StopEarlyForm['method'] })}
          >
            {Object.entries(methods).map(([method, words]) => (
              <option key={method} value={method}>
                {words}
              </option>
            ))}
          </select>
        </label>
      </div>
      <FieldIssues field="stop_early" />
      {value.method !== '' && (
        <>
          <div className={styles.row}>
            {number(
              'min',
              value.metric === '' ? 'First milestone that may stop' : 'First milestone or step that may stop',
              'a ninth of the length',
            )}
            {value.method === 'milestones' && number('keep', 'Share that goes on', '0.33')}
            {value.method === 'asha' && number('factor', 'One goes on of', '3')}
          </div>
          <div className={styles.row}>
            <TextField
              field="stop_early/metric"
              label="Judged by a metric"
              value={value.metric}
              placeholder="the score"
              mono
              onChange={(metric) => set({ metric })}
            />
            {value.metric !== '' && (
              <div>
                <label className="field" id={fieldId('stop_early/goal')}>
                  <span>Better is</span>
                  <select
                    aria-label="Better is"
                    value={value.goal}
                    onChange={(event) => set({ goal: event.target.value as StopEarlyForm['goal'] })}
                  >
                    <option value="">not said yet</option>
                    <option value="minimize">less</option>
                    <option value="maximize">more</option>
                  </select>
                </label>
                <FieldIssues field="stop_early/goal" />
              </div>
            )}
            {value.method === 'milestones' && (
              <label className="field" id={fieldId('stop_early/hold')}>
                <span>At the milestone it</span>
                <select
                  aria-label="At the milestone it"
                  value={value.hold}
                  onChange={(event) => set({ hold: event.target.value as StopEarlyForm['hold'] })}
                >
                  <option value="">
                    {form.trainer === 'command' ? 'trains on until it is judged' : 'waits until it is judged'}
                  </option>
                  <option value="yes">waits, and goes on from its checkpoint</option>
                  <option value="no">trains on until it is judged</option>
                </select>
              </label>
            )}
          </div>
        </>
      )}
    </FormSection>
  )
}
