'use client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { Link } from '../_shell/link.tsx'
import { showToast } from '../_shell/toast.tsx'
import { errorSentence, useTRPC } from '../_shell/trpc.ts'

/** Before anything was picked: what a lineage is, and how to get one. */
export function EmptyLineage() {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const router = useRouter()
  const examples = useQuery(trpc.examples.list.queryOptions()).data
  const curriculum = examples?.find((example) => example.name === 'curriculum')
  const run = useMutation(
    trpc.examples.run.mutationOptions({
      onSuccess: ({ address }) => router.push(address),
      onError: (error) => showToast({ text: errorSentence(error), tone: 'error' }),
    }),
  )
  const load = useMutation(
    trpc.examples.loadStudy.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries(),
      onError: (error) => showToast({ text: errorSentence(error), tone: 'error' }),
    }),
  )
  return (
    <div className="message">
      <h1>No lineage yet</h1>
      <p>
        A lineage shows which checkpoint came from which. It begins when you pick a checkpoint of a run, and grows with
        each round that starts from one.
      </p>
      {curriculum && <p>One of seven stages can be trained here in about {curriculum.minutes} min.</p>}
      <div className="actions">
        <Link className="btn primary" href="/">
          Choose a checkpoint
        </Link>
        <button
          type="button"
          className="btn"
          disabled={run.isPending}
          onClick={() => run.mutate({ name: 'curriculum' })}
        >
          Run the curriculum
        </button>
        <button type="button" className="btn" disabled={load.isPending} onClick={() => load.mutate()}>
          Load the published study, five rounds
        </button>
      </div>
    </div>
  )
}
