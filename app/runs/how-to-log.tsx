'use client'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { CopyButton } from '../_files/copy-button.tsx'
import { Link } from '../_shell/link.tsx'
import { useTRPC } from '../_shell/trpc.ts'
import styles from './runs.module.css'

/** What a script needs in its environment to log here. `alone`: nothing was logged yet. */
export function HowToLog({ alone = false }: { alone?: boolean }) {
  const [open, setOpen] = useState(alone)
  if (alone)
    return (
      <>
        <div className="title">
          <h1>Runs</h1>
        </div>
        <p className="ink2">
          A run of its own is a training that you start yourself, without a sweep: a script that logs with W&amp;B,
          MLflow or Trackio makes one here as soon as its environment says so. The script stays as it is. Runs of sweeps
          stand here too, where{' '}
          <Link className="link" href="/runs?of=all">
            all runs
          </Link>{' '}
          are asked for.
        </p>
        <Variables />
      </>
    )
  return (
    <details className={styles.how} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>How a script logs here, and files are imported</summary>
      {open && <Variables />}
    </details>
  )
}

function Variables() {
  const trpc = useTRPC()
  const key = useQuery(trpc.ownRuns.key.queryOptions()).data
  if (key === undefined) return null
  const here = window.location.origin
  const clients = [
    { name: 'W&B', lines: [`export WANDB_BASE_URL=${here}`, `export WANDB_API_KEY=${key}`] },
    {
      name: 'MLflow',
      lines: [
        `export MLFLOW_TRACKING_URI=${here}`,
        `export MLFLOW_TRACKING_TOKEN=${key}`,
        'export MLFLOW_ENABLE_ASYNC_LOGGING=true',
      ],
    },
    { name: 'Trackio', lines: [`export TRACKIO_SERVER_URL=${here}`, `export TRACKIO_WRITE_TOKEN=${key}`] },
  ]
  return (
    <div className={styles.clients}>
      {clients.map(({ name, lines }) => (
        <section key={name} aria-label={name}>
          <h2>
            {name} <CopyButton text={lines.join('\n')} label={`Copy what ${name} needs`} />
          </h2>
          <pre className="mono" tabIndex={0} aria-label={`What ${name} needs`}>
            {lines.join('\n')}
          </pre>
        </section>
      ))}
      <section aria-label="Files">
        <h2>Files</h2>
        <p className="ink2">
          What trainings left elsewhere, as runs of a project: event files of TensorBoard,{' '}
          <span className="mono">trainer_state.json</span>, CSV, lines of JSON, rollouts, MLflow&apos;s{' '}
          <span className="mono">mlruns</span> or <span className="mono">mlflow.db</span>, Trackio&apos;s folder,
          W&amp;B&apos;s <span className="mono">wandb/</span>. While no server works on the data folder:
        </p>
        <pre className="mono" tabIndex={0} aria-label="What imports files">
          npm run data -- import --name PROJECT FILE…
        </pre>
      </section>
    </div>
  )
}
