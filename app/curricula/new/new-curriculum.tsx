'use client'
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useDeferredValue, useEffect, useState } from 'react'
import type { Issue } from '../../../domain/errors.ts'
import { takeDroppedFile } from '../../_files/dropped-file.ts'
import { FileDrop } from '../../_files/file-drop.tsx'
import { IssueList } from '../../_shell/issue-list.tsx'
import { Link } from '../../_shell/link.tsx'
import { errorIssues, errorSentence, useTRPC } from '../../_shell/trpc.ts'
import { plural } from '../../_words/format.ts'
import { ChooseFile, sweepFiles } from '../../_files/choose-file.tsx'
import { textOfFile } from '../../_files/text-of-file.ts'
import styles from './new-curriculum.module.css'

const largestFileCharacters = 1_000_000

/** What exactly will run, stage by stage? */
export function NewCurriculumPage() {
  const trpc = useTRPC()
  const router = useRouter()
  const [text, setText] = useState('')
  const [directory, setDirectory] = useState('')
  const given = useDeferredValue({ text, directory: directory.trim() || undefined })
  useEffect(() => {
    const dropped = takeDroppedFile()
    if (dropped) setText(dropped.text)
  }, [])

  const tooLong = text.length > largestFileCharacters
  const query = useQuery(
    trpc.curricula.preview.queryOptions(given, {
      enabled: given.text.trim() !== '' && !tooLong,
      placeholderData: keepPreviousData,
      staleTime: 0,
    }),
  )
  const start = useMutation(
    trpc.curricula.start.mutationOptions({ onSuccess: ({ id }) => router.push(`/curricula/${id}`) }),
  )
  const empty = text.trim() === ''
  const preview = empty || tooLong ? undefined : query.data
  const issues = tooLong ? [tooLongIssue(text)] : (preview?.issues ?? (query.error ? issuesOf(query.error) : []))
  const failed = start.error ? issuesOf(start.error) : []
  const ready = preview !== undefined && issues.length === 0 && !query.isFetching
  const onFile = async (file: File) => {
    const chosen = await textOfFile(file)
    if (chosen !== null) setText(chosen)
  }
  return (
    <>
      <FileDrop words="Let go to read the curriculum file" onFile={(file) => setText(file.text)} />
      <p className="crumb">
        <Link href="/">Sweeps</Link> /
      </p>
      <div className="title">
        <h1>New curriculum</h1>
      </div>
      <p className={styles.lead}>
        Several sweeps, one after the other: when all points of a stage have a score, a rule picks one checkpoint, and
        the next stage starts from it. The whole file is checked before anything starts.
      </p>
      <div className={styles.columns}>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (ready) start.mutate({ text, directory: directory.trim() || undefined })
          }}
        >
          <label className="field">
            <span>Curriculum file (YAML or JSON)</span>
            <textarea
              className={`mono ${styles.text}`}
              aria-invalid={issues.length > 0 || undefined}
              aria-describedby={issues.length > 0 ? 'curriculum-issues' : undefined}
              placeholder="Paste it here, choose a file, or drop one on the page."
              spellCheck={false}
              autoCapitalize="off"
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          </label>
          <IssueList id="curriculum-issues" issues={issues} most={12} />
          <div className={styles.choose}>
            <ChooseFile label="Upload from this computer" className="btn sm" accept={sweepFiles} onFile={onFile} />
          </div>
          <label className="field">
            <span>Folder that commands run in, and paths start from</span>
            <input
              type="text"
              className="mono"
              placeholder={preview?.directory ?? 'the folder that the server was started in'}
              value={directory}
              onChange={(event) => setDirectory(event.target.value)}
            />
          </label>
          <div className={styles.go}>
            <button type="submit" className="btn primary lg" disabled={!ready || start.isPending}>
              {start.isPending ? 'Starting …' : 'Start curriculum'}
            </button>
            <span className="small ink2">The same file in the same folder goes on where it stopped.</span>
          </div>
          <IssueList id="curriculum-start-issues" issues={failed} most={12} />
        </form>
        <section className={styles.plan} aria-label="What would run">
          <h2>{preview?.plan ? plural(preview.plan.stages.length, 'stage') : 'No stages yet'}</h2>
          {preview?.plan && (
            <ol>
              {preview.plan.stages.map((stage, at) => (
                <li key={at}>
                  <b>{stage.name}</b>
                  <span className="small ink2">
                    {plural(stage.trainings, 'training')}, {plural(stage.points, 'point')}
                    {stage.from === null ? '' : `, from ${stage.from}`}
                  </span>
                </li>
              ))}
            </ol>
          )}
        </section>
      </div>
    </>
  )
}

function issuesOf(error: unknown): Issue[] {
  const found = errorIssues(error)
  return found.length > 0 ? found : [{ path: [], message: errorSentence(error) }]
}

function tooLongIssue(text: string): Issue {
  const message = `The file holds ${text.length.toLocaleString('en')} characters; a curriculum file of more than a million is not read.`
  return { path: [], message }
}
