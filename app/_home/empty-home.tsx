'use client'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { Link } from '../_shell/link.tsx'
import { heatColor } from '../_charts/heat-scale.ts'
import { useTRPC } from '../_shell/trpc.ts'
import { useExamples } from './use-examples.ts'
import styles from './home.module.css'

/** `/` leads to this page for its field, which stands beside sweeps: where there are none, runs of their own are what is found. */
function useFindOfRuns(): void {
  const router = useRouter()
  const projects = useQuery(useTRPC().ownRuns.projects.queryOptions()).data
  const hasRuns = projects?.some(({ runs }) => runs > 0) ?? false
  useEffect(() => {
    if (hasRuns && location.hash === '#find') router.replace('/runs#find')
  }, [hasRuns, router])
}

/** An empty data folder: what a sweep is, and two ways to see one, with what each costs in time. */
export function EmptyHome() {
  const trpc = useTRPC()
  const examples = useQuery(trpc.examples.list.queryOptions()).data
  const curriculum = examples?.find((example) => example.name === 'curriculum')
  const minutes = examples?.find((example) => example.name === 'short-cot')?.minutes
  useFindOfRuns()
  const { run, load, starting, loading, busy } = useExamples()
  return (
    <div className={styles.hello}>
      <h1>No sweeps yet</h1>
      <p>
        A sweep trains a model once for each combination of settings, evaluates every checkpoint, and shows which one
        did best and how sure that is.
      </p>
      <div className={styles.offers}>
        <section>
          <Picture positions={emptyPicture} />
          <h2>Run the example sweep</h2>
          <p>Teaches a very small model arithmetic, on this computer’s processor. You watch the grid fill in.</p>
          <button type="button" className="btn primary lg" disabled={busy} onClick={() => run('short-cot')}>
            {starting ? 'Starting …' : 'Run the example'}
          </button>
          <p className={styles.facts}>
            9 trainings, 18 points. {minutes ? `About ${minutes} min on this computer.` : 'A few minutes.'} No GPU, no
            download.
          </p>
        </section>
        <section>
          <Picture positions={studyPicture} />
          <h2>Load the published study</h2>
          <p>
            Qwen2.5-Math-1.5B: an SFT grid of batch size, learning rate and epochs, as published. Nothing is trained.
          </p>
          <button type="button" className="btn lg" disabled={busy} onClick={load}>
            {loading ? 'Loading …' : 'Load the study'}
          </button>
          <p className={styles.facts}>18 scored points, 4 benchmarks. Takes a second. Remove it at any time.</p>
        </section>
      </div>
      <div className={styles.own}>
        <p>
          Or bring your own:{' '}
          <Link className="link" href="/sweeps/new">
            write a new sweep
          </Link>
          , drop a sweep file anywhere on this page, or from a terminal
        </p>
        <code>npm run sweep -- my-sweep.yaml</code>
      </div>
      {curriculum && (
        <div className={styles.own}>
          <p>
            Or see GRPO rounds that start one from the other:{' '}
            <button type="button" className="link" disabled={busy} onClick={() => run('curriculum')}>
              run the curriculum
            </button>
            , about {curriculum.minutes} min, or{' '}
            <Link className="link" href="/curricula/new">
              start one of your own
            </Link>
          </p>
        </div>
      )}
    </div>
  )
}

const emptyPicture: (number | null)[] = Array.from({ length: 18 }, () => null)
/** Two grids as the study's look, on a scale from 0 to 1. */
const studyPicture = [
  0.88, 0.57, 0, 0.93, 0.76, 0.61, 0.68, 0.8, 0.97, 0.78, 0.14, 0.35, 0.92, 0.48, 0.49, 0.86, 1, 0.58,
]

function Picture({ positions }: { positions: (number | null)[] }) {
  return (
    <div className={styles.picture} aria-hidden="true">
      {[0, 9].map((from) => (
        <span key={from}>
          {positions.slice(from, from + 9).map((position, at) => (
            <i
              key={at}
              style={position === null ? undefined : { background: heatColor(position), boxShadow: 'none' }}
            />
          ))}
        </span>
      ))}
    </div>
  )
}
