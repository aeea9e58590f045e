/**
 * The newest entries of the record, as the table of decisions shows them; the words are the view's.
 *
 * @module
 */
import { type FinalEntry, parseHeader } from '@folkmoot/consensus'
import type { Peer } from '@folkmoot/federation'
import { peekRecord, redemptionSchema, revocationSchema } from '@folkmoot/identity'
import { type Operation, peekOperation } from '@folkmoot/ledger'
import { peekManifest } from '@folkmoot/studies'
import type { DecidedOperation, DecisionView } from '../view-model.ts'

const decisionRows = 24

/** The newest entries, newest first; what was read before is not read again. */
export async function readEntries(
  peer: Peer,
  height: number,
  before: readonly FinalEntry[],
): Promise<FinalEntry[]> {
  const entries: FinalEntry[] = []
  for (let at = height; at >= 1 && entries.length < decisionRows; at--) {
    if (at === before[0]?.height) return [...entries, ...before].slice(0, decisionRows)
    const entry = await peer.ledger.entryAt(at)
    if (entry !== undefined) entries.push(entry)
  }
  return entries
}

/** The signed manifest of a study that is on the record. */
export type ManifestOf = (study: string) => Uint8Array | undefined

export function decisionView(entry: FinalEntry, manifestOf: ManifestOf): DecisionView {
  const parsed = parseHeader(entry.header)
  const header = parsed.ok ? parsed.header : undefined
  return {
    height: entry.height,
    view: header?.bft?.view ?? null,
    at: entry.time,
    operations: entry.ops.map(({ bytes, outcome }) => decided(bytes, !outcome.ok, manifestOf)),
    turned: Boolean(header?.nextSetHash),
  }
}

export function viewOf({ header }: FinalEntry): number | null {
  const parsed = parseHeader(header)
  return parsed.ok ? (parsed.header.bft?.view ?? null) : null
}

function decided(bytes: Uint8Array, refused: boolean, manifestOf: ManifestOf): DecidedOperation {
  const plain = { refused, by: '', about: null, nickname: '', title: null, units: null, action: '' }
  const peeked = peekOperation(bytes)
  if (!peeked.ok) return { ...plain, kind: 'unreadable' }
  const { operation, signer } = peeked
  return { ...plain, kind: operation.kind, by: signer, ...particulars(operation, manifestOf) }
}

type Particulars = Partial<
  Pick<DecidedOperation, 'about' | 'nickname' | 'title' | 'units' | 'action'>
>

function particulars({ kind, body }: Operation, manifestOf: ManifestOf): Particulars {
  switch (kind) {
    case 'member.admit': {
      const redeemed = peekRecord('redemption', redemptionSchema, body.redemption)
      return { nickname: body.nickname, about: redeemed.ok ? redeemed.value.peer : null }
    }
    case 'member.revoke': {
      const revoked = peekRecord('revocation', revocationSchema, body.revocation)
      return { about: revoked.ok ? revoked.value.peer : null }
    }
    case 'study.open':
      return { title: titleIn(body.manifest) }
    case 'study.close':
    case 'report':
      return { title: titleIn(manifestOf(body.study)) }
    case 'study.batch':
      return { title: titleIn(manifestOf(body.study)), units: body.count }
    case 'audit.checkpoint':
    case 'voter.overdue':
      return { about: body.peer }
    case 'propose':
      return { action: body.action.kind }
    default:
      return {}
  }
}

function titleIn(manifest: Uint8Array | undefined): string | null {
  const peeked = manifest && peekManifest(manifest)
  return peeked?.ok ? peeked.manifest.title : null
}
