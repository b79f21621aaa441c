import { z } from 'zod'
import {
  cancelCurriculum,
  pauseCurriculum,
  resumeCurriculum,
  startCurriculum,
} from '../../act/curricula/change-curriculum.ts'
import { requireCurriculum } from '../../base/finding/find-curriculum.ts'
import {
  describeCurriculum,
  listCurriculumSummaries,
  previewCurriculum,
} from '../../read/curricula/describe-curriculum.ts'
import { procedure, router } from '../trpc.ts'

const curriculumId = z.object({ id: z.number().int() })
const file = z.object({ text: z.string().max(5_000_000), directory: z.string().optional() })

export const curriculaRouter = router({
  list: procedure
    .input(z.object({ limit: z.number().int().min(1).max(200).optional() }).optional())
    .query(({ ctx, input }) => listCurriculumSummaries(ctx.app, input?.limit)),
  get: procedure
    .input(curriculumId)
    .query(({ ctx, input }) => describeCurriculum(ctx.app, requireCurriculum(ctx.app, input.id))),
  preview: procedure.input(file).query(({ ctx, input }) => previewCurriculum(ctx.app, input)),
  start: procedure
    .input(file.extend({ afresh: z.boolean().optional() }))
    .mutation(({ ctx, input }) => startCurriculum(ctx.app, input)),
  pause: procedure.input(curriculumId).mutation(({ ctx, input }) => pauseCurriculum(ctx.app, input.id)),
  resume: procedure.input(curriculumId).mutation(({ ctx, input }) => resumeCurriculum(ctx.app, input.id)),
  cancel: procedure.input(curriculumId).mutation(({ ctx, input }) => cancelCurriculum(ctx.app, input.id)),
})
