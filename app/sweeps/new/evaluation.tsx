'use client'
import type { SweepForm } from './sweep-form.ts'
import { ArgumentBoxes } from './argument-boxes.tsx'
import { FormSection, TextField, useForm } from './form-context.tsx'
import styles from './new-sweep.module.css'
import { ReportFields } from './report-fields.tsx'
import { EnvironmentFields } from './training.tsx'

/** How checkpoints are evaluated. A built-in trainer brings its own; what a file said of its processes stays visible. */
export function Evaluation() {
  const { form, change, placeholders, slotKind } = useForm()
  const { evaluate } = form
  const builtIn = form.trainer !== 'command'
  const asked = evaluate.stopAfter !== '' || evaluate.retries !== '' || evaluate.environment.length > 0
  if (builtIn && !asked && ['', '1'].includes(evaluate.gpus)) return null
  const set = (changes: Partial<SweepForm['evaluate']>) =>
    change((current) => ({ ...current, evaluate: { ...current.evaluate, ...changes } }))
  return (
    <FormSection
      title="Evaluation"
      note={
        builtIn
          ? 'The built-in one, once for each point.'
          : 'Runs once for each point. Leave it empty where the trainer reports its own.'
      }
    >
      {!builtIn && (
        <ArgumentBoxes
          field="evaluate/command"
          label="Evaluation command, one argument a box"
          values={evaluate.command}
          onChange={(command) => set({ command })}
          known={placeholders.evaluate}
          offer
          addWord="Add an argument"
          itemWord="Argument"
        />
      )}
      <div className={`${styles.row} ${styles.slots}`}>
        <TextField
          field="evaluate/gpus"
          label={`${slotKind === 'gpu' ? 'GPUs' : 'CPU slots'} for each`}
          value={evaluate.gpus}
          placeholder="1"
          numeric
          onChange={(gpus) => set({ gpus })}
        />
      </div>
      <details className={styles.rest} open={asked || undefined}>
        <summary>Time limit, retries, environment</summary>
        <div className={styles.row}>
          <TextField
            field="evaluate/timeout_seconds"
            label="Stop an evaluation after"
            value={evaluate.stopAfter}
            placeholder="no limit"
            onChange={(stopAfter) => set({ stopAfter })}
          />
          <TextField
            field="evaluate/retries"
            label="Retries of an evaluation"
            value={evaluate.retries}
            placeholder="as for trainings"
            numeric
            onChange={(retries) => set({ retries })}
          />
        </div>
        <div className={styles.spaced}>
          <EnvironmentFields of="evaluate" label="Environment of the evaluation" />
        </div>
      </details>
      {!builtIn && <ReportFields />}
    </FormSection>
  )
}
