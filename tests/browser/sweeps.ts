/** Sweeps for the tests of the pages: tiny trainers that stop where the test says, and a client of the server's API. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createTRPCClient, httpLink } from '@trpc/client'
import { transformer } from '../../contract/transformer.ts'
import type { SweepInput } from '../../domain/sweep/sweep.ts'
import type { AppRouter } from '../../server/api/root.ts'

export const stubFolder = path.join(import.meta.dirname, '../stub-trainers')

/** The server's API, as the pages and the command line ask it. */
export function apiOf(server: { url: string }) {
  return createTRPCClient<AppRouter>({
    // a connection that is kept may be closed by the server in the moment that it is used again
    links: [httpLink({ url: `${server.url}/api/trpc`, transformer, headers: { connection: 'close' } })],
  })
}

/** A file that trainings wait for. */
export type Gate = { path: string; open: () => void }

/** A closed one in the server's data folder, which goes when the server goes. */
export function newGate(server: { dataFolder: string }): Gate {
  const file = path.join(mkdtempSync(path.join(server.dataFolder, 'gate-')), 'open')
  return { path: file, open: () => writeFileSync(file, '') }
}

/** Accuracies of each point of `gridSweep`, keyed by its three values. */
export const accuracies = {
  '16/1e-4/1': { Sums: 0.3, Products: 0.2 },
  '16/2e-4/1': { Sums: 0.4, Products: 0.3 },
  '32/1e-4/1': { Sums: 0.35, Products: 0.2 },
  '32/2e-4/1': { Sums: 0.45, Products: 0.36 },
  '16/1e-4/2': { Sums: 0.5, Products: 0.4 },
  '16/2e-4/2': { Sums: 0.6, Products: 0.5 },
  '32/1e-4/2': { Sums: 0.55, Products: 0.4 },
  '32/2e-4/2': { Sums: 0.52, Products: 0.44 },
}

/** Their scores against Sums 0.5 and Products 0.4, by hand: 2 ÷ (0.5 ÷ Sums + 0.4 ÷ Products). Panels are epochs, rows batch sizes. */
export const scores = {
  epoch1: ['0.545', '0.774', '0.583', '0.900'],
  epoch2: ['1.000', '1.224', '1.048', '1.069'],
}

/** The arguments of the evaluation that gives these accuracies. */
export const evaluation = [
  'bash',
  'evaluates-by-key.sh',
  '${report}',
  '${batch_size}/${learning_rate}/${epoch}',
  ...Object.entries(accuracies).map(
    ([key, found]) => `${key}:${Object.entries(found).map(([name, accuracy]) => `${name}=${accuracy}`)}`,
  ),
]

/**
 * 4 trainings and 8 points; each training waits for the gate after its first epoch. To be run in `stubFolder`; with 4 slots
 * three of them stand at the gate, and one slot is left for evaluations.
 */
export function gridSweep(name: string, gate: Gate, parts: Partial<SweepInput> = {}): SweepInput {
  return {
    name,
    axes: { batch_size: ['16', '32'], learning_rate: ['1e-4', '2e-4'], epoch: { milestones: ['1', '2'] } },
    train: { command: ['bash', 'stops-at-gate.sh', gate.path, '${epoch.last}'] },
    evaluate: { command: evaluation, report: { accuracies: 'acc' } },
    score: { baseline: { Sums: 0.5, Products: 0.4 }, questions: { Sums: 400, Products: 200 } },
    concurrency: 3,
    ...parts,
  }
}
