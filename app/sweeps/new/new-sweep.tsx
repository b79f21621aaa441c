'use client'
import { useQuery } from '@tanstack/react-query'
import { Link } from '../../_shell/link.tsx'
import { useRouter } from 'next/navigation'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { Issue } from '../../../domain/errors.ts'
import { isAway } from './_where/executor-form.ts'
import { knownPlaceholders, reservedNames } from '../../../domain/sweep/commands/placeholders.ts'
import { takeDroppedFile } from '../../_files/dropped-file.ts'
import { FileDrop } from '../../_files/file-drop.tsx'
import { Ghost } from '../../_shell/load-states.tsx'
import { showToast } from '../../_shell/toast.tsx'
import { errorIssues, errorSentence, useTRPC, useTRPCClient } from '../../_shell/trpc.ts'
import { AlreadyThere } from './_plan/already-there.tsx'
import { AxesSection } from './_axes/axes.tsx'
import { saveText, slugOf } from '../../_files/save-text.ts'
import { emptyDraft, isEmpty } from './draft.ts'
import { EarlierSweeps } from './_from/earlier-sweeps.tsx'
import { Evaluation } from './_score/evaluation.tsx'
import { ExtendedSweep } from './_from/extended-sweep.tsx'
import { FinalistsFields } from './_search/finalists-fields.tsx'
import { FieldIssues, FormProvider, FormSection, fieldId, useFieldAttributes, useForm } from './form-context.tsx'
import { checkForm, fieldLabel, fieldOf, unfilledFields, withFix } from './form-issues.ts'
import styles from './new-sweep.module.css'
import { hoursOfTraining, planOfForm } from './_plan/plan-of-form.ts'
import { PlanCounts, PreviewPanel, StartButton, type Todo, todosSummary } from './_plan/preview-panel.tsx'
import { Resources } from './_where/resources.tsx'
import { changesLeft } from './_from/marked-changes.ts'
import { KeepAsStart, StartingPoints } from './_from/starting-points.tsx'
import { ToBeChanged } from './_from/to-be-changed.tsx'
import { StopEarlyFields } from './_search/stop-early-fields.tsx'
import { RoundDifferences } from './_trainer/round-differences.tsx'
import { ScoreFields } from './_score/score.tsx'
import { SearchFields } from './_search/search-fields.tsx'
import { AsFile, PasteFile } from './_from/sweep-file.tsx'
import { TrainingFields } from './_trainer/training.tsx'
import { type DraftActions, useDraft } from './use-draft.ts'
import { usePastedFile } from './_from/use-pasted-file.ts'
import { usePreview } from './_plan/use-preview.ts'

/** Defines a sweep: the form at the left, what it would run at the right. */
export function NewSweepPage() {
  const draft = useDraft()
  return draft.ready ? <Editor draft={draft} /> : <Ghost />
}

function Editor({ draft }: { draft: DraftActions }) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const router = useRouter()
  const { form, directory, paused, round, extended, start: began, how } = draft.current
  const before = (round ?? extended)?.before ?? null
  const left = useMemo(() => changesLeft(began, form, directory), [began, form, directory])
  const system = useQuery(trpc.system.get.queryOptions()).data
  const stored = useQuery(trpc.baselines.list.queryOptions()).data
  const baselines = stored ?? []
  const slotsAvailable = system?.slots.length ?? null

  const checked = useMemo(
    () =>
      checkForm(form, {
        slots: slotsAvailable ?? Infinity,
        // until the list is here, a name is taken on trust
        storedBaselines:
          stored?.map((baseline) => baseline.name) ?? (form.storedBaseline === null ? [] : [form.storedBaseline]),
      }),
    [form, slotsAvailable, stored],
  )
  const { preview, issues: serverIssues, isCurrent } = usePreview(checked.input, directory, how, checked.issues)
  const [refused, setRefused] = useState<{ of: string; issues: Issue[] }>({ of: '', issues: [] })
  const definitionText = JSON.stringify([checked.input, directory, how])
  const messages = new Set([...checked.issues, ...serverIssues].map((issue) => issue.message))
  const refusedNow = refused.of === definitionText ? refused.issues.filter((issue) => !messages.has(issue.message)) : []
  const issues = [...checked.issues, ...serverIssues, ...refusedNow]

  const unfilled = unfilledFields(form)
  const [attempted, setAttempted] = useState(false)
  const todos: Todo[] = [...new Set(issues.map((issue) => fieldOf(issue.path)))].map((field) => ({
    field,
    label: fieldLabel(field),
    unfilled: unfilled.has(field),
  }))
  const plan = planOfForm(form)
  const sweep = checked.sweep ?? { axes: {}, init: form.init || undefined }
  const placeholders = {
    train: knownPlaceholders(sweep, 'train').filter((name) => name !== 'gpu' || !isAway(form.executor)),
    evaluate: knownPlaceholders(sweep, 'evaluate').filter(
      // which GPUs a job has is a cluster's to say
      (name) => name !== 'gpu' || !isAway(form.evaluate.executor.on === '' ? form.executor : form.evaluate.executor),
    ),
    checkpoint: knownPlaceholders(sweep, 'checkpoint'),
    track: knownPlaceholders(sweep, 'track'),
  }

  const pasteDetails = useRef<HTMLDetailsElement>(null)
  const pasted = usePastedFile(draft, pasteDetails)
  const { setText } = pasted
  useEffect(() => {
    // a file that was dropped on another page
    const dropped = takeDroppedFile()
    if (dropped) setText(dropped.text)
  }, [setText])

  const [starting, setStarting] = useState(false)
  const same = how.afresh || !isCurrent || preview === null ? null : preview.same
  const startWords = same !== null ? `Open ${same.name}` : extended === null ? 'Start sweep' : 'Start what is new'
  const goTo = (field: string) => {
    setAttempted(true)
    const id = fieldId(field)
    // a field that only now shows its issues is looked up after it was drawn
    requestAnimationFrame(() => {
      const target = document.getElementById(id) ?? document.getElementById(fieldId(field.split('/')[0]!))
      target?.scrollIntoView({ block: 'center', behavior: 'smooth' })
      const input = target?.matches('input, select, textarea')
        ? target
        : (target?.querySelector<HTMLElement>('[aria-invalid]') ?? target?.querySelector('input'))
      if (input instanceof HTMLElement) input.focus({ preventScroll: true })
    })
  }
  const start = async () => {
    if (todos.length > 0) return goTo((todos.find((todo) => !todo.unfilled) ?? todos[0]!).field)
    // what is there already is gone on with, as by the command
    if (same !== null) return router.push(`/sweeps/${same.id}`)
    setStarting(true)
    try {
      const { id } = await client.sweeps.create.mutate({
        definition: checked.input,
        directory: directory || undefined,
        paused,
        reuse: !how.afresh,
        continue: how.continue,
        overwrite: how.overwrite,
      })
      draft.forget()
      router.push(`/sweeps/${id}`)
    } catch (error) {
      setStarting(false)
      const found = errorIssues(error)
      setRefused({ of: definitionText, issues: found })
      if (found.length === 0) showToast({ text: errorSentence(error), tone: 'error' })
      else goTo(fieldOf(found[0]!.path))
    }
  }
  const download = async () => {
    try {
      // written anew: the preview may be a moment behind what was typed last
      const { yaml } = await client.sweeps.preview.query({
        definition: checked.input,
        directory: directory || undefined,
      })
      if (yaml) saveText(`${slugOf(form.name)}.yaml`, yaml)
      else goTo(todos[0]?.field ?? 'name')
    } catch (error) {
      showToast({ text: errorSentence(error), tone: 'error' })
    }
  }
  const clear = () => {
    const before = draft.current
    draft.replace(emptyDraft)
    pasted.clear()
    setAttempted(false)
    showToast({ text: 'The draft is cleared.', undo: () => draft.replace(before) })
  }
  const leaveRound = () => {
    draft.update({ round: null })
    showToast({ text: 'The comparison is closed; the settings stay.', undo: () => draft.update({ round }) })
  }
  const openPaste = () => {
    const details = pasteDetails.current
    if (!details) return
    details.open = true
    details.querySelector('textarea')?.focus()
    details.scrollIntoView({ block: 'nearest' })
  }

  return (
    <FormProvider
      value={{
        form,
        change: draft.change,
        issuesAt: (field) =>
          attempted || !unfilled.has(field) ? issues.filter((issue) => fieldOf(issue.path) === field) : [],
        changesAt: (field) => left.filter((change) => change.field === field).map(({ words }) => words),
        fix: (issue) => draft.change((current) => withFix(current, issue)),
        // of another trainer the settings are others anyway
        before: before?.trainer === form.trainer ? before : null,
        slotsAvailable,
        slotKind: system?.slotKind ?? 'gpu',
        baselines,
        placeholders,
        tracking: preview?.tracking ?? [],
        directory,
        serverDirectory: directory === '' ? (preview?.directory ?? null) : null,
        setDirectory: (value) => draft.update({ directory: value }),
        paused,
        setPaused: (value) => draft.update({ paused: value }),
      }}
    >
      <p className="crumb">
        <Link href="/">Sweeps</Link> /
      </p>
      <div className="title">
        <h1>{extended === null ? 'New sweep' : `Extend ${extended.name}`}</h1>
        <span className="ink3 small">Draft kept on this computer</span>
        {!isEmpty(draft.current) && (
          <button type="button" className="btn quiet sm" onClick={clear}>
            Clear
          </button>
        )}
        <div className="actions">
          <EarlierSweeps onChoose={draft.fillFromSweep} />
          <button type="button" className="btn" onClick={openPaste}>
            Paste a file
          </button>
          <button type="button" className="btn" onClick={download}>
            Download as file
          </button>
        </div>
      </div>
      {round === null && extended === null && <StartingPoints draft={draft} open={isEmpty(draft.current)} />}
      <div className={styles.split}>
        <form
          className={styles.form}
          onSubmit={(event) => event.preventDefault()}
          aria-label="Sweep"
          autoComplete="off"
        >
          {round && <RoundDifferences round={round} sweep={checked.sweep} init={form.init} onLeave={leaveRound} />}
          {began && <ToBeChanged start={began} left={left} onField={goTo} />}
          {extended && <ExtendedSweep extended={extended} sweep={checked.sweep} />}
          <Name />
          <AxesSection />
          <SearchFields trainingHours={hoursOfTraining(preview?.estimate ?? null, form)} />
          <TrainingFields />
          <Evaluation />
          <ScoreFields />
          <StopEarlyFields />
          <FinalistsFields expected={preview?.finalists ?? null} />
          <Resources />
        </form>
        <PreviewPanel
          plan={plan}
          estimate={preview?.estimate ?? null}
          cost={preview?.cost ?? null}
          there={<AlreadyThere preview={preview} how={how} onHow={(value) => draft.update({ how: value })} />}
          todos={todos}
          starting={starting}
          startWords={startWords}
          onStart={start}
          onTodo={goTo}
        >
          <KeepAsStart draft={draft} definition={checked.input} name={form.name} />
          <AsFile yaml={preview?.yaml || null} known={new Set([...placeholders.train, ...reservedNames])} />
          <PasteFile
            details={pasteDetails}
            text={pasted.text}
            onText={pasted.setText}
            issues={pasted.issues}
            converted={pasted.converted}
            reading={pasted.reading}
          />
        </PreviewPanel>
      </div>
      <div className={styles.dock} data-dock>
        <span>
          <b>
            <PlanCounts plan={plan} />
          </b>
          <br />
          <span className="small ink2">{todosSummary(todos) || 'Ready to start'}</span>
        </span>
        <StartButton words={startWords} blocked={todos.length > 0} starting={starting} onStart={start} />
      </div>
      <FileDrop words="Let go to fill in the form from the sweep file" onFile={({ text }) => setText(text)} />
    </FormProvider>
  )
}

function Name() {
  const { form, change } = useForm()
  return (
    <FormSection title="Name">
      <input
        {...useFieldAttributes('name')}
        type="text"
        aria-label="Name"
        placeholder="short-cot-sft"
        style={{ maxWidth: 320 }}
        value={form.name}
        onChange={(event) => change((current) => ({ ...current, name: event.target.value }))}
      />
      <FieldIssues field="name" />
    </FormSection>
  )
}
