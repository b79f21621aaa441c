'use client'
import { useEffect, useState } from 'react'
import { showToast } from '../_shell/toast.tsx'

type Props = { text: string; label: string; words?: string }

/** Copies a text, and says so in its own place. */
export function CopyButton({ text, label, words = 'Copy' }: Props) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 2_000)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = () => {
    // only pages from this computer, or over https, may use the clipboard
    if (!navigator.clipboard) return showToast({ text: `This browser lets no page copy here. It reads: ${text}` })
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => showToast({ text: `The browser did not allow copying. It reads: ${text}` }),
    )
  }
  return (
    <button type="button" className="btn quiet sm" aria-label={label} title={label} onClick={copy}>
      {copied ? 'Copied' : words}
    </button>
  )
}
