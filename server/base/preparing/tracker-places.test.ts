import { expect, test } from 'vitest'
import { placesIn } from './tracker-places.ts'

test('a server that a person has pointed a client to is a place, with what is needed to log there', () => {
  const netrc =
    'machine a.example login x password no\nmachine api.wandb.ai\n  login user\n  password secret\nmachine b.example password no'
  expect(placesIn({}, netrc)).toEqual({ wandb: { address: 'https://api.wandb.ai', key: 'secret', entity: null } })
  expect(
    placesIn(
      {
        WANDB_BASE_URL: 'https://wandb.example/',
        WANDB_API_KEY: 'k',
        WANDB_ENTITY: 'team',
        MLFLOW_TRACKING_URI: 'http://mlflow.example:5000/',
        MLFLOW_TRACKING_USERNAME: 'me',
        MLFLOW_TRACKING_PASSWORD: 'word',
        TRACKIO_SERVER_URL: 'https://trackio.example/?write_token=t',
      },
      '',
    ),
  ).toEqual({
    wandb: { address: 'https://wandb.example', key: 'k', entity: 'team' },
    mlflow: { address: 'http://mlflow.example:5000', authorization: `Basic ${btoa('me:word')}`, experimentId: null },
    trackio: { address: 'https://trackio.example', token: 't' },
  })
})

test.each([
  [{}, ''],
  [{ WANDB_API_KEY: 'k', WANDB_MODE: 'offline' }, ''],
  [{ WANDB_API_KEY: 'k', WANDB_DISABLED: 'true' }, ''],
  [{ WANDB_BASE_URL: 'https://wandb.example' }, 'machine api.wandb.ai login user password secret'],
  [{}, 'machine api.wandb.ai login user'],
  [{ MLFLOW_TRACKING_URI: 'sqlite:///mlflow.db', TRACKIO_SPACE_ID: 'me/space' }, ''],
  [{ MLFLOW_TRACKING_URI: 'databricks' }, ''],
])('%j is no place', (environment, netrc) => {
  expect(placesIn(environment, netrc)).toEqual({})
})
