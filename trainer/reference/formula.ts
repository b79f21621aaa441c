/** Weights as the scripts beside make them: a formula of a tensor's name and an element's index. */
import type { StoredTensor } from '../safetensors.ts'

/** Tensors of these names and shapes. */
export function formulaTensors(shapes: Record<string, readonly number[]>): Map<string, StoredTensor> {
  return new Map(
    Object.entries(shapes).map(([name, shape]) => {
      const phase = [...name].reduce((sum, character) => sum + character.charCodeAt(0), 0)
      const value = (index: number) => {
        const wave = Math.sin(0.7 * (index + 1) + phase)
        return name.includes('norm') ? 1 + 0.2 * wave : 0.3 * wave
      }
      const length = shape.reduce((product, size) => product * size, 1)
      return [name, { shape: [...shape], data: Float32Array.from({ length }, (_, index) => value(index)) }]
    }),
  )
}
