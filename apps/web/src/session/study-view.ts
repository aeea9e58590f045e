/**
 * A study's manifest in the page's words.
 *
 * @module
 */
import type { FieldRule } from '@folkmoot/guard'
import type { OpenedManifest } from '@folkmoot/studies'
import type { DeclaredField, StudyView } from '../view-model.ts'
import { declaredWords, ruleWords } from './study-words.ts'

const pageBytes = 65_536

function declared(name: string, field: FieldRule): DeclaredField {
  return { name, what: declaredWords(field) }
}

export function studyView(opened: OpenedManifest, state: StudyView['state']): StudyView {
  const { manifest } = opened
  const fields = Object.entries(manifest.dataOut).map(([name, field]) => declared(name, field))
  const { validation, limits } = manifest
  return {
    id: opened.study,
    question: manifest.question,
    title: manifest.title,
    purpose: manifest.purpose,
    author: manifest.author,
    contact: manifest.contact,
    licence: manifest.licence,
    units: manifest.units,
    validation: ruleWords(validation),
    independence: validation.distinct === 'root' ? 'roots' : 'not-checked',
    leaves: fields.map(({ name }) => name),
    declared: fields,
    limits: {
      stepMs: limits.stepMs,
      unitMs: limits.unitMs,
      memoryMiB: (limits.memoryPages * pageBytes) / 1_048_576,
    },
    code: manifest.code,
    state,
  }
}
