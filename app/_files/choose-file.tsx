'use client'
import { useRef } from 'react'

type Props = {
  /** What it is a file of, for whoever cannot see where it stands. */
  label: string
  className?: string
  accept?: string
  onFile: (file: File) => void
}

/** Ends and kinds of sweep and curriculum files. */
export const sweepFiles = '.yaml,.yml,.json,application/json,application/yaml,text/plain'

/** A button that chooses a file of the person's computer. */
export function ChooseFile({ label, className = 'btn', accept, onFile }: Props) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <button type="button" className={className} onClick={() => input.current?.click()}>
        Choose a file
      </button>
      <input
        ref={input}
        type="file"
        hidden
        accept={accept}
        aria-label={label}
        onChange={({ target }) => {
          const file = target.files?.[0]
          // the same file may be chosen again
          target.value = ''
          if (file) onFile(file)
        }}
      />
    </>
  )
}
