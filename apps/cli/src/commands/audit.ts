/**
 * `folkmoot audit query | export | verify`.
 *
 * @module
 */
import type { Command } from 'commander'
import { auditPageSchema } from '../admin-api.ts'
import { act, countArgument, instantArgument, type Runner } from '../command-context.ts'
import { VerificationFailure } from '../exit-codes.ts'
import { shortId, textFacts, textInstant, textTable } from '../text-table.ts'
import type { AuditVerification } from '../verify-audit.ts'

interface QueryOptions {
  readonly from?: number
  readonly limit?: number
  readonly since?: number
  readonly until?: number
  readonly peer?: string
  readonly action?: string
  readonly direction?: string
  readonly decision?: string
  readonly capability?: string
}

export function addAudit(program: Command, runner: Runner): void {
  const audit = program.command('audit').description('what crossed the boundary, and who asked')

  const query = audit
    .command('query')
    .description('entries of the log; the options narrow each other')
    .option('--from <seq>', 'first sequence number', countArgument)
    .option('--limit <n>', 'how many (100)', countArgument)
    .option('--since <when>', 'a date, or 2h for "2 hours ago"', instantArgument)
    .option('--until <when>', 'a date, or 2h for "2 hours ago"', instantArgument)
    .option('--peer <id>', 'with this peer')
    .option('--action <name>', 'call, result, unit, operation, admission, consent, refusal, …')
    .option('--direction <way>', 'out, in or local')
    .option('--decision <what>', 'allowed, refused, done or failed')
    .option('--capability <name>', 'of this capability')
  act<[QueryOptions]>(runner, query, async ({ admin, output }, options) => {
    const names = ['from', 'limit', 'since', 'until', 'peer', 'action', 'direction'] as const
    const search = new URLSearchParams()
    for (const name of [...names, 'decision', 'capability'] as const) {
      if (options[name] !== undefined) search.set(name, String(options[name]))
    }
    const page = await (await admin()).get(`/v1/audit?${search}`, auditPageSchema)
    output.data('audit', page, ({ entries }) =>
      textTable(
        ['seq', 'time', 'way', 'action', 'peer', 'decision', 'content'],
        entries.map((entry) => [
          String(entry.seq),
          textInstant(entry.at),
          entry.direction,
          entry.capability ?? entry.action,
          entry.peer === null ? '-' : shortId(entry.peer),
          entry.reason === null ? entry.decision : `${entry.decision}: ${entry.reason}`,
          entry.content ??
            (entry.contentHash === null ? '' : `sha256 ${shortId(entry.contentHash)}`),
        ]),
      ),
    )
    if (page.next !== null) output.note(`more: --from ${page.next}`)
    return undefined
  })

  const save = audit
    .command('export')
    .description('the whole log in one file')
    .requiredOption('-o, --output <file>', 'where to write it')
    .option('--as <form>', 'cbor, which can be verified, or jsonl, which can be read', 'cbor')
  act<[{ output: string; as: string }]>(runner, save, async (context, options) => {
    const form = options.as === 'jsonl' ? 'jsonl' : 'cbor'
    const bytes = await (await context.admin()).bytes(`/v1/audit/export?format=${form}`)
    await context.writeNew(options.output, bytes)
    const data = { file: options.output, bytes: bytes.length }
    context.output.data('audit-export', data, ({ file }) => file)
    return undefined
  })

  const verify = audit
    .command('verify')
    .description(
      'check chain, proofs and signatures, and compare with the checkpoints of this log on the ledger; offline, or of the running relay',
    )
    .argument('[file]', 'an export (cbor); without it the running relay is asked')
    .option('--ledger <file>', 'with a file: an export of the ledger to compare it with')
  act<[string | undefined, { ledger?: string }]>(
    runner,
    verify,
    async ({ admin, output, read }, file, options) => {
      const relay = file === undefined ? await admin() : undefined
      // The ledger first: a checkpoint that comes to it in between is of a log that is not here yet.
      const ledger =
        options.ledger !== undefined
          ? await read(options.ledger)
          : await relay?.bytes('/v1/ledger/export')
      const bytes = relay ? await relay.bytes('/v1/audit/export?format=cbor') : await read(file!)
      const { verifyAudit } = await import('../verify-audit.ts')
      const verdict = await verifyAudit(bytes, ledger)
      if (!verdict.ok) throw new VerificationFailure(verdict.fault.code, verdict.fault.message)
      const { ok: _, ...report } = verdict
      output.data('audit-verification', report, (shown) =>
        textFacts([
          ['verified', 'entries, tree and checkpoints agree'],
          ['peer', shown.peer],
          ['federation', shown.fed],
          ['entries', shown.entries],
          ['root', shown.root],
          [
            'checkpoints',
            `${shown.checkpoints}${shown.unsigned > 0 ? `; ${shown.unsigned} entries after the last one are signed by nobody` : ''}`,
          ],
          ['on the ledger', anchorWords(shown)],
          ['begun anew', begunWords(shown)],
          ['erased', shown.erased > 0 ? shown.erased : undefined],
          ['without outcome', shown.open > 0 ? shown.open : undefined],
          [
            'dropped at reopening',
            shown.droppedBytes === 0 ? undefined : `${shown.droppedBytes} B`,
          ],
        ]),
      )
      return undefined
    },
  )
}

type Report = Pick<AuditVerification, 'anchored' | 'earlier' | 'entries' | 'previous' | 'reason'>

/** What nobody can take back, and what its owner still could. */
function anchorWords({ anchored, entries }: Report): string {
  if (anchored === null) {
    return 'not compared: its owner could have written it anew (--ledger FILE compares)'
  }
  const { matching, size, ofEarlierLogs } = anchored
  const others = ofEarlierLogs > 0 ? `; ${ofEarlierLogs} of the logs before it` : ''
  if (matching === 0) return `no checkpoint of this log${others}`
  const kept = `${matching} ${matching === 1 ? 'checkpoint agrees' : 'checkpoints agree'}`
  return `${kept}, the newest covers ${size} of ${entries} entries${others}`
}

function begunWords({ reason, previous, earlier }: Report): string | undefined {
  if (reason === 'first') return undefined
  const why = reason === 'lost' ? 'entries were lost' : 'entries were damaged'
  if (previous === null) return `because ${why}`
  const sizes = [previous, ...(earlier ?? [])].map(({ size }) => size)
  return `because ${why}; the log before it had at least ${sizes.join(', the one before that ')}`
}
