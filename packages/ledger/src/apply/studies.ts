/**
 * Studies: opened, closed, and their final results in batches.
 *
 * @module
 */
import { MAX_STUDIES } from '../limits.ts'
import { peekNested } from '../nested-records.ts'
import type { OperationOf } from '../operation.ts'
import { isApproved } from './approval.ts'
import { type Applied, type Context, checkUnchanged, done, isRecorder, refused } from './context.ts'
import { hasUnit, withUnits } from './final-units.ts'

export function openStudy(
  context: Context,
  { manifest, manifestId }: OperationOf<'study.open'>['body'],
): Applied {
  const { facts, fed, at, signer } = context
  if (!isApproved(context, 'study.open', signer)) {
    return refused('ledger/not-allowed', 'this peer may not open a study')
  }
  const peeked = peekNested('manifest', manifest, fed)
  if (!peeked.ok) return peeked
  const { value, signer: author, id } = peeked
  if (id !== manifestId) return refused('ledger/malformed', 'the manifest has another id')
  if (facts.study.get(id)) return refused('ledger/study-exists', 'the study is recorded already')
  if (value.expires <= at.time) return refused('ledger/study-expired', 'the study has run out')
  if (facts.study.entries.size >= MAX_STUDIES) return refused('ledger/full', 'no more studies fit')
  const unchanged = checkUnchanged(context, undefined)
  if (!unchanged.ok) return unchanged
  facts.manifest.set(id, manifest)
  facts.final.set(id, new Uint8Array(Math.ceil(value.units / 8)))
  facts.study.set(id, {
    author,
    opener: signer,
    units: value.units,
    expires: value.expires,
    closed: false,
    final: 0,
    batches: 0,
    reports: 0,
    opened: at.time,
    height: at.height,
  })
  return done
}

export function closeStudy(
  context: Context,
  { study: id }: OperationOf<'study.close'>['body'],
): Applied {
  const { facts, signer, charter, at } = context
  const study = facts.study.get(id)
  if (!study) return refused('ledger/study-unknown', 'no such study is recorded')
  const may = [charter.founder, study.author, study.opener].includes(signer) || context.approved
  if (!may) {
    return refused('ledger/not-allowed', 'author, opener or founder close a study')
  }
  if (study.closed) return refused('ledger/study-closed', 'the study is closed already')
  const unchanged = checkUnchanged(context, study.height)
  if (!unchanged.ok) return unchanged
  facts.study.set(id, { ...study, closed: true, height: at.height })
  return done
}

/**
 * Records final results. Accepted after the study's expiry too: what was computed in time may wait
 * for a recorder that was away.
 */
export function recordBatch(context: Context, body: OperationOf<'study.batch'>['body']): Applied {
  const { facts, signer, at } = context
  if (!isRecorder(context, signer)) {
    return refused('ledger/not-allowed', 'founder and voters record batches')
  }
  const study = facts.study.get(body.study)
  const before = facts.final.get(body.study)
  if (!study || !before) return refused('ledger/study-unknown', 'no such study is recorded')
  if (study.closed) return refused('ledger/study-closed', 'the study is closed')
  const units = checkUnits(body, study.units, before)
  if (!units.ok) return units
  const credits = checkCredits(context, body)
  if (!credits.ok) return credits
  const unchanged = checkUnchanged(context, study.height)
  if (!unchanged.ok) return unchanged

  facts.final.set(body.study, withUnits(before, body.units))
  facts.batch.set(`${body.study}/${study.batches}`, {
    root: body.root,
    units: body.units,
    operation: context.id,
    time: at.time,
    height: at.height,
  })
  facts.study.set(body.study, {
    ...study,
    final: study.final + body.units.length,
    batches: study.batches + 1,
    height: at.height,
  })
  for (const [peer, results] of body.credits) {
    facts.credit.set(peer, (facts.credit.get(peer) ?? 0) + results)
  }
  return done
}

function checkUnits(
  { count, units }: OperationOf<'study.batch'>['body'],
  studyUnits: number,
  final: Uint8Array,
): Applied {
  if (count !== units.length) return refused('ledger/batch-units', 'count is not that of its units')
  let last = -1
  for (const unit of units) {
    if (unit <= last) return refused('ledger/batch-units', 'units are not ascending')
    if (unit >= studyUnits) return refused('ledger/batch-units', `the study has no unit ${unit}`)
    if (hasUnit(final, unit)) return refused('ledger/batch-final', `unit ${unit} is final already`)
    last = unit
  }
  return done
}

function checkCredits(
  { facts }: Context,
  { credits, units }: OperationOf<'study.batch'>['body'],
): Applied {
  let last = ''
  for (const [peer, results] of credits) {
    if (peer <= last) return refused('ledger/batch-credits', 'credited peers are not ascending')
    if (results > units.length) {
      return refused('ledger/batch-credits', 'more results than the batch has units')
    }
    if (!facts.member.get(peer)) {
      return refused('ledger/batch-credits', 'a credited peer never was a member')
    }
    last = peer
  }
  return done
}
