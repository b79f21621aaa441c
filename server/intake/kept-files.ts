/** Where files go that clients send: below one folder of the run, whatever their names hold. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import path from 'node:path'
import { Refusal } from './protocol.ts'

/** A name with its parts checked, `/` between them. Throws a Refusal that quotes a name which could lead elsewhere. */
export function keptName(name: string): string {
  const parts = name.split('/')
  const bad = parts.some((part) => part === '' || part === '.' || part === '..' || Buffer.byteLength(part) > 255)
  if (bad || /[\u0000-\u001f\\]/.test(name) || parts.length > 32 || Buffer.byteLength(name) > 2000) {
    throw new Refusal(
      400,
      `${JSON.stringify(name.slice(0, 200))} is no name of a file here; expected parts without "..", joined by "/".`,
    )
  }
  return name
}

/** The path of a kept file below the folder. */
export function keptPath(folder: string, name: string): string {
  return path.join(folder, ...keptName(name).split('/'))
}

/** What an upload's address holds to prove that it was given out here: uploads carry no other proof. */
export function uploadProof(key: string, name: string): string {
  return createHmac('sha256', key).update(name).digest('hex').slice(0, 32)
}

/** Whether the proof is that of the name. */
export function isProof(key: string, name: string, proof: string): boolean {
  return isSame(uploadProof(key, name), proof)
}

/** Compares secrets in the same time wherever they differ. */
export function isSame(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)]
  return a.length === b.length && timingSafeEqual(a, b)
}
