/**
 * English texts: what a volunteer should know right now.
 *
 * @module
 */

export const noticeWords = {
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
      othersRecord: 'Peers work on among themselves, and those who decide go on recording.',
    },
    forked: {
      title: 'Two histories were decided here',
      text: 'Both are signed, so more voters lied than the rules can bear. Believe neither, and ask the people who run this federation. The proof is kept in this browser’s log.',
    },
    stalled: {
      title: 'Nothing can be decided now',
      text: 'Too few of those who decide are here. Computing goes on, and the record catches up when one of them returns.',
    },
    offered: {
      title: 'You are asked to vote',
      text: 'This browser was offered a part in deciding. Read what that means before you answer.',
    },
    stopped: {
      amnesia: {
        title: 'This browser has stopped voting',
        text: 'The others remember votes of it that it does not. It follows what they decide. Close other copies of this profile, or give the seat back.',
      },
      voting: {
        title: 'This browser has stopped voting',
        text: 'What the voters decided does not fit what it has. Give the seat back, and tell the people who run this federation.',
      },
      storage: {
        title: 'The record cannot be kept here',
        text: 'This browser could not write to its storage and hears of no new decision. Make room on this machine, then reload the page.',
      },
      copy: {
        title: 'The record stopped here',
        text: 'A decision does not fit this browser’s copy, which takes no more. Reload the page; if it comes back, tell the people who run this federation.',
      },
    },
    readMore: 'Read what it means',
    seeDecisions: 'See Decisions',
    waitingForRecord: {
      title: 'Complete, waiting to be recorded',
      text: 'Every unit is agreed. The relay is away; it records the result when it returns.',
      othersRecord: 'Every unit is agreed. The relay is away; those who decide record the result.',
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
}
