/**
 * The admin listener on loopback (`admin-api.ts`): health for everyone on this machine, the rest
 * for whoever holds the token.
 *
 * @module
 */
import { timingSafeEqual } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { contentText } from '@folkmoot/audit'
import { errorMessage, FederationError } from '@folkmoot/base'
import { encode, parse } from '@folkmoot/codec'
import type { Peer, Platform } from '@folkmoot/federation'
import { fingerprint, parsePeerId } from '@folkmoot/identity'
import { getRequestListener } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import * as v from 'valibot'
import {
  type AuditPage,
  auditQuerySchema,
  newRevocationSchema,
  type Peer as PeerRow,
  type Readiness,
  type Status,
  statusOf,
  studyPackageSchema,
} from '../admin-api.ts'
import type { CliCode } from '../codes.ts'
import { version } from '../version.ts'
import { addDecisions, must, proposedBy } from './decisions-api.ts'
import { ledgerPage } from './describe-ledger.ts'
import { describeStudy, summarise } from './describe-study.ts'
import { addInvitations } from './invitations-api.ts'
import { proposeStudy } from './propose-bytes.ts'
import type { RelayMetrics } from './relay-metrics.ts'
import { missingVoters, untilDecided } from './until-decided.ts'

export interface AdminServerInit {
  readonly peer: Peer
  readonly platform: Platform
  readonly token: string
  readonly metrics: RelayMetrics
  readonly page: string
  readonly inviteRelays: readonly string[]
  readonly inviteUses: number
  readonly inviteMs: number
  readonly invitationsPerHour: number
  readonly startedAt: number
  readonly worker: boolean
  readonly readiness: () => Promise<Readiness>
  readonly stop: () => void
}

const maxBody = 64 * 1024 * 1024

function fail(code: CliCode, message: string): never {
  throw new FederationError(code, message)
}

/** Builds the listener; it does not listen yet. */
export function createAdminServer(init: AdminServerInit): Server {
  const { peer } = init
  const app = new Hono()
  const expected = Buffer.from(`Bearer ${init.token}`)
  const ledger = () => peer.ledger.state.state()

  app.use('*', async (context, next) => {
    const host = context.req.header('host')?.replace(/:\d+$/, '') ?? ''
    if (!['127.0.0.1', 'localhost', '[::1]'].includes(host)) {
      return context.json(
        { ok: false, error: { code: 'cli/unauthorised', message: 'not a loopback name' } },
        403,
      )
    }
    return next()
  })
  app.use('/v1/*', async (context, next) => {
    const given = Buffer.from(context.req.header('authorization') ?? '')
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      fail('cli/unauthorised', 'this needs the token in admin.json')
    }
    return next()
  })
  app.onError((error, context) => {
    const code = error instanceof FederationError ? error.code : 'base/unexpected'
    const hint = error instanceof FederationError ? error.hint : undefined
    const body = { code, message: errorMessage(error), ...(hint === undefined ? {} : { hint }) }
    return context.json({ ok: false, error: body }, statusOf(code) as 500)
  })
  app.notFound(() => fail('cli/not-found', 'there is nothing under this path'))

  const data = (context: Context, value: unknown) => context.json({ ok: true, data: value })
  const body = async <T>(context: Context, schema: v.GenericSchema<unknown, T>): Promise<T> => {
    let given: unknown
    try {
      given = await context.req.json()
    } catch {
      return fail('cli/bad-request', 'the body is not JSON')
    }
    const checked = v.safeParse(schema, given)
    if (checked.success) return checked.output
    return fail('cli/bad-request', checked.issues[0].message)
  }
  const room = (id: string) => {
    const rooms = peer.studies.rooms()
    const found =
      id === 'latest'
        ? rooms.at(-1)
        : rooms.find(({ study }) => study === id || study.startsWith(id))
    return found ?? fail('cli/not-found', 'there is no such study')
  }

  app.get('/livez', (context) => context.text('ok\n'))
  app.get('/readyz', async (context) => {
    const readiness = await init.readiness()
    return context.json({ ok: true, data: readiness }, readiness.ready ? 200 : 503)
  })
  app.get('/metrics', async (context) => {
    const { metrics } = init
    metrics.gauge('folkmoot_federation_links', peer.transport.links().length)
    metrics.gauge('folkmoot_ledger_height', peer.ledger.status().height)
    metrics.gauge('folkmoot_audit_entries', peer.audit.size)
    return context.text(await metrics.registry.metrics(), 200, {
      'content-type': metrics.registry.contentType,
    })
  })

  app.get('/v1/status', (context) => data(context, status()))
  app.get('/v1/peers', (context) => data(context, peers()))
  app.get('/v1/studies', (context) =>
    data(
      context,
      peer.studies.rooms().map((entry) => summarise(peer, entry)),
    ),
  )
  app.get('/v1/studies/:id', (context) =>
    data(context, describeStudy(peer, room(context.req.param('id')))),
  )
  app.get('/v1/studies/:id/bundle', async (context) => {
    const bundle = await peer.bundle(room(context.req.param('id')).study)
    return context.body(new Uint8Array(bundle), 200, { 'content-type': 'application/cbor' })
  })
  const studyPackage = async (context: Context) => {
    const bytes = new Uint8Array(await context.req.arrayBuffer())
    const parsed = parse(studyPackageSchema, bytes, { maxBytes: maxBody })
    if (!parsed.ok) return fail('cli/bad-request', parsed.fault.message)
    return parsed.value
  }
  app.post('/v1/studies', async (context) => {
    const { manifest, blocks } = await studyPackage(context)
    const opened = await untilDecided(peer, peer.openStudy(manifest, blocks))
    if (!opened.ok) throw new FederationError(opened.fault.code, opened.fault.message)
    return data(context, summarise(peer, room(opened.study)))
  })
  app.post('/v1/proposals/study', async (context) => {
    const { manifest, blocks } = await studyPackage(context)
    const ask = () => proposeStudy(peer, init.platform, manifest, blocks)
    const { proposal } = await proposedBy(peer, () => untilDecided(peer, ask()))
    return data(context, proposal)
  })
  app.post('/v1/studies/:id/close', async (context) => {
    const found = room(context.req.param('id'))
    must(await untilDecided(peer, peer.closeStudy(found.study)))
    return data(context, summarise(peer, found))
  })

  app.get('/v1/ledger', async (context) => {
    const number = (name: string) => Number(context.req.query(name)) || undefined
    const last = number('last')
    const from = last === undefined ? number('from') : peer.ledger.status().height - last + 1
    const limit = Math.min(500, last ?? number('limit') ?? 100)
    return data(context, await ledgerPage(peer, from ?? 1, limit))
  })
  app.get('/v1/ledger/export', async (context) => {
    const entries: Uint8Array[] = []
    const { height } = peer.ledger.status()
    while (entries.length < height) {
      const more = await peer.ledger.entries(entries.length + 1, 500)
      if (more.length === 0) break
      entries.push(...more)
    }
    const bytes = encode({ v: 1, charter: peer.charterBytes, entries })
    return context.body(new Uint8Array(bytes), 200, { 'content-type': 'application/cbor' })
  })

  addDecisions({ app, peer, data, body })

  app.get('/v1/audit', async (context) => {
    const checked = v.safeParse(auditQuerySchema, context.req.query())
    if (!checked.success) return fail('cli/bad-request', checked.issues[0].message)
    return data(context, await auditPage(checked.output))
  })
  app.get('/v1/audit/export', async (context) => {
    if (context.req.query('format') === 'jsonl') {
      return context.body(await peer.audit.exportJsonl(), 200, {
        'content-type': 'application/jsonl',
      })
    }
    const bytes = await peer.audit.export()
    return context.body(new Uint8Array(bytes), 200, { 'content-type': 'application/cbor' })
  })

  addInvitations({ ...init, app, data, body })

  app.post('/v1/revoke/:peer', async (context) => {
    const parsed = parsePeerId(context.req.param('peer'))
    if (!parsed.ok) return fail('cli/bad-request', parsed.fault.message)
    const { reason } = await body(context, newRevocationSchema)
    must(await untilDecided(peer, peer.revokePeer(parsed.peer, reason)))
    const row = peers().find((entry) => entry.peer === parsed.peer)
    return row === undefined
      ? fail('cli/not-found', 'that key never was a member')
      : data(context, row)
  })
  app.post('/v1/stop', (context) => {
    init.stop()
    return data(context, {})
  })

  function peers(): PeerRow[] {
    const state = ledger()
    const present = new Map(peer.present().map((entry) => [entry.peer, entry]))
    const links = new Map(peer.transport.links().map((link) => [link.peer, link]))
    return [...state.members].map(([id, member]) => {
      const link = links.get(id)
      const self = id === peer.me
      return {
        peer: id,
        nickname: present.get(id)?.nickname ?? '',
        role: id === peer.charter.founder ? 'founder' : member.role,
        root: member.root,
        member: member.status === 'active' ? 'final' : member.status,
        since: member.since,
        presence: self ? 'here' : (present.get(id)?.status ?? 'gone'),
        link: self
          ? { kind: 'local', rttMs: 0, since: init.startedAt }
          : link === undefined
            ? null
            : { kind: link.kind, rttMs: link.rttMs ?? null, since: link.since },
        finalResults: state.credits.get(id) ?? 0,
      }
    })
  }

  function status(): Status {
    const rows = peers()
    const rooms = peer.studies.rooms()
    const working = rooms.map(({ study }) => peer.studies.contribution(study)?.peek())
    const engine = peer.ledger.status()
    return {
      version,
      startedAt: init.startedAt,
      peerId: peer.me,
      page: init.page,
      addresses: peer.transport.addresses(),
      federation: {
        id: peer.fed,
        name: peer.charter.name,
        fingerprint: fingerprint(peer.fed),
        preset: peer.charter.preset,
        engine: engine.kind,
      },
      ledger: {
        height: engine.height,
        finalAt: peer.ledger.finalAt(),
        engine: engine.kind,
        epoch: engine.epoch,
        voters: engine.voters,
        decides: peer.ledger.decides(),
        role: engine.role,
        waiting: engine.waiting,
        halted: (engine.halted ?? engine.votingHalted)?.message ?? null,
        stalled: missingVoters(peer),
      },
      members: rows.filter(({ member }) => member === 'final').length,
      here: rows.filter(({ presence }) => presence === 'here').length,
      links: peer.transport.links().length,
      studies: rooms.map((entry) => summarise(peer, entry)),
      worker: {
        enabled: init.worker,
        unit: working.find((view) => view?.unit != null)?.unit ?? null,
        done: working.reduce((sum, view) => sum + (view?.done ?? 0), 0),
      },
      audit: { logId: peer.audit.logId, size: peer.audit.size, full: peer.audit.full },
      refused: init.metrics.refused(),
    }
  }

  async function auditPage(query: v.InferOutput<typeof auditQuerySchema>): Promise<AuditPage> {
    const { from, limit: most, since, until, action, ...rest } = query
    const limit = Math.min(1_000, Math.max(1, Number(most ?? 100) || 100))
    const number = (text: string | undefined) => (text === undefined ? undefined : Number(text))
    const filter = Object.fromEntries(
      Object.entries({
        ...rest,
        action,
        from: number(from),
        since: number(since),
        until: number(until),
        limit: limit + 1,
      }).filter(([, value]) => value !== undefined),
    )
    const entries: AuditPage['entries'] = []
    let next: number | null = null
    for await (const entry of peer.audit.query(filter)) {
      if (entries.length === limit) {
        next = entry.seq
        break
      }
      const { seq, at, phase, of, direction, capability, envelope, decision, reason, channel } =
        entry
      entries.push({
        seq,
        at,
        phase,
        of: of ?? null,
        direction,
        peer: entry.peer,
        action: entry.action,
        capability,
        envelope,
        decision,
        reason,
        channel,
        contentHash: entry.contentHash,
        content: entry.content === undefined ? null : contentText(entry.content),
      })
    }
    return { logId: peer.audit.logId, size: peer.audit.size, entries, next }
  }

  return createServer(
    { maxHeaderSize: 16_384, requestTimeout: 30_000 },
    getRequestListener(app.fetch),
  )
}
