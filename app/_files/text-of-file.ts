import { badByteWords, decodeUtf8 } from '../../domain/sweep/files/utf8.ts'
import { showToast } from '../_shell/toast.tsx'

/** The text of a file that was chosen or dropped; null where it is no UTF-8, which a message says. */
export async function textOfFile(file: File): Promise<string | null> {
  const text = decodeUtf8(new Uint8Array(await file.arrayBuffer()))
  if (typeof text === 'string') return text
  showToast({ text: `“${file.name}” is not read: ${badByteWords(text)}.`, tone: 'error' })
  return null
}
