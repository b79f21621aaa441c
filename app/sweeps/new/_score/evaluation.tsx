'use client'
import type { SweepForm } from '../sweep-form.ts'
import { CommandFields } from '../_command/command-line.tsx'
import { FieldIssues, FormSection, TextField, useFieldAttributes, useForm } from '../form-context.tsx'
import styles from '../new-sweep.module.css'
import scoreStyles from './score.module.css'
import { ReportFields } from './report-fields.tsx'
import { TryIt } from '../_command/try-it.tsx'
import { EnvironmentFields } from '../_trainer/training.tsx'

/** How checkpoints are evaluated. A built-in trainer brings its own; what a file said of its processes stays visible. */
export function Evaluation() {
  const { form, change, slotKind } = useForm()
  const { evaluate } = form
  const builtIn = form.trainer !== 'command'
  const asked = evaluate.stopAfter !== '' || evaluate.retries !== '' || evaluate.environment.length > 0
  const isPlain = builtIn && !asked && ['', '1'].includes(evaluate.gpus)
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
      {!builtIn && <CommandFields of="evaluate" label="Evaluation command, one argument a box" />}
      {form.isScored && <Race />}
      {!isPlain && (
        <>
          <div className={`${styles.row} ${scoreStyles.slots}`}>
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
        </>
      )}
      {!builtIn && <ReportFields />}
      <TryIt of="evaluation" />
    </FormSection>
  )
}

/** Whether points that can no longer win are asked no more, and what it takes. */
function Race() {
  const { form, change } = useForm()
  const { evaluate } = form
  const builtIn = form.trainer !== 'command'
  const isTold = [...evaluate.command, ...evaluate.environment].some((text) => text.includes('${questions}'))
  const attributes = useFieldAttributes('evaluate/race')
  return (
    <div className={styles.spaced}>
      <label className={styles.check}>
        <input
          type="checkbox"
          checked={evaluate.race === true}
          onChange={({ target }) =>
            change((current) => ({ ...current, evaluate: { ...current.evaluate, race: target.checked || undefined } }))
          }
          {...attributes}
        />
        Race: ask in growing batches, and stop asking where a point can no longer win
      </label>
      <FieldIssues field="evaluate/race" />
      <p className={styles.hint}>
        {builtIn || isTold ? (
          'The best three are always asked everything. Scores of the others rest on fewer questions.'
        ) : (
          <>
            Needs a command that asks only the questions which the file <code>{'${questions}'}</code> names, and their
            numbers below, under the baseline.
          </>
        )}
      </p>
    </div>
  )
}
