/** Rules and channels as a person says them. */
import type { AlertChannelView, AlertView } from '../../contract/api/alerts.ts'
import type { AlertRule } from '../../domain/life/alerts.ts'

export const ruleTitles: Record<AlertRule['kind'], string> = {
  'run-failed': 'A run failed',
  'sweep-ended': 'A sweep ended',
  'sweep-paused': 'A sweep was paused',
  'not-finite': 'A metric is not finite',
  above: 'A metric is above a value',
  below: 'A metric is below a value',
  silent: 'Nothing is heard of a run',
  disk: 'The disk is nearly full',
  client: 'A script asks for it',
}

export const channelTitles: Record<AlertChannelView['kind'], string> = {
  slack: 'Slack',
  discord: 'Discord',
  feishu: 'Feishu / Lark',
  dingtalk: 'DingTalk',
  json: 'JSON to an address',
  email: 'E-mail',
}

/** The rule in full: `loss is above 10 in any run`. */
export function ruleWords(rule: AlertRule): string {
  switch (rule.kind) {
    case 'run-failed':
      return 'A run or an evaluation failed, its retries used up'
    case 'sweep-ended':
      return 'A sweep is done, failed or was cancelled'
    case 'sweep-paused':
      return 'A sweep was paused, by whomever'
    case 'not-finite':
      return `${rule.metric ?? 'Any metric'} is NaN or infinite`
    case 'above':
    case 'below':
      return `${rule.metric} is ${rule.kind} ${rule.value} in any run`
    case 'silent':
      return `A running attempt neither wrote nor printed anything for ${rule.minutes} min`
    case 'disk':
      return `${rule.percent} % of the disk of the data folder are used`
    case 'client':
      return 'A script calls wandb.alert or trackio.alert, or writes a note with “alert”'
  }
}

export function deliveryWords({ channel, status, tries, error }: AlertView['deliveries'][number]): string {
  const why = error === null ? '' : `: ${error}`
  if (status === 'sent') return `${channel}: sent${tries > 1 ? ` at try ${tries}` : ''}`
  if (status === 'sending') return `${channel}: being sent`
  if (status === 'given-up') return `${channel}: not sent${why}`
  return tries === 0 ? `${channel}: about to be sent` : `${channel}: try ${tries} failed${why}; it is tried again`
}
