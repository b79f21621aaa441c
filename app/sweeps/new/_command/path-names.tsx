'use client'
import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { useTRPCClient } from '../../../_shell/trpc.ts'
import { useForm } from '../form-context.tsx'
import { useSettled } from '../_plan/use-preview.ts'

/**
 * Completes a path while it is typed: `list` goes on the input, `element` beside it, and `watch` is told what stands in the input.
 * null: nothing is looked up.
 */
export function usePathNames(only?: 'folders') {
  const client = useTRPCClient()
  const { directory } = useForm()
  const id = useId()
  const [typed, watch] = useState<string | null>(null)
  const settled = useSettled(typed)
  const names =
    useQuery({
      queryKey: ['path-names', directory, settled, only],
      queryFn: () => client.files.complete.mutate({ directory, typed: settled!, only }),
      enabled: settled !== null && !settled.includes('${'),
      staleTime: 5_000,
    }).data?.names ?? []
  const element = (
    <datalist id={id}>
      {names.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </datalist>
  )
  return { list: id, element, watch }
}
