/** What each page asks the API for when it opens, and what its controls ask for. A new page adds its lines here. */
import type { appRouter } from '../server/api/root.ts'
import type { MadePages } from './pages-data.ts'

export type Api = ReturnType<typeof appRouter.createCaller>
type Call = (api: Api, made: MadePages) => Promise<unknown>

const at = <Item>(items: readonly Item[], share: number) => items[Math.floor(share * (items.length - 1))]!

/** The graph, and the line to its newest end. */
const lineage = (baselineId: number | null) => async (api: Api) => {
  const tree = await api.lineage.tree({ baselineId })
  return [tree, await api.lineage.line({ runId: tree.runs.at(-1)!.id, baselineId })]
}

export const pageCalls: [name: string, call: Call][] = [
  ['home', (api) => Promise.all([api.system.get(), api.sweeps.list({ limit: 201 })])],
  [
    'a sweep',
    (api, made) => {
      const id = at(made.sweepIds, 0.5)
      return Promise.all([
        api.sweeps.get({ id }),
        api.sweeps.points({ id, limit: 60 }),
        api.sweeps.map({ id }),
        api.sweeps.runs({ id, limit: 60 }),
      ])
    },
  ],
  [
    'a sweep: a key press in the filter',
    (api, made) => api.sweeps.points({ id: at(made.sweepIds, 0.5), filter: 'learning_rate < 2e-5 and score > 1' }),
  ],
  ['a run', (api, made) => api.runs.get({ id: made.runWithCurves })],
  [
    'a run: four curves',
    (api, made) =>
      api.runs.series({ runIds: [made.runWithCurves], metrics: ['reward', 'length', 'entropy', 'kl'], buckets: 1000 }),
  ],
  ['a run: the axes of its curves', (api, made) => api.runs.axes({ runIds: [made.runWithCurves] })],
  [
    'rollouts',
    async (api, made) => {
      await api.samples.steps({ id: made.runWithCurves })
      return api.samples.page({ id: made.runWithCurves })
    },
  ],
  [
    'free disk space',
    (api, made) => api.checkpoints.planCleanUp({ sweepId: at(made.sweepIds, 0.5), last: 1, best: 1 }),
  ],
  ['which parameter mattered', (api, made) => api.sweeps.parameters({ id: at(made.sweepIds, 0.5) })],
  ['evaluate again: what can be', (api, made) => api.checkpoints.againOptions({ ids: made.picked.slice(0, 5) })],
  ['compare eight checkpoints', (api, made) => api.compare.get({ of: 'checkpoints', ids: made.picked.slice(0, 8) })],
  ['compare: what to choose from', (api) => api.compare.candidates({ of: 'checkpoints' })],
  ['parallel coordinates', (api, made) => api.sweeps.parallel({ id: at(made.sweepIds, 0.5) })],
  ['baselines', (api) => api.baselines.list()],
  ['lineage', lineage(null)],
  ['lineage, another baseline', (api, made) => lineage(made.baselines[1]!)(api)],
  ['leaderboard', (api) => Promise.all([api.leaderboard.get({}), api.leaderboard.choices()])],
  ['leaderboard, another baseline', (api, made) => api.leaderboard.get({ baselineId: made.baselines[1]! })],
  [
    'leaderboard: learning_rate < 1e-5 and score > 1, by the corrected score',
    (api) => api.leaderboard.get({ filter: 'learning_rate < 1e-5 and score > 1', sort: 'corrected' }),
  ],
  ['leaderboard, grouped over seeds', (api) => api.leaderboard.get({ grouped: true })],
  [
    'leaderboard: tag, from a day on, by a setting',
    (api) =>
      api.leaderboard.get({ tag: 'finalist', from: '2025-03-01', sort: 'setting:batch_size', descending: false }),
  ],
  ['leaderboard, rows 40,000 on', (api) => api.leaderboard.get({ offset: 40_000 })],
]
