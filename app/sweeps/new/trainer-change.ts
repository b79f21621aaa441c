import { settingsOf } from '../../../contract/settings-list.ts'
import type { SweepForm } from './sweep-form.ts'

const keysOf = (trainer: SweepForm['trainer']): ReadonlySet<string> =>
  new Set(trainer === 'command' ? [] : settingsOf(trainer).map(({ key }) => key))

/**
 * The form with another kind of trainer: settings that both know stay, and those of the former alone are left out and named. What
 * neither knows stays too, to be told of.
 */
export function withTrainer(form: SweepForm, trainer: SweepForm['trainer']): { form: SweepForm; left: string[] } {
  const [before, after] = [keysOf(form.trainer), keysOf(trainer)]
  const stays = (key: string) => trainer === 'command' || after.has(key) || !before.has(key)
  return {
    form: { ...form, trainer, config: form.config.filter(({ key }) => stays(key.trim())) },
    left: form.config.flatMap(({ key }) => (stays(key.trim()) ? [] : [key.trim()])),
  }
}
