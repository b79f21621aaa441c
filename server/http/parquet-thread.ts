/** A thread that writes one Parquet file: encoding takes long, and neither the scheduler nor another reader waits for it. */
import { parentPort, workerData } from 'node:worker_threads'
import { openForReading } from '../../db/open-for-reading.ts'
import { SeriesStore } from '../../db/series/index.ts'
import { parquetPieces, type RunOfFile } from './parquet-rows.ts'

export type ParquetOrder = { folder: string; runs: RunOfFile[] }

const { folder, runs } = workerData as ParquetOrder
const database = openForReading(folder)
const pieces = parquetPieces(new SeriesStore(database), runs)

// a piece for each time one is asked for; null: that was all
parentPort!.on('message', () => {
  const { value, done } = pieces.next()
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
  parentPort!.postMessage(done === true ? null : value)
})
