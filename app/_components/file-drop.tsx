'use client'
import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { putDroppedFile } from './dropped-file.ts'
import { formatCount } from './format.ts'
import { showToast } from './toast.tsx'

/** A sweep file is a page of text; what is larger was dropped by mistake. */
const maximumBytes = 1_000_000

/** A sweep file that is dropped anywhere on the page opens in the form of a new sweep. */
export function FileDrop() {
  const router = useRouter()
  const [over, setOver] = useState(false)

  useEffect(() => {
    let depth = 0
    const onEnter = (event: DragEvent) => {
      if (!holdsFile(event)) return
      depth += 1
      setOver(true)
    }
    const onLeave = (event: DragEvent) => {
      if (!holdsFile(event)) return
      depth = Math.max(0, depth - 1)
      if (depth === 0) setOver(false)
    }
    const onOver = (event: DragEvent) => {
      if (holdsFile(event)) event.preventDefault()
    }
    const open = async (file: File) => {
      const problem = problemOf(file)
      if (problem) return showToast({ text: problem, tone: 'error' })
      putDroppedFile({ name: file.name, text: await file.text() })
      router.push('/sweeps/new')
    }
    const onDrop = (event: DragEvent) => {
      depth = 0
      setOver(false)
      const file = event.dataTransfer?.files[0]
      if (!file) return
      event.preventDefault()
      void open(file)
    }
    window.addEventListener('dragenter', onEnter)
    window.addEventListener('dragleave', onLeave)
    window.addEventListener('dragover', onOver)
    window.addEventListener('drop', onDrop)
    return () => {
      window.removeEventListener('dragenter', onEnter)
      window.removeEventListener('dragleave', onLeave)
      window.removeEventListener('dragover', onOver)
      window.removeEventListener('drop', onDrop)
    }
  }, [router])

  if (!over) return null
  return (
    <div className="drop" aria-hidden="true">
      <p>Let go to open the sweep file</p>
    </div>
  )
}

function holdsFile(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false
}

/** Why the file is not opened, or null. */
function problemOf(file: File): string | null {
  if (!/\.(ya?ml|json)$/i.test(file.name)) {
    return `“${file.name}” is not a sweep file: its name should end in .yaml, .yml or .json.`
  }
  if (file.size <= maximumBytes) return null
  return `“${file.name}” holds ${formatCount(Math.ceil(file.size / 1_000))} kB; a sweep file has at most 1,000.`
}
