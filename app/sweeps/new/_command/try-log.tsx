'use client'
import { useEffect, useRef, useState } from 'react'
import { plainLines, toneOf } from '../../../_files/log-text.ts'
import { useLog } from '../../../_files/use-log.ts'
import { useTRPCClient } from '../../../_shell/trpc.ts'
import styles from '../new-sweep.module.css'
import commandStyles from './command.module.css'

const streams = ['stdout', 'stderr'] as const
/** More lines are not drawn: the log of a try is looked at where it is now. */
const mostLines = 500

/** What a try prints, as it prints it; at its end while nobody scrolls away from there. */
export function TryLog({ id, failed }: { id: string; failed: boolean }) {
  const client = useTRPCClient()
  const [asked, setAsked] = useState<(typeof streams)[number] | null>(null)
  // what a program says as it fails goes to stderr as a rule
  const stream = asked ?? (failed ? 'stderr' : 'stdout')
  const log = useLog(`${id}/${stream}`, (offset, signal) => client.tries.log.query({ id, stream, offset }, { signal }))
  const box = useRef<HTMLDivElement>(null)
  const follows = useRef(true)
  const lines = plainLines(log.text)
  if (lines.at(-1) === '') lines.pop()
  useEffect(() => {
    if (follows.current && box.current) box.current.scrollTop = box.current.scrollHeight
  }, [log.text])
  return (
    <>
      <div className={`seg ${styles.spaced}`} role="radiogroup" aria-label="Stream">
        {streams.map((name) => (
          <label key={name}>
            <input type="radio" name={`stream-${id}`} checked={stream === name} onChange={() => setAsked(name)} />
            {name}
          </label>
        ))}
      </div>
      <div
        ref={box}
        className={commandStyles.tryLog}
        role="log"
        aria-label={`Log of the try, ${stream}`}
        aria-live="off"
        tabIndex={0}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          follows.current = scrollHeight - scrollTop - clientHeight < 8
        }}
      >
        {lines.slice(-mostLines).map((line, at) => (
          <span key={at} className={commandStyles[toneOf(line)]}>
            {line || ' '}
          </span>
        ))}
        {lines.length === 0 && (
          <span className="ink3">
            {log.loaded ? `Nothing was printed on ${stream}${log.ended ? '' : ' yet'}.` : 'Reading …'}
          </span>
        )}
      </div>
    </>
  )
}
