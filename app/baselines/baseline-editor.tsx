'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import type { Issue } from '../../domain/errors.ts'
import { nextRowId } from '../sweeps/new/sweep-form.ts'
import type { BaselineView } from '../../contract/api/baselines.ts'
import { plural } from '../_words/format.ts'
import { TriangleIcon } from '../_shell/icons.tsx'
import { showToast } from '../_shell/toast.tsx'
import { errorIssues, errorSentence, useTRPC } from '../_shell/trpc.ts'
import styles from './baselines.module.css'
import { type BenchmarkLine, checkBaseline, rowsOf } from './check-baseline.ts'

/** Edits one baseline, or makes a new one. */
export function BaselineEditor({ baseline, onClose }: { baseline: BaselineView | null; onClose: () => void }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [name, setName] = useState(baseline?.name ?? '')
  const [note, setNote] = useState(baseline?.note ?? '')
  const [rows, setRows] = useState<BenchmarkLine[]>(() => rowsOf(baseline?.accuracies ?? {}, baseline?.questions ?? {}))
  const [attempted, setAttempted] = useState(false)
  const [refused, setRefused] = useState<Issue[]>([])
  const save = useMutation(
    trpc.baselines.save.mutationOptions({
      onSuccess: () => void queryClient.invalidateQueries(trpc.baselines.list.queryFilter()),
    }),
  )
  const { accuracies, questions, issues: own } = checkBaseline(name, rows)
  const issues = [...(attempted ? own : own.filter((issue) => issue.typed)), ...refused]
  const id = useId()

  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    setAttempted(true)
    setRefused([])
    if (own.length > 0) return
    const before = baseline
    save.mutate(
      { ...(before && { id: before.id }), name: name.trim(), accuracies, questions, note: note.trim() },
      {
        onSuccess: () => {
          const rescored =
            before && before.usedBySweeps > 0
              ? ` The scores of ${plural(before.usedBySweeps, 'sweep')} are recomputed.`
              : ''
          const undo = before ? () => save.mutate({ ...before }) : undefined
          showToast({ text: `Saved the baseline ${name.trim()}.${rescored}`, ...(undo && { undo }) })
          onClose()
        },
        onError: (error) => {
          const found = errorIssues(error)
          setRefused(found.length > 0 ? found : [{ path: [], message: errorSentence(error) }])
        },
      },
    )
  }
  const update = (row: BenchmarkLine, changes: Partial<BenchmarkLine>) => {
    setRefused([])
    setRows((current) => current.map((other) => (other.id === row.id ? { ...other, ...changes } : other)))
  }
  const remove = (row: BenchmarkLine) => {
    const before = rows
    setRows((current) => current.filter((other) => other.id !== row.id))
    if (row.name || row.accuracy) showToast({ text: `Removed the benchmark ${row.name}.`, undo: () => setRows(before) })
  }
  const issueOf = (key: string) => issues.find((issue) => issue.path.join('/') === key)
  const nameIssue = issueOf('name')
  return (
    <form
      onSubmit={onSubmit}
      className={styles.editor}
      aria-label={baseline ? `Edit ${baseline.name}` : 'New baseline'}
    >
      <label className="field">
        <span>Name</span>
        <input
          type="text"
          // the editor was opened to write in it
          autoFocus
          value={name}
          placeholder="short-cot-sft"
          aria-invalid={nameIssue !== undefined || undefined}
          aria-describedby={nameIssue && `${id}-name`}
          onChange={(event) => {
            setRefused([])
            setName(event.target.value)
          }}
        />
      </label>
      <IssueLine issue={nameIssue} id={`${id}-name`} />
      <div className="table-wrap">
        <table className={styles.table}>
          <thead>
            <tr>
              <th>Benchmark</th>
              <th className="num">Accuracy, 0 to 1</th>
              <th className="num">Questions</th>
              <th>
                <span className="sr">Remove</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => {
              const issue = issueOf(`accuracies/${row.name.trim()}`)
              const asked = issueOf(`questions/${row.name.trim()}`)
              return (
                <tr key={row.id}>
                  <td>
                    <input
                      type="text"
                      aria-label="Benchmark"
                      placeholder="GSM8k"
                      value={row.name}
                      onChange={(event) => update(row, { name: event.target.value })}
                    />
                  </td>
                  <td>
                    <input
                      type="text"
                      className="num"
                      inputMode="decimal"
                      aria-label={`Accuracy of ${row.name || 'the benchmark'}`}
                      aria-invalid={issue !== undefined || undefined}
                      placeholder="0.716"
                      value={row.accuracy}
                      onChange={(event) => update(row, { accuracy: event.target.value })}
                    />
                    <IssueLine issue={issue} onFix={(value) => update(row, { accuracy: value })} />
                  </td>
                  <td>
                    <input
                      type="text"
                      className="num"
                      inputMode="numeric"
                      aria-label={`Questions of ${row.name || 'the benchmark'}`}
                      aria-invalid={asked !== undefined || undefined}
                      placeholder="optional"
                      value={row.questions}
                      onChange={(event) => update(row, { questions: event.target.value })}
                    />
                    <IssueLine issue={asked} />
                  </td>
                  <td>
                    <button
                      type="button"
                      className="btn quiet sm"
                      aria-label={`Remove benchmark ${row.name}`.trim()}
                      onClick={() => remove(row)}
                    >
                      Remove
                    </button>
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
      <IssueLine issue={issueOf('accuracies') ?? issueOf('')} />
      <button
        type="button"
        className="btn sm"
        onClick={() =>
          setRows((current) => [...current, { id: nextRowId(current), name: '', accuracy: '', questions: '' }])
        }
      >
        Add benchmark
      </button>
      <label className="field">
        <span>Where the figures come from</span>
        <textarea rows={2} value={note} placeholder="optional" onChange={(event) => setNote(event.target.value)} />
      </label>
      <div className="actions">
        <button type="submit" className="btn primary" disabled={save.isPending}>
          {save.isPending ? 'Saving …' : 'Save baseline'}
        </button>
        <button type="button" className="btn" onClick={onClose}>
          Leave as it was
        </button>
        {baseline !== null && baseline.usedBySweeps > 0 && (
          <span className="ink3 small">Saving recomputes the scores of {plural(baseline.usedBySweeps, 'sweep')}.</span>
        )}
      </div>
    </form>
  )
}

function IssueLine({ issue, id, onFix }: { issue: Issue | undefined; id?: string; onFix?: (value: string) => void }) {
  if (!issue) return null
  return (
    <p className="error" role="alert" id={id}>
      <TriangleIcon />
      <span>
        {issue.message}{' '}
        {issue.fix && onFix && (
          <button type="button" onClick={() => onFix(issue.fix!.value)}>
            {issue.fix.label}
          </button>
        )}
      </span>
    </p>
  )
}
