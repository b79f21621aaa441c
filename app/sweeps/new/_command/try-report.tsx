'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { TriedReport } from '../../../../contract/api/reports.ts'
import { ChooseFile } from '../../../_files/choose-file.tsx'
import { textOfFile } from '../../../_files/text-of-file.ts'
import { TriangleIcon } from '../../../_shell/icons.tsx'
import { errorSentence, useTRPCClient } from '../../../_shell/trpc.ts'
import { formatCount } from '../../../_words/format.ts'
import { FieldIssues, useForm } from '../form-context.tsx'
import styles from '../new-sweep.module.css'
import commandStyles from './command.module.css'
import { readReportForm } from '../read-sweep-form.ts'
import type { SweepForm } from '../sweep-form.ts'
import { TriedResults } from './tried-results.tsx'
import { useSettled } from '../_plan/use-preview.ts'

/** What is read: a path on the server's machine, or a text. */
type Source = { path: string } | { name: string; text: string }

const largestBytes = 5_000_000

/** Reads a report that is there already by the settings above, benchmark by benchmark, before anything is started. */
export function ReportTrial() {
  const { form, change, directory } = useForm()
  const client = useTRPCClient()
  const [path, setPath] = useState('')
  const [pasted, setPasted] = useState('')
  const [source, setSource] = useState<Source | null>(null)
  const [refused, setRefused] = useState<string | null>(null)
  const wanted = form.isScored && form.baselineReport === null ? namedBenchmarks(form) : []
  const settings = readReportForm(form.evaluate) ?? {}
  const current = JSON.stringify({ settings, wanted, directory })
  const asked = useSettled(current)
  const query = useQuery({
    queryKey: ['try-report', source, asked],
    enabled: source !== null,
    queryFn: async () => {
      const { directory: folder, ...given } = JSON.parse(asked) as {
        settings: unknown
        wanted: string[]
        directory: string
      }
      return client.sweeps.tryReport.mutate({ ...given, ...source!, directory: folder || undefined })
    },
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  })
  const give = (next: Source) => {
    setRefused(null)
    setSource(next)
    // the same file may hold something else by now
    if (JSON.stringify(next) === JSON.stringify(source)) void query.refetch()
  }
  const onFile = async (file: File) => {
    if (file.size > largestBytes) {
      setRefused(
        `“${file.name}” has ${formatCount(file.size)} bytes; at most ${formatCount(largestBytes)} are taken from the browser. Name its path instead.`,
      )
      return
    }
    const text = await textOfFile(file)
    if (text !== null) give({ name: file.name, text })
  }
  const problem = refused ?? (query.error ? errorSentence(query.error) : (query.data?.problem ?? null))
  return (
    <details className={styles.rest}>
      <summary>Try this report</summary>
      <div className={commandStyles.try}>
        <label className="field">
          <span>A report that is there already: its file, its folder or a pattern, on this machine</span>
          <input
            type="text"
            className="mono"
            aria-label="Report to try"
            placeholder={
              form.evaluate.reportFile.includes('/') || form.evaluate.reportFiles.length > 0
                ? 'where the report file says'
                : 'base/results.json'
            }
            autoComplete="off"
            spellCheck={false}
            value={path}
            onChange={(event) => setPath(event.target.value)}
            onKeyDown={(event) => event.key === 'Enter' && give({ path })}
          />
        </label>
        <button type="button" className="btn" onClick={() => give({ path })}>
          Read it
        </button>
        <ChooseFile label="Report from this computer" onFile={onFile} />
      </div>
      <label className={`field ${styles.spaced}`}>
        <span>or its text</span>
        <textarea
          aria-label="Text of a report"
          className={`mono ${commandStyles.reportText}`}
          spellCheck={false}
          placeholder="Paste it here; it is read at once."
          value={pasted}
          onChange={(event) => {
            setPasted(event.target.value)
            if (event.target.value.trim() !== '') give({ name: 'pasted.json', text: event.target.value })
          }}
        />
      </label>
      <div aria-live="polite" className={styles.spaced} aria-busy={query.isFetching}>
        {source !== null && query.isPending && <p className="small ink3">Reading …</p>}
        {problem !== null && (
          <p className="error" role="alert">
            <TriangleIcon />
            <span>{problem}</span>
          </p>
        )}
        {problem === null && query.data && source !== null && (
          <TriedResults
            tried={query.data}
            onBaseline={
              current === asked && !query.isPlaceholderData
                ? () => change((current) => withBaseline(current, query.data))
                : null
            }
          />
        )}
      </div>
      <FieldIssues field="score/baseline/report" />
    </details>
  )
}

/** The benchmarks that the table of the baseline names. */
export function namedBenchmarks({ benchmarks }: SweepForm): string[] {
  return benchmarks.map(({ name }) => name.trim()).filter((name) => name !== '')
}

/** The baseline that a report is: by its path where that does, else its accuracies, so that they can be seen and mended. */
export function withBaseline(form: SweepForm, { asBaseline, results }: TriedReport): SweepForm {
  if (asBaseline !== null) return { ...form, storedBaseline: null, baselineReport: asBaseline }
  const read = results.filter(({ accuracy }) => accuracy !== null && accuracy > 0)
  const benchmarks = read.map(({ benchmark, accuracy, total }, index) => ({
    id: index + 1,
    name: benchmark,
    accuracy: String(accuracy),
    questions: total === null ? '' : String(total),
  }))
  return { ...form, storedBaseline: null, baselineReport: null, baselineScale: '', benchmarks }
}
