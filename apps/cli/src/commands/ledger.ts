/**
 * `folkmoot ledger show | export | prove | verify`.
 *
 * @module
 */
import { errorCode, errorMessage } from '@folkmoot/base'
import { type Command, Option } from 'commander'
import { type LedgerCheck, ledgerCheckSchema, ledgerPageSchema } from '../admin-api.ts'
import type { AdminClient } from '../admin-client.ts'
import { act, countArgument, type Runner } from '../command-context.ts'
import { VerificationFailure } from '../exit-codes.ts'
import { isFactFile, type ShownFact } from '../fact-words.ts'
import { textFacts, textInstant, textTable } from '../text-table.ts'

interface ShowOptions {
  readonly from?: number
  readonly limit: number
  readonly last?: number
}

export function addLedger(program: Command, runner: Runner): void {
  const ledger = program.command('ledger').description('what the federation has agreed on')

  const show = ledger
    .command('show')
    .description('final entries with their operations, the newest last')
    .addOption(
      new Option('--last <n>', 'the newest ones (20)').argParser(countArgument).conflicts('from'),
    )
    .option('--from <height>', 'those from a height on', countArgument)
    .option('--limit <n>', 'with --from: how many', countArgument, 50)
  act<[ShowOptions]>(runner, show, async ({ admin, output }, { from, limit, last = 20 }) => {
    const wanted = from === undefined ? { last: `${last}` } : { from: `${from}`, limit: `${limit}` }
    const query = new URLSearchParams(wanted)
    const page = await (await admin()).get(`/v1/ledger?${query}`, ledgerPageSchema)
    output.data('ledger', page, ({ entries }) =>
      textTable(
        ['height', 'time', 'epoch', 'final by', 'operation', 'what', 'outcome'],
        entries.flatMap(({ height, time, epoch, finality, ops }) =>
          ops.map((op) => [
            String(height),
            textInstant(time),
            String(epoch),
            finality,
            op.kind,
            op.summary,
            op.outcome === 'applied' ? 'applied' : `refused: ${op.reason ?? ''}`,
          ]),
        ),
      ),
    )
    if (page.next !== null) output.note(`more: --from ${page.next}`)
    return undefined
  })

  const save = ledger
    .command('export')
    .description('charter and every entry in one file')
    .requiredOption('-o, --output <file>', 'where to write it')
  act<[{ output: string }]>(runner, save, async ({ admin, output, writeNew }, options) => {
    const bytes = await (await admin()).bytes('/v1/ledger/export')
    await writeNew(options.output, bytes)
    output.data('ledger-export', { file: options.output, bytes: bytes.length }, ({ file }) => file)
    return undefined
  })

  const prove = ledger
    .command('prove')
    .description('one fact in a file that anyone can verify, without this federation')
    .argument(
      '<key>',
      'member/PEER, voters/EPOCH, study/ID, batch/ID/N, checkpoint/PEER, evidence/PEER, proposal/ID, role/PEER, …',
    )
    .requiredOption('-o, --output <file>', 'where to write it')
  act<[string, { output: string }]>(
    runner,
    prove,
    async ({ admin, output, writeNew }, key, options) => {
      const query = new URLSearchParams({ key })
      const bytes = await (await admin()).bytes(`/v1/ledger/prove?${query}`)
      const data = await verifiedFact(bytes)
      await writeNew(options.output, bytes)
      if (data.fact === null) output.note(`there is no ${key}: the file proves that`)
      output.data('fact-proof', { file: options.output, ...data }, ({ file }) => file)
      return undefined
    },
  )

  const verify = ledger
    .command('verify')
    .description(
      'replay every entry, offline from an export, or from the running relay, which asks other peers too; or check the proof of one fact',
    )
    .argument('[file]', 'an export, or the proof of a fact; without it the running relay is asked')
    .option('--federation <id>', 'the federation that it must be')
  act<[string | undefined, { federation?: string }]>(
    runner,
    verify,
    async ({ admin, output, read }, file, { federation }) => {
      const relay = file === undefined ? await admin() : undefined
      const bytes = relay ? await relay.bytes('/v1/ledger/export') : await read(file!)
      if (!relay && isFactFile(bytes)) {
        const verified = await verifiedFact(bytes, federation)
        output.data('fact-verification', verified, textFact)
        return undefined
      }
      const { verifyLedgerExport } = await import('../verify-ledger.ts')
      const verdict = await verifyLedgerExport(bytes, federation)
      if (!verdict.ok) throw new VerificationFailure(verdict.fault.code, verdict.fault.message)
      const { ok: _, ...replayed } = verdict
      const others = relay ? await askOthers(relay) : null
      const report = { ...replayed, others }
      output.data('ledger-verification', report, (shown) =>
        textFacts([
          [
            'verified',
            'every entry follows from the one before, and was made final by those who decided then',
          ],
          ['federation', shown.federation],
          ['founder', shown.founder],
          ['height', shown.height],
          ['epoch', shown.epoch],
          ['decides', decidersOf(shown)],
          ['operations', `${shown.operations}, ${shown.refused} of them refused when applied`],
          ['members', shown.members],
          ...shown.lied.map((peer): [string, string] => [
            'lied',
            `${peer}, a voter, by signatures of its own that contradict each other`,
          ]),
          ...othersWords(shown.others),
        ]),
      )
      return undefined
    },
  )
}

/** @throws VerificationFailure */
async function verifiedFact(bytes: Uint8Array, federation?: string): Promise<ShownFact> {
  const { verifyFactProof } = await import('../verify-fact.ts')
  const verdict = await verifyFactProof(bytes, federation)
  if (!verdict.ok) throw new VerificationFailure(verdict.fault.code, verdict.fault.message)
  return verdict.shown
}

function textFact({ key, fact, federation, ...shown }: ShownFact): string {
  const { height, epoch, time, signers, voters } = shown
  return textFacts([
    ['verified', 'this was so in the state that was decided, from the charter on'],
    ['fact', key],
    ['says', fact === null ? 'there is no such fact' : fact],
    ['federation', federation],
    ['at height', `${height}, ${textInstant(time)}`],
    ['epoch', epoch],
    ['signed by', epoch === 0 ? 'the founder alone' : `${signers.length} of ${voters} voters`],
    ...signers.map((peer): [string, string] => ['', peer]),
  ])
}

function decidersOf({ epoch, voters }: { epoch: number; voters: number }): string {
  if (epoch === 0) return 'the founder alone'
  return voters === 1 ? 'one voter alone' : `${voters} voters`
}

/** What the relay's peers prove; a failed check of it is one of the ledger. */
async function askOthers(relay: AdminClient): Promise<LedgerCheck> {
  try {
    return await relay.get('/v1/ledger/check', ledgerCheckSchema)
  } catch (error) {
    const code = errorCode(error, 'cli/relay-answer')
    if (!code.startsWith('consensus/')) throw error
    throw new VerificationFailure(code, code === 'consensus/fork' ? FORKED : errorMessage(error))
  }
}

const FORKED =
  'two histories were decided, and both are signed: believe neither. The proof is kept in this peer’s state and audit log, and voters whom it convicts were reported'

function othersWords(others: LedgerCheck | null): [string, string][] {
  if (!others) return []
  const { answered, confirmedBy, stale } = others
  const confirmed =
    answered === 0
      ? 'checked here; no other peer could be asked'
      : `${confirmedBy} of ${answered} other peers asked prove the same history`
  const rows: [string, string][] = [['others', confirmed]]
  if (stale)
    rows.push(['age', 'the newest entry is older than two heartbeats: there may be newer ones'])
  return rows
}
