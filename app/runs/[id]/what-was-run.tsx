'use client'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { shortCommit } from '../../../domain/provenance/what-was-run.ts'
import type { RunDetail } from '../../../contract/api/runs.ts'
import type { CodeView, FileView, RanView } from '../../../contract/api/what-was-run.ts'
import { PatchText } from '../../_files/patch-text.tsx'
import { plural } from '../../_words/format.ts'
import { CopyButton } from '../../_files/copy-button.tsx'
import { errorSentence, useTRPC } from '../../_shell/trpc.ts'
import styles from './run.module.css'

/** The code, the packages, the machine and the variables that an attempt was run with. */
export function WhatWasRunSection({ run }: { run: RunDetail }) {
  const trpc = useTRPC()
  const newest = run.attempts.at(-1)!.number
  const [chosen, setChosen] = useState<number | null>(null)
  const attempt = chosen ?? newest
  const query = useQuery(trpc.runs.ran.queryOptions({ id: run.id, attempt }))
  return (
    <section className="section" aria-labelledby="ran-title">
      <div className="section-head">
        <h2 id="ran-title">What was run</h2>
        {run.attempts.length > 1 && (
          <div className="actions">
            <select
              className={styles.whichAttempt}
              aria-label="What was run in which attempt"
              value={attempt}
              onChange={({ target }) => setChosen(Number(target.value))}
            >
              {run.attempts.map(({ number }) => (
                <option key={number} value={number}>
                  Attempt {number}
                </option>
              ))}
            </select>
          </div>
        )}
      </div>
      {query.data && <Ran run={run} ran={query.data} />}
      {query.data === null && (
        <p className="small ink3">Nothing is known: this attempt was started before Sweepboard recorded it.</p>
      )}
      {query.error && <p className="error">{errorSentence(query.error)}</p>}
    </section>
  )
}

function Ran({ run, ran }: { run: RunDetail; ran: RanView }) {
  const { code, python, machine, gpus } = ran
  const isBuiltIn = run.command === null
  return (
    <>
      <dl className="pairs">
        <Pair name="Commit">
          {isBuiltIn ? <span className="ink2">the built-in trainer: its sources count</span> : <Commit code={code} />}
        </Pair>
        {code.changed.length > 0 && <Pair name="Changed files">{namesOf(code.changed)}</Pair>}
        {code.named.length > 0 && (
          <Pair name={isBuiltIn ? 'Sources' : 'Files of the command'}>{hashesOf(code.named)}</Pair>
        )}
        {code.beside.length > 0 && <Pair name="Beside them, not in git">{namesOf(code.beside)}</Pair>}
        {python && <Pair name="Python">{pythonWords(python)}</Pair>}
        <Pair name="Machine">
          {machine ? machineWords(machine, isBuiltIn) : 'a machine of the cluster, which is not looked at'}
        </Pair>
        {gpus.length > 0 && (
          <Pair name="GPUs">
            {gpus.join('; ')}
            {machine?.driver && <span className="ink3"> · driver {machine.driver}</span>}
            {machine?.cuda && <span className="ink3"> · CUDA {machine.cuda}</span>}
          </Pair>
        )}
        {ran.leftOut.length > 0 && (
          <Pair name="Not recorded">
            <span className="mono">{ran.leftOut.join(', ')}</span>{' '}
            <span className="ink3">{ran.leftOut.length === 1 ? 'looks' : 'look'} secret</span>
          </Pair>
        )}
      </dl>
      {code.patchBytes > 0 && <Patch runId={run.id} attempt={ran.attempt} code={code} />}
      {python && python.packages.length > 0 && (
        <More title={plural(python.packages.length, 'package')} text={python.packages.join('\n')} label="Packages" />
      )}
      <Variables ran={ran} />
    </>
  )
}

function Pair({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={styles.pair}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Commit({ code }: { code: CodeView }) {
  const { commit, branch, dirty, problem, repository } = code
  if (repository === null && problem === null) return <span className="ink2">its folder is in no git repository</span>
  return (
    <>
      {commit !== null && (
        <>
          <span className="mono" title={commit}>
            {shortCommit(commit)}
          </span>{' '}
          <CopyButton text={commit} label="Copy the whole commit" />{' '}
        </>
      )}
      {branch === null ? commit !== null && <span className="ink3">on no branch</span> : `on ${branch}`}
      {dirty !== null && <b className={styles.dirty}>{dirty ? 'with uncommitted changes' : 'without changes'}</b>}
      {problem !== null && <p className="small ink2">{problem}</p>}
    </>
  )
}

const mostNames = 12

function namesOf(files: FileView[]) {
  const shown = files.slice(0, mostNames)
  return (
    <span className="mono">
      {shown.map(({ name, hash }) => (hash === null ? `${name} (gone)` : name)).join(', ')}
      {files.length > shown.length && <span className="ink3"> and {files.length - shown.length} more</span>}
    </span>
  )
}

function hashesOf(files: FileView[]) {
  return (
    <ul className={styles.hashes}>
      {files.slice(0, mostNames).map(({ name, hash }) => (
        <li key={name} className="mono">
          {name}{' '}
          <span className="ink3" title={hash ?? undefined}>
            {hash === null ? 'gone' : /^[0-9a-f]{64}$/.test(hash) ? hash.slice(0, 12) : hash}
          </span>
        </li>
      ))}
      {files.length > mostNames && <li className="ink3">and {files.length - mostNames} more</li>}
    </ul>
  )
}

function pythonWords({ version, executable, foundBy, problem }: NonNullable<RanView['python']>) {
  if (version === null) return <span className="ink2">{problem}</span>
  return (
    <>
      {version} <span className="mono">{executable}</span> <span className="ink3">({foundBy})</span>
    </>
  )
}

/** The built-in trainer runs on our Node. */
function machineWords(machine: NonNullable<RanView['machine']>, isBuiltIn: boolean): string {
  const { host, system, processors, memoryGigabytes, sweepboard, node } = machine
  const own = isBuiltIn ? `; Sweepboard ${sweepboard}, Node ${node}` : ''
  return `${host}: ${system}; ${processors}; ${memoryGigabytes} GB${own}`
}

/** A list that is there for whoever asks. */
function More({ title, text, label }: { title: string; text: string; label: string }) {
  return (
    <details className={styles.jobFile}>
      <summary>{title}</summary>
      <pre tabIndex={0} aria-label={label}>
        {text}
      </pre>
    </details>
  )
}

function Variables({ ran }: { ran: RanView }) {
  const own = Object.entries(ran.variables)
  const shell = Object.entries(ran.environment).filter(([name]) => !Object.hasOwn(ran.variables, name))
  if (own.length + shell.length === 0) return null
  const lines = (entries: [string, string][]) => entries.map(([name, value]) => `${name}=${value}`)
  const text = [
    ...(own.length > 0 ? ['# set by the sweep', ...lines(own), ''] : []),
    ...(shell.length > 0 ? ['# of the shell that started Sweepboard', ...lines(shell)] : []),
  ]
  return <More title={plural(own.length + shell.length, 'variable')} text={text.join('\n')} label="Variables" />
}

function Patch({ runId, attempt, code }: { runId: number; attempt: number; code: CodeView }) {
  const trpc = useTRPC()
  const [open, setOpen] = useState(false)
  const query = useQuery({ ...trpc.runs.patch.queryOptions({ id: runId, attempt }), enabled: open })
  return (
    <details className={styles.jobFile} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>What differs from the commit</summary>
      {code.cut && (
        <p className="small ink2">
          The patch has more than 1 MB: {code.cut.kept} of {plural(code.cut.of, 'changed file')}{' '}
          {code.cut.kept === 1 ? 'is' : 'are'} in what was kept; of the others the hashes are known.
        </p>
      )}
      {query.data && <PatchText text={query.data} name={`run-${runId}-attempt-${attempt}.patch`} label="Patch" />}
      {query.error && <p className="error">{errorSentence(query.error)}</p>}
    </details>
  )
}
