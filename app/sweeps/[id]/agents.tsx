'use client'
import type { SweepDetail } from '../../../contract/api/sweeps.ts'
import { CopyButton } from '../../_files/copy-button.tsx'
import { plural } from '../../_words/format.ts'

/** Who trains a sweep that is left to W&B's agents, and how to start one. */
export function Agents({ sweep: { agents, id } }: { sweep: SweepDetail }) {
  if (agents === null) return null
  const command = `wandb agent sweepboard/sweeps/${id}`
  const { count, idle } = agents
  return (
    <p className="ink2">
      {count === 0
        ? 'No agent has asked lately'
        : `${plural(count, 'agent')}, ${idle === 0 ? 'all at work' : `${idle} waiting`}`}
      . Another is started with <code>{command}</code> <CopyButton text={command} label="Copy the command" />
    </p>
  )
}
