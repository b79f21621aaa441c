'use client'
import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '../_shell/trpc.ts'
import { useExamples } from './use-examples.ts'
import styles from './home.module.css'

/** Under a short list: the examples that are not loaded yet, with what each costs in time. */
export function ExampleOffers() {
  const trpc = useTRPC()
  const examples = useQuery(trpc.examples.list.queryOptions()).data
  const { run, load, busy } = useExamples()
  const offered = examples?.filter((example) => !example.loaded) ?? []
  if (offered.length === 0) return null
  return (
    <p className={styles.examples}>
      To see more:{' '}
      {offered.map((example, at) => (
        <span key={example.name}>
          {at > 0 && ', '}
          <button
            type="button"
            className="link"
            disabled={busy}
            onClick={() => (example.name === 'cs2916-2025' ? load() : run(example.name))}
          >
            {lowerFirst(example.title)}
          </button>{' '}
          ({example.minutes === null ? 'takes a second' : `about ${example.minutes} min`})
        </span>
      ))}
    </p>
  )
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1)
}
