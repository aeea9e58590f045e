/**
 * What the page shows, made from what the peer knows.
 *
 * @module
 */
import { type AuditEntry, contentText } from '@folkmoot/audit'
import type { Millis } from '@folkmoot/base'
import { decode } from '@folkmoot/codec'
import type { FinalEntry } from '@folkmoot/consensus'
import type { ContributionView, HeldReason, Peer, StudyRoom } from '@folkmoot/federation'
import type { StudyId } from '@folkmoot/studies'
import { explain } from '@folkmoot/validation'
import { shortPeer } from '../format.ts'
import type {
  AuditRow,
  DecisionView,
  LinkView,
  NowView,
  PageView,
  PauseReason,
  ProposalView,
  StageLatency,
  StudyView,
  Tile,
} from '../view-model.ts'
import { words } from '../words.ts'
import { decisionView, readEntries } from './decided.ts'
import { ledgerView, openProposals } from './ledger-view.ts'

export interface ViewMakerInit {
  readonly peer: Peer
  readonly study: StudyId
  readonly webrtc: boolean
}

export interface ViewMaker {
  make(before: PageView): Partial<PageView>
  /** Reads the newest entries of the audit log; `make` shows what was read last. */
  readAudit(): Promise<void>
  notice(words: string | null): void
  /** The owner stopped this study in this browser. */
  stoppedStudy(stopped: boolean): void
  /** This tab was asleep and is finding out what still stands. */
  asleep(asleep: boolean): void
}

const auditRows = 80
const bucketMs: Millis = 10_000
const buckets = 60

const pauseReasons: Readonly<Record<HeldReason, PauseReason>> = {
  paused: 'you-paused',
  finishing: 'finishing',
  'no-work': 'no-work',
  complete: 'complete',
  unreachable: 'no-peers',
  stopped: 'study-stopped',
  failing: 'no-work',
}

export function createViewMaker({ peer, study, webrtc }: ViewMakerInit): ViewMaker {
  let rows: AuditRow[] = []
  let latency: StageLatency[] = []
  let checkpoint: string | null = null
  let entries: readonly FinalEntry[] = []
  /** Made once an entry: a view is made several times a second. */
  const rowOf = new WeakMap<FinalEntry, DecisionView>()
  let proposals: readonly ProposalView[] = []
  /** The height that {@link proposals} were read at: a manifest in each is read again only then. */
  let readAt = -1
  let noticed: string | null = null
  let stopped = false
  let asleep = false

  const readAudit = async (): Promise<void> => {
    const logged: AuditEntry[] = []
    for await (const entry of peer.audit.query({ first: 'newest', limit: auditRows }))
      logged.push(entry)
    rows = logged
      .filter((entry) => entry.phase === 'intent' || entry.action === 'refusal')
      .map(auditRow)
    latency = stageLatency(logged)
    const note = await peer.audit.latestCheckpoint()
    checkpoint = note === undefined ? null : new TextDecoder().decode(note)
    const { height } = peer.ledger.status()
    if (height !== entries[0]?.height) entries = await readEntries(peer, height, entries)
  }

  const decisions = (): readonly DecisionView[] => {
    const state = peer.ledger.state.state()
    const manifestOf = (id: string) => state.study(id)?.manifest
    return entries.map((entry) => {
      const row = rowOf.get(entry) ?? decisionView(entry, manifestOf)
      rowOf.set(entry, row)
      return row
    })
  }

  const waiting = (): readonly ProposalView[] => {
    const { height } = peer.ledger.status()
    if (height !== readAt) proposals = openProposals(peer.ledger.state.state(), peer.me, height)
    readAt = height
    return proposals
  }

  const nicknames = () =>
    new Map(peer.present().map((entry) => [entry.peer as string, entry.nickname]))

  return {
    readAudit,
    notice: (text) => {
      noticed = text
    },
    stoppedStudy: (is) => {
      stopped = is
    },
    asleep: (is) => {
      asleep = is
    },
    make: (before) => {
      const room = peer.studies.room(study)
      const state = peer.ledger.state.state()
      const names = nicknames()
      const relay = peer.relay()
      const contribution = peer.studies.contribution(study)?.peek()
      const shown = room === undefined ? null : studyPart(peer, room, contribution)
      const studyView: StudyView | null =
        before.study === null
          ? null
          : { ...before.study, state: shown?.state ?? before.study.state }
      const credits = [...state.credits]
        .map(([id, finalResults]) => ({
          peer: id as string,
          nickname: names.get(id) ?? '',
          finalResults,
        }))
        .sort((a, b) => b.finalResults - a.finalResults)
      const links: LinkView[] = bestLinks(peer).map((link) => ({
        ...link,
        nickname: names.get(link.peer) ?? '',
        isRelay: link.peer === relay.peer,
        finalResults: state.credits.get(link.peer as never) ?? 0,
      }))
      return {
        phase: studyView?.state === 'recorded' ? 'finished' : 'joined',
        refusal: null,
        peerId: peer.me,
        study: studyView,
        answer: shown?.answer ?? before.answer,
        tiles: shown?.tiles ?? before.tiles,
        now: nowPart(
          contribution,
          shown,
          noticed,
          stopped ? 'study-stopped' : asleep ? 'asleep' : null,
        ),
        links,
        peers: peer.present().map(({ peer: id, nickname, status: here, role, worker }) => ({
          peer: id,
          nickname,
          status: here,
          role,
          worker,
          ...rootPart(state.rootOf(id)),
        })),
        webrtc: webrtc ? 'available' : 'unavailable',
        relayUp: relay.up,
        clockOffsetMs: peer.clockOffsetMs(),
        audit: { rows, size: peer.audit.size, checkpoint },
        latency,
        decisions: decisions(),
        credits,
        ledger: ledgerView(peer, study, entries[0], waiting()),
        history: shown?.history ?? before.history,
      }
    },
  }
}

const rootPart = (root: string | undefined) => (root === undefined ? {} : { root })

function bestLinks(peer: Peer): Pick<LinkView, 'peer' | 'kind' | 'rttMs'>[] {
  const rank = { direct: 0, tcp: 1, websocket: 1, relayed: 2 } as const
  const best = new Map<string, Pick<LinkView, 'peer' | 'kind' | 'rttMs'> & { rank: number }>()
  for (const link of peer.transport.links()) {
    const known = best.get(link.peer)
    if (known !== undefined && known.rank <= rank[link.kind]) continue
    const kind = link.kind === 'tcp' ? 'websocket' : link.kind
    best.set(link.peer, { peer: link.peer, kind, rttMs: link.rttMs ?? null, rank: rank[link.kind] })
  }
  return [...best.values()].map(({ rank: _, ...link }) => link)
}

interface StudyPart {
  readonly state: StudyView['state']
  readonly tiles: readonly Tile[]
  readonly answer: PageView['answer']
  readonly mineDone: number
  readonly mineFinal: number
  readonly unitsPerMinute: number
  readonly history: PageView['history']
}

function studyPart(peer: Peer, room: StudyRoom, work: ContributionView | undefined): StudyPart {
  const acceptance = room.acceptance()
  const fact = peer.ledger.state.state().study(room.study)
  let mineDone = 0
  let mineFinal = 0
  let settled = 0
  const tiles: Tile[] = acceptance.units.map((unit, index) => {
    const final = fact?.finalUnits.has(index) === true
    const own = room.results.ofUnit(index).find((result) => result.peer === peer.me)
    const supports = unit.supporters.includes(peer.me)
    const computing = work?.unit === index
    if (own !== undefined) mineDone += 1
    if (final && supports) mineFinal += 1
    if (final || unit.state === 'accepted') settled += 1
    const others = unit.supporters.filter((supporter) => supporter !== peer.me).map(shortPeer)
    const refused = own !== undefined && !supports && unit.state !== 'waiting'
    return {
      unit: index,
      state: final ? 'final' : computing && unit.state === 'waiting' ? 'computing' : unit.state,
      mine: computing
        ? 'computing'
        : own === undefined
          ? 'none'
          : refused
            ? 'not-accepted'
            : others.length > 0
              ? 'agreed'
              : 'pending',
      confirmedBy: supports ? others : [],
      ...(refused ? { why: explain(acceptance, index, peer.me) } : {}),
    }
  })
  const answer = room.answer()
  const { manifest } = room
  const history = buckets10s(room, peer)
  const recorded = fact !== undefined && fact.final === manifest.units
  return {
    state: recorded
      ? 'recorded'
      : fact?.closed === true
        ? 'closed'
        : settled === manifest.units
          ? 'complete'
          : 'open',
    tiles,
    answer:
      answer === null
        ? null
        : {
            estimate: answer.estimate,
            low: answer.low,
            high: answer.high,
            doneUnits: answer.done,
            label: manifest.answer.label,
            ...(manifest.answer.reference === undefined
              ? {}
              : { reference: manifest.answer.reference }),
            facts: answer.facts,
          },
    mineDone,
    mineFinal,
    unitsPerMinute: history.mine.slice(-6).reduce((sum, count) => sum + count, 0) / 6,
    history,
  }
}

/** Results by when they were signed, as a rate per minute. */
function buckets10s(room: StudyRoom, peer: Peer): PageView['history'] {
  const now = Date.now() + peer.clockOffsetMs()
  const mine = new Array<number>(buckets).fill(0)
  const all = new Array<number>(buckets).fill(0)
  const perMinute = 60_000 / bucketMs
  for (let unit = 0; unit < room.manifest.units; unit++) {
    for (const result of room.results.ofUnit(unit)) {
      const bucket = buckets - 1 - Math.floor((now - result.at) / bucketMs)
      if (bucket < 0 || bucket >= buckets) continue
      all[bucket] = (all[bucket] ?? 0) + perMinute
      if (result.peer === peer.me) mine[bucket] = (mine[bucket] ?? 0) + perMinute
    }
  }
  return { bucketMs, mine, all }
}

function nowPart(
  work: ContributionView | undefined,
  shown: StudyPart | null,
  notice: string | null,
  first: PauseReason | null,
): NowView {
  const held = work?.held
  const other = work === undefined ? 'no-work' : held ? pauseReasons[held.reason] : null
  const reason = first ?? other
  const elapsed = work?.startedAt == null ? null : Date.now() - work.startedAt
  const expected = work?.unitMs ?? null
  const known = work?.unit != null && elapsed !== null && expected !== null && expected > 0
  return {
    paused: reason === null ? null : { reason, words: words.reasons[reason] },
    unit: work?.unit ?? null,
    progress: known ? Math.min(0.99, Math.max(0, elapsed / expected)) : null,
    etaMs: known ? Math.max(0, expected - elapsed) : null,
    mineDone: shown?.mineDone ?? 0,
    mineFinal: shown?.mineFinal ?? 0,
    unitsPerMinute: shown?.unitsPerMinute ?? 0,
    notice: work?.held?.reason === 'failing' ? (work.held.detail ?? null) : notice,
  }
}

function auditRow(entry: AuditEntry): AuditRow {
  const { seq, at, direction, peer, action, capability, decision, reason, content } = entry
  return {
    seq,
    at,
    direction,
    peer,
    action,
    capability,
    decision,
    reason,
    content: content === undefined ? null : readable(capability, content),
    bytes: content?.length ?? 0,
  }
}

/** A result's record holds the numbers that leave in an inner record; a person wants the numbers. */
function readable(capability: string | null, content: Uint8Array): string {
  if (capability !== 'study.result') return contentText(content)
  const outer = decode(content)
  if (!outer.ok) return contentText(content)
  const { record } = outer.value as { record?: Uint8Array }
  const inner = record === undefined ? undefined : decode(record)
  if (inner?.ok !== true) return contentText(content)
  const { output } = inner.value as { output?: Uint8Array }
  return output === undefined ? contentText(content) : contentText(output)
}

function stageLatency(entries: readonly AuditEntry[]): StageLatency[] {
  const byStage = new Map<string, number[]>()
  for (const { micros, phase } of entries) {
    if (micros === null || phase !== 'outcome') continue
    for (const [stage, value] of Object.entries(micros)) {
      byStage.set(stage, [...(byStage.get(stage) ?? []), value / 1_000])
    }
  }
  return [...byStage].map(([stage, values]) => {
    const sorted = values.sort((a, b) => a - b)
    const at = (share: number) =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
    return { stage, medianMs: at(0.5), slowMs: at(0.95) }
  })
}
