'use client'
import { useQuery } from '@tanstack/react-query'
import { Fragment } from 'react'
import { useTRPCClient } from '../../../_shell/trpc.ts'
import { firstCommandOf } from './first-command.ts'
import { useForm } from '../form-context.tsx'
import { useSettled } from '../_plan/use-preview.ts'
import styles from '../new-sweep.module.css'
import commandStyles from './command.module.css'

/** Which of the program and the files that a command names are there, where it would run on this machine. */
export function CommandFindings({ of }: { of: 'train' | 'evaluate' }) {
  const { form, directory, serverDirectory } = useForm()
  const client = useTRPCClient()
  const first = firstCommandOf(form, of).map((argument) => argument.map(({ text }) => text).join(''))
  const asked = useSettled(JSON.stringify([directory, first, searchPathOf(form[of].environment)]))
  const { data } = useQuery({
    queryKey: ['command-look', asked],
    queryFn: () => {
      const [folder, words, searchPath] = JSON.parse(asked) as [string, string[], string | null]
      return client.files.look.mutate({ directory: folder, words, searchPath: searchPath ?? undefined })
    },
    enabled: first.length > 0 && form.executor.on !== 'slurm',
    staleTime: 5_000,
  })
  if (!data || first.length === 0) return null
  const { program, words } = data
  const there = words.filter(({ kind }) => kind !== 'missing')
  const missing = words.filter(({ kind }) => kind === 'missing')
  return (
    <div role="status">
      {(program?.path || there.length > 0) && (
        <p className={styles.hint}>
          There:{' '}
          {[...(program?.path ? [{ word: program.word, path: program.path }] : []), ...there].map(
            ({ word, path }, at) => (
              <Fragment key={path}>
                {at > 0 && ', '}
                <code title={path}>{word === program?.word ? path : word}</code>
              </Fragment>
            ),
          )}
        </p>
      )}
      {missing.map(({ word }) => (
        <p className={commandStyles.unread} key={word}>
          There is no <code>{word}</code> in {directory || serverDirectory || 'the folder of the sweep'}.
        </p>
      ))}
    </div>
  )
}

function searchPathOf(environment: readonly string[]): string | null {
  return environment.findLast((line) => line.startsWith('PATH='))?.slice('PATH='.length) ?? null
}
