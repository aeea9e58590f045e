/**
 * Builds what is missing or stale: the example studies' WebAssembly and the page. A build is stale
 * when the content of its sources differs from what its stamp recorded, so a second start is fast
 * and a changed clock or checkout does no harm.
 *
 * @module
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** The environment in which `node`, `vite` and the others are the ones this repository pins. */
export const toolEnvironment: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH ?? ''}`,
}

interface Target {
  readonly name: string
  /** Globs of everything whose content decides the output. */
  readonly sources: readonly string[]
  readonly except: (path: string) => boolean
  /** Files that must exist afterwards. */
  readonly output: string
  readonly command: readonly [program: string, ...args: string[]]
}

const isTest = (path: string) => /\.(test|fuzz)\.ts$/.test(path)

export const targets: readonly Target[] = [
  {
    name: 'penguins',
    sources: ['examples/penguins/{*.ts,package.json,assembly/**}', 'pnpm-lock.yaml'],
    except: isTest,
    output: 'examples/penguins/dist',
    command: ['node', 'examples/penguins/build.ts'],
  },
  {
    name: 'page',
    sources: [
      'apps/web/{*.ts,*.html,package.json,src/**,public/**}',
      'packages/*/{package.json,src/**}',
      'scripts/page-trims/**',
      'vite.config.ts',
      'pnpm-lock.yaml',
    ],
    except: isTest,
    output: 'apps/web/dist/index.html',
    command: existsSync(join(root, 'vite.config.ts'))
      ? ['vite', 'build', '--logLevel', 'warn']
      : ['vite', 'build', 'apps/web', '--logLevel', 'warn'],
  },
]

async function fingerprint(target: Target): Promise<string> {
  const paths = target.sources
    .flatMap((pattern) =>
      globSync(pattern, { cwd: root, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name)),
    )
    .filter((path) => !target.except(path))
    .sort()
  const hash = createHash('sha256').update(target.command.join(' '))
  for (const path of paths) {
    const content = createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
    hash.update(`\n${path.slice(root.length)} ${content}`)
  }
  return hash.digest('hex')
}

/** Runs a program with its output on stderr; rejects unless it ends with 0. */
function run([program, ...args]: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program!, args, {
      cwd: root,
      env: toolEnvironment,
      stdio: ['ignore', 2, 2],
    })
    child.on('error', reject)
    child.on('exit', (code, signal) =>
      code === 0
        ? resolve()
        : reject(new Error(`${[program, ...args].join(' ')} ended with ${code ?? signal}`)),
    )
  })
}

/** Builds every stale target, one after another. `force` ignores the stamps. */
export async function buildAll({ force = false } = {}): Promise<void> {
  for (const target of targets) {
    const stamp = join(root, '.cache', 'build', target.name)
    const wanted = await fingerprint(target)
    const built = existsSync(stamp) ? await readFile(stamp, 'utf8') : ''
    if (!force && built === wanted && existsSync(join(root, target.output))) continue
    console.error(`folkmoot: building ${target.name}…`)
    await run(target.command)
    if (!existsSync(join(root, target.output))) {
      throw new Error(`building ${target.name} left no ${target.output}`)
    }
    await mkdir(dirname(stamp), { recursive: true })
    await writeFile(stamp, wanted)
  }
}

if (import.meta.main) {
  try {
    await buildAll({ force: process.argv.includes('--force') })
  } catch (error) {
    console.error(`folkmoot: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
}
