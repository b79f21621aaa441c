/** A thread that computes one sweep's uncertainties and ends: seconds of arithmetic that the scheduler must not wait for. */
import { parentPort, workerData } from 'node:worker_threads'
import { type MeasuredColumns, uncertaintyColumns } from './uncertainty-columns.ts'

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
parentPort!.postMessage(uncertaintyColumns(workerData as MeasuredColumns))
