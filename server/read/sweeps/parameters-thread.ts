/** A thread that computes which parameter of one sweep mattered and ends: arithmetic that requests must not wait for. */
import { parentPort, workerData } from 'node:worker_threads'
import { type MeasuredGrid, parameterEffects } from '../../../domain/stats/parameter-effects.ts'

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
parentPort!.postMessage(parameterEffects(workerData as MeasuredGrid))
