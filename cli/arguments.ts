/** What a person typed after `npm run sweep --`. */
import { parseArgs } from 'node:util'

export type Arguments = {
  file: string
  json: boolean
  data: string | null
  afresh: boolean
  continued: boolean
  overwrite: boolean
  plan: boolean
}

export const usage = 'Usage: npm run sweep -- FILE [--json] [--data DIR] [--new] [--continue] [--overwrite] [--plan]'

export const help = `${usage}

Plans, trains, evaluates and scores the sweep of FILE (YAML or JSON, docs/sweep-file.md), then prints its leaderboard;
or the stages of a curriculum one after the other (docs/curriculum.md).

  --json       print the outcome as one JSON object on stdout, and nothing else there
  --data DIR   keep everything in DIR (default: SWEEPBOARD_DATA, else ./data)
  --new        start afresh; without it, the same file goes on where it stopped and repeats nothing that is done, and a
               changed one trains and evaluates only what is new (docs/growing.md)
  --continue   with later milestones, go on from the ends of earlier trainings although it is not known to be the same
  --overwrite  let trainings write over checkpoints that points of earlier sweeps rest on
  --plan       print what it would take, each figure with how sure it is, and start nothing
  --help       this text

convert FILE   print the sweep file that a W&B sweep file comes to, with notes on what it cannot say

Exit code: 0 every point is scored, 1 some are not, 2 the file or the arguments are wrong and nothing was started,
130 stopped by Ctrl-C. The first Ctrl-C lets trainers save; the same command goes on from there. Where a server holds
the data folder, the sweep is given to that server and followed there.
`

/** The arguments, 'help', a file to convert, or a sentence that says what is wrong with them. */
export function readArguments(given: string[]): Arguments | 'help' | { convert: string } | { problem: string } {
  try {
    const { values, positionals } = parseArgs({
      args: given,
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        data: { type: 'string' },
        new: { type: 'boolean' },
        continue: { type: 'boolean' },
        overwrite: { type: 'boolean' },
        plan: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    if (values.help) return 'help'
    const [file, ...others] = positionals
    if (file === 'convert' && others.length === 1) return { convert: others[0]! }
    if (!file) return { problem: 'There is no sweep file among the arguments; expected one.' }
    if (others.length > 0)
      return { problem: `There are ${positionals.length} files (${positionals.join(', ')}); expected one.` }
    if (values.data === '') return { problem: '--data is empty; expected a folder.' }
    return {
      file,
      json: values.json ?? false,
      data: values.data ?? null,
      afresh: values.new ?? false,
      continued: values.continue ?? false,
      overwrite: values.overwrite ?? false,
      plan: values.plan ?? false,
    }
  } catch (error) {
    return { problem: (error as Error).message }
  }
}
