/**
 * English texts: why the page stops, and what its reader can do.
 *
 * @module
 */

export const refusalWords = {
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
        'It was damaged on the way, someone changed it, or nobody who may invite has issued it.',
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
}
