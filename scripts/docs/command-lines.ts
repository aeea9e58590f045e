/**
 * Lines of shell blocks as the arguments that `folkmoot` would get from them.
 *
 * @module
 */
import { blocksOf } from './pages.ts'

/** How a page may call the command; `npm start` gives what follows `--` to `folkmoot relay`. */
const folkmoot = /^(?:npx )?folkmoot(?: (.*))?$/
const start = /^npm start(?: --silent)?(?: -- (.*))?$/

/** Words of a line; a placeholder such as `<peer>` is one, and so is what stands in quotes. */
function wordsOf(line: string): string[] {
  const plain = line.replaceAll(/<[^<>]*>/g, 'X').replaceAll(/\$\([^()]*\)/g, 'X')
  const command = plain.split(/\s(?:#|\||>)\s/)[0]!
  return [...command.matchAll(/(?:"[^"]*"|[^\s"])+/g)].map(([word]) => word.replaceAll('"', ''))
}

/** The arguments of one line, or undefined where it calls something else. */
export function argumentsOf(line: string): string[] | undefined {
  const called = folkmoot.exec(line)
  if (called) return wordsOf(called[1] ?? '')
  const started = start.exec(line.replace(/\s+#.*$/, ''))
  return started ? ['relay', ...wordsOf(started[1] ?? '')] : undefined
}

/** Every call of the command in a page's shell blocks, in loops and after `&&` too. */
export function commandLines(text: string): Array<{ line: string; args: string[] }> {
  const lines = blocksOf(text, 'sh').flatMap((block) => block.split('\n'))
  const calls = lines.flatMap((line) => line.split(/; do |; done|&&/))
  return calls.flatMap((each) => {
    const line = each.trim()
    const args = argumentsOf(line)
    return args === undefined ? [] : [{ line, args }]
  })
}

/** What a page calls by name in running text, such as `folkmoot refound start | sign`: words up to the first that is none of a command's. */
export function namedCommands(text: string): string[][] {
  const prose = text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '')
  const spans = prose.matchAll(/`(?:npx )?folkmoot ([^`]+)`/g)
  return [...spans].map(([, span]) => {
    const words = span!.split(/\s+/)
    const end = words.findIndex((word) => !/^[a-z][a-z-]*,?$/.test(word))
    const own = words.slice(0, end === -1 ? words.length : end)
    return own.map((word) => word.replace(',', ''))
  })
}
