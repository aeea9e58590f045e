/**
 * Talks to the relay that runs on a state folder, over its loopback admin listener.
 *
 * @module
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FederationError } from '@folkmoot/base'
import * as v from 'valibot'
import { type AdminFile, adminFileSchema, failureSchema } from './admin-api.ts'
import type { CliCode } from './codes.ts'

/** Generous: an export of a long log takes the relay a while. */
const ANSWER_WITHIN_MS = 120_000

export interface AdminClient {
  readonly address: string
  get<Schema extends v.GenericSchema>(path: string, schema: Schema): Promise<v.InferOutput<Schema>>
  /** A body as it is: a bundle, an export, metrics. */
  bytes(path: string): Promise<Uint8Array>
  post<Schema extends v.GenericSchema>(
    path: string,
    body: object | Uint8Array,
    schema: Schema,
  ): Promise<v.InferOutput<Schema>>
}

function unreachable(state: string, cause?: unknown): FederationError<CliCode> {
  return new FederationError<CliCode>('cli/relay-unreachable', `no relay runs on ${state}`, {
    cause,
    hint: 'start one with `folkmoot relay`, or name its state folder with --state DIR',
  })
}

const isTimeout = (cause: unknown) => cause instanceof Error && cause.name === 'TimeoutError'

function silent(withinMs: number, cause: unknown): FederationError<CliCode> {
  const message = `the relay gave no answer within ${withinMs / 1000} s; what was asked may still happen`
  return new FederationError<CliCode>('cli/relay-silent', message, { cause })
}

/** Address and token of the relay on `state`. @throws FederationError `cli/relay-unreachable` */
export async function readAdminFile(state: string): Promise<AdminFile> {
  try {
    return v.parse(adminFileSchema, JSON.parse(await readFile(join(state, 'admin.json'), 'utf8')))
  } catch (cause) {
    throw unreachable(state, cause)
  }
}

/** The failure that an answer carries, or one made from its status. */
function failureOf(status: number, body: string): FederationError {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    json = undefined
  }
  const parsed = v.safeParse(failureSchema, json)
  if (parsed.success) {
    const { code, message, hint } = parsed.output.error
    return new FederationError(code, message, hint === undefined ? {} : { hint })
  }
  const code: CliCode =
    status === 401 || status === 403
      ? 'cli/unauthorised'
      : status === 404
        ? 'cli/not-found'
        : 'cli/relay-answer'
  return new FederationError<CliCode>(code, `the relay answered with status ${status}`)
}

export async function connectAdmin(
  state: string,
  withinMs = ANSWER_WITHIN_MS,
): Promise<AdminClient> {
  const { address, token } = await readAdminFile(state)

  async function ask(path: string, init: RequestInit): Promise<Response> {
    let response: Response
    try {
      response = await fetch(new URL(path, address), {
        ...init,
        redirect: 'error',
        signal: AbortSignal.timeout(withinMs),
        headers: { authorization: `Bearer ${token}`, ...init.headers },
      })
    } catch (cause) {
      throw isTimeout(cause) ? silent(withinMs, cause) : unreachable(state, cause)
    }
    if (!response.ok && response.status !== 503) {
      throw failureOf(response.status, await response.text())
    }
    return response
  }

  async function parsed<Schema extends v.GenericSchema>(
    response: Response,
    schema: Schema,
  ): Promise<v.InferOutput<Schema>> {
    const body: unknown = await response.json().catch(() => undefined)
    const outcome = v.safeParse(v.object({ ok: v.literal(true), data: schema }), body)
    if (outcome.success) return outcome.output.data as v.InferOutput<Schema>
    const failure = v.safeParse(failureSchema, body)
    if (failure.success) throw failureOf(response.status, JSON.stringify(body))
    const issue = outcome.issues[0]
    throw new FederationError<CliCode>(
      'cli/relay-answer',
      `the relay's answer is not understood: ${v.getDotPath(issue) ?? 'body'}: ${issue.message}`,
      { hint: 'relay and command may be of different versions' },
    )
  }

  return {
    address,
    get: async (path, schema) => parsed(await ask(path, { method: 'GET' }), schema),
    bytes: async (path) => (await ask(path, { method: 'GET' })).bytes(),
    post: async (path, body, schema) => {
      const raw = body instanceof Uint8Array
      const response = await ask(path, {
        method: 'POST',
        body: raw ? new Uint8Array(body) : JSON.stringify(body),
        headers: { 'content-type': raw ? 'application/cbor' : 'application/json' },
      })
      return parsed(response, schema)
    },
  }
}
