import path from 'node:path'
import { z } from 'zod'
import { completePath } from '../../read/files/complete-path.ts'
import { lookAtCommand } from '../../read/files/look-at-command.ts'
import { procedure, router } from '../trpc.ts'

const text = z.string().max(10_000)
const directory = text.optional().transform((folder) => path.resolve(folder || '.'))

/** Names of files for the form. Asked as changes are, so that no other site can have them looked up. */
export const filesRouter = router({
  complete: procedure
    .input(z.object({ directory, typed: text, only: z.literal('folders').optional() }))
    .mutation(({ input }) => completePath(input)),
  look: procedure
    .input(z.object({ directory, words: z.array(text).max(1000), searchPath: text.optional() }))
    .mutation(({ ctx, input }) => lookAtCommand(ctx.app, input)),
})
