'use client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { AlertChannelView, AlertsView } from '../../contract/api/alerts.ts'
import { Ghost, LoadError } from '../_shell/load-states.tsx'
import { Link } from '../_shell/link.tsx'
import { showToast } from '../_shell/toast.tsx'
import { errorSentence, useTRPC } from '../_shell/trpc.ts'
import { formatClock } from '../_words/format.ts'
import { channelTitles, deliveryWords, ruleWords } from './alert-words.ts'
import styles from './alerts.module.css'
import { BrowserSwitch } from './browser-switch.tsx'
import { NewChannel } from './new-channel.tsx'
import { NewRule } from './new-rule.tsx'

/** What is told without anybody looking: of what, where to, and what was told last. */
export function AlertsPage() {
  const trpc = useTRPC()
  const query = useQuery(trpc.alerts.get.queryOptions())
  if (!query.data)
    return query.error ? <LoadError error={query.error} what="alerts" retry={() => void query.refetch()} /> : <Ghost />
  return (
    <>
      <div className="title">
        <h1>Alerts</h1>
      </div>
      <p className={styles.intro}>
        What needs you is told where you are. Every rule goes to every channel, each alert once; what does not arrive is
        tried again for a day.
      </p>
      <Rules view={query.data} />
      <Channels view={query.data} />
      <Told view={query.data} />
    </>
  )
}

function Rules({ view }: { view: AlertsView }) {
  const trpc = useTRPC()
  const add = useMutation(trpc.alerts.addRule.mutationOptions())
  const remove = useMutation(trpc.alerts.removeRule.mutationOptions({ onError: tellError }))
  return (
    <section className="section" aria-labelledby="rules-title">
      <div className="section-head">
        <h2 id="rules-title">When</h2>
      </div>
      {view.rules.length === 0 && <p className="ink3">No rule yet: nothing is told.</p>}
      <ul className={styles.list}>
        {view.rules.map(({ id, rule }) => (
          <li key={id}>
            <span>{ruleWords(rule)}</span>
            <button
              type="button"
              className="btn quiet sm"
              aria-label={`Remove the rule: ${ruleWords(rule)}`}
              onClick={() =>
                remove.mutate(
                  { id },
                  { onSuccess: () => showToast({ text: 'Removed the rule.', undo: () => add.mutate(rule) }) },
                )
              }
            >
              Remove
            </button>
          </li>
        ))}
      </ul>
      <NewRule />
    </section>
  )
}

function Channels({ view }: { view: AlertsView }) {
  const [adding, setAdding] = useState(false)
  return (
    <section className="section" aria-labelledby="channels-title">
      <div className="section-head">
        <h2 id="channels-title">Where to</h2>
        <span className="note">addresses and passwords stay on this computer and are not shown again</span>
        {!adding && (
          <div className="actions">
            <button type="button" className="btn sm" onClick={() => setAdding(true)}>
              New channel
            </button>
          </div>
        )}
      </div>
      <ul className={styles.list}>
        <BrowserSwitch />
        {view.channels.map((channel) => (
          <Channel key={channel.id} channel={channel} />
        ))}
      </ul>
      {adding && <NewChannel onClose={() => setAdding(false)} />}
    </section>
  )
}

function Channel({ channel: { id, name, kind, words } }: { channel: AlertChannelView }) {
  const trpc = useTRPC()
  const test = useMutation(trpc.alerts.testChannel.mutationOptions())
  const remove = useMutation(trpc.alerts.removeChannel.mutationOptions({ onError: tellError }))
  const restore = useMutation(trpc.alerts.restoreChannel.mutationOptions({ onError: tellError }))
  const said = test.error ? errorSentence(test.error) : test.data
  return (
    <li>
      <span>
        <b>{name}</b>{' '}
        <span className="ink3">
          {channelTitles[kind]}, {words}
        </span>
        <span role="status" className={`${styles.outcome} ${said ? styles.wrong : ''}`}>
          {test.isPending ? 'Sending …' : test.isSuccess || test.isError ? (said ?? 'It arrived.') : ''}
        </span>
      </span>
      <span className={styles.buttons}>
        <button
          type="button"
          className="btn sm"
          aria-label={`Send a test to ${name}`}
          disabled={test.isPending}
          onClick={() => test.mutate({ id, home: location.origin })}
        >
          Send a test
        </button>
        <button
          type="button"
          className="btn quiet sm"
          aria-label={`Remove ${name}`}
          onClick={() =>
            remove.mutate(
              { id },
              { onSuccess: () => showToast({ text: `Removed ${name}.`, undo: () => restore.mutate({ id }) }) },
            )
          }
        >
          Remove
        </button>
      </span>
    </li>
  )
}

function Told({ view }: { view: AlertsView }) {
  return (
    <section className="section" aria-labelledby="told-title">
      <div className="section-head">
        <h2 id="told-title">Told</h2>
        {view.alerts.length > 0 && <span className="note">newest first</span>}
      </div>
      {view.alerts.length === 0 && <p className="ink3">Nothing was told yet.</p>}
      <ul className={styles.told}>
        {view.alerts.map(({ id, title, text, sweepId, runId, at, deliveries }) => (
          <li key={id}>
            <time className="ink3" dateTime={new Date(at).toISOString()}>
              {formatClock(at)}
            </time>
            <div>
              {runId !== null || sweepId !== null ? (
                <Link className="link" href={runId !== null ? `/runs/${runId}` : `/sweeps/${sweepId}`}>
                  {title}
                </Link>
              ) : (
                <b>{title}</b>
              )}
              {text !== '' && <p className="ink2">{text}</p>}
              {deliveries.map((delivery) => (
                <p key={delivery.channel} className={`small ${delivery.status === 'given-up' ? styles.wrong : 'ink3'}`}>
                  {deliveryWords(delivery)}
                </p>
              ))}
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}

function tellError(error: unknown): void {
  showToast({ text: errorSentence(error), tone: 'error' })
}
