'use client'
import type { SweepForm } from '../sweep-form.ts'
import { usePathNames } from '../_command/path-names.tsx'
import { TrainerSettings } from './settings.tsx'
import { TrackFields } from './track-fields.tsx'
import { withTrainer } from './trainer-change.ts'
import { listWords } from '../../../_words/format.ts'
import { showToast } from '../../../_shell/toast.tsx'
import { ArgumentBoxes } from '../_command/argument-boxes.tsx'
import { TryIt } from '../_command/try-it.tsx'
import { CommandFields } from '../_command/command-line.tsx'
import { isAway } from '../_where/executor-form.ts'
import { FieldIssues, FormSection, TextField, useForm } from '../form-context.tsx'
import styles from '../new-sweep.module.css'

const trainers: { value: SweepForm['trainer']; label: string }[] = [
  { value: 'command', label: 'Your command' },
  { value: 'sft', label: 'Built-in SFT' },
  { value: 'grpo', label: 'GRPO' },
  { value: 'dpo', label: 'DPO' },
  { value: 'best_of_n', label: 'Best of n' },
  { value: 'pretrain', label: 'Pretrain' },
]

/** What is trained with: a command of one's own, or a trainer that comes with the product and its settings. */
export function TrainingFields() {
  const { form, change, slotKind, directory, setDirectory, serverDirectory } = useForm()
  const set = (changes: Partial<SweepForm['train']>) =>
    change((current) => ({ ...current, train: { ...current.train, ...changes } }))
  const own = form.trainer === 'command'
  const [checkpoints, starts, folders] = [usePathNames(), usePathNames(), usePathNames('folders')]
  const choose = (trainer: SweepForm['trainer']) => {
    const { form: next, left } = withTrainer(form, trainer)
    change(() => next)
    if (left.length > 0)
      showToast({ text: `${trainer} has no ${listWords(left)}: left out.`, undo: () => change(() => form) })
  }
  const slots = isAway(form.executor) || slotKind === 'gpu' ? 'GPUs' : 'CPU slots'
  return (
    <FormSection
      title="Training"
      note={
        own
          ? 'Runs without a shell, in the folder of the sweep.'
          : 'Comes with the product. An axis overrides the setting of its name.'
      }
    >
      <div className="seg" role="radiogroup" aria-label="Trainer">
        {trainers.map(({ value, label }) => (
          <label key={value}>
            <input type="radio" name="trainer" checked={form.trainer === value} onChange={() => choose(value)} />
            {label}
          </label>
        ))}
      </div>
      <FieldIssues field="trainer" />
      <div className={styles.spaced}>
        {form.trainer === 'command' ? (
          <CommandFields of="train" label="Command, one argument a box" />
        ) : (
          <TrainerSettings trainer={form.trainer} />
        )}
      </div>
      <div className={styles.row}>
        <TextField
          field="train/gpus"
          label={`${slots} for each training`}
          value={form.train.gpus}
          placeholder="1"
          numeric
          onChange={(gpus) => set({ gpus })}
        />
        <TextField
          field="train/timeout_seconds"
          label="Stop after"
          value={form.train.stopAfter}
          placeholder="no limit, or e.g. 2 h"
          onChange={(stopAfter) => set({ stopAfter })}
        />
        <TextField
          field="train/retries"
          label="Retries"
          value={form.train.retries}
          placeholder="0"
          numeric
          onChange={(retries) => set({ retries })}
        />
      </div>
      <div className={styles.spaced}>
        <EnvironmentFields of="train" label="Environment" />
      </div>
      {own && <TrackFields />}
      {own && (
        <div className={styles.spaced}>
          <TextField
            field="checkpoint"
            label="Checkpoint folder, where the trainer reports none"
            value={form.checkpoint}
            placeholder="e.g. ../ckpts/${run}/epoch_${epoch}"
            mono
            onChange={(checkpoint) => change((current) => ({ ...current, checkpoint }))}
            names={checkpoints}
          />
        </div>
      )}
      <div className={styles.row}>
        <TextField
          field="init"
          label="Checkpoint that every training starts from"
          value={form.init}
          placeholder="none"
          mono
          onChange={(init) => change((current) => ({ ...current, init }))}
          names={starts}
        />
        <TextField
          field="directory"
          label="Folder that commands and paths start from"
          value={directory}
          placeholder={serverDirectory ?? 'the server’s folder'}
          mono
          onChange={setDirectory}
          names={folders}
        />
      </div>
      <TryIt of="training" />
    </FormSection>
  )
}

/** Environment variables, NAME=value a box. */
export function EnvironmentFields({ of, label }: { of: 'train' | 'evaluate'; label: string }) {
  const { form, change, placeholders } = useForm()
  return (
    <ArgumentBoxes
      field={`${of}/env`}
      label={label}
      values={form[of].environment}
      onChange={(environment) => change((current) => ({ ...current, [of]: { ...current[of], environment } }))}
      known={placeholders[of]}
      addWord="NAME=value"
      itemWord="Variable"
    />
  )
}
