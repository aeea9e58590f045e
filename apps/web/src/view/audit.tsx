/**
 * What left this browser and what came in, as the log holds it.
 *
 * @module
 */
import { useSignal } from '@preact/signals'
import type { AuditRow, PageActions, PageView } from '../view-model.ts'
import { words } from '../words.ts'
import { AuditEntry } from './audit-entry.tsx'
import { Region } from './region.tsx'
import { VerificationLine } from './verification-line.tsx'

type Filter = keyof typeof words.audit.filters

const FILTERS = Object.keys(words.audit.filters) as Filter[]
const SHOWN = 40

interface AuditProps {
  readonly view: PageView
  readonly actions: PageActions
}

export function Audit({ view, actions }: AuditProps) {
  const filter = useSignal<Filter>('all')
  const { rows, size, checkpoint } = view.audit
  const fitting = rows.filter((row) => fits(row, filter.value))
  return (
    <Region id="audit" title={words.regions.audit} lead={words.audit.lead(size)}>
      <div class="toolbar">
        <FilterPicker
          value={filter.value}
          onChange={(next) => {
            filter.value = next
          }}
        />
        <span class="spring" />
        <button type="button" class="quiet" onClick={() => actions.verifyAudit()}>
          {words.audit.verify}
        </button>
        <button type="button" class="quiet" onClick={() => actions.downloadAudit()}>
          {words.audit.export}
        </button>
      </div>
      <VerificationLine verification={view.auditVerification} running={words.audit.verify} />
      {fitting.length === 0 ? (
        <p class="muted">{rows.length === 0 ? words.audit.empty : words.audit.emptyFilter}</p>
      ) : (
        <ol class="entries" aria-label={words.regions.audit}>
          {fitting.slice(0, SHOWN).map((row) => (
            <AuditEntry key={row.seq} row={row} />
          ))}
        </ol>
      )}
      {filter.value === 'all' && size > rows.length && rows.length > 0 && (
        <p class="muted small">{words.audit.older(size - Math.min(rows.length, SHOWN))}</p>
      )}
      {checkpoint && (
        <p class="muted small">
          {`${words.audit.checkpoint}: `}
          <code class="wrap">{checkpoint}</code>
        </p>
      )}
    </Region>
  )
}

function fits(row: AuditRow, filter: Filter): boolean {
  if (filter === 'all') return true
  if (filter === 'refused') return row.decision === 'refused' || row.decision === 'failed'
  return row.direction === filter
}

interface FilterPickerProps {
  readonly value: Filter
  readonly onChange: (filter: Filter) => void
}

function FilterPicker({ value, onChange }: FilterPickerProps) {
  return (
    <fieldset class="picker">
      <legend class="visually-hidden">{words.audit.filterLabel}</legend>
      <span class="segments">
        {FILTERS.map((name) => (
          <label key={name}>
            <input
              type="radio"
              name="audit-filter"
              checked={name === value}
              onChange={() => onChange(name)}
            />
            <span>{words.audit.filters[name]}</span>
          </label>
        ))}
      </span>
    </fieldset>
  )
}
