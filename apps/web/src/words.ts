/**
 * Every English text of the page, in one place. Another language is another object of the
 * same shape; nothing outside this file holds a sentence for a person to read.
 *
 * @module
 */
import { decisionWords } from './decision-words.ts'
import type { PauseReason, Tile } from './view-model.ts'

const plural = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`

const list = (items: readonly string[]): string =>
  items.length < 2
    ? (items[0] ?? '')
    : `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`

const english = {
  product: 'Folkmoot',
  list,

  actions: {
    join: 'Join',
    pause: 'Pause',
    resume: 'Resume',
    finish: 'Finish',
    leave: 'Leave',
    finishHint: 'Finish this unit, then stop',
    verify: 'Verify in this tab',
    downloadProof: 'Download proof',
    runAgain: 'Run again',
    reload: 'Reload',
    copy: 'Copy',
    copied: 'Copied',
    close: 'Close',
  },

  regions: {
    now: 'Now',
    study: 'Study',
    peers: 'Peers',
    decisions: 'Decisions',
    trust: 'Trust',
    audit: 'Audit',
    guard: 'Guard',
    identity: 'Identity',
    history: 'History',
    share: 'Invite others',
    limits: 'Limits',
    answer: 'Answer',
    units: 'Units',
  },

  title: { invited: 'Invitation' },

  loading: {
    title: 'Opening',
    withInvitation: 'Reading the invitation and checking who signed it.',
    withoutInvitation: 'Looking for a federation that this browser already belongs to.',
    nothingYet: 'Nothing has been joined, stored or sent.',
  },

  refusal: {
    kicker: 'The page stops here',
    remedy: 'What you can do',
    code: 'Code for a report',
  },

  refusals: {
    'page/insecure-context': {
      title: 'This address is not safe to join from',
      explanation:
        'The page came over plain http from another machine. Anyone on the way could have changed it, and browsers switch off the key that would be your identity.',
      remedy:
        'Ask for a link that starts with https://, or open it on the machine that runs the relay.',
    },
    'page/no-ed25519': {
      title: 'This browser cannot make the key it needs',
      explanation:
        'Your identity here is an Ed25519 key that never leaves the browser. This one does not offer it.',
      remedy:
        'Update the browser: Chrome or Edge 137, Firefox 129 and Safari 17 have it, and later ones.',
    },
    'page/no-indexeddb': {
      title: 'This browser gives the page no place to keep your key',
      explanation:
        'The key and the log of what left are kept in IndexedDB. It is missing or switched off here.',
      remedy: 'Allow site data for this address, or open the link in another browser.',
    },
    'page/no-web-locks': {
      title: 'This browser cannot keep two tabs apart',
      explanation:
        'Web Locks let exactly one tab work at a time. Without them two tabs would sign with one key and contradict each other.',
      remedy: 'Update the browser, or open the link in another one.',
    },
    'page/invitation-expired': {
      title: 'This invitation has expired',
      explanation:
        'An invitation is good for a few days. This one was genuine, and its time is over.',
      remedy: 'Ask the person who sent it for a new link.',
    },
    'page/invitation-used-up': {
      title: 'This invitation has been used up',
      explanation: 'Each link admits a set number of people, and this one has admitted them all.',
      remedy:
        'Ask the person who sent it for a new link. If you joined before, open it in that browser.',
    },
    'page/invitation-withdrawn': {
      title: 'This invitation was withdrawn',
      explanation:
        'It was genuine, but whoever sent it has taken it back since, so it admits nobody else.',
      remedy:
        'Ask the person who sent it for a new link. If you joined before, open it in that browser.',
    },
    'page/invitation-forged': {
      title: 'This invitation was not signed by its federation',
      explanation:
        'Its signature does not fit its text: it was damaged on the way, or someone changed it.',
      remedy: 'Ask for the link again, and copy it whole. Do not join through this one.',
    },
    'page/no-invitation': {
      title: 'You need an invitation to join',
      explanation:
        'This browser belongs to no federation at this address yet, and the link brought no invitation along.',
      remedy: 'Open the full link that you were given; it goes on after a # sign.',
    },
    'page/too-old': {
      title: 'This page is older than its relay',
      explanation:
        'The relay has been updated since the tab was opened, and they no longer understand each other.',
      remedy: 'Reload the page. Your key and everything you computed stay.',
    },
    'page/clock-off': {
      title: 'Your clock is wrong',
      explanation:
        'Messages are dated, and others must refuse those that come from the past or the future.',
      remedy: 'Set the clock of this machine, then reload the page.',
    },
    'page/charter-mismatch': {
      title: 'This is not the federation you were invited to',
      explanation:
        'The charter that this address serves does not match the fingerprint in your link. Someone may be posing as the federation.',
      remedy: 'Do not join. Show the person who invited you this message.',
    },
    'page/relay-unreachable': {
      title: 'The relay does not answer',
      explanation:
        'The page is here, but the relay that introduces peers to each other cannot be reached.',
      remedy: 'Wait a moment and reload. If it stays so, tell the person who sent you the link.',
    },
    'page/revoked': {
      title: 'This key has been revoked',
      explanation: 'The federation no longer accepts anything signed by the key in this browser.',
      remedy: 'Write to the contact below if you think that this is a mistake.',
    },
    'page/unexpected': {
      title: 'Something went wrong in this page',
      explanation: 'This is our fault, not yours.',
      remedy: 'Reload the page. Your key and everything you computed stay.',
    },
  },

  clockOff: (minutes: number) => `Your clock is ${minutes} min off`,

  invited: {
    kicker: 'You are invited to help answer',
    asks: 'Asked by',
    in: 'in the federation',
    fingerprint: 'Fingerprint',
    fingerprintHint:
      'Compare it with the one that the person who invited you sees. It names this federation and no other.',
    terms: {
      runs: 'Runs',
      leaves: 'Leaves',
      neverLeaves: 'Never leaves',
      stop: 'Stop',
      limits: 'Limits',
    },
    seen: (origin: string) =>
      `By showing you this page, ${origin} has already seen your IP address. So far nothing else has left, and nothing has been stored.`,
    consent: 'Joining makes a new key in this browser and signs what you just read.',
    shareLabel: 'Work may take',
    shareNames: { 0.25: 'a quarter', 0.5: 'half', 1: 'all' } as Record<number, string>,
    shareOf: 'of one core',
  },

  consent: {
    runs: (code: string, units: number) =>
      `Pieces of one calculation, ${plural(units, 'unit', 'units')} in all. The code is WebAssembly ${code} with nothing imported. It runs in a Worker inside a sealed frame: no network, no files, no clock, no view of this page.`,
    leaves: (numbers: readonly string[]) =>
      `A new peer id; the study's results (${list(numbers)}) and how long each took, signed with your key.`,
    leavesAddress: (stun: readonly string[]) =>
      stun.length === 0
        ? 'Your IP address, to the relay and to the peers your browser connects to directly (WebRTC). No STUN server is asked.'
        : `Your IP address, to the relay, to the peers your browser connects to directly (WebRTC), and to the STUN servers ${list(stun)}.`,
    neverLeaves:
      'Files, browsing, name, mail, location, the key itself. The code cannot see them, and a guard lets out only the numbers declared above.',
    stop: 'Pause, finish or leave at any moment; closing the tab is safe. Leave deletes key, log and consent from this browser. Results that are already final stay on the record under your peer id.',
    limits: (memoryMiB: number, stepMs: number, unitMs: number) =>
      `${memoryMiB} MiB of memory. A step over ${Math.round(stepMs / 100) / 10} s or a unit over ${Math.round(unitMs / 1000)} s is ended. Only while this tab is open.`,
  },

  joining: {
    title: 'Joining',
    steps: ['Make a key', 'Reach the relay', 'Redeem the invitation', 'Meet the others'],
    unreachable: 'The relay does not answer. Trying again until it does.',
  },

  answer: {
    soFar: 'The answer so far',
    final: 'The answer',
    none: 'No result yet',
    noneHint: 'The first estimate appears when the first unit is done.',
    between: (low: string, high: string) => `likely between ${low} and ${high}`,
    chart: (done: number, total: number) =>
      `How the interval narrowed, over ${done} of ${total} units`,
    exact: 'Exact value',
    agrees: 'The exact value lies within the interval.',
    differs:
      'The exact value lies outside the interval. That happens to about one honest study in twenty.',
    announce: (label: string, value: string, spread: string, done: number, total: number) =>
      `${label} is about ${value}, plus or minus ${spread}, from ${done} of ${total} units.`,
    unitsAxis: 'units',
    tableSummary: 'Numbers as a table',
    tableHeads: ['Units', 'Estimate', 'Low', 'High'],
  },

  facts: 'Also reported',

  tiles: {
    heading: 'Units',
    states: {
      waiting: 'waiting',
      computing: 'computing',
      provisional: 'provisional',
      accepted: 'agreed',
      final: 'final',
      disputed: 'disputed',
    } satisfies Record<Tile['state'], string>,
    hints: {
      waiting: 'nobody has computed it yet',
      computing: 'someone is at it',
      provisional: 'one answer, nobody has confirmed it',
      accepted: 'enough agree, waiting to be recorded',
      final: 'recorded for good',
      disputed: 'answers differ, another will decide',
    } satisfies Record<Tile['state'], string>,
    mine: {
      none: '',
      computing: 'you are computing it',
      agreed: 'your result agrees',
      pending: 'your result waits for another',
      'not-accepted': 'your result was not accepted',
    } satisfies Record<Tile['mine'], string>,
    yours: 'with your work',
    unit: (unit: number) => `Unit ${unit}`,
    confirmed: (by: readonly string[]) => `confirmed by ${list(by)}`,
    hint: 'Point at a unit, or use the arrow keys, to see who did what.',
    summary: (parts: readonly string[], total: number) =>
      `${plural(total, 'unit', 'units')}: ${parts.join(', ')}.`,
    settled: (done: number, total: number) => `${done} of ${total} settled`,
    yourConfirmed: (unit: number) => `Your unit ${unit} was confirmed by `,
  },

  notAccepted: {
    title: (n: number) =>
      n === 1 ? 'A result of yours was not accepted' : `${n} of your results were not accepted`,
    text: 'Others computed the same unit and agree on another result. It does not count, and nothing else of yours is touched. Faulty memory, an overclocked processor or an extension that changes pages can do this.',
    more: (n: number) => `and ${n} more`,
  },

  now: {
    computing: (unit: number) => `Computing unit ${unit}`,
    ready: 'Waiting for the next unit',
    paused: 'Paused',
    until: (time: string) => `until ${time}`,
    left: (duration: string) => `about ${duration} left`,
    progress: 'Progress of this unit',
    done: 'done by you',
    final: 'of them final',
    rate: 'units a minute',
    sends: (numbers: readonly string[]) => `Sends next: ${list(numbers)}.`,
    complete: 'This study is finished',
  },

  reasons: {
    'you-paused': 'You paused it.',
    finishing: 'Finishing this unit, then it stops.',
    'no-work': 'No unit needs you right now.',
    complete: 'Every unit is done.',
    'no-peers': 'Nobody is connected yet.',
    'clock-off': 'Your clock is off.',
    'study-stopped': 'You stopped this study.',
    'another-tab': 'Another tab is working.',
    asleep: 'This tab was asleep; saying hello again.',
    'storage-full': 'The log of what left is full, and nothing may leave unrecorded.',
  } satisfies Record<PauseReason, string>,

  notices: {
    mirror: {
      title: 'Another tab of this browser is working',
      text: 'This one shows the same, and takes over by itself if you close the other.',
    },
    alone: {
      title: 'You are the first',
      text: 'Nothing is final until someone else agrees: open the link on another machine, or send it to a friend.',
    },
    oneVoice: {
      title: 'Everyone here came by the same invitation',
      text: 'In this study that counts as one voice, however many browsers it is. Nothing is final until someone with another link agrees.',
    },
    relayDown: {
      title: 'The relay is away',
      text: 'Peers work on among themselves; the record catches up when it returns.',
    },
    stalled: {
      title: 'Nothing can be decided now',
      text: 'Too few of those who decide are here. Computing goes on, and the record catches up when one of them returns.',
    },
    offered: {
      title: 'You are asked to vote',
      text: 'The operator offers this browser a seat among those who decide. Details, under Decisions, has what it means.',
    },
    waitingForRecord: {
      title: 'Complete, waiting to be recorded',
      text: 'Every unit is agreed. The relay is away; it records the result when it returns.',
    },
    noWebrtc: {
      title: 'No direct connections',
      text: 'This browser has WebRTC switched off. Everything goes through the relay: slower, and just as sealed.',
    },
    privateWindow: {
      title: 'Private window',
      text: 'Your key and your log are forgotten when you close it.',
    },
    clock: {
      text: 'Work goes on by the relay’s clock. Set yours, so that your log shows the right times.',
    },
    notChecked: 'independence of volunteers not checked',
  },

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

  decisions: decisionWords,

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

  leave: {
    title: 'Leave and be forgotten?',
    goes: 'Deleted from this browser: your key, your log of what left, your consent.',
    stays:
      'Stays with the others: your peer id, results that are final, ledger entries, and hashes in their logs.',
    warn: 'The key cannot be brought back. Export the log first if you want to keep it.',
    confirm: 'Forget me',
    cancel: 'Stay',
  },

  left: {
    title: 'You have left',
    text: 'This browser has forgotten you. Key, log and consent are deleted, and a revocation was handed to the others, so that nobody can use the key again.',
    textUnpublished:
      'This browser has forgotten you. Key, log and consent are deleted. The relay was out of reach, so the revocation of the key could not be handed over: download it, and give it to whoever invited you.',
    stays: 'What stays with the others',
    staysList: (final: number, peer: string) => [
      `Your peer id ${peer}`,
      final === 0
        ? 'No final result: none of yours had become final'
        : `${plural(final, 'final result', 'final results')} under that id, in the federation's record`,
      'Ledger entries: your admission and your leaving',
      'Hashes of messages, in the logs of peers you spoke with',
    ],
    revocation: 'Download the revocation',
    revocationHint: 'Proof that the key is dead, should anyone ever use it.',
    thanks: 'Thank you for what you gave.',
  },

  finished: {
    kicker: 'Finished',
    recorded: (units: number) => `${plural(units, 'unit', 'units')} recorded. Anyone can check it.`,
    proof:
      'The proof holds every result, who signed it, and the record that made it final. It can be checked without this site, and without trusting us.',
    running: 'Verifying: checking every signature and running the last step again.',
    again: 'A new run starts from nothing and gives its own answer.',
    closed: 'This study was closed before every unit was done.',
  },

  session: {
    verified: (
      final: number,
      units: number,
      workers: number,
      recomputed: readonly number[],
    ): string => {
      const again =
        recomputed.length === 0
          ? ''
          : ` Units ${list(recomputed.map(String))} computed again: the same.`
      return `${final} of ${plural(units, 'unit', 'units')}, from ${plural(workers, 'volunteer', 'volunteers')}, verified here.${again}`
    },
    decisionsVerified: (height: number, signers: number, voters: number, epochs: number) =>
      `Height ${height}: ${signers} of ${voters} signatures checked here, and ${plural(epochs, 'set', 'sets')} of voters back to the charter.`,
    confirmed: (confirmedBy: number, answered: number) =>
      answered === 0
        ? 'Checked here; no other peer could be asked.'
        : `${confirmedBy} of ${plural(answered, 'other peer', 'other peers')} asked ${confirmedBy === 1 ? 'proves' : 'prove'} the same history.`,
    stale:
      'The newest decision is older than two heartbeats of the voters: there may be newer ones that have not come here.',
    forked:
      'Two different histories were decided, and both are signed. Believe neither: more voters lied than the rules can bear. The proof is kept in this browser’s log, and the voters whom it convicts were reported. Ask the people who run this federation.',
    factProven: (steps: number, height: number) =>
      `Proven: ${plural(steps, 'step', 'steps')} lead to the state that was certified at height ${height}.`,
    auditVerified: (size: number) => `${plural(size, 'entry', 'entries')}: whole and unchanged.`,
    reported: 'Your report is on the ledger; the operator can see it.',
    operation: (kind: string): string => operationWords[kind] ?? kind,
    action: (kind: string): string => actionWords[kind] ?? kind,
  },
}

/** What the ledger recorded, by kind of operation. */
const operationWords: Readonly<Record<string, string>> = {
  'federation.found': 'Federation founded',
  'invitation.create': 'Invitation issued',
  'invitation.revoke': 'Invitation withdrawn',
  'member.admit': 'Member admitted',
  'member.leave': 'Member left',
  'member.revoke': 'Key revoked',
  'study.open': 'Study opened',
  'study.close': 'Study closed',
  'study.batch': 'Results made final',
  'audit.checkpoint': 'Audit checkpoint anchored',
  'voter.key': 'Vote key registered',
  'voter.offer': 'Seat offered',
  'voter.accept': 'Seat accepted',
  'voter.resign': 'Seat given back',
  'voter.overdue': 'Change of voters held up',
  evidence: 'A liar named by evidence',
  propose: 'Proposal made',
  ballot: 'Ballot cast',
  'charter.amend': 'Charter amended',
  'engine.change': 'Engine changed',
  report: 'Study reported',
}

/** What is proposed, by kind of action. */
const actionWords: Readonly<Record<string, string>> = {
  'invitation.create': 'Issue an invitation',
  'study.open': 'Open a study',
  'study.close': 'Close a study',
  'member.revoke': 'Revoke a member’s key',
  'voter.offer': 'Offer a seat',
  'voter.remove': 'Take a seat away',
  'voter.rotate': 'Give the voters new keys',
  'charter.amend': 'Amend the charter',
  'engine.change': 'Let voters decide instead of the founder',
}

export type Words = typeof english

/** The texts in use. */
export const words: Words = english
