'use client'
import { Link } from '../_shell/link.tsx'
import { useEffect, useRef } from 'react'
import { shortNames } from '../../domain/picture/timeline.ts'
import { formatCount, formatInterval, formatScore, plural } from '../_words/format.ts'
import { Status } from '../_words/status.tsx'
import { placeOfCheckpoint, edgeWords, trainerName, type TreeRun } from './lineage-words.ts'
import styles from './lineage.module.css'

type Props = {
  /** Those of one base model. */
  runs: TreeRun[]
  base: string
  /** The line that is shown, by id. */
  chain: number[]
  onSelect: (id: number) => void
}

/** The graph from the base model on: what came from a run hangs on it, each on a line that says what changed. */
export function LineageTree({ runs, base, chain, onSelect }: Props) {
  const children = Map.groupBy(runs, (run) => run.parentId ?? null)
  const inChain = new Set(chain)
  const selected = chain.at(-1)!
  const names = runs.map(nameInTree)
  const short = shortNames(names)
  const cut = names.some((name, at) => name.length > mostLetters && short[at] !== name)
  const nameOf = new Map(runs.map((run, at) => [run.id, cut ? `…${short[at]!}` : names[at]!]))
  const holder = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // a long line goes out of sight to the right: the box that was chosen is what matters
    const element = holder.current
    const box = element?.querySelector<HTMLElement>('[data-selected]')
    if (!element || !box) return
    const [outer, inner] = [element.getBoundingClientRect(), box.getBoundingClientRect()]
    if (inner.right > outer.right) element.scrollLeft += inner.right - outer.right + 24
    else if (inner.left < outer.left) element.scrollLeft -= outer.left - inner.left + 24
  }, [selected])
  const branch = (parent: TreeRun | null) => {
    const here = children.get(parent?.id ?? null) ?? []
    if (here.length === 0) return null
    return (
      <ul>
        {here.map((run) => (
          <li key={run.id}>
            <Edge run={run} parent={parent} followed={inChain.has(run.id)} />
            <Node
              run={run}
              name={nameOf.get(run.id)!}
              selected={run.id === selected}
              inChain={inChain.has(run.id)}
              onSelect={onSelect}
            />
            {branch(run)}
          </li>
        ))}
      </ul>
    )
  }
  return (
    <div
      ref={holder}
      className={styles.scroll}
      tabIndex={0}
      role="group"
      aria-label="Base model, then each run with its checkpoint"
    >
      <div className={styles.tree}>
        <div className={styles.node}>
          <span className={styles.kind}>base model</span>
          <span className={styles.name}>{base}</span>
          <span className={styles.fact}>starting point</span>
        </div>
        {branch(null)}
      </div>
    </div>
  )
}

function Edge({ run, parent, followed }: { run: TreeRun; parent: TreeRun | null; followed: boolean }) {
  const { head, change, all } = edgeWords(run, parent)
  return (
    <div
      className={`${styles.edge} ${change === null ? '' : styles.changed} ${followed ? styles.followed : ''}`}
      title={all}
    >
      <span>
        {run.start && <i>from {placeOfCheckpoint(run.start)}</i>}
        {head}
        {change !== null && <b>{change}</b>}
      </span>
    </div>
  )
}

/** A sweep's name says what was tried; of runs of their own only each one's does. */
const nameInTree = ({ home, runName }: TreeRun) => (home.kind === 'sweep' ? home.name : runName)

/** With a longer one all names lose what they begin with: cut at their end, two rounds would be called alike. */
const mostLetters = 19

type NodeProps = {
  run: TreeRun
  name: string
  selected: boolean
  inChain: boolean
  onSelect: (id: number) => void
}

function Node({ run, name, selected, inChain, onSelect }: NodeProps) {
  const { chosen } = run
  const kind = run.round === undefined ? trainerName(run.trainer) : `round ${run.round}`
  return (
    <div
      className={`${styles.node} ${selected ? styles.selected : inChain ? styles.inChain : ''}`}
      data-selected={selected || undefined}
    >
      <button
        type="button"
        className={styles.select}
        aria-label={`Show the line to ${run.home.name}, ${run.runName}`}
        aria-pressed={selected}
        onClick={() => onSelect(run.id)}
      />
      <span className={styles.kind}>
        {kind}
        {run.status !== 'done' && <Status status={run.status} />}
        {run.deleted && <span>{run.home.kind === 'sweep' ? 'sweep deleted' : 'deleted'}</span>}
      </span>
      <Link className={styles.name} href={`/runs/${run.id}`} title={`${run.home.name}, ${run.runName}`}>
        {name}
      </Link>
      <span className={styles.fact}>
        {chosen === undefined
          ? 'no checkpoint yet'
          : `${chosen.picked ? 'picked ' : ''}${placeOfCheckpoint(chosen)}${chosen.picked ? '' : ', not picked'}`}
        {run.others > 0 && <span className="ink3"> · {plural(run.others, 'other run')}</span>}
      </span>
      {chosen !== undefined &&
        (chosen.score === undefined ? (
          <span className={`${styles.score} ${styles.none}`}>{run.imported ? 'no score published' : 'not scored'}</span>
        ) : (
          <span
            className={`${styles.score} ${selected ? styles.newest : ''} ${chosen.rounded ? styles.rounded : ''}`}
            title={[
              chosen.interval && `95 % interval ${formatInterval(chosen.interval)}`,
              chosen.rounded && 'from published figures, known only rounded',
            ]
              .filter(Boolean)
              .join('; ')}
          >
            {formatScore(chosen.score)}
          </span>
        ))}
      {run.checkpoints > 1 && <span className="sr">{formatCount(run.checkpoints)} checkpoints</span>}
    </div>
  )
}
