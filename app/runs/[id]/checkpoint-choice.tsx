'use client'
import { Link } from '../../_shell/link.tsx'
import { type ReactNode, useState } from 'react'
import type { CheckpointView, KeptCheckpoint } from '../../../contract/api/checkpoints.ts'
import { EvaluateAgainDialog } from '../../_checkpoints/evaluate-again-dialog.tsx'
import { Note } from '../../_words/note.tsx'
import { formatBytes } from '../../_words/format.ts'
import { useCheckpointChanges } from '../../_checkpoints/use-checkpoint.ts'
import { RepeatsTable } from './checkpoint-repeats.tsx'
import styles from './checkpoint-choice.module.css'
import type { LogSource } from './run-log.tsx'

/** What a person says of a checkpoint, and what goes on from it: shown under its row. */
export function CheckpointChoice(props: {
  checkpoint: CheckpointView
  name: string
  onLog: (source: LogSource) => void
}) {
  const { checkpoint, name, onLog } = props
  const [asking, setAsking] = useState(false)
  const again = (
    <button type="button" className="btn sm" onClick={() => setAsking(true)}>
      Evaluate again
    </button>
  )
  return (
    <KeptChoice checkpoint={checkpoint} name={name} actions={again}>
      <RepeatsTable checkpoint={checkpoint} name={name} onLog={onLog} />
      {asking && <EvaluateAgainDialog checkpointIds={[checkpoint.id]} onClose={() => setAsking(false)} />}
    </KeptChoice>
  )
}

type KeptProps = { checkpoint: KeptCheckpoint; name: string; actions?: ReactNode; children?: ReactNode }

/** The same of a checkpoint whoever trained it. `actions`: what else can be done where its files are there. */
export function KeptChoice({ checkpoint, name, actions, children }: KeptProps) {
  const { startedRuns } = checkpoint
  return (
    <div className={styles.choice}>
      <Tags checkpoint={checkpoint} name={name} />
      <NoteOnCheckpoint checkpoint={checkpoint} name={name} />
      <div className={styles.next}>
        {checkpoint.exists ? (
          <>
            <Link className="btn sm" href={`/sweeps/new?checkpoint=${checkpoint.id}`}>
              Start the next round
            </Link>
            {actions}
            <a
              className="btn sm"
              href={`/export/checkpoints/${checkpoint.id}.tar`}
              download
              title="Its folder as a tar archive, with a model card"
            >
              Download
            </a>
          </>
        ) : (
          <span className="ink3 small">{whyNot(checkpoint)}</span>
        )}
        {startedRuns.length > 0 && (
          <span className="small ink2">
            Started from it:{' '}
            {startedRuns.map((run, at) => (
              <span key={run.id}>
                {at > 0 && ', '}
                <Link className="link" href={`/runs/${run.id}`}>
                  {run.title}
                </Link>
              </span>
            ))}
          </span>
        )}
      </div>
      {children}
    </div>
  )
}

function whyNot(checkpoint: KeptCheckpoint): string {
  if (checkpoint.path === null) return 'No round can start from it: there are no files of it here.'
  if (checkpoint.removedAt !== null) return 'No round can start from it: a keep rule deleted its files.'
  return 'No round can start from it: its files are missing on disk.'
}

function Tags({ checkpoint, name }: { checkpoint: KeptCheckpoint; name: string }) {
  const { describe } = useCheckpointChanges()
  const [typed, setTyped] = useState('')
  const { tags } = checkpoint
  const add = () => {
    const tag = typed.trim()
    setTyped('')
    if (tag === '' || tags.includes(tag)) return
    describe(checkpoint, { tags: [...tags, tag] }, `Tagged ${name} “${tag}”.`).catch(() => setTyped(tag))
  }
  const remove = (tag: string) =>
    describe(
      checkpoint,
      { tags: tags.filter((other) => other !== tag) },
      `Removed the tag “${tag}” from ${name}.`,
    ).catch(
      // it stays, and a toast has said why
      () => {},
    )
  return (
    <div className="chips">
      {tags.map((tag) => (
        <span key={tag} className="chip">
          {tag}
          <button type="button" aria-label={`Remove the tag ${tag}`} onClick={() => remove(tag)}>
            ×
          </button>
        </span>
      ))}
      <input
        type="text"
        className={styles.tag}
        aria-label={`Add a tag to ${name}`}
        placeholder="Add a tag"
        maxLength={100}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={add}
        onKeyDown={(event) => {
          if (event.key === 'Enter' || event.key === ',') {
            event.preventDefault()
            add()
          } else if (event.key === 'Backspace' && typed === '' && tags.length > 0) remove(tags.at(-1)!)
        }}
      />
    </div>
  )
}

function NoteOnCheckpoint({ checkpoint, name }: { checkpoint: KeptCheckpoint; name: string }) {
  const { describe } = useCheckpointChanges()
  const save = (note: string) =>
    describe(checkpoint, { note }, note === '' ? `Removed the note on ${name}.` : `Noted on ${name}.`)
  return <Note on={name} text={checkpoint.note} onSave={save} />
}

/** Where it stands and what it takes: the end of its path, whether that is there, and its size. */
export function OnDisk({ checkpoint }: { checkpoint: KeptCheckpoint }) {
  const { path, exists, sizeBytes, removedAt } = checkpoint
  if (path === null) return <span className="ink3">no path reported</span>
  return (
    <span title={path}>
      <span className={exists ? 'mono' : 'mono ink3'}>{path.split('/').slice(-2).join('/')}</span>{' '}
      {exists ? (
        sizeBytes !== null && <span className="ink3">{formatBytes(sizeBytes)}</span>
      ) : removedAt !== null ? (
        <span className="ink3">deleted by a keep rule</span>
      ) : (
        <span className={styles.missing}>missing on disk</span>
      )}
    </span>
  )
}
