'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useTRPC } from '../_shell/trpc.ts'

/** Starts an example sweep or curriculum and goes to its page, or loads the published study into the list. */
export function useExamples() {
  const trpc = useTRPC()
  const router = useRouter()
  const queryClient = useQueryClient()
  const running = useMutation(trpc.examples.run.mutationOptions({ onSuccess: ({ address }) => router.push(address) }))
  const loading = useMutation(
    trpc.examples.loadStudy.mutationOptions({
      onSuccess: () => {
        void queryClient.invalidateQueries(trpc.sweeps.list.pathFilter())
        void queryClient.invalidateQueries(trpc.examples.list.pathFilter())
      },
    }),
  )
  return {
    run: (name: 'short-cot' | 'curriculum') => running.mutate({ name }),
    load: () => loading.mutate(),
    starting: running.isPending,
    loading: loading.isPending,
    busy: running.isPending || loading.isPending,
  }
}
