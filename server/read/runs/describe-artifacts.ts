/** What a run used and made, as its client said. */
import { listEvents } from '../../../db/queries/events.ts'
import type { UsedArtifact } from '../../../contract/api/runs.ts'
import type { Context } from '../../base/context.ts'

const mostArtifacts = 500

/** Each once, in the order first said; at most the newest 500. */
export function describeArtifacts({ database }: Context, id: number): UsedArtifact[] {
  const said = listEvents(database, id, ['artifact'], mostArtifacts).map(({ body }): UsedArtifact => {
    const text = (name: string) => (typeof body[name] === 'string' ? body[name] : '')
    const role = body.role === 'made' ? 'made' : 'used'
    return { role, name: text('name'), kind: text('kind'), about: text('about'), folder: text('folder') || null }
  })
  return [...new Map(said.map((each) => [JSON.stringify(each), each])).values()]
}
