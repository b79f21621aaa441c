'use client'
import { ChoiceField, FormSection, TextField, useForm } from '../form-context.tsx'
import { goalWords } from '../_score/goal-words.ts'
import styles from '../new-sweep.module.css'
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
        <ChoiceField
          field="stop_early"
          label="Trainings stopped early"
          value={value.method}
          words={methods}
          onChange={(method) => set({ method })}
        />
      </div>
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
              <ChoiceField
                field="stop_early/goal"
                label="Better is"
                value={value.goal}
                words={goalWords}
                onChange={(goal) => set({ goal })}
              />
            )}
            {value.method === 'milestones' && (
              <ChoiceField
                field="stop_early/hold"
                label="At the milestone it"
                value={value.hold}
                words={{
                  '': form.trainer === 'command' ? 'trains on until it is judged' : 'waits until it is judged',
                  yes: 'waits, and goes on from its checkpoint',
                  no: 'trains on until it is judged',
                }}
                onChange={(hold) => set({ hold })}
              />
            )}
          </div>
        </>
      )}
    </FormSection>
  )
}
