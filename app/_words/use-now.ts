'use client'
import { useEffect, useState } from 'react'

/** The time in milliseconds since 1970, read again every `seconds`: for "running for 6 min" and "2 h ago". */
export function useNow(seconds = 10): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), seconds * 1_000)
    return () => clearInterval(timer)
  }, [seconds])
  return now
}
