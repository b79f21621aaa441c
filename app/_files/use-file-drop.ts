'use client'
import { useEffect, useRef, useState } from 'react'

/** Gives `onFile` a file that is dropped anywhere on the page; true while one is dragged over it. */
export function useFileDrop(onFile: (file: File) => void): boolean {
  const [dragging, setDragging] = useState(false)
  const handler = useRef(onFile)
  handler.current = onFile
  useEffect(() => {
    // entering a child leaves its parent: only the count says whether the pointer is still over the page
    let depth = 0
    const onEnter = (event: DragEvent) => {
      if (!holdsFile(event)) return
      depth += 1
      setDragging(true)
    }
    const onLeave = (event: DragEvent) => {
      if (!holdsFile(event)) return
      depth = Math.max(0, depth - 1)
      if (depth === 0) setDragging(false)
    }
    const onOver = (event: DragEvent) => {
      if (holdsFile(event)) event.preventDefault()
    }
    const onDrop = (event: DragEvent) => {
      depth = 0
      setDragging(false)
      const file = event.dataTransfer?.files[0]
      if (!file) return
      event.preventDefault()
      handler.current(file)
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
  }, [])
  return dragging
}

function holdsFile(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false
}
