'use client'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { LogChunk } from '../../contract/api/runs.ts'
import { tailOf } from './log-text.ts'

const millisecondsBetweenReads = 1_000
const millisecondsAfterError = 4_000
/** More than this is not kept on the page. */
const keptCharacters = 1_000_000

/** Gives a piece from an offset in bytes, or the last one. */
type Read = (offset?: number, signal?: AbortSignal) => Promise<LogChunk>
type Log = { text: string; skipped: number; cut: boolean; loaded: boolean; ended: boolean; error: unknown }

const nothing: Log = { text: '', skipped: 0, cut: false, loaded: false, ended: false, error: null }

/** The end of a log, followed from there until nothing more comes; `readEarlier` puts what lies before in front. `key`: of another log another. */
export function useLog(key: string, read: Read) {
  const [log, setLog] = useState(nothing)
  const [readingEarlier, setReadingEarlier] = useState(false)
  const latest = useRef(log)
  latest.current = log
  const reader = useRef(read)
  reader.current = read

  useEffect(() => {
    setLog(nothing)
    let offset: number | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    const abort = new AbortController()
    const readOn = async () => {
      let wait = millisecondsBetweenReads
      try {
        // a log that grew by more than one piece is read to its end at once
        for (let grows = true; grows;) {
          const chunk = await reader.current(offset, abort.signal)
          // a request that went out together with others is answered although it was given up
          if (abort.signal.aborted) return
          const first = offset === undefined
          grows = !first && chunk.text.length > 0 && !chunk.ended
          offset = chunk.nextOffset
          setLog((before) => {
            const text = before.text + chunk.text
            const kept = tailOf(text, keptCharacters)
            return {
              text: kept,
              skipped: first ? chunk.skipped : before.skipped,
              cut: before.cut || kept.length < text.length,
              loaded: true,
              ended: chunk.ended,
              error: null,
            }
          })
          if (chunk.ended) return
        }
      } catch (error) {
        if (abort.signal.aborted) return
        setLog((before) => ({ ...before, error }))
        wait = millisecondsAfterError
      }
      // a page that nobody looks at waits until somebody does
      if (document.visibilityState === 'hidden')
        document.addEventListener('visibilitychange', readOn, { once: true, signal: abort.signal })
      else timer = setTimeout(readOn, wait)
    }
    void readOn()
    return () => {
      abort.abort()
      clearTimeout(timer)
    }
  }, [key])

  const readEarlier = useCallback(async () => {
    setReadingEarlier(true)
    try {
      const before = latest.current.skipped
      const from = Math.max(0, before - keptCharacters / 2)
      const pieces: string[] = []
      for (let at = from; at < before;) {
        const chunk = await reader.current(at)
        // a reply that gives nothing more ends the reading, whatever was announced
        if (chunk.nextOffset <= at) break
        // offsets count bytes, and the last piece reaches into what is on the page already
        const surplus = chunk.nextOffset > before
        pieces.push(
          surplus ? new TextDecoder().decode(new TextEncoder().encode(chunk.text).slice(0, before - at)) : chunk.text,
        )
        at = chunk.nextOffset
      }
      const own = pieces.join('')
      setLog((current) => ({ ...current, text: own + current.text, skipped: from }))
    } catch (error) {
      setLog((current) => ({ ...current, error }))
    } finally {
      setReadingEarlier(false)
    }
  }, [])

  return { ...log, readingEarlier, readEarlier }
}
