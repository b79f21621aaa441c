/** Before any file that needs them: two at a time would install Python's clients into one folder. */
import { pythonWithClients } from './clients.ts'

export async function setup(): Promise<void> {
  await pythonWithClients()
}
