/** In a thread: one call, one answer (read-aside.ts). */
import { parentPort, workerData } from 'node:worker_threads'
import { UnreadableFile } from './open-file.ts'
import type { AsideAnswer, Order } from './read-aside.ts'

const { module, name, given } = workerData as Order

async function answer(): Promise<AsideAnswer> {
  try {
    const exported = (await import(module)) as Record<string, (...values: unknown[]) => unknown>
    return { result: await exported[name]!(...given) }
  } catch (error) {
    if (error instanceof UnreadableFile) return { unreadable: error.message }
    return { failed: error instanceof Error ? error.message : String(error) }
  }
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
parentPort!.postMessage(await answer())
