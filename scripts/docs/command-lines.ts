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

/** Every line of a page's shell blocks that calls the command. */
export function commandLines(text: string): Array<{ line: string; args: string[] }> {
  const lines = blocksOf(text, 'sh').flatMap((block) => block.split('\n'))
  return lines.flatMap((each) => {
    const line = each.trim()
    const args = argumentsOf(line)
    return args === undefined ? [] : [{ line, args }]
  })
}
