'use client'
import { useRouter } from 'next/navigation'
import { type DroppedFile, putDroppedFile } from './dropped-file.ts'
import { formatCount } from '../_words/format.ts'
import { showToast } from '../_shell/toast.tsx'
import { textOfFile } from './text-of-file.ts'
import { useFileDrop } from './use-file-drop.ts'

/** A sweep file is a page of text; what is larger was dropped by mistake. */
const maximumBytes = 1_000_000

/** Takes a sweep file that is dropped anywhere on the page; `words` stand over the page while one is held there. */
export function FileDrop({ words, onFile }: { words: string; onFile: (file: DroppedFile) => void }) {
  const over = useFileDrop(async (file) => {
    const problem = problemOf(file)
    if (problem) showToast({ text: problem, tone: 'error' })
    const text = problem ? null : await textOfFile(file)
    if (text !== null) onFile({ name: file.name, text })
  })
  if (!over) return null
  return (
    <div className="drop" aria-hidden="true">
      <p>{words}</p>
    </div>
  )
}

/** On pages that start nothing: the file opens on the page of a new sweep, or a new curriculum. */
export function OpenDroppedFile() {
  const router = useRouter()
  return (
    <FileDrop
      words="Let go to open the sweep file"
      onFile={(file) => {
        router.push(putDroppedFile(file))
      }}
    />
  )
}

/** Why the file is not opened, or null. */
function problemOf(file: File): string | null {
  if (!/\.(ya?ml|json)$/i.test(file.name)) {
    return `“${file.name}” is not a sweep file: its name should end in .yaml, .yml or .json.`
  }
  if (file.size <= maximumBytes) return null
  return `“${file.name}” holds ${formatCount(Math.ceil(file.size / 1_000))} kB; a sweep file has at most 1,000.`
}
