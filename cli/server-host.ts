/** Gives a sweep to the server that holds the data folder, and follows it there. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createTRPCClient, httpLink, TRPCClientError } from '@trpc/client'
import { transformer } from '../contract/transformer.ts'
import { type Issue, SweepboardError } from '../domain/errors.ts'
import type { AppRouter } from '../server/api/root.ts'
import type { Holder } from '../server/open.ts'
import type { Host } from './host.ts'

/** Throws a SweepboardError where the server does not answer, or does not let us in. */
export async function serverHost(holder: Holder & { url: string }): Promise<Host> {
  const client = createTRPCClient<AppRouter>({
    links: [
      httpLink({
        url: `${holder.url}/api/trpc`,
        transformer,
        // a preview carries a whole file, more than a URL holds
        methodOverride: 'POST',
        headers: holder.token === null ? {} : { authorization: `Bearer ${holder.token}` },
      }),
    ],
  })
  const ask = <Answer>(answer: Promise<Answer>) => answer.catch((error: unknown) => explain(error, holder))
  const { slots, slotKind } = await ask(client.system.get.query())
  const kind = slotKind === 'gpu' ? 'GPU' : 'CPU slot'
  return {
    place: `the server ${holder.url}`,
    slots: `${slots.length} ${kind}${slots.length === 1 ? '' : 's'}`,
    check: (file, { reuse, continue: continued }) =>
      ask(client.sweeps.preview.query({ ...file, reuse, continue: continued })),
    create: async (file, how) => (await ask(client.sweeps.create.mutate({ ...file, origin: 'file', ...how }))).id,
    startedSince: (id, since) => ask(client.sweeps.startedSince.query({ id, since })),
    sweep: (id) => ask(client.sweeps.get.query({ id })),
    points: (id, query) => ask(client.sweeps.points.query({ id, ...query })),
    outcome: (id) => ask(client.sweeps.whole.query({ id })),
    resume: async (id) => void (await ask(client.sweeps.resume.mutate({ id }))),
    setBudget: async (id, gpuHours, { text }) =>
      void (await ask(client.sweeps.setBudget.mutate({ id, gpuHours, source: text }))),
    setTrainings: async (id, trainings, { text }) =>
      void (await ask(client.sweeps.setTrainings.mutate({ id, trainings, source: text }))),
    retry: async (id) => void (await ask(client.sweeps.retryFailed.mutate({ id }))),
    checkCurriculum: async (file) => (await ask(client.curricula.preview.query(file))).issues,
    startCurriculum: async (file, afresh) => (await ask(client.curricula.start.mutate({ ...file, afresh }))).id,
    curriculum: (id) => ask(client.curricula.get.query({ id })),
    changed: () => sleep(1000),
    halted: async () => (await ask(client.system.get.query())).halted,
    interruption: {
      before: () => 'Not followed any more.',
      interrupt: async () => {},
      interruptCurriculum: async () => {},
      after: `It goes on at ${holder.url}, where it can be paused or cancelled; the same command follows it again.`,
    },
    close() {},
  }
}

function explain(error: unknown, holder: Holder): never {
  if (!(error instanceof TRPCClientError)) throw error
  const data = error.data as { code?: string; issues?: Issue[] } | null
  if (data?.code !== undefined) {
    throw new SweepboardError(data.code === 'BAD_REQUEST' ? 'invalid' : 'conflict', error.message, data.issues ?? [])
  }
  throw new SweepboardError(
    'conflict',
    `The server ${holder.url} (process ${holder.pid}) holds the data folder and does not answer (${error.message}). What it runs goes on; try again, or choose another folder with --data.`,
  )
}
