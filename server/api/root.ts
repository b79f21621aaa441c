import { router } from './trpc.ts'
import { alertsRouter } from './routers/alerts.ts'
import { baselinesRouter } from './routers/baselines.ts'
import { changesRouter } from './routers/changes.ts'
import { checkpointsRouter } from './routers/checkpoints.ts'
import { compareRouter } from './routers/compare.ts'
import { curriculaRouter } from './routers/curricula.ts'
import { examplesRouter } from './routers/examples.ts'
import { filesRouter } from './routers/files.ts'
import { impactRouter } from './routers/impact.ts'
import { leaderboardRouter } from './routers/leaderboard.ts'
import { lineageRouter } from './routers/lineage.ts'
import { ownRunsRouter } from './routers/own-runs.ts'
import { runsRouter } from './routers/runs.ts'
import { samplesRouter } from './routers/samples.ts'
import { sweepsRouter } from './routers/sweeps.ts'
import { systemRouter } from './routers/system.ts'
import { triesRouter } from './routers/tries.ts'
import { viewsRouter } from './routers/views.ts'
import { whereRouter } from './routers/where.ts'

export const appRouter = router({
  system: systemRouter,
  sweeps: sweepsRouter,
  curricula: curriculaRouter,
  runs: runsRouter,
  ownRuns: ownRunsRouter,
  samples: samplesRouter,
  impact: impactRouter,
  checkpoints: checkpointsRouter,
  leaderboard: leaderboardRouter,
  lineage: lineageRouter,
  compare: compareRouter,
  baselines: baselinesRouter,
  alerts: alertsRouter,
  examples: examplesRouter,
  files: filesRouter,
  tries: triesRouter,
  views: viewsRouter,
  where: whereRouter,
  changes: changesRouter,
})

export type AppRouter = typeof appRouter
