/**
 * Picks from a ledger the operations that a bundle rests on.
 *
 * @module
 */
import { type FinalEntry, proveOperation } from '@folkmoot/consensus'
import { type Checker, openInvitation, type PeerId } from '@folkmoot/identity'
import { type OperationOf, peekOperation } from '@folkmoot/ledger'
import type { StudyId } from '../study-id.ts'
import { peekRedemption } from './ledger-facts.ts'
import type { BundleEntry } from './wire.ts'

/** Where an operation stands. */
interface Spot {
  readonly entry: FinalEntry
  readonly index: number
}

interface Admitted extends Spot {
  readonly invitation: string
}

export interface Evidence {
  readonly batches: ReadonlyArray<{ readonly root: Uint8Array; readonly units: readonly number[] }>
  readonly hasOpening: boolean
  /** The entries that prove the opening, the batches, and the admission of `workers`. */
  prove(workers: Iterable<PeerId>): readonly BundleEntry[]
}

/**
 * Reads a whole ledger, oldest entry first, up to the last batch of the study. What is kept is the
 * opening, the batches, and the admissions; the caller's copy of the ledger has been verified.
 */
export async function gatherEvidence(
  checker: Checker,
  entries: AsyncIterable<FinalEntry> | Iterable<FinalEntry>,
  study: StudyId,
): Promise<Evidence> {
  const admissions = new Map<PeerId, Admitted>()
  const invitations = new Map<string, Spot & { readonly inviter: PeerId }>()
  const batches: (Spot & { root: Uint8Array; units: readonly number[] })[] = []
  let opening: Spot | undefined

  const addInvitation = async (bytes: Uint8Array, spot: Spot) => {
    const opened = await openInvitation(checker, bytes)
    if (opened.ok && !invitations.has(opened.id)) {
      invitations.set(opened.id, { ...spot, inviter: opened.inviter })
    }
  }

  const addAdmission = async ({ body }: OperationOf<'member.admit'>, spot: Spot) => {
    if (body.invitation !== undefined) await addInvitation(body.invitation, spot)
    const named = peekRedemption(body.redemption)
    if (!named.ok || admissions.has(named.peer)) return
    admissions.set(named.peer, { ...spot, invitation: named.invitation })
  }

  for await (const entry of entries) {
    for (const [index, { bytes, outcome }] of entry.ops.entries()) {
      if (!outcome.ok) continue
      const peeked = peekOperation(bytes)
      if (!peeked.ok) continue
      const { operation } = peeked
      const spot = { entry, index }
      if (operation.kind === 'invitation.create') {
        await addInvitation(operation.body.invitation, spot)
      } else if (operation.kind === 'member.admit') {
        await addAdmission(operation, spot)
      } else if (operation.kind === 'study.open' && operation.body.manifestId === study) {
        opening ??= spot
      } else if (operation.kind === 'study.batch' && operation.body.study === study) {
        batches.push({ ...spot, root: operation.body.root, units: operation.body.units })
      }
    }
  }

  return {
    batches,
    hasOpening: opening !== undefined,
    prove: (workers) => {
      const spots = new Map<string, Spot>()
      const add = (spot: Spot) => spots.set(`${spot.entry.height}/${spot.index}`, spot)
      const admit = (peer: PeerId) => {
        const admitted = admissions.get(peer)
        if (admitted === undefined || spots.has(`${admitted.entry.height}/${admitted.index}`))
          return
        add(admitted)
        const invitation = invitations.get(admitted.invitation)
        if (invitation === undefined) return
        add(invitation)
        admit(invitation.inviter)
      }
      if (opening !== undefined) add(opening)
      for (const batch of batches) add(batch)
      for (const peer of workers) admit(peer)
      return toEntries([...spots.values()])
    },
  }
}

function toEntries(spots: readonly Spot[]): BundleEntry[] {
  const sorted = spots.toSorted((a, b) => a.entry.height - b.entry.height || a.index - b.index)
  const entries: BundleEntry[] = []
  let height = 0
  for (const { entry, index } of sorted) {
    const { path, ...proof } = proveOperation(entry, index)
    const proven: BundleEntry[1][number] = [entry.ops[index]!.bytes, { ...proof, path: [...path] }]
    if (entry.height === height) entries.at(-1)![1].push(proven)
    else entries.push([{ ...entry.proof }, [proven]])
    height = entry.height
  }
  return entries
}
