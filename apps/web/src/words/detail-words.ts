/**
 * English texts: the peers, the log and what lies behind Details, but for Decisions.
 *
 * @module
 */
import { plural } from './count-words.ts'

export const detailWords = {
  peers: {
    lead: (links: number, here: number) =>
      `${plural(links, 'link', 'links')}, ${plural(here, 'peer', 'peers')} present`,
    you: 'You',
    kinds: { direct: 'direct', relayed: 'relayed', websocket: 'WebSocket' } as const,
    kindHints: {
      direct: 'browser to browser (WebRTC)',
      relayed: 'through the relay, sealed end to end',
      websocket: 'to the relay',
    } as const,
    noLink: 'no link',
    status: { here: 'here', suspect: 'silent', gone: 'gone' } as const,
    heads: ['Peer', 'Link', 'Round trip', 'Final results'],
    topology: 'Who is connected to this browser, and how',
    empty: 'Nobody else is here yet. As soon as someone opens the link, they appear.',
    more: (n: number) =>
      `${plural(n, 'more peer is', 'more peers are')} present without a link to you.`,
  },

  audit: {
    lead: (n: number) =>
      `What left this browser, and what came in. ${plural(n, 'entry', 'entries')}, none can be changed afterwards.`,
    filters: { all: 'All', out: 'Left', in: 'Came in', refused: 'Refused' } as const,
    filterLabel: 'Show',
    direction: { out: 'left', in: 'came', local: 'here' } as const,
    content: 'Content as sent',
    noContent: 'No content was kept for this entry.',
    heads: ['Time', 'Way', 'What', 'Peer', 'Size'],
    empty: 'Nothing has left and nothing has come in.',
    emptyFilter: 'No entry of this kind.',
    older: (n: number) => `${n} older ${n === 1 ? 'entry' : 'entries'} in the export.`,
    verify: 'Verify the log',
    export: 'Export the log',
    checkpoint: 'Last signed checkpoint',
    self: 'this browser',
  },

  details: {
    summary: 'Details',
    hint: 'Study, guard, decisions, trust, history, identity, limits',
    away: 'This part comes from the relay, which is out of reach. It opens when the relay is back.',
  },

  study: {
    title: 'Title',
    purpose: 'Purpose',
    author: 'Author',
    contact: 'Contact',
    licence: 'Licence',
    validation: 'Accepted when',
    independence: 'Independence',
    roots: 'counted by invitation, not by browser',
    code: 'Code',
    id: 'Study id',
    state: 'State',
    states: {
      open: 'open',
      complete: 'complete, not recorded yet',
      recorded: 'recorded',
      closed: 'closed',
    } as const,
    others: 'Other studies here',
    report: 'Report this study',
    stop: 'Stop this study here',
    reportTitle: 'Report this study',
    reportText: 'The report goes to the federation’s founder, signed with your key.',
    reportReason: 'What is wrong with it?',
    reportPlaceholder: 'For example: it does not do what it says',
    send: 'Send report',
    cancel: 'Cancel',
    sent: 'The report was handed over.',
  },

  guard: {
    lead: 'Only these may leave. Anything else a result holds stops the whole result.',
    heads: ['Field', 'May be'],
    empty: 'This study declares no field, so nothing of it may leave.',
  },

  trust: {
    lead: 'Results that became final, by peer. Nothing else counts as credit, and a count alone grants no right.',
    heads: ['Peer', 'Final results', 'Share'],
    empty: 'No result is final yet.',
    you: 'you',
  },

  history: {
    lead: 'Since this tab was opened.',
    rate: 'Units per minute',
    mine: 'you',
    all: 'everyone',
    latency: 'Time per stage',
    median: 'typical',
    slow: 'slowest twentieth',
    rateSummary: (mine: string, all: string) =>
      `Lately ${mine} units a minute by you, ${all} by everyone.`,
    latencySummary: (stage: string, time: string) => `${stage} takes longest: typically ${time}.`,
    empty: 'Not enough has happened to draw a line.',
    table: 'As a table',
    ago: 'Ago',
    now: 'now',
    stage: 'Stage',
  },

  identity: {
    lead: 'A key that lives in this browser and cannot be read out, not even by this page.',
    peer: 'Your peer id',
    federation: 'Federation',
    purpose: 'Purpose',
    fingerprint: 'Fingerprint',
    founder: 'Founder',
    contact: 'Contact',
    privacy: 'Privacy',
    none: 'none: this browser has not joined',
  },

  limits: {
    lead: 'How much of one core work may take.',
  },

  share: {
    lead: 'Whoever has this link can join until it is used up.',
    qr: 'The same link, to scan',
    loopback:
      'This link works on this machine only. For others, start the relay with --public and an https address.',
    show: 'Show QR code',
    copy: 'Copy link',
  },
}
