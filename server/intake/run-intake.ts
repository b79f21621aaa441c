/**
 * Everything that clients say of one run, whichever protocol they speak, on its way into the run's folder. What it must know
 * again after a kill stands there, too: the marks in `events.jsonl`, the rows that wait, and one small file of state.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { readWholeFile } from '../attempt-files/open-file.ts'
import { appendToFile, replaceFile } from '../attempt-files/write-file.ts'
import { Followers } from './follow/followers.ts'
import { openJournal, type Journal } from './journal.ts'
import { Mlflow } from './mlflow/index.ts'
import { openOnward, type Onward } from './onward/index.ts'
import type { Places } from '../base/preparing/tracker-places.ts'
import type { IntakeEvent, IntakeRequest, IntakeRun, IntakeOutcome, Protocol, Refusal, Reply } from './protocol.ts'
import { readState, StateFile } from './state-file.ts'
import { Trackio } from './trackio/index.ts'
import { Wandb } from './wandb/index.ts'

/** The folders and files of an intake within the folder of its attempt. */
export const intakeFiles = {
  folder: 'intake',
  /** Where it listens. */
  port: 'intake/port',
  pid: 'intake/pid',
  /** Made by the wrapper when the command has ended. */
  ended: 'intake/ended',
  /** Made by the server: clients are told to stop, before any signal is sent. */
  stop: 'intake/stop',
  /** Made by the intake: a client was told so, and is saving what it has. */
  told: 'intake/told',
  /** Made by the intake: everything is written. */
  done: 'intake/done',
  state: 'intake/state.json',
  held: 'intake/held.jsonl',
  /** What stood in the followed files before the attempt. */
  before: 'intake/before.json',
  /** Files that clients sent. */
  files: 'files',
  /** Of these, those of which no client has said yet what they are. */
  waiting: 'intake/waiting',
}

/** What it kept for itself is never larger. */
const mostBytes = 256 << 20

export type Names = 'wandb' | 'mlflow' | 'trackio'

export class RunIntake {
  readonly folder: string
  /** The folders of files that clients sent: kept ones, and those of which none has said yet what they are. */
  readonly files: string
  readonly waiting: string
  private readonly protocols: Record<Names, Protocol>
  private readonly wandb: Wandb
  /** What MLflow's client said of the attempt. */
  readonly mlflow: Mlflow
  private readonly trackio: Trackio
  private readonly followers: Followers
  private readonly journal: Journal
  private readonly onward: Onward | null
  private readonly state: StateFile

  /** `uploads`: where W&B's are reached; a folder that is only finished needs none. `places`: who is told the same. */
  constructor(
    folder: string,
    run: Pick<IntakeRun, 'id' | 'hexId' | 'key' | 'uploads' | 'ofItsOwn' | 'siblings'> & { waiting?: string },
    patterns: string[],
    places: Places = {},
  ) {
    this.folder = folder
    mkdirSync(path.join(folder, intakeFiles.folder), { recursive: true })
    const own = {
      ...run,
      files: path.join(folder, intakeFiles.files),
      waiting: run.waiting ?? path.join(folder, intakeFiles.waiting),
      isStopping: () => {
        const isStopping = existsSync(path.join(folder, intakeFiles.stop))
        if (isStopping) replaceFile(path.join(folder, intakeFiles.told), '')
        return isStopping
      },
    }
    this.wandb = new Wandb(own)
    this.mlflow = new Mlflow(own)
    this.trackio = new Trackio(own)
    this.files = own.files
    this.waiting = own.waiting
    this.protocols = { wandb: this.wandb, mlflow: this.mlflow, trackio: this.trackio }
    const state = readState(path.join(folder, intakeFiles.state))
    for (const [name, protocol] of Object.entries(this.protocols)) if (name in state) protocol.load(state[name])
    this.state = new StateFile(path.join(folder, intakeFiles.state), state)
    this.followers = new Followers(patterns, path.join(folder, intakeFiles.before), folder, {
      write: (events) => this.journal.write(events),
      wandb: (records) => this.keep('wandb', this.wandb.offline(records)),
    })
    this.journal = openJournal(path.join(folder, 'events.jsonl'), (event) => this.restore(event))
    this.restoreHeld()
    const { experimentOf } = this.mlflow
    const write = (events: IntakeEvent[]) => this.journal.write(events)
    this.onward =
      Object.keys(places).length === 0
        ? null
        : openOnward({ folder, within: intakeFiles.folder, places, run, experimentOf, write })
  }

  /** Takes a request of a client; the events are written when it gives the reply. Throws a Refusal. */
  handle(name: Names, request: IntakeRequest): Reply {
    const reply = this.keep(name, this.protocols[name].handle(request))
    this.onward?.take(name, request, reply)
    return reply
  }

  /** Calls that are still to be passed on. */
  get toPassOn(): number {
    return this.onward?.waiting() ?? 0
  }

  /** Where the body of a request goes as a file, and what is said when it is there; null: it is none of these. */
  uploadOf(name: Names, method: string, urlPath: string, query: URLSearchParams) {
    const upload = this.protocols[name].uploadOf(method, urlPath, query)
    if (upload === null) return null
    const file = path.join(this.folder, intakeFiles.files, ...upload.name.split('/'))
    return { file, done: () => this.keep(name, upload.done(file)) }
  }

  /** Reads on in the followed files. */
  follow(final = false): void {
    this.followers.poll(final)
  }

  /** Begins a run of its own as MLflow's client made it. */
  begin(body: Record<string, unknown>, experimentId: string): Reply {
    return this.keep('mlflow', this.mlflow.begin(body, experimentId, Date.now()))
  }

  /** What MLflow's client may ask of the run of its own. */
  get mlflowRun() {
    return this.mlflow.ownRun
  }

  /** The number that an experiment of other runs has here. */
  mlflowExperiment(name: string): string {
    const id = this.mlflow.experimentNumber(name, Date.now())
    this.save()
    return id
  }

  /** Points of it that are held in memory. */
  get heldPoints(): number {
    return this.mlflow.ownRun.metrics.values().reduce((sum, { points }) => sum + points.length, 0)
  }

  /** Whether rows, or models, of it wait to be written. */
  get holds(): boolean {
    return this.wandb.holdsRows || this.trackio.holdsModels
  }

  /** Lets go of a run of its own that is not in use; all that it held is on disk, and taken up again by the next. */
  close(): void {
    this.journal.write(this.wandb.summaries())
    this.save()
    this.journal.close()
  }

  /** Events that need no answer. */
  write(events: IntakeEvent[]): void {
    this.journal.write(events)
  }

  /** Writes what need not wait any longer; gives whether anything was. */
  releaseDue(now: number): boolean {
    let released = false
    for (const name of Object.keys(this.protocols) as Names[]) {
      const due = this.protocols[name].due(now)
      if (due !== null) this.keep(name, { ...due, reply: { status: 200, body: null } })
      released ||= due !== null && due.events.length > 0
    }
    return released
  }

  isOpen(): boolean {
    return Object.values(this.protocols).some((protocol) => protocol.isOpen())
  }

  /** Writes all that is left and says so in the folder. */
  end(): void {
    this.follow(true)
    this.journal.write(Object.values(this.protocols).flatMap((protocol) => protocol.end()))
    this.journal.write(this.onward?.end() ?? [])
    this.journal.close()
    mkdirSync(path.join(this.folder, intakeFiles.folder), { recursive: true })
    replaceFile(path.join(this.folder, intakeFiles.done), '')
    rmSync(path.join(this.folder, intakeFiles.held), { force: true })
    rmSync(path.join(this.folder, intakeFiles.waiting), { force: true, recursive: true })
  }

  private keep(name: Names, outcome: IntakeOutcome): Reply {
    if (outcome.held !== undefined && outcome.held.length > 0) {
      const lines = outcome.held.map((text) => `${JSON.stringify({ name, text })}\n`).join('')
      appendToFile(path.join(this.folder, intakeFiles.held), lines)
    }
    this.journal.write(outcome.events)
    outcome.commit?.()
    this.save()
    return outcome.reply
  }

  private save(): void {
    const states = Object.entries(this.protocols).map(([name, protocol]) => [name, protocol.save()] as const)
    this.state.save(Object.fromEntries(states))
  }

  private restore(event: IntakeEvent): void {
    const [name] = event.from!.split(' ', 1)
    if (name === 'follow') this.followers.restore(event)
    else if (name !== undefined && Object.hasOwn(this.protocols, name)) this.protocols[name as Names].restore(event)
  }

  private restoreHeld(): void {
    const file = path.join(this.folder, intakeFiles.held)
    if (!existsSync(file)) return
    const text = readWholeFile(file, [this.folder], mostBytes) ?? ''
    for (const line of text.split('\n')) {
      try {
        const { name, text } = JSON.parse(line) as { name: Names; text: string }
        this.protocols[name].hold(text)
      } catch {
        // the last line of a killed process: it was not answered, so its client sends it again
      }
    }
  }
}

/** What a refusal looks like in each protocol: one body that all of them read. */
export function refusalBody({ message, code }: Refusal): Record<string, unknown> {
  return { error_code: code, message, error: message, errors: [{ message }] }
}
