'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { Issue } from '../../../../domain/errors.ts'
import type { SweepInput } from '../../../../domain/sweep/sweep.ts'
import type { Preview } from '../../../../contract/api/sweeps.ts'
import { useTRPCClient } from '../../../_shell/trpc.ts'
import type { HowToStart } from '../draft.ts'

const millisecondsOfQuiet = 350

/** The value once it has stood still for a moment. */
export function useSettled<Value>(value: Value): Value {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), millisecondsOfQuiet)
    return () => clearTimeout(timer)
  }, [value])
  return settled
}

type Given = { definition: SweepInput; directory: string; how: HowToStart; messages: string[] }

/**
 * What only the server knows of the sweep: the time it would take, its file, and the issues that the form's own checks did
 * not find. Asked again when the form has stood still for a moment; meanwhile the last answer stays, and `isCurrent` is false.
 */
export function usePreview(
  definition: SweepInput,
  directory: string,
  how: HowToStart,
  ownIssues: Issue[],
): { preview: Preview | null; issues: Issue[]; isCurrent: boolean } {
  const client = useTRPCClient()
  const current = JSON.stringify({
    definition,
    directory,
    how,
    messages: ownIssues.map((issue) => issue.message),
  } satisfies Given)
  const settled = useSettled(current)
  const query = useQuery({
    queryKey: ['sweep-preview', settled],
    queryFn: async () => {
      const given = JSON.parse(settled) as Given
      const preview = await client.sweeps.preview.query({
        definition: given.definition,
        directory: given.directory || undefined,
        reuse: !given.how.afresh,
        continue: given.how.continue,
        overwrite: given.how.overwrite,
      })
      const own = new Set(given.messages)
      // what cannot be read as a sweep yet is explained by the form's own checks
      const issues = preview.definition === null ? [] : preview.issues.filter((issue) => !own.has(issue.message))
      return { preview, issues }
    },
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    gcTime: 60_000,
    retry: false,
  })
  const isCurrent = settled === current && !query.isPlaceholderData
  return { preview: query.data?.preview ?? null, issues: query.data?.issues ?? [], isCurrent }
}
