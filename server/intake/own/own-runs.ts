/** The runs of their own, each with an intake of its own while clients speak of it: the same that an attempt has. */
import { createHash } from 'node:crypto'
import { existsSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import type { TrackedClient } from '../../../domain/sweep/track.ts'
import { readWholeFile } from '../../attempt-files/open-file.ts'
import { replaceFile } from '../../attempt-files/write-file.ts'
import { numberOf, Refusal } from '../protocol.ts'
import { intakeFiles, RunIntake } from '../run-intake.ts'
import { handOver, type Answered } from '../serve.ts'
import type { Point, SearchedRun, RunInfo } from '../mlflow/store.ts'
import type { IntakeQuestion, FromIntake, FromServer, Project, RunKey } from './messages.ts'

/** Intakes that are open at once, points that they hold in memory in all, and how long one that nobody speaks to stays open. */
const mostOpen = 100
const mostPoints = 3_000_000
const idleMilliseconds = 60_000
/** Longer than a row of W&B's waits: what waits is written before its intake is closed. */
const leastMilliseconds = 10_000
const mostHeadBytes = 64 << 20

export type OwnRunIntake = RunKey & {
  /** 32 hexadecimal digits: MLflow's id of it, and the part of W&B's upload addresses that leads to it. */
  mark: string
  folder: string
  intake: RunIntake | null
  head: SearchedRun | null
  usedAt: number
  /** When its client said something last, to this process. */
  spokeAt: number
  /** Requests of it that are under way. */
  busy: number
}

type HandedOver = Parameters<typeof handOver> extends [RunIntake, ...infer Rest] ? Rest : never

export type Asks = (asked: IntakeQuestion) => Promise<Extract<FromServer, { type: 'answer' }>>

export class OwnRuns {
  readonly projects = new Map<number, Project>()
  /** Where the present request reached the server: uploads come there. */
  address = ''
  private readonly byKey = new Map<string, OwnRunIntake>()
  private readonly byMark = new Map<string, OwnRunIntake>()
  private readonly open = new Set<OwnRunIntake>()
  private readonly heard = new Set<number>()
  readonly dataFolder: string
  /** The folder of files that Trackio's client sent and has not said yet what they are of. */
  readonly waiting: string
  private readonly looking: (() => void)[] = []
  private readonly key: string
  /** Asks the server, which has the rows. */
  readonly ask: Asks
  private readonly tell: (message: FromIntake) => void

  constructor(
    { dataFolder, key, projects, runs }: Extract<FromServer, { type: 'begin' }>,
    ask: Asks,
    tell: (message: FromIntake) => void,
  ) {
    this.dataFolder = dataFolder
    this.waiting = path.join(dataFolder, 'waiting')
    this.key = key
    this.ask = ask
    this.tell = tell
    for (const project of projects) this.projects.set(project.id, project)
    for (const run of runs) this.add(run)
    // what was taken and waited when an earlier process was killed
    for (const run of this.byMark.values()) if (existsSync(path.join(run.folder, intakeFiles.held))) this.intakeOf(run)
  }

  projectNamed(name: string): Project | undefined {
    return this.projects.values().find((project) => project.name === name)
  }

  /** The project of this name, made where there is none. */
  async openProject(name: string, tags: Record<string, string> = {}): Promise<Project> {
    const known = this.projectNamed(name)
    if (known) return known
    const { project } = await this.ask({ do: 'open project', name, tags })
    this.projects.set(project!.id, project!)
    return project!
  }

  async changeProject(id: number, changes: Partial<Pick<Project, 'name' | 'tags' | 'deletedAt'>>): Promise<void> {
    const { project } = await this.ask({ do: 'change project', id, ...changes })
    this.projects.set(id, project!)
  }

  find(client: TrackedClient, project: string, clientId: string): OwnRunIntake | undefined {
    const found = this.projectNamed(project)
    return found && this.byKey.get(keyOf(client, found.id, clientId))
  }

  /** The run of this mark; undefined where there is none. */
  marked(mark: string): OwnRunIntake | undefined {
    return this.byMark.get(mark)
  }

  /** All of a client's, of these projects. */
  of(client: TrackedClient, projectIds: ReadonlySet<number>): OwnRunIntake[] {
    return [...this.byMark.values()].filter((run) => run.client === client && projectIds.has(run.projectId))
  }

  /** The run that the client knows by this id, made where there is none. One that was deleted comes back: it is logged to again. */
  async openRun(
    client: TrackedClient,
    project: Project,
    { clientId, name, parent = null }: { clientId: string; name: string; parent?: string | null },
  ): Promise<OwnRunIntake> {
    const known = this.byKey.get(keyOf(client, project.id, clientId))
    if (known) return known
    if (clientId === '' || clientId.length > 500 || clientId.includes('\0'))
      throw new Refusal(
        400,
        `${JSON.stringify(clientId.slice(0, 100))} is no id of a run; expected 1 to 500 characters.`,
      )
    const own = { projectId: project.id, client, clientId }
    const { id } = await this.ask({ do: 'open run', ...own, name: name.slice(0, 500), parent })
    // another request of the same run may have been answered meanwhile
    return this.byKey.get(keyOf(client, project.id, clientId)) ?? this.add({ ...own, id: id!, deletedAt: null })
  }

  async deleteRuns(runs: OwnRunIntake[], deletedAt: number | null): Promise<void> {
    await this.ask({ do: 'delete runs', ids: runs.map(({ id }) => id), deletedAt })
    for (const run of runs) run.deletedAt = deletedAt
  }

  /** A person deleted them, or took it back. */
  markDeleted(ids: number[], deletedAt: number | null): void {
    const wanted = new Set(ids)
    for (const run of this.byMark.values()) if (wanted.has(run.id)) run.deletedAt = deletedAt
  }

  /** The intake of a run, opened where it is not; the run counts as heard. */
  use(run: OwnRunIntake): RunIntake {
    this.heard.add(run.id)
    run.spokeAt = Date.now()
    return this.intakeOf(run)
  }

  /** The same for a question about it, which anybody may ask: the run does not count as heard. */
  consult(run: OwnRunIntake): RunIntake {
    return this.intakeOf(run)
  }

  /** Hands a request over to the intake of its run, which stays open meanwhile: a file may take long. */
  async hand(run: OwnRunIntake, ...call: HandedOver): Promise<Answered> {
    run.busy += 1
    try {
      const [, , { method }] = call
      return await handOver(method === 'GET' ? this.consult(run) : this.use(run), ...call)
    } finally {
      run.busy -= 1
      run.usedAt = Date.now()
    }
  }

  private intakeOf(run: OwnRunIntake): RunIntake {
    run.usedAt = Date.now()
    if (run.intake !== null) return run.intake
    const uploads = () => `${this.address}/upload/${run.mark}`
    // deleted ones too: what came later keeps its number
    const siblings = () =>
      this.of('trackio', new Set([run.projectId])).map(({ folder }) => path.join(folder, intakeFiles.files))
    const own = { id: run.clientId, hexId: run.mark, key: this.key, uploads, ofItsOwn: true, siblings }
    run.intake = new RunIntake(run.folder, { ...own, waiting: this.waiting }, [])
    run.head = null
    // what is said from now on may change it without an event
    rmSync(headFile(run.folder), { force: true })
    this.open.add(run)
    return run.intake
  }

  /** What MLflow's search looks at of a run of its client's. */
  headOf(run: OwnRunIntake): SearchedRun {
    run.head ??= run.intake === null ? readHead(run.folder) : null
    const head = run.head ?? this.intakeOf(run).mlflowRun
    head.info.lifecycle_stage = this.isDeleted(run) ? 'deleted' : 'active'
    return head
  }

  isDeleted(run: OwnRunIntake): boolean {
    return run.deletedAt !== null || this.projects.get(run.projectId)!.deletedAt !== null
  }

  /** Writes what need not wait, tells whose clients spoke, and closes intakes that nobody speaks to. */
  look(now: number): void {
    for (const run of this.open) {
      const before = run.usedAt
      if (run.intake!.releaseDue(now)) this.heard.add(run.id)
      run.usedAt = before
    }
    for (const resolve of this.looking.splice(0)) resolve()
    this.tellHeard()
    let points = [...this.open].reduce((sum, { intake }) => sum + intake!.heldPoints, 0)
    let open = this.open.size
    for (const run of [...this.open].toSorted((a, b) => a.usedAt - b.usedAt)) {
      const idle = now - run.usedAt
      const tooMany = open > mostOpen || points > mostPoints
      if (idle < (tooMany ? leastMilliseconds : idleMilliseconds)) break
      if (run.busy > 0) continue
      points -= run.intake!.heldPoints
      open -= 1
      this.close(run)
    }
  }

  /** Resolves at the next look. */
  looked(): Promise<void> {
    return new Promise((resolve) => this.looking.push(resolve))
  }

  /** Tells whose clients spoke: what they said is then read before anything is answered that is asked later. */
  tellHeard(): void {
    if (this.heard.size > 0) this.tell({ type: 'heard', ids: [...this.heard] })
    this.heard.clear()
  }

  /** Closes all: the server has left, or is leaving. */
  closeAll(): void {
    for (const run of this.open) this.close(run)
  }

  private close(run: OwnRunIntake): void {
    const intake = run.intake!
    if (run.client === 'mlflow') {
      const { info, params, tags, metrics, models, used } = intake.mlflowRun
      run.head = {
        info,
        models,
        used,
        params,
        tags,
        metrics: new Map([...metrics].map(([name, { last }]) => [name, { last }])),
      }
      writeHead(run.folder, run.head)
    }
    intake.close()
    if (!intake.holds) rmSync(path.join(run.folder, intakeFiles.held), { force: true })
    run.intake = null
    this.open.delete(run)
  }

  private add(key: RunKey): OwnRunIntake {
    const mark =
      key.client === 'mlflow' ? key.clientId : createHash('sha256').update(`own ${key.id}`).digest('hex').slice(0, 32)
    const folder = path.join(this.dataFolder, 'runs', String(key.id), '1')
    const run: OwnRunIntake = { ...key, mark, folder, intake: null, head: null, usedAt: 0, spokeAt: 0, busy: 0 }
    this.byKey.set(keyOf(key.client, key.projectId, key.clientId), run)
    this.byMark.set(mark, run)
    return run
  }
}

const keyOf = (client: TrackedClient, projectId: number, clientId: string) => `${client} ${projectId} ${clientId}`

type SavedHead = {
  /** Bytes of the events that it is of. */
  bytes: number
  info: RunInfo
  params: [string, string][]
  tags: [string, string][]
  models: SearchedRun['models']
  used: string[]
  last: [string, Omit<Point, 'value'> & { value: number | string }][]
}

const headFile = (folder: string) => path.join(folder, intakeFiles.folder, 'head.json')
const bytesOf = (folder: string) => statSync(path.join(folder, 'events.jsonl'), { throwIfNoEntry: false })?.size ?? 0

/** The head that was kept when the run was last closed; null where there is none, or its events went on since. */
function readHead(folder: string): SearchedRun | null {
  try {
    const text = readWholeFile(headFile(folder), [folder], mostHeadBytes)
    const saved = JSON.parse(text ?? 'null') as SavedHead | null
    // one without models is of a version that knew none
    if (saved === null || saved.bytes !== bytesOf(folder) || saved.models === undefined) return null
    const last = saved.last.map(
      ([name, point]) => [name, { last: { ...point, value: numberOf(point.value)! } }] as const,
    )
    const { info, models, used } = saved
    return { info, models, used, params: new Map(saved.params), tags: new Map(saved.tags), metrics: new Map(last) }
  } catch {
    return null
  }
}

function writeHead(folder: string, { info, models, used, params, tags, metrics }: SearchedRun): void {
  const last = [...metrics].flatMap(([name, { last: point }]) =>
    point === null
      ? []
      : [[name, { ...point, value: Number.isFinite(point.value) ? point.value : String(point.value) }]],
  )
  const saved = { bytes: bytesOf(folder), info, models, used, params: [...params], tags: [...tags], last }
  replaceFile(headFile(folder), JSON.stringify(saved))
}
