'use client'
import { useRouter } from 'next/navigation'
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react'
import type { Preview } from '../../../../contract/api/sweeps.ts'
import type { Issue } from '../../../../domain/errors.ts'
import { partsLeftOut } from '../read-sweep-form.ts'
import { formOfSweep } from '../sweep-form.ts'
import type { Sweep } from '../../../../domain/sweep/sweep.ts'
import { isCurriculumText, putDroppedFile } from '../../../_files/dropped-file.ts'
import { listWords } from '../../../_words/format.ts'
import { showToast } from '../../../_shell/toast.tsx'
import { errorIssues, errorSentence, useTRPCClient } from '../../../_shell/trpc.ts'
import type { DraftActions } from '../use-draft.ts'

const millisecondsOfQuiet = 250
const largestFileBytes = 1_000_000

/** A file that says two things at once is put into the form without one of them; that is said. */
function leftOutIssues(sweep: Sweep): Issue[] {
  const parts = partsLeftOut(sweep)
  if (parts.length === 0) return []
  const why =
    sweep.trainer === undefined ? 'a command has no use for it' : `trainer: ${sweep.trainer} has no use for it`
  return [{ path: [], message: `Not taken into the form, as ${why}: ${listWords(parts)}.` }]
}

/** The text of a sweep file that was pasted, chosen or dropped: the form is filled from it as soon as it can be read. */
export function usePastedFile(draft: DraftActions, details: RefObject<HTMLDetailsElement | null>) {
  const client = useTRPCClient()
  const router = useRouter()
  const [text, setTextState] = useState('')
  const [issues, setIssues] = useState<Issue[]>([])
  const [converted, setConverted] = useState<Preview['converted']>(null)
  const [reading, setReading] = useState(false)
  const { fill } = draft
  const directory = useRef(draft.current.directory)
  directory.current = draft.current.directory

  useEffect(() => {
    setIssues([])
    setConverted(null)
    if (text.trim() === '') return
    let current = true
    const timer = setTimeout(async () => {
      setReading(true)
      try {
        const answer = await client.sweeps.preview.query({ text, directory: directory.current || undefined })
        if (!current) return
        setConverted(answer.converted)
        if (answer.definition) {
          // what is wrong beyond the form's reach to read is shown at the fields
          fill(
            formOfSweep(answer.definition),
            answer.converted ? 'Filled in from a sweep file of W&B.' : 'Filled in from the file.',
          )
          setIssues(leftOutIssues(answer.definition))
        } else setIssues(answer.issues)
      } catch (error) {
        if (!current) return
        const found = errorIssues(error)
        setIssues(found.length > 0 ? found : [{ path: [], message: errorSentence(error) }])
      } finally {
        if (current) setReading(false)
      }
    }, millisecondsOfQuiet)
    return () => {
      current = false
      clearTimeout(timer)
      setReading(false)
    }
  }, [text, client, fill])

  const setText = useCallback(
    (value: string) => {
      if (value.length > largestFileBytes) {
        showToast({
          text: `The file holds ${value.length.toLocaleString('en')} characters; a sweep file of more than a million is not read.`,
          tone: 'error',
        })
        return
      }
      if (isCurriculumText(value)) {
        router.push(putDroppedFile({ name: 'pasted', text: value }))
        return
      }
      if (details.current) details.current.open = true
      setTextState(value)
    },
    [details, router],
  )
  return { text, setText, issues, converted, reading, clear: () => setTextState('') }
}
