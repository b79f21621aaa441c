/**
 * The safetensors format: 8 bytes with the header's length, a JSON header of names, types, shapes and places, then the
 * data. F32, F16 and BF16 are read, F32 and BF16 written.
 */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'

export type StoredTensor = { shape: number[]; data: Float32Array }
type Entry = { dtype: string; shape: number[]; data_offsets: [number, number] }

/** Rounds to bfloat16, to nearest, ties to even; NaN stays NaN. */
function toBfloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const result = new Uint16Array(bits.length)
  for (let index = 0; index < bits.length; index++) {
    const bit = bits[index]!
    const isNumber = (bit & 0x7fffffff) <= 0x7f800000
    result[index] = isNumber ? (bit + 0x7fff + ((bit >>> 16) & 1)) >>> 16 : (bit >>> 16) | 0x40
  }
  return result
}

/** Writes the tensors in the given order. */
export function writeSafetensors(
  file: string,
  tensors: Map<string, StoredTensor>,
  options: { dtype?: 'F32' | 'BF16'; metadata?: Record<string, string> } = {},
): void {
  const dtype = options.dtype ?? 'F32'
  const header: Record<string, unknown> = { __metadata__: { format: 'pt', ...options.metadata } }
  let offset = 0
  for (const [name, { shape, data }] of tensors) {
    const end = offset + data.length * (dtype === 'F32' ? 4 : 2)
    header[name] = { dtype, shape, data_offsets: [offset, end] }
    offset = end
  }
  let text = JSON.stringify(header)
  // the data begins at a multiple of 8 bytes
  text += ' '.repeat((8 - (Buffer.byteLength(text) % 8)) % 8)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(text)))
  // tensor after tensor: all of a real model at once would take its memory twice
  const handle = openSync(file, 'w')
  try {
    writeWhole(handle, Buffer.concat([length, Buffer.from(text)]))
    for (const { data } of tensors.values()) {
      const stored = dtype === 'F32' ? data : toBfloat16(data)
      writeWhole(handle, new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength))
    }
  } finally {
    closeSync(handle)
  }
}

/** What one call may read or write: the system takes less than 2 GiB. */
const mostAtOnce = 1 << 30

function writeWhole(handle: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;)
    done += writeSync(handle, bytes, done, Math.min(mostAtOnce, bytes.length - done))
}

export type SafetensorsFile = {
  names: string[]
  metadata: Record<string, string>
  shape(name: string): number[]
  read(name: string): Float32Array
  close(): void
}

/**
 * Opens a file; tensors are read one at a time, as a real model's file is larger than memory should hold twice.
 * @throws naming the file and what is wrong with it: truncated, a header that is not JSON, a type other than F32, F16 or BF16
 */
export function openSafetensors(file: string): SafetensorsFile {
  const handle = openSync(file, 'r')
  try {
    const size = fstatSync(handle).size
    const readBytes = (position: number, length: number): Buffer => {
      const buffer = Buffer.alloc(length)
      let done = 0
      while (done < length) {
        const count = readSync(handle, buffer, done, Math.min(mostAtOnce, length - done), position + done)
        if (count === 0)
          throw new Error(`${file} ends at ${size} bytes; expected at least ${position + length}: it is truncated`)
        done += count
      }
      return buffer
    }
    const headerLength = Number(readBytes(0, 8).readBigUInt64LE(0))
    if (headerLength > size - 8) {
      throw new Error(
        `${file} ends at ${size} bytes, but its header alone takes ${headerLength}: it is truncated or no safetensors file`,
      )
    }
    let header: Record<string, Entry>
    try {
      header = JSON.parse(readBytes(8, headerLength).toString('utf8')) as Record<string, Entry>
    } catch (error) {
      if ((error as Error).message.includes('truncated')) throw error
      throw new Error(`${file}: the header is not JSON (${(error as Error).message})`)
    }
    const metadata = (header.__metadata__ ?? {}) as unknown as Record<string, string>
    delete header.__metadata__
    const entry = (name: string): Entry => {
      const found = header[name]
      if (found === undefined) throw new Error(`${file} has no tensor ${name}`)
      return found
    }
    return {
      names: Object.keys(header),
      metadata,
      shape: (name) => entry(name).shape,
      read(name) {
        const { dtype, shape, data_offsets: place } = entry(name)
        const count = shape.reduce((product, size) => product * size, 1)
        const width = dtype === 'F32' ? 4 : dtype === 'BF16' || dtype === 'F16' ? 2 : 0
        if (width === 0) throw new Error(`${file}: tensor ${name} is of type ${dtype}; expected F32, F16 or BF16`)
        if (place[1] - place[0] !== count * width) {
          throw new Error(
            `${file}: tensor ${name} takes ${place[1] - place[0]} bytes; expected ${count * width} for shape [${shape.join(', ')}]`,
          )
        }
        const stored = readBytes(8 + headerLength + place[0], count * width)
        // where it lies at a place that such numbers may have, it is not copied
        const isAligned = stored.byteOffset % width === 0
        const [copy, at] = isAligned
          ? [stored.buffer, stored.byteOffset]
          : [stored.buffer.slice(stored.byteOffset, stored.byteOffset + stored.byteLength), 0]
        if (dtype === 'F32') return new Float32Array(copy, at, count)
        if (dtype === 'F16') return new Float32Array(new Float16Array(copy, at, count))
        const half = new Uint16Array(copy, at, count)
        const bits = new Uint32Array(count)
        for (let index = 0; index < count; index++) bits[index] = half[index]! << 16
        return new Float32Array(bits.buffer)
      },
      close: () => closeSync(handle),
    }
  } catch (error) {
    closeSync(handle)
    throw error
  }
}
