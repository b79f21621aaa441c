'use client'
import { useRouter } from 'next/navigation'
import { putDroppedFile } from './dropped-file.ts'
import { formatCount } from './format.ts'
import { showToast } from './toast.tsx'
import { useFileDrop } from './use-file-drop.ts'

/** A sweep file is a page of text; what is larger was dropped by mistake. */
const maximumBytes = 1_000_000

/** A sweep file that is dropped anywhere on the page opens in the form of a new sweep. */
export function FileDrop() {
  const router = useRouter()
  const over = useFileDrop(async (file) => {
    const problem = problemOf(file)
    if (problem) return showToast({ text: problem, tone: 'error' })
    putDroppedFile({ name: file.name, text: await file.text() })
    router.push('/sweeps/new')
  })
  if (!over) return null
  return (
    <div className="drop" aria-hidden="true">
      <p>Let go to open the sweep file</p>
    </div>
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
