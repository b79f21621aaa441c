import { z } from 'zod'
import { viewedPage, type NamedView } from '../../../contract/api/named-views.ts'
import { listNamedViews } from '../../../db/queries/named-views.ts'
import { keepView, removeView } from '../../act/views/named-views.ts'
import { procedure, router } from '../trpc.ts'

const page = z.string().max(100).regex(viewedPage, 'expected a page whose address says what it shows')

/** What people keep of lists and charts under names. */
export const viewsRouter = router({
  list: procedure
    .input(z.object({ page }))
    .query(({ ctx, input }): NamedView[] =>
      listNamedViews(ctx.app.database, input.page).map(({ id, name, search }) => ({ id, name, search })),
    ),
  keep: procedure
    .input(
      z.object({
        page,
        name: z.string().trim().min(1, 'a view needs a name').max(100),
        search: z.string().max(4000),
      }),
    )
    .mutation(({ ctx, input }) => {
      const search = new URLSearchParams(input.search).toString()
      keepView(ctx.app, { ...input, search })
    }),
  remove: procedure
    .input(z.object({ id: z.number().int() }))
    .mutation(({ ctx, input }) => removeView(ctx.app, input.id)),
})
