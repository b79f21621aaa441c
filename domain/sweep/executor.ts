/** Where the jobs of a sweep run: on this machine, by W&B's agents, or on a cluster with what its scheduler is to be asked for. */
import { z } from 'zod'

const word = z
  .string()
  .regex(/^[A-Za-z0-9_][\w.,@/+:=-]*$/, 'expected a name as the cluster writes it, without spaces or quotes')

/** As sbatch takes it: minutes, `minutes:seconds`, `hours:minutes:seconds`, `days-hours`, `days-hours:minutes[:seconds]`. */
const timePattern = /^(\d+|\d+:\d\d|\d+:\d\d:\d\d|\d+-\d+(:\d\d){0,2})$/

/** Options of sbatch by which a submission is found again, or which make it something else. */
const ownOptions =
  /^(--(array|job-name|wrap|parsable|wait|test-only|help|usage|version|clusters|signal|output|error)\b|-[aJWMhVoe])/

const option = z
  .string()
  .regex(/^-[^\0\n]*$/, 'expected an option of sbatch in one text, e.g. "--mem=64G"')
  .refine(
    (text) => !ownOptions.test(text),
    'this option is set by Sweepboard itself, which finds its jobs again by it; leave it out',
  )

/** What jobs of a sweep ask Slurm for. Absent: as the settings of the site say, else as Slurm itself does. */
export const slurmRequestSchema = z.strictObject({
  partition: word.optional(),
  account: word.optional(),
  qos: word.optional(),
  time: z
    .union([z.string(), z.number().int().positive().transform(String)])
    .pipe(z.string().regex(timePattern, 'expected a time limit as sbatch takes it, e.g. "2:00:00" or "1-12"'))
    .optional(),
  /** A job of more GPUs than this takes several nodes. */
  gpus_per_node: z.number().int().min(1).optional(),
  options: z.array(option).max(50).optional(),
})
export type SlurmRequest = z.output<typeof slurmRequestSchema>

/** What jobs of a sweep ask a Ray cluster for, through its Jobs interface. */
export const rayRequestSchema = z.strictObject({
  /** Of the head's dashboard: `http://head:8265`. */
  address: z
    .string('expected the address of the dashboard, e.g. "http://head:8265"')
    .refine(
      isPlainAddress,
      'expected an address like "http://head:8265": http or https, without a name, a query or a fragment',
    )
    .transform((address) => address.replace(/\/+$/, '')),
  /** GPUs that Ray is asked for, where that is not what the job holds; parts of one are Ray's to share out. */
  gpus: z.number().min(0).optional(),
  cpus: z.number().min(0).optional(),
  /** Where commands run on the nodes, in place of the sweep file's folder. */
  working_directory: z
    .string()
    .regex(/^\/[^\0]*$/, 'expected a folder from the root, as the nodes see it')
    .optional(),
  options: z
    .strictObject(
      {
        /** Resources of the site's own, as `ray start --resources` names them. */
        resources: z.record(z.string().min(1), z.number().min(0)).optional(),
        memory_bytes: z.number().int().min(1).optional(),
        runtime_env: z.record(z.string().min(1), z.json()).optional(),
      },
      { error: 'expected resources, memory_bytes or runtime_env, e.g. { resources: { a100: 1 } }' },
    )
    .optional(),
})
export type RayRequest = z.output<typeof rayRequestSchema>

function isPlainAddress(text: string): boolean {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return false
  const { username, password, search, hash } = new URL(text)
  return username === '' && password === '' && search === '' && hash === ''
}

/** Every executor that a job can have, by name. */
export const executorNames = ['local', 'slurm', 'ray', 'agents'] as const
export type ExecutorName = (typeof executorNames)[number]

/** Whether jobs run on other machines, whose files may be seen here late; W&B's agents run on this one. */
export const isCluster = (name: ExecutorName): boolean => name === 'slurm' || name === 'ray'

export const executorSchema = z.union(
  [
    z.literal('local'),
    // trainings are taken by whoever runs `wandb agent`
    z.literal('agents'),
    z.strictObject({ slurm: slurmRequestSchema.nullable().transform((given) => given ?? {}) }),
    z.strictObject({ ray: rayRequestSchema }),
  ],
  {
    error:
      'expected local, agents, { slurm: { partition: gpu, time: "2:00:00" } } or { ray: { address: "http://head:8265" } }',
  },
)
export type ExecutorSettings = z.output<typeof executorSchema>

type Kind = 'training' | 'evaluation'
type Part = { executor?: ExecutorSettings | undefined } | undefined
type Parts = { executor?: ExecutorSettings | undefined; train?: Part; evaluate?: Part }

/** Where the sweep's trainings, or its evaluations, run: as they say themselves, else as the sweep does. Agents only train. */
export function executorOf(sweep: Parts, kind: Kind): ExecutorSettings {
  const given = (kind === 'training' ? sweep.train : sweep.evaluate)?.executor ?? sweep.executor ?? 'local'
  return kind === 'evaluation' && given === 'agents' ? 'local' : given
}

/** The name of that executor. */
export function executorNameOf(sweep: Parts, kind: Kind): ExecutorName {
  const executor = executorOf(sweep, kind)
  return typeof executor === 'string' ? executor : 'slurm' in executor ? 'slurm' : 'ray'
}

/** A time limit in seconds; null where it is not one that sbatch takes. */
export function secondsOfTime(time: string): number | null {
  if (!timePattern.test(time)) return null
  const [days, rest] = time.includes('-') ? time.split('-') : [null, time]
  const parts = rest!.split(':').map(Number)
  // after days the first is hours; alone it is minutes, with one more minutes and seconds
  if (days !== null) return Number(days) * 86_400 + parts[0]! * 3600 + (parts[1] ?? 0) * 60 + (parts[2] ?? 0)
  if (parts.length === 3) return parts[0]! * 3600 + parts[1]! * 60 + parts[2]!
  return parts[0]! * 60 + (parts[1] ?? 0)
}
