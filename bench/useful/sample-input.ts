/**
 * The input of one unit, as a federation would make it.
 *
 * @module
 */
import type { penguinsStudy } from '@folkmoot/example-penguins'
import { type Manifest, type StudyId, unitInput } from '@folkmoot/studies'

type PenguinsFields = Awaited<ReturnType<typeof penguinsStudy>>['fields']

export function sampleInput(fields: PenguinsFields, unit = 0): Uint8Array {
  const study = '00'.repeat(32) as StudyId
  return unitInput(fields as unknown as Manifest, study, unit, [])
}
