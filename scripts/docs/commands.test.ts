import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createProgram } from '../../apps/cli/src/program.ts'
import { argumentsOf, commandLines, namedCommands } from './command-lines.ts'
import { guides, root, textOf } from './pages.ts'

type Command = ReturnType<typeof createProgram>

/** The command's own parser, with nothing behind it. */
function parser(complain: (text: string) => void = () => {}): Command {
  const surroundings = { stdout: process.stdout, stderr: process.stderr } as never
  const program = createProgram({ surroundings, exitCode: 0 }, { write: () => {}, complain })
  const disarm = (command: Command) => {
    for (const each of command.commands) disarm(each)
    if (command.commands.length === 0 || command.registeredArguments.length > 0) {
      command.action(() => {})
    }
  }
  disarm(program)
  return program
}

/** What the parser says against these arguments; undefined where it takes them. */
async function complaint(args: readonly string[]): Promise<string | undefined> {
  let said = ''
  const program = parser((text) => {
    said += text
  })
  try {
    await program.parseAsync([...args], { from: 'user' })
    return undefined
  } catch (error) {
    // Help and version end so, too.
    return (error as { exitCode?: number }).exitCode === 0 ? undefined : said || String(error)
  }
}

/** Whether these words lead to a command; what follows one without commands of its own are arguments. */
function exists(words: readonly string[]): boolean {
  let at = parser()
  for (const word of words) {
    if (at.commands.length === 0) return true
    const next = at.commands.find((command) => command.name() === word)
    if (next === undefined) return false
    at = next
  }
  return true
}

function flagsOf(command: Command): string[] {
  const own = command.options.flatMap(({ long, short }) => [long, short])
  return [...own.filter((flag) => flag != null), ...command.commands.flatMap(flagsOf)]
}

describe('the commands in the documents', () => {
  const shown = guides.flatMap((page) =>
    commandLines(textOf(page)).map((each) => [page, each.line, each.args] as const),
  )

  it('are many', () => expect(shown.length).toBeGreaterThan(30))

  it.each(shown)('%s: %s', async (_page, _line, args) => {
    expect(await complaint(args)).toBeUndefined()
  })

  it.each(guides)('that %s names in running text exist', (page) => {
    expect(namedCommands(textOf(page)).filter((words) => !exists(words))).toEqual([])
  })

  it('that error messages, hints and comments name exist', () => {
    const sources = globSync('{packages,apps}/*/src/**/*.{ts,tsx}', { cwd: root })
    const wrong = sources.flatMap((path) =>
      namedCommands(readFileSync(join(root, path), 'utf8'))
        .filter((words) => !exists(words))
        .map((words) => `${path}: folkmoot ${words.join(' ')}`),
    )
    expect(wrong).toEqual([])
  })

  it('would be refused with a flag, an argument or a command that does not exist', async () => {
    const wrong = [
      'folkmoot propose voter <peer> --stand-by',
      'folkmoot vote 3f9c yes no',
      'npx folkmoot ledger proof',
      'folkmoot refound start --into NEW',
      'npm start -- --stat ./moot',
    ]
    for (const line of wrong) expect(await complaint(argumentsOf(line)!), line).toBeDefined()
    expect(exists(['ledger', 'proof'])).toBe(false)
    expect(exists(['peer'])).toBe(false)
  })
})

describe('the flags in the documents', () => {
  // Of npm, Node and the AssemblyScript compiler.
  const foreign = '--silent --cpu-prof --use --runtime --initialMemory --maximumMemory'.split(' ')
  const scripts = globSync('{scripts,bench}/*.{ts,mjs}', { cwd: root })
    .map((path) => readFileSync(join(root, path), 'utf8'))
    .join('\n')
  const known = new Set([...flagsOf(parser()), '--help'])
  const isKnown = (flag: string) =>
    known.has(flag) ||
    foreign.includes(flag) ||
    new RegExp(`'?\\b${flag.slice(2)}'?: \\{ type:|'${flag}'`).test(scripts)

  it.each(guides)('%s names only such as exist', (page) => {
    const named = textOf(page).match(/(?<=[\s`(|])--[a-z][a-zA-Z-]*[a-zA-Z]/g) ?? []
    expect([...new Set(named)].filter((flag) => !isKnown(flag))).toEqual([])
  })
})
