/**
 * A member in a process of its own, for tests that kill it: joins by a link, works on every study,
 * and says in JSON lines what becomes of it. SIGTERM stops it in peace, after its log was verified.
 *
 * @example node work-until-killed.ts <state> <link> <share of a core>
 *
 * @module
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sha256, toHex } from '@folkmoot/codec'
import { createPeer } from '@folkmoot/federation'
import { nodePlatform } from '@folkmoot/federation/node'
import { createChecker, decodeInviteFragment, openInvitation } from '@folkmoot/identity'

const [state = '', link = '', share = '1'] = process.argv.slice(2)
const say = (line: Record<string, unknown>) => process.stdout.write(`${JSON.stringify(line)}\n`)

const opened = decodeInviteFragment(link)
if (!opened.ok) throw new Error(opened.fault.message)
const platform = await nodePlatform({ state, listen: [] })
const invitation = await openInvitation(createChecker(platform.verifier), opened.invitation)
if (!invitation.ok) throw new Error(invitation.fault.message)

const charterFile = join(state, 'charter.cbor')
if (!existsSync(charterFile)) {
  const answer = await fetch(new URL('/charter', link))
  writeFileSync(charterFile, new Uint8Array(await answer.arrayBuffer()))
}

const peer = await createPeer({
  platform,
  charter: Uint8Array.from(readFileSync(charterFile)),
  role: {
    kind: 'member',
    relays: invitation.invitation.relays,
    invitation: { bytes: opened.invitation, seed: opened.seed },
  },
  nickname: 'worker',
  onStep: (step) => say({ event: 'step', step }),
})
// Before anything is said that a test may answer with a signal.
process.once('SIGTERM', async () => {
  const final = await peer.audit.verify()
  say({ event: 'stopping', audit: final.ok })
  await peer.stop()
  say({ event: 'stopped' })
  process.exit(0)
})

const verdict = await peer.audit.verify()
const { replaced, interrupted } = peer.audit.recovery
say({
  event: 'ready',
  peer: peer.me,
  audit: verdict.ok,
  logId: peer.audit.logId,
  replaced,
  interrupted,
})

const tellEntries = async (from: number) => {
  for (let at = from; at <= peer.ledger.status().height; at++) {
    const [entry] = await peer.ledger.entries(at, 1)
    say({ event: 'entry', height: at, hash: toHex(sha256(entry!)) })
  }
}
await tellEntries(1)
peer.ledger.onFinal(({ height }) => void tellEntries(height))

let halted = ''
const agreed = new Set<string>()
const watch = () => {
  const fault = peer.ledger.status().halted
  if (fault !== undefined && fault.code !== halted) {
    halted = fault.code
    say({ event: 'halted', code: halted })
  }
  for (const { study, results, manifest } of peer.studies.rooms()) {
    if (!agreed.has(study)) peer.studies.permit(study, { share: Number(share) })
    agreed.add(study)
    peer.studies.contribute(study, Number(share))
    let mine = 0
    for (let unit = 0; unit < manifest.units; unit++) {
      if (results.ofUnit(unit).some((result) => result.peer === peer.me)) mine += 1
    }
    const final = peer.ledger.state.state().study(study)?.final ?? 0
    say({ event: 'study', study, mine, final, units: manifest.units })
  }
}
watch()
peer.onChange(watch)
