/**
 * What failed, in a few lines each, out of the reports of vitest and Playwright: `npm test` says it
 * again at its very end, where a log that was cut off still shows it.
 *
 * @module
 */

/** Lines of a message that are told; the whole of it stands where the test ran. */
const LINES = 8

interface VitestReport {
  readonly testResults: ReadonlyArray<{
    readonly name: string
    readonly status: string
    readonly message?: string
    readonly assertionResults: ReadonlyArray<{
      readonly fullName: string
      readonly status: string
      readonly failureMessages?: readonly string[] | null
    }>
  }>
}

interface PlaywrightSuite {
  readonly title: string
  readonly suites?: readonly PlaywrightSuite[]
  readonly specs?: ReadonlyArray<{
    readonly title: string
    readonly ok: boolean
    readonly tests: ReadonlyArray<{
      readonly results: ReadonlyArray<{ readonly errors?: ReadonlyArray<{ message?: string }> }>
    }>
  }>
}

/** One line that says which, then the first lines of what it said, indented. */
function told(which: string, message: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of the terminal are control characters.
  const plain = message.replace(/\u001b\[[0-9;]*m/g, '')
  const lines = plain.split('\n').filter((line) => line.trim() !== '')
  return [which, ...lines.slice(0, LINES).map((line) => `    ${line}`)].join('\n')
}

/** The failed tests, and the files that failed to load, of vitest's JSON report. */
export function vitestFailures(report: VitestReport, root: string): string[] {
  return report.testResults.flatMap((file) => {
    const path = file.name.replace(`${root}/`, '')
    const failed = file.assertionResults.filter(({ status }) => status === 'failed')
    if (file.assertionResults.length === 0 && file.status === 'failed')
      return [told(path, file.message ?? '')]
    return failed.map((test) =>
      told(`${path} › ${test.fullName}`, (test.failureMessages ?? []).join('\n')),
    )
  })
}

/** The failed tests of Playwright's JSON report; its outermost suites are files. */
export function playwrightFailures(suites: readonly PlaywrightSuite[], within = ''): string[] {
  return suites.flatMap((suite) => {
    const here = within === '' ? suite.title : `${within} › ${suite.title}`
    const failed = (suite.specs ?? []).filter(({ ok }) => !ok)
    return [
      ...failed.map((spec) => {
        const errors = spec.tests.flatMap(({ results }) => results.at(-1)?.errors ?? [])
        return told(`${here} › ${spec.title}`, errors.map(({ message }) => message).join('\n'))
      }),
      ...playwrightFailures(suite.suites ?? [], here),
    ]
  })
}
