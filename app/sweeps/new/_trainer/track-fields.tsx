'use client'
import { useRef } from 'react'
import { ArgumentBoxes } from '../_command/argument-boxes.tsx'
import { ChoiceField, useForm } from '../form-context.tsx'
import styles from '../new-sweep.module.css'
import type { SweepForm } from '../sweep-form.ts'

type Choice = '' | 'none' | 'here' | 'both' | 'files'

const words: Record<Choice, string> = {
  '': 'here, unless you log elsewhere already',
  here: 'here, whatever is set',
  both: 'here, and where you log already',
  files: 'here, and files are followed as well',
  none: 'not here',
}

/** Where W&B's, MLflow's and Trackio's clients log, and what the server says of those that log elsewhere already. */
export function TrackFields() {
  const { form, change, placeholders, tracking } = useForm()
  const { track } = form
  // kept while something else is chosen
  const followed = useRef<string[]>([])
  if (typeof track === 'object') followed.current = [track.files].flat()
  const set = (next: SweepForm['track']) => change((current) => ({ ...current, track: next }))
  const choose = (choice: Choice) =>
    set(choice === 'files' ? { files: followed.current } : choice === '' ? undefined : choice)
  return (
    <>
      <div className={styles.row}>
        <ChoiceField
          field="track"
          label="What it logs to W&B, MLflow or Trackio goes"
          value={typeof track === 'object' ? 'files' : (track ?? '')}
          words={words}
          onChange={choose}
        />
      </div>
      {tracking.map((sentence) => (
        <p className={styles.hint} role="status" key={sentence}>
          {sentence.split('`').map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part))}
        </p>
      ))}
      {typeof track === 'object' && (
        <div className={styles.spaced}>
          <ArgumentBoxes
            field="track/files"
            label="Files, folders or patterns that are followed, one a box"
            values={[track.files].flat()}
            onChange={(files) => set({ files })}
            known={placeholders.track}
            addWord="logs/metrics.jsonl"
            itemWord="File"
          />
        </div>
      )}
    </>
  )
}
